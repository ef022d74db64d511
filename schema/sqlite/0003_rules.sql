-- The rules that need a trigger, and the values the database itself sets. They hold for every writer, also for the
-- sqlite3 shell with its foreign_keys off, so every existence and deletion rule of 0001_tables.sql stands here again.
-- Only an apply (sync_control.applying = 1) is exempt: what central sends was judged there.
--
-- One trigger per table, time and event, since SQLite does not define the order of several:
--   before insert  OR REPLACE on a taken key (a plain INSERT meets the same sentence), orphans, closed bills
--   before update  what never changes; OR REPLACE on a taken key; orphans; closed bills
--   before delete  what refuses the delete; then SET NULL, which a composite foreign key cannot do in SQLite
--   after ...      stamps first, then capture into change_log and sync_base
-- A message is `slug: sentence`; the slugs are those of docs/architecture.md.
--
-- What stands between the capture marks is generated from the table's columns when the program opens the file
-- (edge/store/file/capture.cpp). Stamps run with applying = 1, so they fire no trigger again and are logged once, as part of
-- the row they belong to. An AFTER UPDATE does not fire when nothing but `version` changed; the list of columns in
-- its WHEN must grow with the table (tests/edge fails for a column left out).

-- clinic

CREATE TRIGGER clinic_before_insert BEFORE INSERT ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM clinic WHERE id = NEW.id) THEN RAISE(ABORT, 'replace_refused: clinic.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM clinic WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: clinic.rowid is taken')
        WHEN EXISTS (SELECT 1 FROM clinic WHERE code = NEW.code)
        THEN RAISE(ABORT, 'replace_refused: clinic.code is taken')
    END;
END;

CREATE TRIGGER clinic_before_update BEFORE UPDATE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: clinic.id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: clinic.rowid never changes')
        WHEN EXISTS (SELECT 1 FROM clinic WHERE code = NEW.code AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: clinic.code is taken')
    END;
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
    END;
END;

CREATE TRIGGER clinic_after_insert AFTER INSERT ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: clinic.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER clinic_after_update AFTER UPDATE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.code, NEW.name, NEW.timezone, NEW.currency, NEW.address, NEW.phone, NEW.created_at,
         NEW.updated_at)
        IS NOT
        (OLD.id, OLD.code, OLD.name, OLD.timezone, OLD.currency, OLD.address, OLD.phone, OLD.created_at,
         OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE clinic SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER clinic_after_delete AFTER DELETE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- staff

CREATE TRIGGER staff_before_insert BEFORE INSERT ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM staff WHERE id = NEW.id) THEN RAISE(ABORT, 'replace_refused: staff.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM staff WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: staff.rowid is taken')
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND email = NEW.email)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.email is taken')
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND username = NEW.username)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.username is taken')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: staff.clinic_id names no clinic')
    END;
END;

CREATE TRIGGER staff_before_update BEFORE UPDATE ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: staff.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: staff.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: staff.rowid never changes')
        WHEN EXISTS (SELECT 1 FROM staff WHERE clinic_id = NEW.clinic_id AND email = NEW.email AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.email is taken')
        WHEN EXISTS (SELECT 1 FROM staff
            WHERE clinic_id = NEW.clinic_id AND username = NEW.username AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: staff.clinic_id,staff.username is taken')
    END;
END;

CREATE TRIGGER staff_after_insert AFTER INSERT ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: staff.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER staff_after_update AFTER UPDATE ON staff
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.email, NEW.username, NEW.first_name, NEW.last_name, NEW.password_hash, NEW.roles,
         NEW.active, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.email, OLD.username, OLD.first_name, OLD.last_name, OLD.password_hash, OLD.roles,
         OLD.active, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE staff SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER staff_after_delete AFTER DELETE ON staff
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- owner

CREATE TRIGGER owner_before_insert BEFORE INSERT ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM owner WHERE id = NEW.id) THEN RAISE(ABORT, 'replace_refused: owner.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM owner WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: owner.rowid is taken')
        WHEN NEW.deleted_at IS NULL
            AND EXISTS (SELECT 1 FROM owner
                WHERE clinic_id = NEW.clinic_id AND email = NEW.email AND deleted_at IS NULL)
        THEN RAISE(ABORT, 'replace_refused: owner.clinic_id,owner.email is taken')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: owner.clinic_id names no clinic')
        WHEN NEW.merged_into IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.merged_into)
        THEN RAISE(ABORT, 'orphan: owner.merged_into names no owner of this clinic')
    END;
END;

CREATE TRIGGER owner_before_update BEFORE UPDATE ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: owner.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: owner.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: owner.rowid never changes')
        WHEN NEW.deleted_at IS NULL
            AND EXISTS (SELECT 1 FROM owner
                WHERE clinic_id = NEW.clinic_id AND email = NEW.email AND deleted_at IS NULL AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: owner.clinic_id,owner.email is taken')
        WHEN NEW.merged_into IS NOT OLD.merged_into AND NEW.merged_into IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.merged_into)
        THEN RAISE(ABORT, 'orphan: owner.merged_into names no owner of this clinic')
    END;
END;

CREATE TRIGGER owner_before_delete BEFORE DELETE ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill WHERE clinic_id = OLD.clinic_id AND owner_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a bill names this owner')
    END;
    UPDATE owner SET merged_into = NULL WHERE clinic_id = OLD.clinic_id AND merged_into = OLD.id AND id <> OLD.id;
    UPDATE patient SET owner_id = NULL WHERE clinic_id = OLD.clinic_id AND owner_id = OLD.id;
END;

CREATE TRIGGER owner_after_insert AFTER INSERT ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: owner.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER owner_after_update AFTER UPDATE ON owner
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.first_name, NEW.last_name, NEW.email, NEW.phone, NEW.address, NEW.notes,
         NEW.merged_into, NEW.created_at, NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.first_name, OLD.last_name, OLD.email, OLD.phone, OLD.address, OLD.notes,
         OLD.merged_into, OLD.created_at, OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE owner SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER owner_after_delete AFTER DELETE ON owner
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- patient

CREATE TRIGGER patient_before_insert BEFORE INSERT ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM patient WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: patient.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM patient WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: patient.rowid is taken')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: patient.clinic_id names no clinic')
        WHEN NEW.owner_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: patient.owner_id names no owner of this clinic')
    END;
END;

CREATE TRIGGER patient_before_update BEFORE UPDATE ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: patient.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: patient.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: patient.rowid never changes')
        WHEN NEW.owner_id IS NOT OLD.owner_id AND NEW.owner_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: patient.owner_id names no owner of this clinic')
    END;
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

CREATE TRIGGER patient_after_insert AFTER INSERT ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: patient.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER patient_after_update AFTER UPDATE ON patient
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.owner_id, NEW.name, NEW.species, NEW.breed, NEW.birth_date, NEW.age,
         NEW.deceased_on, NEW.gender, NEW.weight_milli, NEW.weight_unit, NEW.status, NEW.assigned_doctor,
         NEW.handling_difficulty, NEW.microchip, NEW.notes, NEW.created_at, NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.owner_id, OLD.name, OLD.species, OLD.breed, OLD.birth_date, OLD.age,
         OLD.deceased_on, OLD.gender, OLD.weight_milli, OLD.weight_unit, OLD.status, OLD.assigned_doctor,
         OLD.handling_difficulty, OLD.microchip, OLD.notes, OLD.created_at, OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE patient SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER patient_after_delete AFTER DELETE ON patient
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- medical_record

CREATE TRIGGER medical_record_before_insert BEFORE INSERT ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM medical_record WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: medical_record.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM medical_record WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: medical_record.rowid is taken')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: medical_record.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: medical_record.patient_id names no patient of this clinic')
    END;
END;

CREATE TRIGGER medical_record_before_update BEFORE UPDATE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: medical_record.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: medical_record.clinic_id never changes')
        WHEN NEW.owner_name_snapshot IS NOT OLD.owner_name_snapshot
        THEN RAISE(ABORT, 'immutable: medical_record.owner_name_snapshot never changes')
        WHEN NEW.owner_phone_snapshot IS NOT OLD.owner_phone_snapshot
        THEN RAISE(ABORT, 'immutable: medical_record.owner_phone_snapshot never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: medical_record.rowid never changes')
        WHEN NEW.patient_id IS NOT OLD.patient_id
            AND NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: medical_record.patient_id names no patient of this clinic')
    END;
END;

CREATE TRIGGER medical_record_before_delete BEFORE DELETE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_medical_record
            WHERE clinic_id = OLD.clinic_id AND medical_record_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a bill is joined to this medical record')
    END;
END;

CREATE TRIGGER medical_record_after_insert AFTER INSERT ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: medical_record.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1;
    UPDATE medical_record SET
        owner_name_snapshot = coalesce(medical_record.owner_name_snapshot, o.first_name || ' ' || o.last_name),
        owner_phone_snapshot = coalesce(medical_record.owner_phone_snapshot, o.phone)
    FROM patient p JOIN owner o ON o.clinic_id = p.clinic_id AND o.id = p.owner_id
    WHERE medical_record.id = NEW.id AND p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER medical_record_after_update AFTER UPDATE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.patient_id, NEW.visit_date, NEW.visited_at, NEW.record_type, NEW.symptoms,
         NEW.diagnosis, NEW.treatment, NEW.notes, NEW.veterinarian, NEW.weight_milli, NEW.weight_unit,
         NEW.next_due_on, NEW.owner_name_snapshot, NEW.owner_phone_snapshot, NEW.created_at, NEW.updated_at,
         NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.patient_id, OLD.visit_date, OLD.visited_at, OLD.record_type, OLD.symptoms,
         OLD.diagnosis, OLD.treatment, OLD.notes, OLD.veterinarian, OLD.weight_milli, OLD.weight_unit,
         OLD.next_due_on, OLD.owner_name_snapshot, OLD.owner_phone_snapshot, OLD.created_at, OLD.updated_at,
         OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE medical_record SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER medical_record_after_delete AFTER DELETE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- appointment

CREATE TRIGGER appointment_before_insert BEFORE INSERT ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM appointment WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: appointment.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM appointment WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: appointment.rowid is taken')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: appointment.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: appointment.patient_id names no patient of this clinic')
    END;
END;

CREATE TRIGGER appointment_before_update BEFORE UPDATE ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: appointment.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: appointment.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: appointment.rowid never changes')
        WHEN NEW.patient_id IS NOT OLD.patient_id
            AND NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: appointment.patient_id names no patient of this clinic')
    END;
END;

CREATE TRIGGER appointment_before_delete BEFORE DELETE ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    UPDATE bill SET appointment_id = NULL WHERE clinic_id = OLD.clinic_id AND appointment_id = OLD.id;
END;

CREATE TRIGGER appointment_after_insert AFTER INSERT ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: appointment.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER appointment_after_update AFTER UPDATE ON appointment
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.patient_id, NEW.date, NEW.time, NEW.duration, NEW.reason, NEW.status, NEW.notes,
         NEW.veterinarian, NEW.created_at, NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.patient_id, OLD.date, OLD.time, OLD.duration, OLD.reason, OLD.status, OLD.notes,
         OLD.veterinarian, OLD.created_at, OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE appointment SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER appointment_after_delete AFTER DELETE ON appointment
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;
