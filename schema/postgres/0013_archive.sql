-- Phase 13: the archive (design.md section 2): a patient with its whole history, moved out of the live tables as it
-- stands, and back. The rows here have the columns of the live ones, and the entry that brought them.

CREATE SCHEMA archive;

-- Each time a patient was archived; it stays when the patient came back.
CREATE TABLE archive.entry (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    archived_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    actor text NOT NULL,
    reason text NOT NULL,
    restored_at timestamptz(3),
    restored_by text,
    CONSTRAINT entry_pkey PRIMARY KEY (id),
    CONSTRAINT entry_reason_check CHECK (length(public.trim_blanks(reason)) BETWEEN 1 AND 1000),
    CONSTRAINT entry_restored_check CHECK ((restored_at IS NULL) = (restored_by IS NULL)),
    CONSTRAINT entry_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES public.clinic (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX entry_patient_id_key ON archive.entry (patient_id) WHERE restored_at IS NULL;
CREATE INDEX entry_clinic_id_archived_at_id_idx ON archive.entry (clinic_id, archived_at DESC, id);

DO $$
DECLARE tbl text;
BEGIN
    FOREACH tbl IN ARRAY ARRAY['patient', 'medical_record', 'appointment', 'bill', 'bill_item', 'bill_medical_record'] LOOP
        EXECUTE format('CREATE TABLE archive.%1$I (LIKE public.%1$I, entry_id uuid NOT NULL,
            CONSTRAINT %2$I PRIMARY KEY (%3$s),
            CONSTRAINT %4$I FOREIGN KEY (entry_id) REFERENCES archive.entry (id) ON DELETE RESTRICT)',
            tbl, tbl || '_pkey', CASE tbl WHEN 'bill_medical_record' THEN 'bill_id, medical_record_id' ELSE 'id' END,
            tbl || '_entry_id_fkey');
        EXECUTE format('CREATE INDEX %I ON archive.%I (entry_id)', tbl || '_entry_id_idx', tbl);
    END LOOP;
END $$;
CREATE INDEX bill_clinic_id_owner_id_idx ON archive.bill (clinic_id, owner_id);
