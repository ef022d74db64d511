-- The triggers of the synced tables as they stand in a node's file: those of schema/sqlite/rules with what is
-- generated from the tables, and those that are generated whole. VETCHART_WRITE_GOLDEN=1 writes this file anew.

CREATE TRIGGER clinic_before_insert BEFORE INSERT ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM clinic WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: clinic.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM clinic WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: clinic.rowid is taken')
        WHEN EXISTS (SELECT 1 FROM clinic WHERE code = NEW.code)
        THEN RAISE(ABORT, 'replace_refused: clinic.code is taken')
    END;
    SELECT RAISE(ABORT, 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin')
    WHERE NEW.timezone IS NOT 'UTC' AND (NEW.timezone NOT GLOB '[A-Z]*/[A-Z]*'
        OR NEW.timezone GLOB '*[^A-Za-z0-9_+/-]*' OR NEW.timezone GLOB '*/[^A-Z]*' OR NEW.timezone GLOB '*/');
END;

CREATE TRIGGER clinic_after_insert AFTER INSERT ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: clinic.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE clinic SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'clinic', r.id, r.id, 'insert',
        NULL,
        json_object('id', r.id, 'code', r.code, 'name', r.name, 'timezone', r.timezone, 'currency', r.currency, 'address', r.address, 'phone', r.phone, 'created_at', r.created_at, 'updated_at', r.updated_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, clinic r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('clinic', NEW.id, NEW.id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER clinic_before_update BEFORE UPDATE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: clinic.id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: clinic.rowid never changes')
    END;
    SELECT RAISE(ABORT, 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin')
    WHERE NEW.timezone IS NOT OLD.timezone AND NEW.timezone IS NOT 'UTC' AND (NEW.timezone NOT GLOB '[A-Z]*/[A-Z]*'
        OR NEW.timezone GLOB '*[^A-Za-z0-9_+/-]*' OR NEW.timezone GLOB '*/[^A-Z]*' OR NEW.timezone GLOB '*/');
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM clinic WHERE code = NEW.code AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: clinic.code is taken')
    END;
END;

CREATE TRIGGER clinic_after_update AFTER UPDATE ON clinic
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.code, NEW.name, NEW.timezone, NEW.currency, NEW.address, NEW.phone, NEW.created_at,
         NEW.updated_at)
        IS NOT
        (OLD.id, OLD.code, OLD.name, OLD.timezone, OLD.currency, OLD.address, OLD.phone, OLD.created_at,
         OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE clinic SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'clinic', r.id, r.id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'code' AS k, OLD.code AS o, r.code AS n
            UNION ALL SELECT 'name' AS k, OLD.name AS o, r.name AS n
            UNION ALL SELECT 'timezone' AS k, OLD.timezone AS o, r.timezone AS n
            UNION ALL SELECT 'currency' AS k, OLD.currency AS o, r.currency AS n
            UNION ALL SELECT 'address' AS k, OLD.address AS o, r.address AS n
            UNION ALL SELECT 'phone' AS k, OLD.phone AS o, r.phone AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'code' AS k, OLD.code AS o, r.code AS n
            UNION ALL SELECT 'name' AS k, OLD.name AS o, r.name AS n
            UNION ALL SELECT 'timezone' AS k, OLD.timezone AS o, r.timezone AS n
            UNION ALL SELECT 'currency' AS k, OLD.currency AS o, r.currency AS n
            UNION ALL SELECT 'address' AS k, OLD.address AS o, r.address AS n
            UNION ALL SELECT 'phone' AS k, OLD.phone AS o, r.phone AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, clinic r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('clinic', NEW.id, NEW.id,
        json_object('id', OLD.id, 'code', OLD.code, 'name', OLD.name, 'timezone', OLD.timezone, 'currency', OLD.currency, 'address', OLD.address, 'phone', OLD.phone, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER clinic_before_delete BEFORE DELETE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: staff rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM owner WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: owner rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM patient WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: patient rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM medical_record WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: medical_record rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM appointment WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: appointment rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM service_item WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: service_item rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM bill WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: bill rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM bill_item WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: bill_item rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM bill_medical_record WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: bill_medical_record rows belong to this clinic')
        WHEN EXISTS (SELECT 1 FROM item_decision WHERE clinic_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: item_decision rows belong to this clinic')
    END;
END;

CREATE TRIGGER clinic_after_delete AFTER DELETE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'clinic', OLD.id, OLD.id, 'delete',
        json_object('id', OLD.id, 'code', OLD.code, 'name', OLD.name, 'timezone', OLD.timezone, 'currency', OLD.currency, 'address', OLD.address, 'phone', OLD.phone, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('clinic', OLD.id, OLD.id,
        json_object('id', OLD.id, 'code', OLD.code, 'name', OLD.name, 'timezone', OLD.timezone, 'currency', OLD.currency, 'address', OLD.address, 'phone', OLD.phone, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER staff_before_insert BEFORE INSERT ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM staff WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: staff.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM staff WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: staff.rowid is taken')
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND email = NEW.email)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.email is taken')
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND username = NEW.username)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.username is taken')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: staff.clinic_id names no clinic')
    END;
END;

CREATE TRIGGER staff_after_insert AFTER INSERT ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: staff.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE staff SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'staff', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'email', r.email, 'username', r.username, 'first_name', r.first_name, 'last_name', r.last_name, 'password_hash', r.password_hash, 'roles', r.roles, 'active', r.active, 'created_at', r.created_at, 'updated_at', r.updated_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, staff r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('staff', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER staff_before_update BEFORE UPDATE ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: staff.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: staff.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: staff.rowid never changes')
    END;
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND email = NEW.email AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.email is taken')
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND username = NEW.username AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.username is taken')
    END;
END;

CREATE TRIGGER staff_after_update AFTER UPDATE ON staff
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.email, NEW.username, NEW.first_name, NEW.last_name, NEW.password_hash, NEW.roles,
         NEW.active, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.email, OLD.username, OLD.first_name, OLD.last_name, OLD.password_hash, OLD.roles,
         OLD.active, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE staff SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'staff', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'email' AS k, OLD.email AS o, r.email AS n
            UNION ALL SELECT 'username' AS k, OLD.username AS o, r.username AS n
            UNION ALL SELECT 'first_name' AS k, OLD.first_name AS o, r.first_name AS n
            UNION ALL SELECT 'last_name' AS k, OLD.last_name AS o, r.last_name AS n
            UNION ALL SELECT 'password_hash' AS k, OLD.password_hash AS o, r.password_hash AS n
            UNION ALL SELECT 'roles' AS k, OLD.roles AS o, r.roles AS n
            UNION ALL SELECT 'active' AS k, OLD.active AS o, r.active AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'email' AS k, OLD.email AS o, r.email AS n
            UNION ALL SELECT 'username' AS k, OLD.username AS o, r.username AS n
            UNION ALL SELECT 'first_name' AS k, OLD.first_name AS o, r.first_name AS n
            UNION ALL SELECT 'last_name' AS k, OLD.last_name AS o, r.last_name AS n
            UNION ALL SELECT 'password_hash' AS k, OLD.password_hash AS o, r.password_hash AS n
            UNION ALL SELECT 'roles' AS k, OLD.roles AS o, r.roles AS n
            UNION ALL SELECT 'active' AS k, OLD.active AS o, r.active AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, staff r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('staff', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'email', OLD.email, 'username', OLD.username, 'first_name', OLD.first_name, 'last_name', OLD.last_name, 'password_hash', OLD.password_hash, 'roles', OLD.roles, 'active', OLD.active, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER staff_before_delete BEFORE DELETE ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM patient WHERE clinic_id = OLD.clinic_id AND assigned_doctor_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a patient names this staff')
        WHEN EXISTS (SELECT 1 FROM medical_record WHERE clinic_id = OLD.clinic_id AND veterinarian_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a medical record names this staff')
        WHEN EXISTS (SELECT 1 FROM appointment WHERE clinic_id = OLD.clinic_id AND veterinarian_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: an appointment names this staff')
    END;
END;

CREATE TRIGGER staff_after_delete AFTER DELETE ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'staff', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'email', OLD.email, 'username', OLD.username, 'first_name', OLD.first_name, 'last_name', OLD.last_name, 'password_hash', OLD.password_hash, 'roles', OLD.roles, 'active', OLD.active, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('staff', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'email', OLD.email, 'username', OLD.username, 'first_name', OLD.first_name, 'last_name', OLD.last_name, 'password_hash', OLD.password_hash, 'roles', OLD.roles, 'active', OLD.active, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER owner_before_insert BEFORE INSERT ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM owner WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: owner.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM owner WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: owner.rowid is taken')
        WHEN NEW.deleted_at IS NULL AND EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND email = NEW.email AND deleted_at IS NULL)
        THEN RAISE(ABORT, 'replace_refused: owner.clinic_id,owner.email is taken')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: owner.clinic_id names no clinic')
        WHEN NEW.merged_into IS NOT NULL AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.merged_into)
        THEN RAISE(ABORT, 'orphan: owner.merged_into names no owner of this clinic')
    END;
END;

CREATE TRIGGER owner_after_insert AFTER INSERT ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: owner.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE owner SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'owner', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'first_name', r.first_name, 'last_name', r.last_name, 'email', r.email, 'phone', r.phone, 'address', r.address, 'notes', r.notes, 'merged_into', r.merged_into, 'created_at', r.created_at, 'updated_at', r.updated_at, 'deleted_at', r.deleted_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, owner r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('owner', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER owner_before_update BEFORE UPDATE ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: owner.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: owner.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: owner.rowid never changes')
    END;
    SELECT CASE
        WHEN NEW.deleted_at IS NULL AND EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND email = NEW.email AND deleted_at IS NULL AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: owner.clinic_id,owner.email is taken')
        WHEN NEW.merged_into IS NOT OLD.merged_into AND NEW.merged_into IS NOT NULL AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.merged_into)
        THEN RAISE(ABORT, 'orphan: owner.merged_into names no owner of this clinic')
    END;
END;

CREATE TRIGGER owner_after_update AFTER UPDATE ON owner
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.first_name, NEW.last_name, NEW.email, NEW.phone, NEW.address, NEW.notes,
         NEW.merged_into, NEW.created_at, NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.first_name, OLD.last_name, OLD.email, OLD.phone, OLD.address, OLD.notes,
         OLD.merged_into, OLD.created_at, OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE owner SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'owner', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'first_name' AS k, OLD.first_name AS o, r.first_name AS n
            UNION ALL SELECT 'last_name' AS k, OLD.last_name AS o, r.last_name AS n
            UNION ALL SELECT 'email' AS k, OLD.email AS o, r.email AS n
            UNION ALL SELECT 'phone' AS k, OLD.phone AS o, r.phone AS n
            UNION ALL SELECT 'address' AS k, OLD.address AS o, r.address AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'merged_into' AS k, OLD.merged_into AS o, r.merged_into AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'first_name' AS k, OLD.first_name AS o, r.first_name AS n
            UNION ALL SELECT 'last_name' AS k, OLD.last_name AS o, r.last_name AS n
            UNION ALL SELECT 'email' AS k, OLD.email AS o, r.email AS n
            UNION ALL SELECT 'phone' AS k, OLD.phone AS o, r.phone AS n
            UNION ALL SELECT 'address' AS k, OLD.address AS o, r.address AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'merged_into' AS k, OLD.merged_into AS o, r.merged_into AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, owner r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('owner', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'first_name', OLD.first_name, 'last_name', OLD.last_name, 'email', OLD.email, 'phone', OLD.phone, 'address', OLD.address, 'notes', OLD.notes, 'merged_into', OLD.merged_into, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER owner_before_delete BEFORE DELETE ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill WHERE clinic_id = OLD.clinic_id AND owner_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a bill names this owner')
    END;
    UPDATE owner SET merged_into = NULL WHERE clinic_id = OLD.clinic_id AND merged_into = OLD.id AND NOT (id = OLD.id);
    UPDATE patient SET owner_id = NULL WHERE clinic_id = OLD.clinic_id AND owner_id = OLD.id;
END;

CREATE TRIGGER owner_after_delete AFTER DELETE ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'owner', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'first_name', OLD.first_name, 'last_name', OLD.last_name, 'email', OLD.email, 'phone', OLD.phone, 'address', OLD.address, 'notes', OLD.notes, 'merged_into', OLD.merged_into, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('owner', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'first_name', OLD.first_name, 'last_name', OLD.last_name, 'email', OLD.email, 'phone', OLD.phone, 'address', OLD.address, 'notes', OLD.notes, 'merged_into', OLD.merged_into, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER patient_before_insert BEFORE INSERT ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM patient WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: patient.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM patient WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: patient.rowid is taken')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: patient.clinic_id names no clinic')
        WHEN NEW.owner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: patient.owner_id names no owner of this clinic')
        WHEN NEW.assigned_doctor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND id = NEW.assigned_doctor_id)
        THEN RAISE(ABORT, 'orphan: patient.assigned_doctor_id names no staff of this clinic')
    END;
END;

CREATE TRIGGER patient_after_insert AFTER INSERT ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: patient.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE patient SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'patient', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'owner_id', r.owner_id, 'name', r.name, 'species', r.species, 'breed', r.breed, 'birth_date', r.birth_date, 'age', r.age, 'deceased_on', r.deceased_on, 'gender', r.gender, 'weight_milli', r.weight_milli, 'weight_unit', r.weight_unit, 'weighed_on', r.weighed_on, 'status', r.status, 'assigned_doctor', r.assigned_doctor, 'assigned_doctor_id', r.assigned_doctor_id, 'handling_difficulty', r.handling_difficulty, 'microchip', r.microchip, 'notes', r.notes, 'created_at', r.created_at, 'updated_at', r.updated_at, 'deleted_at', r.deleted_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, patient r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('patient', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER patient_before_update BEFORE UPDATE ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: patient.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: patient.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: patient.rowid never changes')
    END;
    SELECT CASE
        WHEN NEW.owner_id IS NOT OLD.owner_id AND NEW.owner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: patient.owner_id names no owner of this clinic')
        WHEN NEW.assigned_doctor_id IS NOT OLD.assigned_doctor_id AND NEW.assigned_doctor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND id = NEW.assigned_doctor_id)
        THEN RAISE(ABORT, 'orphan: patient.assigned_doctor_id names no staff of this clinic')
    END;
END;

CREATE TRIGGER patient_after_update AFTER UPDATE ON patient
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.owner_id, NEW.name, NEW.species, NEW.breed, NEW.birth_date, NEW.age,
         NEW.deceased_on, NEW.gender, NEW.weight_milli, NEW.weight_unit, NEW.weighed_on, NEW.status,
         NEW.assigned_doctor, NEW.assigned_doctor_id, NEW.handling_difficulty, NEW.microchip, NEW.notes,
         NEW.created_at, NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.owner_id, OLD.name, OLD.species, OLD.breed, OLD.birth_date, OLD.age,
         OLD.deceased_on, OLD.gender, OLD.weight_milli, OLD.weight_unit, OLD.weighed_on, OLD.status,
         OLD.assigned_doctor, OLD.assigned_doctor_id, OLD.handling_difficulty, OLD.microchip, OLD.notes,
         OLD.created_at, OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE patient SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'patient', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'owner_id' AS k, OLD.owner_id AS o, r.owner_id AS n
            UNION ALL SELECT 'name' AS k, OLD.name AS o, r.name AS n
            UNION ALL SELECT 'species' AS k, OLD.species AS o, r.species AS n
            UNION ALL SELECT 'breed' AS k, OLD.breed AS o, r.breed AS n
            UNION ALL SELECT 'birth_date' AS k, OLD.birth_date AS o, r.birth_date AS n
            UNION ALL SELECT 'age' AS k, OLD.age AS o, r.age AS n
            UNION ALL SELECT 'deceased_on' AS k, OLD.deceased_on AS o, r.deceased_on AS n
            UNION ALL SELECT 'gender' AS k, OLD.gender AS o, r.gender AS n
            UNION ALL SELECT 'weight_milli' AS k, OLD.weight_milli AS o, r.weight_milli AS n
            UNION ALL SELECT 'weight_unit' AS k, OLD.weight_unit AS o, r.weight_unit AS n
            UNION ALL SELECT 'weighed_on' AS k, OLD.weighed_on AS o, r.weighed_on AS n
            UNION ALL SELECT 'status' AS k, OLD.status AS o, r.status AS n
            UNION ALL SELECT 'assigned_doctor' AS k, OLD.assigned_doctor AS o, r.assigned_doctor AS n
            UNION ALL SELECT 'assigned_doctor_id' AS k, OLD.assigned_doctor_id AS o, r.assigned_doctor_id AS n
            UNION ALL SELECT 'handling_difficulty' AS k, OLD.handling_difficulty AS o, r.handling_difficulty AS n
            UNION ALL SELECT 'microchip' AS k, OLD.microchip AS o, r.microchip AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'owner_id' AS k, OLD.owner_id AS o, r.owner_id AS n
            UNION ALL SELECT 'name' AS k, OLD.name AS o, r.name AS n
            UNION ALL SELECT 'species' AS k, OLD.species AS o, r.species AS n
            UNION ALL SELECT 'breed' AS k, OLD.breed AS o, r.breed AS n
            UNION ALL SELECT 'birth_date' AS k, OLD.birth_date AS o, r.birth_date AS n
            UNION ALL SELECT 'age' AS k, OLD.age AS o, r.age AS n
            UNION ALL SELECT 'deceased_on' AS k, OLD.deceased_on AS o, r.deceased_on AS n
            UNION ALL SELECT 'gender' AS k, OLD.gender AS o, r.gender AS n
            UNION ALL SELECT 'weight_milli' AS k, OLD.weight_milli AS o, r.weight_milli AS n
            UNION ALL SELECT 'weight_unit' AS k, OLD.weight_unit AS o, r.weight_unit AS n
            UNION ALL SELECT 'weighed_on' AS k, OLD.weighed_on AS o, r.weighed_on AS n
            UNION ALL SELECT 'status' AS k, OLD.status AS o, r.status AS n
            UNION ALL SELECT 'assigned_doctor' AS k, OLD.assigned_doctor AS o, r.assigned_doctor AS n
            UNION ALL SELECT 'assigned_doctor_id' AS k, OLD.assigned_doctor_id AS o, r.assigned_doctor_id AS n
            UNION ALL SELECT 'handling_difficulty' AS k, OLD.handling_difficulty AS o, r.handling_difficulty AS n
            UNION ALL SELECT 'microchip' AS k, OLD.microchip AS o, r.microchip AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, patient r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('patient', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'owner_id', OLD.owner_id, 'name', OLD.name, 'species', OLD.species, 'breed', OLD.breed, 'birth_date', OLD.birth_date, 'age', OLD.age, 'deceased_on', OLD.deceased_on, 'gender', OLD.gender, 'weight_milli', OLD.weight_milli, 'weight_unit', OLD.weight_unit, 'weighed_on', OLD.weighed_on, 'status', OLD.status, 'assigned_doctor', OLD.assigned_doctor, 'assigned_doctor_id', OLD.assigned_doctor_id, 'handling_difficulty', OLD.handling_difficulty, 'microchip', OLD.microchip, 'notes', OLD.notes, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER patient_before_delete BEFORE DELETE ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM medical_record WHERE clinic_id = OLD.clinic_id AND patient_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a medical record names this patient')
        WHEN EXISTS (SELECT 1 FROM appointment WHERE clinic_id = OLD.clinic_id AND patient_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: an appointment names this patient')
        WHEN EXISTS (SELECT 1 FROM bill WHERE clinic_id = OLD.clinic_id AND patient_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a bill names this patient')
    END;
END;

CREATE TRIGGER patient_after_delete AFTER DELETE ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'patient', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'owner_id', OLD.owner_id, 'name', OLD.name, 'species', OLD.species, 'breed', OLD.breed, 'birth_date', OLD.birth_date, 'age', OLD.age, 'deceased_on', OLD.deceased_on, 'gender', OLD.gender, 'weight_milli', OLD.weight_milli, 'weight_unit', OLD.weight_unit, 'weighed_on', OLD.weighed_on, 'status', OLD.status, 'assigned_doctor', OLD.assigned_doctor, 'assigned_doctor_id', OLD.assigned_doctor_id, 'handling_difficulty', OLD.handling_difficulty, 'microchip', OLD.microchip, 'notes', OLD.notes, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('patient', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'owner_id', OLD.owner_id, 'name', OLD.name, 'species', OLD.species, 'breed', OLD.breed, 'birth_date', OLD.birth_date, 'age', OLD.age, 'deceased_on', OLD.deceased_on, 'gender', OLD.gender, 'weight_milli', OLD.weight_milli, 'weight_unit', OLD.weight_unit, 'weighed_on', OLD.weighed_on, 'status', OLD.status, 'assigned_doctor', OLD.assigned_doctor, 'assigned_doctor_id', OLD.assigned_doctor_id, 'handling_difficulty', OLD.handling_difficulty, 'microchip', OLD.microchip, 'notes', OLD.notes, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER medical_record_before_insert BEFORE INSERT ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM medical_record WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: medical_record.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM medical_record WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: medical_record.rowid is taken')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: medical_record.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: medical_record.patient_id names no patient of this clinic')
        WHEN NEW.veterinarian_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND id = NEW.veterinarian_id)
        THEN RAISE(ABORT, 'orphan: medical_record.veterinarian_id names no staff of this clinic')
    END;
END;

CREATE TRIGGER medical_record_after_insert AFTER INSERT ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: medical_record.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE medical_record SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 1;
    UPDATE medical_record SET
        owner_name_snapshot = coalesce(medical_record.owner_name_snapshot, o.first_name || ' ' || o.last_name),
        owner_phone_snapshot = coalesce(medical_record.owner_phone_snapshot, o.phone)
    FROM patient p JOIN owner o ON o.clinic_id = p.clinic_id AND o.id = p.owner_id
    WHERE medical_record.id = NEW.id AND p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id;
    UPDATE sync_control SET applying = 0;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'medical_record', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'patient_id', r.patient_id, 'visit_date', r.visit_date, 'visited_at', r.visited_at, 'record_type', r.record_type, 'symptoms', r.symptoms, 'diagnosis', r.diagnosis, 'treatment', r.treatment, 'notes', r.notes, 'veterinarian', r.veterinarian, 'veterinarian_id', r.veterinarian_id, 'weight_milli', r.weight_milli, 'weight_unit', r.weight_unit, 'next_due_on', r.next_due_on, 'owner_name_snapshot', r.owner_name_snapshot, 'owner_phone_snapshot', r.owner_phone_snapshot, 'created_at', r.created_at, 'updated_at', r.updated_at, 'deleted_at', r.deleted_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, medical_record r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('medical_record', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER medical_record_before_update BEFORE UPDATE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: medical_record.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: medical_record.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: medical_record.rowid never changes')
    END;
    SELECT CASE
        WHEN NEW.owner_name_snapshot IS NOT OLD.owner_name_snapshot
        THEN RAISE(ABORT, 'immutable: medical_record.owner_name_snapshot never changes')
        WHEN NEW.owner_phone_snapshot IS NOT OLD.owner_phone_snapshot
        THEN RAISE(ABORT, 'immutable: medical_record.owner_phone_snapshot never changes')
    END;
    SELECT CASE
        WHEN NEW.patient_id IS NOT OLD.patient_id AND NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: medical_record.patient_id names no patient of this clinic')
        WHEN NEW.veterinarian_id IS NOT OLD.veterinarian_id AND NEW.veterinarian_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND id = NEW.veterinarian_id)
        THEN RAISE(ABORT, 'orphan: medical_record.veterinarian_id names no staff of this clinic')
    END;
END;

CREATE TRIGGER medical_record_after_update AFTER UPDATE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.patient_id, NEW.visit_date, NEW.visited_at, NEW.record_type, NEW.symptoms,
         NEW.diagnosis, NEW.treatment, NEW.notes, NEW.veterinarian, NEW.veterinarian_id, NEW.weight_milli,
         NEW.weight_unit, NEW.next_due_on, NEW.owner_name_snapshot, NEW.owner_phone_snapshot, NEW.created_at,
         NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.patient_id, OLD.visit_date, OLD.visited_at, OLD.record_type, OLD.symptoms,
         OLD.diagnosis, OLD.treatment, OLD.notes, OLD.veterinarian, OLD.veterinarian_id, OLD.weight_milli,
         OLD.weight_unit, OLD.next_due_on, OLD.owner_name_snapshot, OLD.owner_phone_snapshot, OLD.created_at,
         OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE medical_record SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'medical_record', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'patient_id' AS k, OLD.patient_id AS o, r.patient_id AS n
            UNION ALL SELECT 'visit_date' AS k, OLD.visit_date AS o, r.visit_date AS n
            UNION ALL SELECT 'visited_at' AS k, OLD.visited_at AS o, r.visited_at AS n
            UNION ALL SELECT 'record_type' AS k, OLD.record_type AS o, r.record_type AS n
            UNION ALL SELECT 'symptoms' AS k, OLD.symptoms AS o, r.symptoms AS n
            UNION ALL SELECT 'diagnosis' AS k, OLD.diagnosis AS o, r.diagnosis AS n
            UNION ALL SELECT 'treatment' AS k, OLD.treatment AS o, r.treatment AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'veterinarian' AS k, OLD.veterinarian AS o, r.veterinarian AS n
            UNION ALL SELECT 'veterinarian_id' AS k, OLD.veterinarian_id AS o, r.veterinarian_id AS n
            UNION ALL SELECT 'weight_milli' AS k, OLD.weight_milli AS o, r.weight_milli AS n
            UNION ALL SELECT 'weight_unit' AS k, OLD.weight_unit AS o, r.weight_unit AS n
            UNION ALL SELECT 'next_due_on' AS k, OLD.next_due_on AS o, r.next_due_on AS n
            UNION ALL SELECT 'owner_name_snapshot' AS k, OLD.owner_name_snapshot AS o, r.owner_name_snapshot AS n
            UNION ALL SELECT 'owner_phone_snapshot' AS k, OLD.owner_phone_snapshot AS o, r.owner_phone_snapshot AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'patient_id' AS k, OLD.patient_id AS o, r.patient_id AS n
            UNION ALL SELECT 'visit_date' AS k, OLD.visit_date AS o, r.visit_date AS n
            UNION ALL SELECT 'visited_at' AS k, OLD.visited_at AS o, r.visited_at AS n
            UNION ALL SELECT 'record_type' AS k, OLD.record_type AS o, r.record_type AS n
            UNION ALL SELECT 'symptoms' AS k, OLD.symptoms AS o, r.symptoms AS n
            UNION ALL SELECT 'diagnosis' AS k, OLD.diagnosis AS o, r.diagnosis AS n
            UNION ALL SELECT 'treatment' AS k, OLD.treatment AS o, r.treatment AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'veterinarian' AS k, OLD.veterinarian AS o, r.veterinarian AS n
            UNION ALL SELECT 'veterinarian_id' AS k, OLD.veterinarian_id AS o, r.veterinarian_id AS n
            UNION ALL SELECT 'weight_milli' AS k, OLD.weight_milli AS o, r.weight_milli AS n
            UNION ALL SELECT 'weight_unit' AS k, OLD.weight_unit AS o, r.weight_unit AS n
            UNION ALL SELECT 'next_due_on' AS k, OLD.next_due_on AS o, r.next_due_on AS n
            UNION ALL SELECT 'owner_name_snapshot' AS k, OLD.owner_name_snapshot AS o, r.owner_name_snapshot AS n
            UNION ALL SELECT 'owner_phone_snapshot' AS k, OLD.owner_phone_snapshot AS o, r.owner_phone_snapshot AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, medical_record r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('medical_record', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'patient_id', OLD.patient_id, 'visit_date', OLD.visit_date, 'visited_at', OLD.visited_at, 'record_type', OLD.record_type, 'symptoms', OLD.symptoms, 'diagnosis', OLD.diagnosis, 'treatment', OLD.treatment, 'notes', OLD.notes, 'veterinarian', OLD.veterinarian, 'veterinarian_id', OLD.veterinarian_id, 'weight_milli', OLD.weight_milli, 'weight_unit', OLD.weight_unit, 'next_due_on', OLD.next_due_on, 'owner_name_snapshot', OLD.owner_name_snapshot, 'owner_phone_snapshot', OLD.owner_phone_snapshot, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER medical_record_before_delete BEFORE DELETE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_medical_record WHERE clinic_id = OLD.clinic_id AND medical_record_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a bill is joined to this medical record')
    END;
END;

CREATE TRIGGER medical_record_after_delete AFTER DELETE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'medical_record', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'patient_id', OLD.patient_id, 'visit_date', OLD.visit_date, 'visited_at', OLD.visited_at, 'record_type', OLD.record_type, 'symptoms', OLD.symptoms, 'diagnosis', OLD.diagnosis, 'treatment', OLD.treatment, 'notes', OLD.notes, 'veterinarian', OLD.veterinarian, 'veterinarian_id', OLD.veterinarian_id, 'weight_milli', OLD.weight_milli, 'weight_unit', OLD.weight_unit, 'next_due_on', OLD.next_due_on, 'owner_name_snapshot', OLD.owner_name_snapshot, 'owner_phone_snapshot', OLD.owner_phone_snapshot, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('medical_record', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'patient_id', OLD.patient_id, 'visit_date', OLD.visit_date, 'visited_at', OLD.visited_at, 'record_type', OLD.record_type, 'symptoms', OLD.symptoms, 'diagnosis', OLD.diagnosis, 'treatment', OLD.treatment, 'notes', OLD.notes, 'veterinarian', OLD.veterinarian, 'veterinarian_id', OLD.veterinarian_id, 'weight_milli', OLD.weight_milli, 'weight_unit', OLD.weight_unit, 'next_due_on', OLD.next_due_on, 'owner_name_snapshot', OLD.owner_name_snapshot, 'owner_phone_snapshot', OLD.owner_phone_snapshot, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER appointment_before_insert BEFORE INSERT ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM appointment WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: appointment.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM appointment WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: appointment.rowid is taken')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: appointment.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: appointment.patient_id names no patient of this clinic')
        WHEN NEW.veterinarian_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND id = NEW.veterinarian_id)
        THEN RAISE(ABORT, 'orphan: appointment.veterinarian_id names no staff of this clinic')
    END;
END;

CREATE TRIGGER appointment_after_insert AFTER INSERT ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: appointment.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE appointment SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'appointment', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'patient_id', r.patient_id, 'date', r.date, 'time', r.time, 'duration', r.duration, 'reason', r.reason, 'status', r.status, 'notes', r.notes, 'veterinarian', r.veterinarian, 'veterinarian_id', r.veterinarian_id, 'created_at', r.created_at, 'updated_at', r.updated_at, 'deleted_at', r.deleted_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, appointment r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('appointment', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER appointment_before_update BEFORE UPDATE ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: appointment.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: appointment.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: appointment.rowid never changes')
    END;
    SELECT CASE
        WHEN NEW.patient_id IS NOT OLD.patient_id AND NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: appointment.patient_id names no patient of this clinic')
        WHEN NEW.veterinarian_id IS NOT OLD.veterinarian_id AND NEW.veterinarian_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND id = NEW.veterinarian_id)
        THEN RAISE(ABORT, 'orphan: appointment.veterinarian_id names no staff of this clinic')
    END;
END;

CREATE TRIGGER appointment_after_update AFTER UPDATE ON appointment
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.patient_id, NEW.date, NEW.time, NEW.duration, NEW.reason, NEW.status, NEW.notes,
         NEW.veterinarian, NEW.veterinarian_id, NEW.created_at, NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.patient_id, OLD.date, OLD.time, OLD.duration, OLD.reason, OLD.status, OLD.notes,
         OLD.veterinarian, OLD.veterinarian_id, OLD.created_at, OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE appointment SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'appointment', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'patient_id' AS k, OLD.patient_id AS o, r.patient_id AS n
            UNION ALL SELECT 'date' AS k, OLD.date AS o, r.date AS n
            UNION ALL SELECT 'time' AS k, OLD.time AS o, r.time AS n
            UNION ALL SELECT 'duration' AS k, OLD.duration AS o, r.duration AS n
            UNION ALL SELECT 'reason' AS k, OLD.reason AS o, r.reason AS n
            UNION ALL SELECT 'status' AS k, OLD.status AS o, r.status AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'veterinarian' AS k, OLD.veterinarian AS o, r.veterinarian AS n
            UNION ALL SELECT 'veterinarian_id' AS k, OLD.veterinarian_id AS o, r.veterinarian_id AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'patient_id' AS k, OLD.patient_id AS o, r.patient_id AS n
            UNION ALL SELECT 'date' AS k, OLD.date AS o, r.date AS n
            UNION ALL SELECT 'time' AS k, OLD.time AS o, r.time AS n
            UNION ALL SELECT 'duration' AS k, OLD.duration AS o, r.duration AS n
            UNION ALL SELECT 'reason' AS k, OLD.reason AS o, r.reason AS n
            UNION ALL SELECT 'status' AS k, OLD.status AS o, r.status AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'veterinarian' AS k, OLD.veterinarian AS o, r.veterinarian AS n
            UNION ALL SELECT 'veterinarian_id' AS k, OLD.veterinarian_id AS o, r.veterinarian_id AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, appointment r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('appointment', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'patient_id', OLD.patient_id, 'date', OLD.date, 'time', OLD.time, 'duration', OLD.duration, 'reason', OLD.reason, 'status', OLD.status, 'notes', OLD.notes, 'veterinarian', OLD.veterinarian, 'veterinarian_id', OLD.veterinarian_id, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER appointment_before_delete BEFORE DELETE ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    UPDATE bill SET appointment_id = NULL WHERE clinic_id = OLD.clinic_id AND appointment_id = OLD.id;
END;

CREATE TRIGGER appointment_after_delete AFTER DELETE ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'appointment', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'patient_id', OLD.patient_id, 'date', OLD.date, 'time', OLD.time, 'duration', OLD.duration, 'reason', OLD.reason, 'status', OLD.status, 'notes', OLD.notes, 'veterinarian', OLD.veterinarian, 'veterinarian_id', OLD.veterinarian_id, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('appointment', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'patient_id', OLD.patient_id, 'date', OLD.date, 'time', OLD.time, 'duration', OLD.duration, 'reason', OLD.reason, 'status', OLD.status, 'notes', OLD.notes, 'veterinarian', OLD.veterinarian, 'veterinarian_id', OLD.veterinarian_id, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER service_item_before_insert BEFORE INSERT ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM service_item WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: service_item.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM service_item WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: service_item.rowid is taken')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: service_item.clinic_id names no clinic')
    END;
END;

CREATE TRIGGER service_item_after_insert AFTER INSERT ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: service_item.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE service_item SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'service_item', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'description', r.description, 'unit_price_cents', r.unit_price_cents, 'active', r.active, 'created_at', r.created_at, 'updated_at', r.updated_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, service_item r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('service_item', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER service_item_before_update BEFORE UPDATE ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: service_item.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: service_item.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: service_item.rowid never changes')
    END;
END;

CREATE TRIGGER service_item_after_update AFTER UPDATE ON service_item
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.description, NEW.unit_price_cents, NEW.active, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.description, OLD.unit_price_cents, OLD.active, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE service_item SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'service_item', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'description' AS k, OLD.description AS o, r.description AS n
            UNION ALL SELECT 'unit_price_cents' AS k, OLD.unit_price_cents AS o, r.unit_price_cents AS n
            UNION ALL SELECT 'active' AS k, OLD.active AS o, r.active AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'description' AS k, OLD.description AS o, r.description AS n
            UNION ALL SELECT 'unit_price_cents' AS k, OLD.unit_price_cents AS o, r.unit_price_cents AS n
            UNION ALL SELECT 'active' AS k, OLD.active AS o, r.active AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, service_item r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('service_item', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'description', OLD.description, 'unit_price_cents', OLD.unit_price_cents, 'active', OLD.active, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER service_item_after_delete AFTER DELETE ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'service_item', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'description', OLD.description, 'unit_price_cents', OLD.unit_price_cents, 'active', OLD.active, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('service_item', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'description', OLD.description, 'unit_price_cents', OLD.unit_price_cents, 'active', OLD.active, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_before_insert BEFORE INSERT ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: bill.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM bill WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: bill.rowid is taken')
        WHEN EXISTS (SELECT 1 FROM bill WHERE bill_number = NEW.bill_number)
        THEN RAISE(ABORT, 'replace_refused: bill.bill_number is taken')
        WHEN EXISTS (SELECT 1 FROM bill WHERE provisional_number = NEW.provisional_number)
        THEN RAISE(ABORT, 'replace_refused: bill.provisional_number is taken')
    END;
    SELECT CASE
        WHEN NEW.bill_number IS NOT NULL THEN RAISE(ABORT, 'number_by_central: only central gives bill numbers')
        WHEN NEW.status = 'cancelled' AND length(trim(coalesce(NEW.cancel_reason, ''),
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) = 0
        THEN RAISE(ABORT, 'cancel_reason: a bill is cancelled with a reason')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: bill.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: bill.owner_id names no owner of this clinic')
        WHEN NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: bill.patient_id names no patient of this clinic')
        WHEN NEW.appointment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM appointment WHERE clinic_id = NEW.clinic_id AND id = NEW.appointment_id)
        THEN RAISE(ABORT, 'orphan: bill.appointment_id names no appointment of this clinic')
    END;
END;

CREATE TRIGGER bill_after_insert AFTER INSERT ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: bill.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE bill SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 1 WHERE NEW.status <> 'draft';
    UPDATE bill SET
        issued_at = coalesce(issued_at,
            CASE WHEN status = 'sent' OR status = 'overdue' OR status = 'paid' THEN (SELECT instant FROM clock) END),
        paid_at = coalesce(paid_at, CASE WHEN status = 'paid' THEN (SELECT instant FROM clock) END),
        cancelled_at = coalesce(cancelled_at, CASE WHEN status = 'cancelled' THEN (SELECT instant FROM clock) END)
    WHERE id = NEW.id AND NEW.status <> 'draft';
    UPDATE sync_control SET applying = 0 WHERE NEW.status <> 'draft';
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'owner_id', r.owner_id, 'patient_id', r.patient_id, 'appointment_id', r.appointment_id, 'bill_number', r.bill_number, 'provisional_number', r.provisional_number, 'subtotal_cents', r.subtotal_cents, 'tax_cents', r.tax_cents, 'total_cents', r.total_cents, 'status', r.status, 'bill_date', r.bill_date, 'due_date', r.due_date, 'issued_at', r.issued_at, 'paid_at', r.paid_at, 'cancelled_at', r.cancelled_at, 'cancel_reason', r.cancel_reason, 'notes', r.notes, 'created_at', r.created_at, 'updated_at', r.updated_at, 'deleted_at', r.deleted_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, bill r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_before_update BEFORE UPDATE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: bill.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: bill.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: bill.rowid never changes')
    END;
    SELECT CASE
        WHEN NEW.provisional_number IS NOT OLD.provisional_number
        THEN RAISE(ABORT, 'immutable: bill.provisional_number never changes')
        WHEN OLD.bill_number IS NOT NULL AND NEW.bill_number IS NOT OLD.bill_number
        THEN RAISE(ABORT, 'immutable: bill.bill_number never changes')
        WHEN NEW.bill_number IS NOT OLD.bill_number
        THEN RAISE(ABORT, 'number_by_central: only central gives bill numbers')
        WHEN OLD.issued_at IS NOT NULL AND NEW.issued_at IS NULL
        THEN RAISE(ABORT, 'immutable: a bill that was issued stays issued')
        WHEN OLD.issued_at IS NOT NULL
            AND (NEW.patient_id, NEW.subtotal_cents, NEW.tax_cents, NEW.total_cents)
                IS NOT (OLD.patient_id, OLD.subtotal_cents, OLD.tax_cents, OLD.total_cents)
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its amounts, owner and patient')
        WHEN OLD.issued_at IS NOT NULL AND NEW.owner_id IS NOT OLD.owner_id
            AND NEW.owner_id IS NOT (SELECT merged_into FROM owner
                WHERE clinic_id = OLD.clinic_id AND id = OLD.owner_id)
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its amounts, owner and patient')
        WHEN NEW.status = 'cancelled' AND (OLD.status <> 'cancelled' OR OLD.cancel_reason IS NOT NULL)
            AND length(trim(coalesce(NEW.cancel_reason, ''),
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) = 0
        THEN RAISE(ABORT, 'cancel_reason: a bill is cancelled with a reason')
    END;
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill WHERE bill_number = NEW.bill_number AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: bill.bill_number is taken')
        WHEN EXISTS (SELECT 1 FROM bill WHERE provisional_number = NEW.provisional_number AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: bill.provisional_number is taken')
        WHEN NEW.owner_id IS NOT OLD.owner_id AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: bill.owner_id names no owner of this clinic')
        WHEN NEW.patient_id IS NOT OLD.patient_id AND NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: bill.patient_id names no patient of this clinic')
        WHEN NEW.appointment_id IS NOT OLD.appointment_id AND NEW.appointment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM appointment WHERE clinic_id = NEW.clinic_id AND id = NEW.appointment_id)
        THEN RAISE(ABORT, 'orphan: bill.appointment_id names no appointment of this clinic')
    END;
END;

CREATE TRIGGER bill_after_update AFTER UPDATE ON bill
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.owner_id, NEW.patient_id, NEW.appointment_id, NEW.bill_number,
         NEW.provisional_number, NEW.subtotal_cents, NEW.tax_cents, NEW.total_cents, NEW.status, NEW.bill_date,
         NEW.due_date, NEW.issued_at, NEW.paid_at, NEW.cancelled_at, NEW.cancel_reason, NEW.notes, NEW.created_at,
         NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.owner_id, OLD.patient_id, OLD.appointment_id, OLD.bill_number,
         OLD.provisional_number, OLD.subtotal_cents, OLD.tax_cents, OLD.total_cents, OLD.status, OLD.bill_date,
         OLD.due_date, OLD.issued_at, OLD.paid_at, OLD.cancelled_at, OLD.cancel_reason, OLD.notes, OLD.created_at,
         OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE bill SET
        updated_at = CASE WHEN NEW.updated_at IS NOT OLD.updated_at THEN NEW.updated_at
            ELSE (SELECT instant FROM clock) END,
        issued_at = coalesce(issued_at,
            CASE WHEN status = 'sent' OR status = 'overdue' OR status = 'paid' THEN (SELECT instant FROM clock) END),
        paid_at = coalesce(paid_at, CASE WHEN status = 'paid' THEN (SELECT instant FROM clock) END),
        cancelled_at = coalesce(cancelled_at, CASE WHEN status = 'cancelled' THEN (SELECT instant FROM clock) END)
    WHERE id = NEW.id;
    UPDATE sync_control SET applying = 0;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'owner_id' AS k, OLD.owner_id AS o, r.owner_id AS n
            UNION ALL SELECT 'patient_id' AS k, OLD.patient_id AS o, r.patient_id AS n
            UNION ALL SELECT 'appointment_id' AS k, OLD.appointment_id AS o, r.appointment_id AS n
            UNION ALL SELECT 'bill_number' AS k, OLD.bill_number AS o, r.bill_number AS n
            UNION ALL SELECT 'provisional_number' AS k, OLD.provisional_number AS o, r.provisional_number AS n
            UNION ALL SELECT 'subtotal_cents' AS k, OLD.subtotal_cents AS o, r.subtotal_cents AS n
            UNION ALL SELECT 'tax_cents' AS k, OLD.tax_cents AS o, r.tax_cents AS n
            UNION ALL SELECT 'total_cents' AS k, OLD.total_cents AS o, r.total_cents AS n
            UNION ALL SELECT 'status' AS k, OLD.status AS o, r.status AS n
            UNION ALL SELECT 'bill_date' AS k, OLD.bill_date AS o, r.bill_date AS n
            UNION ALL SELECT 'due_date' AS k, OLD.due_date AS o, r.due_date AS n
            UNION ALL SELECT 'issued_at' AS k, OLD.issued_at AS o, r.issued_at AS n
            UNION ALL SELECT 'paid_at' AS k, OLD.paid_at AS o, r.paid_at AS n
            UNION ALL SELECT 'cancelled_at' AS k, OLD.cancelled_at AS o, r.cancelled_at AS n
            UNION ALL SELECT 'cancel_reason' AS k, OLD.cancel_reason AS o, r.cancel_reason AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'owner_id' AS k, OLD.owner_id AS o, r.owner_id AS n
            UNION ALL SELECT 'patient_id' AS k, OLD.patient_id AS o, r.patient_id AS n
            UNION ALL SELECT 'appointment_id' AS k, OLD.appointment_id AS o, r.appointment_id AS n
            UNION ALL SELECT 'bill_number' AS k, OLD.bill_number AS o, r.bill_number AS n
            UNION ALL SELECT 'provisional_number' AS k, OLD.provisional_number AS o, r.provisional_number AS n
            UNION ALL SELECT 'subtotal_cents' AS k, OLD.subtotal_cents AS o, r.subtotal_cents AS n
            UNION ALL SELECT 'tax_cents' AS k, OLD.tax_cents AS o, r.tax_cents AS n
            UNION ALL SELECT 'total_cents' AS k, OLD.total_cents AS o, r.total_cents AS n
            UNION ALL SELECT 'status' AS k, OLD.status AS o, r.status AS n
            UNION ALL SELECT 'bill_date' AS k, OLD.bill_date AS o, r.bill_date AS n
            UNION ALL SELECT 'due_date' AS k, OLD.due_date AS o, r.due_date AS n
            UNION ALL SELECT 'issued_at' AS k, OLD.issued_at AS o, r.issued_at AS n
            UNION ALL SELECT 'paid_at' AS k, OLD.paid_at AS o, r.paid_at AS n
            UNION ALL SELECT 'cancelled_at' AS k, OLD.cancelled_at AS o, r.cancelled_at AS n
            UNION ALL SELECT 'cancel_reason' AS k, OLD.cancel_reason AS o, r.cancel_reason AS n
            UNION ALL SELECT 'notes' AS k, OLD.notes AS o, r.notes AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n
            UNION ALL SELECT 'deleted_at' AS k, OLD.deleted_at AS o, r.deleted_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, bill r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'owner_id', OLD.owner_id, 'patient_id', OLD.patient_id, 'appointment_id', OLD.appointment_id, 'bill_number', OLD.bill_number, 'provisional_number', OLD.provisional_number, 'subtotal_cents', OLD.subtotal_cents, 'tax_cents', OLD.tax_cents, 'total_cents', OLD.total_cents, 'status', OLD.status, 'bill_date', OLD.bill_date, 'due_date', OLD.due_date, 'issued_at', OLD.issued_at, 'paid_at', OLD.paid_at, 'cancelled_at', OLD.cancelled_at, 'cancel_reason', OLD.cancel_reason, 'notes', OLD.notes, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_before_delete BEFORE DELETE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_item WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: an item belongs to this bill')
        WHEN EXISTS (SELECT 1 FROM bill_medical_record WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a medical record is joined to this bill')
    END;
    SELECT RAISE(ABORT, 'bill_issued: a bill that was issued is never deleted') WHERE OLD.issued_at IS NOT NULL;
END;

CREATE TRIGGER bill_after_delete AFTER DELETE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'owner_id', OLD.owner_id, 'patient_id', OLD.patient_id, 'appointment_id', OLD.appointment_id, 'bill_number', OLD.bill_number, 'provisional_number', OLD.provisional_number, 'subtotal_cents', OLD.subtotal_cents, 'tax_cents', OLD.tax_cents, 'total_cents', OLD.total_cents, 'status', OLD.status, 'bill_date', OLD.bill_date, 'due_date', OLD.due_date, 'issued_at', OLD.issued_at, 'paid_at', OLD.paid_at, 'cancelled_at', OLD.cancelled_at, 'cancel_reason', OLD.cancel_reason, 'notes', OLD.notes, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'owner_id', OLD.owner_id, 'patient_id', OLD.patient_id, 'appointment_id', OLD.appointment_id, 'bill_number', OLD.bill_number, 'provisional_number', OLD.provisional_number, 'subtotal_cents', OLD.subtotal_cents, 'tax_cents', OLD.tax_cents, 'total_cents', OLD.total_cents, 'status', OLD.status, 'bill_date', OLD.bill_date, 'due_date', OLD.due_date, 'issued_at', OLD.issued_at, 'paid_at', OLD.paid_at, 'cancelled_at', OLD.cancelled_at, 'cancel_reason', OLD.cancel_reason, 'notes', OLD.notes, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'deleted_at', OLD.deleted_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_item_before_insert BEFORE INSERT ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_item WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: bill_item.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM bill_item WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: bill_item.rowid is taken')
    END;
    SELECT CASE
        WHEN (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = NEW.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: bill_item.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM bill WHERE clinic_id = NEW.clinic_id AND id = NEW.bill_id)
        THEN RAISE(ABORT, 'orphan: bill_item.bill_id names no bill of this clinic')
    END;
END;

CREATE TRIGGER bill_item_after_insert AFTER INSERT ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: bill_item.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE bill_item SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill_item', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'bill_id', r.bill_id, 'position', r.position, 'description', r.description, 'quantity_milli', r.quantity_milli, 'unit_price_cents', r.unit_price_cents, 'total_price_cents', r.total_price_cents, 'created_at', r.created_at, 'updated_at', r.updated_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, bill_item r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill_item', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_item_before_update BEFORE UPDATE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: bill_item.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: bill_item.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: bill_item.rowid never changes')
    END;
    SELECT CASE
        WHEN (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
            OR (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = OLD.bill_id) IS NOT NULL
            OR (SELECT issued_at FROM bill WHERE id = NEW.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
    END;
    SELECT CASE
        WHEN NEW.bill_id IS NOT OLD.bill_id AND NOT EXISTS (SELECT 1 FROM bill WHERE clinic_id = NEW.clinic_id AND id = NEW.bill_id)
        THEN RAISE(ABORT, 'orphan: bill_item.bill_id names no bill of this clinic')
    END;
END;

CREATE TRIGGER bill_item_after_update AFTER UPDATE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.bill_id, NEW.position, NEW.description, NEW.quantity_milli, NEW.unit_price_cents,
         NEW.total_price_cents, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.bill_id, OLD.position, OLD.description, OLD.quantity_milli, OLD.unit_price_cents,
         OLD.total_price_cents, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE bill_item SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill_item', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'bill_id' AS k, OLD.bill_id AS o, r.bill_id AS n
            UNION ALL SELECT 'position' AS k, OLD.position AS o, r.position AS n
            UNION ALL SELECT 'description' AS k, OLD.description AS o, r.description AS n
            UNION ALL SELECT 'quantity_milli' AS k, OLD.quantity_milli AS o, r.quantity_milli AS n
            UNION ALL SELECT 'unit_price_cents' AS k, OLD.unit_price_cents AS o, r.unit_price_cents AS n
            UNION ALL SELECT 'total_price_cents' AS k, OLD.total_price_cents AS o, r.total_price_cents AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'bill_id' AS k, OLD.bill_id AS o, r.bill_id AS n
            UNION ALL SELECT 'position' AS k, OLD.position AS o, r.position AS n
            UNION ALL SELECT 'description' AS k, OLD.description AS o, r.description AS n
            UNION ALL SELECT 'quantity_milli' AS k, OLD.quantity_milli AS o, r.quantity_milli AS n
            UNION ALL SELECT 'unit_price_cents' AS k, OLD.unit_price_cents AS o, r.unit_price_cents AS n
            UNION ALL SELECT 'total_price_cents' AS k, OLD.total_price_cents AS o, r.total_price_cents AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, bill_item r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill_item', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'bill_id', OLD.bill_id, 'position', OLD.position, 'description', OLD.description, 'quantity_milli', OLD.quantity_milli, 'unit_price_cents', OLD.unit_price_cents, 'total_price_cents', OLD.total_price_cents, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_item_before_delete BEFORE DELETE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = OLD.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
    END;
END;

CREATE TRIGGER bill_item_after_delete AFTER DELETE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill_item', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'bill_id', OLD.bill_id, 'position', OLD.position, 'description', OLD.description, 'quantity_milli', OLD.quantity_milli, 'unit_price_cents', OLD.unit_price_cents, 'total_price_cents', OLD.total_price_cents, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill_item', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'bill_id', OLD.bill_id, 'position', OLD.position, 'description', OLD.description, 'quantity_milli', OLD.quantity_milli, 'unit_price_cents', OLD.unit_price_cents, 'total_price_cents', OLD.total_price_cents, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_medical_record_before_insert BEFORE INSERT ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_medical_record WHERE bill_id = NEW.bill_id AND medical_record_id = NEW.medical_record_id)
        THEN RAISE(ABORT, 'replace_refused: bill_medical_record.bill_id,bill_medical_record.medical_record_id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM bill_medical_record WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: bill_medical_record.rowid is taken')
    END;
    SELECT RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
    WHERE (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled');
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM bill WHERE clinic_id = NEW.clinic_id AND id = NEW.bill_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.bill_id names no bill of this clinic')
        WHEN NOT EXISTS (SELECT 1 FROM medical_record WHERE clinic_id = NEW.clinic_id AND id = NEW.medical_record_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.medical_record_id names no medical_record of this clinic')
    END;
END;

CREATE TRIGGER bill_medical_record_after_insert AFTER INSERT ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: bill_medical_record.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE bill_medical_record SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE bill_id = NEW.bill_id AND medical_record_id = NEW.medical_record_id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill_medical_record', r.bill_id || '/' || r.medical_record_id, r.clinic_id, 'insert',
        NULL,
        json_object('clinic_id', r.clinic_id, 'bill_id', r.bill_id, 'medical_record_id', r.medical_record_id, 'created_at', r.created_at, 'updated_at', r.updated_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, bill_medical_record r WHERE r.bill_id = NEW.bill_id AND r.medical_record_id = NEW.medical_record_id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill_medical_record', NEW.bill_id || '/' || NEW.medical_record_id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_medical_record_before_update BEFORE UPDATE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.bill_id IS NOT OLD.bill_id
        THEN RAISE(ABORT, 'immutable: bill_medical_record.bill_id never changes')
        WHEN NEW.medical_record_id IS NOT OLD.medical_record_id
        THEN RAISE(ABORT, 'immutable: bill_medical_record.medical_record_id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: bill_medical_record.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: bill_medical_record.rowid never changes')
    END;
    SELECT RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
    WHERE (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
        OR (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled');
END;

CREATE TRIGGER bill_medical_record_after_update AFTER UPDATE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.clinic_id, NEW.bill_id, NEW.medical_record_id, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.clinic_id, OLD.bill_id, OLD.medical_record_id, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE bill_medical_record SET updated_at = (SELECT instant FROM clock) WHERE bill_id = NEW.bill_id AND medical_record_id = NEW.medical_record_id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill_medical_record', r.bill_id || '/' || r.medical_record_id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'bill_id' AS k, OLD.bill_id AS o, r.bill_id AS n
            UNION ALL SELECT 'medical_record_id' AS k, OLD.medical_record_id AS o, r.medical_record_id AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'bill_id' AS k, OLD.bill_id AS o, r.bill_id AS n
            UNION ALL SELECT 'medical_record_id' AS k, OLD.medical_record_id AS o, r.medical_record_id AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, bill_medical_record r WHERE r.bill_id = NEW.bill_id AND r.medical_record_id = NEW.medical_record_id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill_medical_record', NEW.bill_id || '/' || NEW.medical_record_id, NEW.clinic_id,
        json_object('clinic_id', OLD.clinic_id, 'bill_id', OLD.bill_id, 'medical_record_id', OLD.medical_record_id, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER bill_medical_record_before_delete BEFORE DELETE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
    WHERE (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled');
END;

CREATE TRIGGER bill_medical_record_after_delete AFTER DELETE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'bill_medical_record', OLD.bill_id || '/' || OLD.medical_record_id, OLD.clinic_id, 'delete',
        json_object('clinic_id', OLD.clinic_id, 'bill_id', OLD.bill_id, 'medical_record_id', OLD.medical_record_id, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('bill_medical_record', OLD.bill_id || '/' || OLD.medical_record_id, OLD.clinic_id,
        json_object('clinic_id', OLD.clinic_id, 'bill_id', OLD.bill_id, 'medical_record_id', OLD.medical_record_id, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER item_decision_before_insert BEFORE INSERT ON item_decision
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM item_decision WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: item_decision.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM item_decision WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: item_decision.rowid is taken')
    END;
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: item_decision.clinic_id names no clinic')
    END;
END;

CREATE TRIGGER item_decision_after_insert AFTER INSERT ON item_decision
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: item_decision.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE item_decision SET
        created_at = iif(created_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), created_at),
        updated_at = iif(updated_at = '0001-01-01T00:00:00.000Z', (SELECT instant FROM clock), updated_at)
    WHERE id = NEW.id AND (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    UPDATE sync_control SET applying = 0 WHERE (NEW.created_at = '0001-01-01T00:00:00.000Z' OR NEW.updated_at = '0001-01-01T00:00:00.000Z');
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'item_decision', r.id, r.clinic_id, 'insert',
        NULL,
        json_object('id', r.id, 'clinic_id', r.clinic_id, 'item_id', r.item_id, 'item_version', r.item_version, 'action', r.action, 'value', r.value, 'actor', r.actor, 'outcome', r.outcome, 'answer', r.answer, 'created_at', r.created_at, 'updated_at', r.updated_at),
        r.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, item_decision r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('item_decision', NEW.id, NEW.clinic_id,
        NULL,
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER item_decision_before_update BEFORE UPDATE ON item_decision
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
        THEN RAISE(ABORT, 'immutable: item_decision.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: item_decision.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid
        THEN RAISE(ABORT, 'immutable: item_decision.rowid never changes')
    END;
    SELECT RAISE(ABORT, 'immutable: a decision never changes: another one undoes it');
END;

CREATE TRIGGER item_decision_after_update AFTER UPDATE ON item_decision
WHEN (SELECT applying FROM sync_control) = 0 AND (NEW.id, NEW.clinic_id, NEW.item_id, NEW.item_version, NEW.action, NEW.value, NEW.actor, NEW.outcome,
         NEW.answer, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.item_id, OLD.item_version, OLD.action, OLD.value, OLD.actor, OLD.outcome,
         OLD.answer, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1 WHERE NEW.updated_at IS OLD.updated_at;
    UPDATE item_decision SET updated_at = (SELECT instant FROM clock) WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0 WHERE NEW.updated_at IS OLD.updated_at;
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || r.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'item_decision', r.id, r.clinic_id, 'update',
        (SELECT json_group_object(k, o) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'item_id' AS k, OLD.item_id AS o, r.item_id AS n
            UNION ALL SELECT 'item_version' AS k, OLD.item_version AS o, r.item_version AS n
            UNION ALL SELECT 'action' AS k, OLD.action AS o, r.action AS n
            UNION ALL SELECT 'value' AS k, OLD.value AS o, r.value AS n
            UNION ALL SELECT 'actor' AS k, OLD.actor AS o, r.actor AS n
            UNION ALL SELECT 'outcome' AS k, OLD.outcome AS o, r.outcome AS n
            UNION ALL SELECT 'answer' AS k, OLD.answer AS o, r.answer AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        (SELECT json_group_object(k, n) FROM (
            SELECT 'id' AS k, OLD.id AS o, r.id AS n
            UNION ALL SELECT 'clinic_id' AS k, OLD.clinic_id AS o, r.clinic_id AS n
            UNION ALL SELECT 'item_id' AS k, OLD.item_id AS o, r.item_id AS n
            UNION ALL SELECT 'item_version' AS k, OLD.item_version AS o, r.item_version AS n
            UNION ALL SELECT 'action' AS k, OLD.action AS o, r.action AS n
            UNION ALL SELECT 'value' AS k, OLD.value AS o, r.value AS n
            UNION ALL SELECT 'actor' AS k, OLD.actor AS o, r.actor AS n
            UNION ALL SELECT 'outcome' AS k, OLD.outcome AS o, r.outcome AS n
            UNION ALL SELECT 'answer' AS k, OLD.answer AS o, r.answer AS n
            UNION ALL SELECT 'created_at' AS k, OLD.created_at AS o, r.created_at AS n
            UNION ALL SELECT 'updated_at' AS k, OLD.updated_at AS o, r.updated_at AS n) WHERE o IS NOT n),
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c, item_decision r WHERE r.id = NEW.id;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('item_decision', NEW.id, NEW.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'item_id', OLD.item_id, 'item_version', OLD.item_version, 'action', OLD.action, 'value', OLD.value, 'actor', OLD.actor, 'outcome', OLD.outcome, 'answer', OLD.answer, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;

CREATE TRIGGER item_decision_before_delete BEFORE DELETE ON item_decision
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'immutable: a decision is never deleted: another one undoes it');
END;

CREATE TRIGGER item_decision_after_delete AFTER DELETE ON item_decision
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, incarnation)
        SELECT c.txn, CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$."' || OLD.clinic_id || '"') END,
            max((SELECT instant FROM clock),
            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), '')),
            3, 'item_decision', OLD.id, OLD.clinic_id, 'delete',
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'item_id', OLD.item_id, 'item_version', OLD.item_version, 'action', OLD.action, 'value', OLD.value, 'actor', OLD.actor, 'outcome', OLD.outcome, 'answer', OLD.answer, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at),
        NULL,
        OLD.version, (SELECT incarnation FROM node_state)
        FROM sync_control c;
    INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)
        VALUES ('item_decision', OLD.id, OLD.clinic_id,
        json_object('id', OLD.id, 'clinic_id', OLD.clinic_id, 'item_id', OLD.item_id, 'item_version', OLD.item_version, 'action', OLD.action, 'value', OLD.value, 'actor', OLD.actor, 'outcome', OLD.outcome, 'answer', OLD.answer, 'created_at', OLD.created_at, 'updated_at', OLD.updated_at, 'version', OLD.version),
        last_insert_rowid(), last_insert_rowid())
        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;
END;
