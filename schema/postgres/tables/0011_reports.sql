-- Phase 11: what HQ's reports rest on; the reports themselves are schema/postgres/reports.

CREATE SCHEMA report;

-- The first and last visit and vaccination of every patient of a clinic, in order, from the index alone. The one index
-- the reports need (docs/reports.md has the figures); central's alone, since nodes have no reports.
CREATE INDEX medical_record_clinic_id_patient_id_visit_date_report_idx ON medical_record
    (clinic_id, patient_id, visit_date) INCLUDE (record_type, next_due_on) WHERE deleted_at IS NULL;
-- The archive's rows of a clinic, for what is counted clinic by clinic.
CREATE INDEX medical_record_clinic_id_patient_id_idx ON archive.medical_record (clinic_id, patient_id);

-- The time zones that this server knows. Asking pg_timezone_names reads a thousand files, and AT TIME ZONE with a name
-- that is none ends the whole query: one clinic's slip must not take the report from all.
CREATE TABLE report_time_zone (
    name text NOT NULL,
    CONSTRAINT report_time_zone_pkey PRIMARY KEY (name)
);
INSERT INTO report_time_zone (name) SELECT DISTINCT name FROM pg_timezone_names;
