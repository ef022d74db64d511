-- The synced tables: the mirror of schema/postgres (tests/parity fails on any difference). Rules that a CHECK,
-- a UNIQUE or a FOREIGN KEY can say stand here. The triggers that say the same again, for a shell with its foreign keys
-- off, are generated from here (edge/store/file/guards.h); those of the other rules are in ../rules.
--
-- Forms: ids are UUIDs in lower-case text; instants are UTC text with milliseconds and Z; days YYYY-MM-DD; money in
-- cents; weights and quantities in thousandths. A day is checked by GLOB and by date(d, '+0 days') IS d, an instant
-- by strftime(..., t, '+0 days') IS t (without the modifier SQLite lets 31 February pass). NUL is refused, since
-- length() and trim() stop at it. The blanks given to trim are the one list of docs/schema.md.
--
-- A CHECK over three values or more says OR, not IN: SQLite 3.40 builds a temporary b-tree per row for a longer IN list.
-- created_at and updated_at cannot read a clock here that a row overrides (a DEFAULT reads no table): their default stands
-- for "not said", and the trigger after the insert puts the present instant (../views/clock.sql) in its place.
--
-- Foreign keys are NO ACTION, never RESTRICT: an apply defers them to its COMMIT, and RESTRICT would not wait.
-- A unique key (clinic_id, id) exists only to be their target.

CREATE TABLE clinic (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT clinic_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    code TEXT NOT NULL
        CONSTRAINT clinic_code_check CHECK (
        length(CAST(code AS BLOB)) BETWEEN 2 AND 16 AND code NOT GLOB '*[^A-Z0-9]*' AND instr(code, char(0)) = 0),
    name TEXT NOT NULL
        CONSTRAINT clinic_name_check CHECK (length(trim(name,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 200
        AND instr(name, char(0)) = 0),
    timezone TEXT NOT NULL DEFAULT 'UTC'
        CONSTRAINT clinic_timezone_check CHECK (length(trim(timezone,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(timezone, char(0)) = 0),
    currency TEXT NOT NULL DEFAULT 'USD'
        CONSTRAINT clinic_currency_check CHECK (
        length(CAST(currency AS BLOB)) = 3 AND currency NOT GLOB '*[^A-Z]*' AND instr(currency, char(0)) = 0),
    address TEXT NOT NULL DEFAULT ''
        CONSTRAINT clinic_address_check CHECK (length(address) <= 500 AND instr(address, char(0)) = 0),
    phone TEXT NOT NULL DEFAULT ''
        CONSTRAINT clinic_phone_check CHECK (length(phone) <= 50 AND instr(phone, char(0)) = 0),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT clinic_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT clinic_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT clinic_version_check CHECK (version >= 0)
) STRICT;
CREATE UNIQUE INDEX clinic_code_key ON clinic (code);

CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT staff_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    email TEXT NOT NULL
        CONSTRAINT staff_email_check CHECK (length(trim(email,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 254
        AND instr(email, char(0)) = 0),
    username TEXT NOT NULL
        CONSTRAINT staff_username_check CHECK (length(trim(username,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(username, char(0)) = 0),
    first_name TEXT NOT NULL
        CONSTRAINT staff_first_name_check CHECK (length(trim(first_name,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(first_name, char(0)) = 0),
    last_name TEXT NOT NULL
        CONSTRAINT staff_last_name_check CHECK (length(trim(last_name,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(last_name, char(0)) = 0),
    password_hash TEXT NOT NULL CONSTRAINT staff_password_hash_check CHECK (instr(password_hash, char(0)) = 0),
    roles TEXT NOT NULL
        CONSTRAINT staff_roles_check CHECK (
        roles = '[]' OR roles = '["admin"]' OR roles = '["staff"]' OR roles = '["veterinarian"]'
        OR roles = '["admin","staff"]' OR roles = '["admin","veterinarian"]' OR roles = '["staff","veterinarian"]'
        OR roles = '["admin","staff","veterinarian"]'),
    active INTEGER NOT NULL DEFAULT 1 CONSTRAINT staff_active_check CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT staff_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT staff_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT staff_version_check CHECK (version >= 0),
    CONSTRAINT staff_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id)
) STRICT;
CREATE UNIQUE INDEX staff_clinic_id_email_key ON staff (clinic_id, email);
CREATE UNIQUE INDEX staff_clinic_id_username_key ON staff (clinic_id, username);
CREATE UNIQUE INDEX staff_clinic_id_id_key ON staff (clinic_id, id);
CREATE INDEX staff_clinic_id_created_at_id_idx ON staff (clinic_id, created_at DESC, id);
CREATE INDEX staff_clinic_id_version_id_idx ON staff (clinic_id, version, id);

CREATE TABLE owner (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT owner_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    first_name TEXT NOT NULL
        CONSTRAINT owner_first_name_check CHECK (length(trim(first_name,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(first_name, char(0)) = 0),
    last_name TEXT NOT NULL
        CONSTRAINT owner_last_name_check CHECK (length(trim(last_name,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(last_name, char(0)) = 0),
    email TEXT
        CONSTRAINT owner_email_check CHECK (
        length(email) <= 254 AND instr(email, char(0)) = 0 AND email = lower(email)),
    phone TEXT CONSTRAINT owner_phone_check CHECK (length(phone) <= 50 AND instr(phone, char(0)) = 0),
    address TEXT NOT NULL DEFAULT ''
        CONSTRAINT owner_address_check CHECK (length(address) <= 500 AND instr(address, char(0)) = 0),
    notes TEXT CONSTRAINT owner_notes_check CHECK (length(notes) <= 20000 AND instr(notes, char(0)) = 0),
    merged_into TEXT CONSTRAINT owner_merged_into_check CHECK (merged_into <> id),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT owner_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT owner_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    deleted_at TEXT
        CONSTRAINT owner_deleted_at_check CHECK (deleted_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', deleted_at, '+0 days') IS deleted_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT owner_version_check CHECK (version >= 0),
    CONSTRAINT owner_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id),
    CONSTRAINT owner_merged_into_fkey FOREIGN KEY (clinic_id, merged_into) REFERENCES owner (clinic_id, id)
) STRICT;
CREATE UNIQUE INDEX owner_clinic_id_email_key ON owner (clinic_id, email)
    WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX owner_clinic_id_id_key ON owner (clinic_id, id);
CREATE INDEX owner_clinic_id_merged_into_idx ON owner (clinic_id, merged_into);
CREATE INDEX owner_clinic_id_created_at_id_idx ON owner (clinic_id, created_at DESC, id);
CREATE INDEX owner_clinic_id_version_id_idx ON owner (clinic_id, version, id);

CREATE TABLE patient (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT patient_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    owner_id TEXT,
    name TEXT NOT NULL
        CONSTRAINT patient_name_check CHECK (length(trim(name,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(name, char(0)) = 0),
    species TEXT NOT NULL
        CONSTRAINT patient_species_check CHECK (length(trim(species,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 60
        AND instr(species, char(0)) = 0),
    breed TEXT NOT NULL DEFAULT ''
        CONSTRAINT patient_breed_check CHECK (length(breed) <= 100 AND instr(breed, char(0)) = 0),
    birth_date TEXT
        CONSTRAINT patient_birth_date_check CHECK (
        birth_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND birth_date >= '0001-01-01' AND date(birth_date, '+0 days') IS birth_date),
    age INTEGER CONSTRAINT patient_age_check CHECK (age BETWEEN 0 AND 999),
    deceased_on TEXT
        CONSTRAINT patient_deceased_on_check CHECK (
        deceased_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND deceased_on >= '0001-01-01' AND date(deceased_on, '+0 days') IS deceased_on),
    gender TEXT NOT NULL
        CONSTRAINT patient_gender_check CHECK (
        gender = 'male' OR gender = 'female' OR gender = 'unknown'),
    weight_milli INTEGER CONSTRAINT patient_weight_milli_check CHECK (weight_milli > 0),
    weight_unit TEXT NOT NULL DEFAULT 'lbs' CONSTRAINT patient_weight_unit_check CHECK (weight_unit IN ('lbs', 'kg')),
    weighed_on TEXT
        CONSTRAINT patient_weighed_on_check CHECK (
        weighed_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND weighed_on >= '0001-01-01' AND date(weighed_on, '+0 days') IS weighed_on),
    status TEXT NOT NULL DEFAULT 'active' CONSTRAINT patient_status_check CHECK (status IN ('active', 'inactive')),
    assigned_doctor TEXT
        CONSTRAINT patient_assigned_doctor_check CHECK (
        length(assigned_doctor) <= 100 AND instr(assigned_doctor, char(0)) = 0),
    assigned_doctor_id TEXT,
    handling_difficulty TEXT
        CONSTRAINT patient_handling_difficulty_check CHECK (
        handling_difficulty = 'easy' OR handling_difficulty = 'medium' OR handling_difficulty = 'hard'),
    microchip TEXT
        CONSTRAINT patient_microchip_check CHECK (length(microchip) <= 50 AND instr(microchip, char(0)) = 0),
    notes TEXT CONSTRAINT patient_notes_check CHECK (length(notes) <= 20000 AND instr(notes, char(0)) = 0),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT patient_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT patient_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    deleted_at TEXT
        CONSTRAINT patient_deleted_at_check CHECK (deleted_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', deleted_at, '+0 days') IS deleted_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT patient_version_check CHECK (version >= 0),
    CONSTRAINT patient_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id),
    CONSTRAINT patient_owner_id_fkey FOREIGN KEY (clinic_id, owner_id) REFERENCES owner (clinic_id, id),
    CONSTRAINT patient_assigned_doctor_id_fkey FOREIGN KEY (clinic_id, assigned_doctor_id)
        REFERENCES staff (clinic_id, id)
) STRICT;
CREATE UNIQUE INDEX patient_clinic_id_id_key ON patient (clinic_id, id);
CREATE INDEX patient_clinic_id_owner_id_idx ON patient (clinic_id, owner_id);
CREATE INDEX patient_clinic_id_assigned_doctor_id_idx ON patient (clinic_id, assigned_doctor_id);
CREATE INDEX patient_clinic_id_created_at_id_idx ON patient (clinic_id, created_at DESC, id);
CREATE INDEX patient_clinic_id_version_id_idx ON patient (clinic_id, version, id);

CREATE TABLE medical_record (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT medical_record_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    visit_date TEXT NOT NULL
        CONSTRAINT medical_record_visit_date_check CHECK (
        visit_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND visit_date >= '0001-01-01' AND date(visit_date, '+0 days') IS visit_date),
    visited_at TEXT
        CONSTRAINT medical_record_visited_at_check CHECK (visited_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', visited_at, '+0 days') IS visited_at),
    record_type TEXT NOT NULL
        CONSTRAINT medical_record_record_type_check CHECK (
        record_type = 'vaccine' OR record_type = 'surgery' OR record_type = 'treatment' OR record_type = 'dental'),
    symptoms TEXT NOT NULL DEFAULT ''
        CONSTRAINT medical_record_symptoms_check CHECK (length(symptoms) <= 20000 AND instr(symptoms, char(0)) = 0),
    diagnosis TEXT NOT NULL DEFAULT ''
        CONSTRAINT medical_record_diagnosis_check CHECK (length(diagnosis) <= 20000 AND instr(diagnosis, char(0)) = 0),
    treatment TEXT NOT NULL DEFAULT ''
        CONSTRAINT medical_record_treatment_check CHECK (length(treatment) <= 20000 AND instr(treatment, char(0)) = 0),
    notes TEXT CONSTRAINT medical_record_notes_check CHECK (length(notes) <= 20000 AND instr(notes, char(0)) = 0),
    veterinarian TEXT NOT NULL
        CONSTRAINT medical_record_veterinarian_check CHECK (length(trim(veterinarian,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(veterinarian, char(0)) = 0),
    veterinarian_id TEXT,
    weight_milli INTEGER CONSTRAINT medical_record_weight_milli_check CHECK (weight_milli > 0),
    weight_unit TEXT CONSTRAINT medical_record_weight_unit_check CHECK (weight_unit IN ('lbs', 'kg')),
    next_due_on TEXT
        CONSTRAINT medical_record_next_due_on_check CHECK (
        next_due_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND next_due_on >= '0001-01-01' AND date(next_due_on, '+0 days') IS next_due_on),
    owner_name_snapshot TEXT
        CONSTRAINT medical_record_owner_name_snapshot_check CHECK (instr(owner_name_snapshot, char(0)) = 0),
    owner_phone_snapshot TEXT
        CONSTRAINT medical_record_owner_phone_snapshot_check CHECK (instr(owner_phone_snapshot, char(0)) = 0),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT medical_record_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT medical_record_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    deleted_at TEXT
        CONSTRAINT medical_record_deleted_at_check CHECK (deleted_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', deleted_at, '+0 days') IS deleted_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT medical_record_version_check CHECK (version >= 0),
    CONSTRAINT medical_record_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id),
    CONSTRAINT medical_record_patient_id_fkey FOREIGN KEY (clinic_id, patient_id)
        REFERENCES patient (clinic_id, id),
    CONSTRAINT medical_record_veterinarian_id_fkey FOREIGN KEY (clinic_id, veterinarian_id)
        REFERENCES staff (clinic_id, id)
) STRICT;
CREATE UNIQUE INDEX medical_record_clinic_id_id_key ON medical_record (clinic_id, id);
CREATE INDEX medical_record_clinic_id_patient_id_idx ON medical_record (clinic_id, patient_id);
CREATE INDEX medical_record_clinic_id_veterinarian_id_idx ON medical_record (clinic_id, veterinarian_id);
CREATE INDEX medical_record_clinic_id_visit_date_id_idx ON medical_record (clinic_id, visit_date DESC, id);
CREATE INDEX medical_record_clinic_id_created_at_id_idx ON medical_record (clinic_id, created_at DESC, id);
CREATE INDEX medical_record_clinic_id_version_id_idx ON medical_record (clinic_id, version, id);

CREATE TABLE appointment (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT appointment_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    date TEXT NOT NULL
        CONSTRAINT appointment_date_check CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND date >= '0001-01-01' AND date(date, '+0 days') IS date),
    time TEXT
        CONSTRAINT appointment_time_check CHECK (length(CAST(time AS BLOB)) = 5
        AND (time GLOB '[01][0-9]:[0-5][0-9]' OR time GLOB '2[0-3]:[0-5][0-9]')),
    duration INTEGER CONSTRAINT appointment_duration_check CHECK (duration BETWEEN 1 AND 1440),
    reason TEXT NOT NULL
        CONSTRAINT appointment_reason_check CHECK (length(trim(reason,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 1000
        AND instr(reason, char(0)) = 0),
    status TEXT NOT NULL DEFAULT 'scheduled'
        CONSTRAINT appointment_status_check CHECK (
        status = 'scheduled' OR status = 'completed' OR status = 'cancelled' OR status = 'no-show'),
    notes TEXT CONSTRAINT appointment_notes_check CHECK (length(notes) <= 20000 AND instr(notes, char(0)) = 0),
    veterinarian TEXT NOT NULL DEFAULT ''
        CONSTRAINT appointment_veterinarian_check CHECK (
        length(veterinarian) <= 100 AND instr(veterinarian, char(0)) = 0),
    veterinarian_id TEXT,
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT appointment_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT appointment_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    deleted_at TEXT
        CONSTRAINT appointment_deleted_at_check CHECK (deleted_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', deleted_at, '+0 days') IS deleted_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT appointment_version_check CHECK (version >= 0),
    CONSTRAINT appointment_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id),
    CONSTRAINT appointment_patient_id_fkey FOREIGN KEY (clinic_id, patient_id)
        REFERENCES patient (clinic_id, id),
    CONSTRAINT appointment_veterinarian_id_fkey FOREIGN KEY (clinic_id, veterinarian_id)
        REFERENCES staff (clinic_id, id)
) STRICT;
CREATE UNIQUE INDEX appointment_clinic_id_id_key ON appointment (clinic_id, id);
CREATE INDEX appointment_clinic_id_patient_id_idx ON appointment (clinic_id, patient_id);
CREATE INDEX appointment_clinic_id_veterinarian_id_idx ON appointment (clinic_id, veterinarian_id);
CREATE INDEX appointment_clinic_id_date_time_id_idx ON appointment (clinic_id, date DESC, time DESC, id);
CREATE INDEX appointment_clinic_id_created_at_id_idx ON appointment (clinic_id, created_at DESC, id);
CREATE INDEX appointment_clinic_id_version_id_idx ON appointment (clinic_id, version, id);

CREATE TABLE service_item (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT service_item_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    description TEXT NOT NULL
        CONSTRAINT service_item_description_check CHECK (length(trim(description,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 500
        AND instr(description, char(0)) = 0),
    unit_price_cents INTEGER NOT NULL
        CONSTRAINT service_item_unit_price_cents_check CHECK (unit_price_cents BETWEEN 0 AND 1000000000000),
    active INTEGER NOT NULL DEFAULT 1 CONSTRAINT service_item_active_check CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT service_item_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT service_item_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT service_item_version_check CHECK (version >= 0),
    CONSTRAINT service_item_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id)
) STRICT;
CREATE INDEX service_item_clinic_id_created_at_id_idx ON service_item (clinic_id, created_at DESC, id);
CREATE INDEX service_item_clinic_id_version_id_idx ON service_item (clinic_id, version, id);

CREATE TABLE bill (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT bill_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    appointment_id TEXT,
    bill_number TEXT
        CONSTRAINT bill_bill_number_check CHECK (length(trim(bill_number,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(bill_number, char(0)) = 0),
    provisional_number TEXT NOT NULL
        CONSTRAINT bill_provisional_number_check CHECK (length(trim(provisional_number,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 100
        AND instr(provisional_number, char(0)) = 0),
    subtotal_cents INTEGER NOT NULL
        CONSTRAINT bill_subtotal_cents_check CHECK (subtotal_cents BETWEEN 0 AND 1000000000000),
    tax_cents INTEGER NOT NULL CONSTRAINT bill_tax_cents_check CHECK (tax_cents BETWEEN 0 AND 1000000000000),
    total_cents INTEGER NOT NULL CONSTRAINT bill_total_cents_check CHECK (total_cents BETWEEN 0 AND 1000000000000),
    status TEXT NOT NULL DEFAULT 'draft'
        CONSTRAINT bill_status_check CHECK (
        status = 'draft' OR status = 'sent' OR status = 'paid' OR status = 'overdue' OR status = 'cancelled'),
    bill_date TEXT NOT NULL
        CONSTRAINT bill_bill_date_check CHECK (
        bill_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND bill_date >= '0001-01-01' AND date(bill_date, '+0 days') IS bill_date),
    due_date TEXT NOT NULL
        CONSTRAINT bill_due_date_check CHECK (
        due_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
        AND due_date >= '0001-01-01' AND date(due_date, '+0 days') IS due_date),
    issued_at TEXT
        CONSTRAINT bill_issued_at_check CHECK (issued_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', issued_at, '+0 days') IS issued_at),
    paid_at TEXT
        CONSTRAINT bill_paid_at_check CHECK (paid_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', paid_at, '+0 days') IS paid_at),
    cancelled_at TEXT
        CONSTRAINT bill_cancelled_at_check CHECK (cancelled_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', cancelled_at, '+0 days') IS cancelled_at),
    cancel_reason TEXT
        CONSTRAINT bill_cancel_reason_check CHECK (length(cancel_reason) <= 500 AND instr(cancel_reason, char(0)) = 0),
    notes TEXT CONSTRAINT bill_notes_check CHECK (length(notes) <= 20000 AND instr(notes, char(0)) = 0),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT bill_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT bill_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    deleted_at TEXT
        CONSTRAINT bill_deleted_at_check CHECK (deleted_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', deleted_at, '+0 days') IS deleted_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT bill_version_check CHECK (version >= 0),
    CONSTRAINT bill_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id),
    CONSTRAINT bill_owner_id_fkey FOREIGN KEY (clinic_id, owner_id) REFERENCES owner (clinic_id, id),
    CONSTRAINT bill_patient_id_fkey FOREIGN KEY (clinic_id, patient_id) REFERENCES patient (clinic_id, id),
    CONSTRAINT bill_appointment_id_fkey FOREIGN KEY (clinic_id, appointment_id)
        REFERENCES appointment (clinic_id, id)
) STRICT;
CREATE UNIQUE INDEX bill_bill_number_key ON bill (bill_number);
CREATE UNIQUE INDEX bill_provisional_number_key ON bill (provisional_number);
CREATE UNIQUE INDEX bill_clinic_id_id_key ON bill (clinic_id, id);
CREATE INDEX bill_clinic_id_owner_id_idx ON bill (clinic_id, owner_id);
CREATE INDEX bill_clinic_id_patient_id_idx ON bill (clinic_id, patient_id);
CREATE INDEX bill_clinic_id_appointment_id_idx ON bill (clinic_id, appointment_id);
CREATE INDEX bill_clinic_id_created_at_id_idx ON bill (clinic_id, created_at DESC, id);
CREATE INDEX bill_clinic_id_version_id_idx ON bill (clinic_id, version, id);
-- The list of one status: a sent bill past its due day is shown as overdue, and that is told without a look at the row.
CREATE INDEX bill_clinic_id_status_created_at_id_due_date_idx
    ON bill (clinic_id, status, created_at DESC, id, due_date);

CREATE TABLE bill_item (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT bill_item_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    bill_id TEXT NOT NULL,
    position INTEGER NOT NULL CONSTRAINT bill_item_position_check CHECK (position BETWEEN 0 AND 9999),
    description TEXT NOT NULL
        CONSTRAINT bill_item_description_check CHECK (length(trim(description,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 500
        AND instr(description, char(0)) = 0),
    quantity_milli INTEGER NOT NULL CONSTRAINT bill_item_quantity_milli_check CHECK (quantity_milli > 0),
    unit_price_cents INTEGER NOT NULL
        CONSTRAINT bill_item_unit_price_cents_check CHECK (unit_price_cents BETWEEN 0 AND 1000000000000),
    total_price_cents INTEGER NOT NULL
        CONSTRAINT bill_item_total_price_cents_check CHECK (total_price_cents BETWEEN 0 AND 1000000000000),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT bill_item_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT bill_item_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT bill_item_version_check CHECK (version >= 0),
    CONSTRAINT bill_item_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id),
    CONSTRAINT bill_item_bill_id_fkey FOREIGN KEY (clinic_id, bill_id) REFERENCES bill (clinic_id, id)
) STRICT;
CREATE INDEX bill_item_clinic_id_bill_id_idx ON bill_item (clinic_id, bill_id);
CREATE INDEX bill_item_clinic_id_created_at_id_idx ON bill_item (clinic_id, created_at DESC, id);
CREATE INDEX bill_item_clinic_id_version_id_idx ON bill_item (clinic_id, version, id);

CREATE TABLE bill_medical_record (
    clinic_id TEXT NOT NULL,
    bill_id TEXT NOT NULL,
    medical_record_id TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT bill_medical_record_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT bill_medical_record_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT bill_medical_record_version_check CHECK (version >= 0),
    PRIMARY KEY (bill_id, medical_record_id),
    CONSTRAINT bill_medical_record_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id),
    CONSTRAINT bill_medical_record_bill_id_fkey FOREIGN KEY (clinic_id, bill_id)
        REFERENCES bill (clinic_id, id),
    CONSTRAINT bill_medical_record_medical_record_id_fkey FOREIGN KEY (clinic_id, medical_record_id)
        REFERENCES medical_record (clinic_id, id)
) STRICT;
CREATE INDEX bill_medical_record_clinic_id_bill_id_idx ON bill_medical_record (clinic_id, bill_id);
CREATE INDEX bill_medical_record_clinic_id_medical_record_id_idx ON bill_medical_record (clinic_id, medical_record_id);
CREATE INDEX bill_medical_record_clinic_id_version_idx
    ON bill_medical_record (clinic_id, version, bill_id, medical_record_id);

-- What people decided on items of the attention list: the item as they saw it (`item_version`), the action, its value as
-- JSON text. Central derives the writes and says the outcome; `item_id` names a row of sync_item, which a node may have
-- no more.
CREATE TABLE item_decision (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT item_decision_id_check CHECK (
        length(CAST(id AS BLOB)) = 36 AND id GLOB '????????-????-????-????-????????????'
        AND id NOT GLOB '*[^-0-9a-f]*' AND length(replace(id, '-', '')) = 32),
    clinic_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    item_version INTEGER NOT NULL CONSTRAINT item_decision_item_version_check CHECK (item_version >= 0),
    action TEXT NOT NULL
        CONSTRAINT item_decision_action_check CHECK (length(trim(action,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 40
        AND instr(action, char(0)) = 0),
    value TEXT
        CONSTRAINT item_decision_value_check CHECK (length(value) <= 100000 AND instr(value, char(0)) = 0),
    actor TEXT NOT NULL
        CONSTRAINT item_decision_actor_check CHECK (length(trim(actor,
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) BETWEEN 1 AND 300
        AND instr(actor, char(0)) = 0),
    outcome TEXT
        CONSTRAINT item_decision_outcome_check CHECK (length(outcome) <= 20 AND instr(outcome, char(0)) = 0),
    answer TEXT
        CONSTRAINT item_decision_answer_check CHECK (length(answer) <= 2000 AND instr(answer, char(0)) = 0),
    created_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT item_decision_created_at_check CHECK (created_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+0 days') IS created_at),
    updated_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000Z'
        CONSTRAINT item_decision_updated_at_check CHECK (updated_at >= '0001'
        AND strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0 days') IS updated_at),
    version INTEGER NOT NULL DEFAULT 0 CONSTRAINT item_decision_version_check CHECK (version >= 0),
    CONSTRAINT item_decision_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id)
) STRICT;
CREATE INDEX item_decision_item_id_idx ON item_decision (item_id);
CREATE INDEX item_decision_outcome_updated_at_idx ON item_decision (outcome, updated_at);
CREATE INDEX item_decision_clinic_id_version_id_idx ON item_decision (clinic_id, version, id);
