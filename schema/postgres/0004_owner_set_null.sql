-- Phase 4: a patient outlives its owner.
ALTER TABLE patient ALTER COLUMN owner_id DROP NOT NULL;
ALTER TABLE patient ADD CONSTRAINT patient_owner_id_fkey
    FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE SET NULL;
