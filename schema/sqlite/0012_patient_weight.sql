-- The day of a patient's own weight (schema/postgres/0024_patient_weight.sql says what it is for). A weight that is there
-- already is as old as the row's last change: central says the same of the same rows, so this is no change of the node's.

ALTER TABLE patient ADD COLUMN weighed_on TEXT
    CONSTRAINT patient_weighed_on_check CHECK (
        weighed_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND weighed_on >= '0001-01-01' AND date(weighed_on, '+0 days') IS weighed_on);

UPDATE sync_control SET applying = 1;
UPDATE patient SET weighed_on = substr(updated_at, 1, 10) WHERE weight_milli IS NOT NULL;
UPDATE sync_control SET applying = 0;

DROP TRIGGER patient_after_update;
CREATE TRIGGER patient_after_update AFTER UPDATE ON patient
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.owner_id, NEW.name, NEW.species, NEW.breed, NEW.birth_date, NEW.age,
         NEW.deceased_on, NEW.gender, NEW.weight_milli, NEW.weight_unit, NEW.weighed_on, NEW.status,
         NEW.assigned_doctor, NEW.handling_difficulty, NEW.microchip, NEW.notes, NEW.created_at, NEW.updated_at,
         NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.owner_id, OLD.name, OLD.species, OLD.breed, OLD.birth_date, OLD.age,
         OLD.deceased_on, OLD.gender, OLD.weight_milli, OLD.weight_unit, OLD.weighed_on, OLD.status,
         OLD.assigned_doctor, OLD.handling_difficulty, OLD.microchip, OLD.notes, OLD.created_at, OLD.updated_at,
         OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE patient SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;
