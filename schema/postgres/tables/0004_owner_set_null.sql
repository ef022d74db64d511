-- Phase 4: a patient outlives its owner. (NOT VALID here and in phase 5: phase 8, in the same transaction, makes the
-- keys anew with the clinic in them and checks every row, once.)
ALTER TABLE patient ALTER COLUMN owner_id DROP NOT NULL;
ALTER TABLE patient ADD CONSTRAINT patient_owner_id_fkey
    FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE SET NULL NOT VALID;
