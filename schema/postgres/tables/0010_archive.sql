-- Phase 10: the archive (docs/data-rules.md): a patient with its whole history, moved out of the live tables as it
-- stands, and back. The rows here have the columns of the live ones, and the entry that brought them.

CREATE SCHEMA archive;

-- Each time a patient was archived; it stays when the patient came back.
CREATE TABLE archive.entry (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    archived_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
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
    FOREACH tbl IN ARRAY ARRAY['patient', 'medical_record', 'appointment', 'bill', 'bill_item',
                               'bill_medical_record'] LOOP
        EXECUTE format('CREATE TABLE archive.%1$I (LIKE public.%1$I, entry_id uuid NOT NULL,
            CONSTRAINT %2$I PRIMARY KEY (%3$s),
            CONSTRAINT %4$I FOREIGN KEY (entry_id) REFERENCES archive.entry (id) ON DELETE RESTRICT)',
            tbl, tbl || '_pkey', CASE tbl WHEN 'bill_medical_record' THEN 'bill_id, medical_record_id' ELSE 'id' END,
            tbl || '_entry_id_fkey');
        EXECUTE format('CREATE INDEX %I ON archive.%I (entry_id)', tbl || '_entry_id_idx', tbl);
    END LOOP;
END $$;
CREATE INDEX bill_clinic_id_owner_id_idx ON archive.bill (clinic_id, owner_id);

-- Every push asks whether its clinic has an open entry.
CREATE INDEX entry_clinic_id_open_idx ON archive.entry (clinic_id) WHERE restored_at IS NULL;
-- The numbers of archived bills stay taken.
CREATE UNIQUE INDEX bill_bill_number_key ON archive.bill (bill_number);
CREATE UNIQUE INDEX bill_provisional_number_key ON archive.bill (provisional_number);
CREATE INDEX bill_item_bill_id_idx ON archive.bill_item (bill_id);
CREATE INDEX bill_medical_record_medical_record_id_idx ON archive.bill_medical_record (medical_record_id);
CREATE INDEX medical_record_patient_id_idx ON archive.medical_record (patient_id);

-- Which appointment a bill of another patient named when the appointment went: the live bill has NULL since. Applied,
-- and removed, when both are live again. It stays where the appointment was deleted for good or the bill named another.
CREATE TABLE archive.cut_link (
    bill_id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    CONSTRAINT cut_link_pkey PRIMARY KEY (bill_id, appointment_id),
    CONSTRAINT cut_link_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES archive.entry (id) ON DELETE RESTRICT
);
CREATE INDEX cut_link_appointment_id_idx ON archive.cut_link (appointment_id);
CREATE INDEX cut_link_entry_id_idx ON archive.cut_link (entry_id);

-- Erasures (docs/retention.md) ---------------------------------------------------------------------------------------

-- Whose data was erased: central goes on erasing what nodes send about them later. One row for each owner row of the
-- person.
CREATE TABLE owner_erasure (
    owner_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    erased_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    last_run_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    actor text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT owner_erasure_pkey PRIMARY KEY (owner_id),
    CONSTRAINT owner_erasure_reason_check CHECK (length(trim_blanks(reason)) BETWEEN 1 AND 1000),
    CONSTRAINT owner_erasure_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id) ON DELETE RESTRICT
);
CREATE INDEX owner_erasure_clinic_id_idx ON owner_erasure (clinic_id);

-- The patients they ever owned, as far as anything told of it: whose records may carry their name.
CREATE TABLE owner_erasure_patient (
    owner_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    CONSTRAINT owner_erasure_patient_pkey PRIMARY KEY (owner_id, patient_id),
    CONSTRAINT owner_erasure_patient_owner_id_fkey FOREIGN KEY (owner_id)
        REFERENCES owner_erasure (owner_id) ON DELETE RESTRICT
);
CREATE INDEX owner_erasure_patient_patient_id_idx ON owner_erasure_patient (patient_id);
