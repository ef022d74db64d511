-- Phase 6: soft delete. A hidden row keeps its place, but not its e-mail address. Since an owner may now go while the
-- record stays, a record keeps its own copy of who the owner was.
ALTER TABLE owner ADD COLUMN deleted_at timestamptz(3);
ALTER TABLE patient ADD COLUMN deleted_at timestamptz(3);
ALTER TABLE medical_record
    ADD COLUMN deleted_at timestamptz(3),
    ADD COLUMN owner_name_snapshot text,
    ADD COLUMN owner_phone_snapshot text;
ALTER TABLE appointment ADD COLUMN deleted_at timestamptz(3);
ALTER TABLE bill ADD COLUMN deleted_at timestamptz(3);
CREATE UNIQUE INDEX owner_email_key ON owner (email) WHERE deleted_at IS NULL;

-- (An index that every row leaves and enters again is better made anew: in phase 8, with the clinic.)
DROP INDEX medical_record_patient_id_idx;
UPDATE medical_record r SET owner_name_snapshot = o.first_name || ' ' || o.last_name, owner_phone_snapshot = o.phone
  FROM patient p JOIN owner o ON o.id = p.owner_id WHERE p.id = r.patient_id;
SELECT pg_temp.progress('medical_record: owner snapshots', (SELECT count(*) FROM medical_record));
