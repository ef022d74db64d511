-- The rules of the charts that no key, unique or reference says. They hold for every writer, also for the sqlite3 shell.
-- Only an apply (sync_control.applying = 1) is exempt: what central sends was judged there.
--
-- One trigger per table, time and event, since SQLite does not define the order of several. A table has six:
--   before insert, before update, before delete   what is refused
--   after insert, after update, after delete      stamps first, then capture into change_log and sync_base
-- Those that only repeat what the tables' own definitions say are generated whole (edge/store/file/guards.h,
-- tests/edge/store/golden/triggers.sql shows them all). One that says more stands here, with a mark where the generated
-- statements go:
--   /*keys*/        before insert: OR REPLACE on a taken key (a plain INSERT meets the same sentence);
--                   before update: what names the row never changes
--   /*references*/  before insert and update: a parent that is not there; before update also taken keys;
--                   before delete: a row that is still named, then SET NULL, which a composite key cannot do in SQLite
--   /*changed*/ 1   another column than `version` has another value
--   /*stamps*/      the present instant where none was said
--   /*capture*/     the row of change_log, the image of sync_base
-- A message is `slug: sentence`; the slugs are those of docs/architecture.md. Stamps run with applying = 1, so they fire
-- no trigger again and are logged once, as part of the row they belong to.

-- A clinic's time zone has the form of one: UTC, or an Area/Place. Whether there is such a place this file cannot know;
-- the program and central do (docs/schema.md, "Time zones"). A zone that stands already stays until somebody changes it.

CREATE TRIGGER clinic_before_insert BEFORE INSERT ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT RAISE(ABORT, 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin')
    WHERE NEW.timezone IS NOT 'UTC' AND (NEW.timezone NOT GLOB '[A-Z]*/[A-Z]*'
        OR NEW.timezone GLOB '*[^A-Za-z0-9_+/-]*' OR NEW.timezone GLOB '*/[^A-Z]*' OR NEW.timezone GLOB '*/');
    /*references*/
END;

CREATE TRIGGER clinic_before_update BEFORE UPDATE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT RAISE(ABORT, 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin')
    WHERE NEW.timezone IS NOT OLD.timezone AND NEW.timezone IS NOT 'UTC' AND (NEW.timezone NOT GLOB '[A-Z]*/[A-Z]*'
        OR NEW.timezone GLOB '*[^A-Za-z0-9_+/-]*' OR NEW.timezone GLOB '*/[^A-Z]*' OR NEW.timezone GLOB '*/');
    /*references*/
END;

-- The owner of the day a medical record was written, as the record keeps him.

CREATE TRIGGER medical_record_before_update BEFORE UPDATE ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT CASE
        WHEN NEW.owner_name_snapshot IS NOT OLD.owner_name_snapshot
        THEN RAISE(ABORT, 'immutable: medical_record.owner_name_snapshot never changes')
        WHEN NEW.owner_phone_snapshot IS NOT OLD.owner_phone_snapshot
        THEN RAISE(ABORT, 'immutable: medical_record.owner_phone_snapshot never changes')
    END;
    /*references*/
END;

CREATE TRIGGER medical_record_after_insert AFTER INSERT ON medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*stamps*/
    UPDATE sync_control SET applying = 1;
    UPDATE medical_record SET
        owner_name_snapshot = coalesce(medical_record.owner_name_snapshot, o.first_name || ' ' || o.last_name),
        owner_phone_snapshot = coalesce(medical_record.owner_phone_snapshot, o.phone)
    FROM patient p JOIN owner o ON o.clinic_id = p.clinic_id AND o.id = p.owner_id
    WHERE medical_record.id = NEW.id AND p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id;
    UPDATE sync_control SET applying = 0;
    /*capture*/
END;

-- A decision on an item is undone by another one.

CREATE TRIGGER item_decision_before_update BEFORE UPDATE ON item_decision
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT RAISE(ABORT, 'immutable: a decision never changes: another one undoes it');
    /*references*/
END;

CREATE TRIGGER item_decision_before_delete BEFORE DELETE ON item_decision
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*references*/
    SELECT RAISE(ABORT, 'immutable: a decision is never deleted: another one undoes it');
END;
