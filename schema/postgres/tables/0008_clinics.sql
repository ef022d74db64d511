-- Phase 8: clinics. Every row belongs to one; keys between rows carry it. All that one legacy server kept becomes
-- the clinic that the command names. With this file the synced tables have all columns of docs/data-rules.md.

CREATE TABLE clinic (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    timezone text NOT NULL DEFAULT 'UTC',
    currency text NOT NULL DEFAULT 'USD',
    address text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    updated_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT clinic_pkey PRIMARY KEY (id),
    CONSTRAINT clinic_code_check CHECK (code COLLATE "C" ~ '^[A-Z0-9]{2,16}$'),
    CONSTRAINT clinic_currency_check CHECK (currency COLLATE "C" ~ '^[A-Z]{3}$'),
    CONSTRAINT clinic_version_check CHECK (version >= 0)
);
CREATE UNIQUE INDEX clinic_code_key ON clinic (code);
SELECT pg_temp.bound_text('clinic', col, kind, longest) FROM (VALUES ('name', 'required', 200),
    ('timezone', 'required', 100), ('address', 'free', 500), ('phone', 'free', 50)) v (col, kind, longest);

-- clinic_id and version on all. A legacy row stands in its clinic's feed at version 1 (phase 9 makes the counter).
DO $$
DECLARE
    tbl text;
    legacy boolean := current_setting('vetchart.legacy', true) = 'on';
    home uuid;
BEGIN
    IF legacy THEN
        home := pg_temp.legacy_uuid('Clinic', current_setting('vetchart.legacy_clinic'));
        INSERT INTO clinic (id, code, name, timezone, currency, version)
        VALUES (home, current_setting('vetchart.legacy_clinic'), current_setting('vetchart.legacy_clinic'),
                pg_temp.legacy_zone(), current_setting('vetchart.currency'), 1);
    END IF;
    FOREACH tbl IN ARRAY ARRAY['staff', 'owner', 'patient', 'medical_record', 'appointment', 'bill', 'bill_item',
                               'bill_medical_record'] LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN clinic_id uuid NOT NULL %s,
            ADD COLUMN version bigint NOT NULL DEFAULT %s',
            tbl, CASE WHEN legacy THEN format('DEFAULT %L', home) END, legacy::integer);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN clinic_id DROP DEFAULT, ALTER COLUMN version SET DEFAULT 0,
            ADD CONSTRAINT %I CHECK (version >= 0),
            ADD CONSTRAINT %I FOREIGN KEY (clinic_id) REFERENCES clinic (id) ON DELETE RESTRICT',
            tbl, tbl || '_version_check', tbl || '_clinic_id_fkey');
    END LOOP;
    IF coalesce(current_setting('vetchart.drop_pgcrypto', true), '') = 'on' THEN
        DROP EXTENSION pgcrypto;
    END IF;
END $$;

-- A bcrypt hash names its own cost, up to months a check: what nodes would not check (docs/operations.md, Logins) is no
-- password here either.
WITH costly AS (
    UPDATE staff s SET password_hash = '', updated_at = clock_instant() FROM staff before
     WHERE before.id = s.id AND before.password_hash ~ '^[$]2[aby][$][0-9]{2}[$]'
       AND substr(before.password_hash, 5, 2)::integer NOT BETWEEN 4 AND 14
    RETURNING s.id, substr(before.password_hash, 5, 2) AS cost)
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'User', coalesce(l.legacy_id, c.id::text), 'password_hash',
       format('(a bcrypt hash of cost %s; not kept)', c.cost), 'no login until a password is set', 8
  FROM costly c LEFT JOIN legacy_id l ON l.table_name = 'User' AND l.id = c.id
 ORDER BY 2;

CREATE TABLE service_item (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    description text NOT NULL,
    unit_price_cents bigint NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    updated_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT service_item_pkey PRIMARY KEY (id),
    CONSTRAINT service_item_unit_price_cents_check CHECK (unit_price_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT service_item_version_check CHECK (version >= 0),
    CONSTRAINT service_item_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id) ON DELETE RESTRICT
);
SELECT pg_temp.bound_text('service_item', 'description', 'required', 500);

-- The columns the legacy server did not know.
ALTER TABLE staff ADD COLUMN active boolean NOT NULL DEFAULT true;
-- Nobody is merged into oneself: whoever follows merged_into would never arrive.
ALTER TABLE owner ADD COLUMN merged_into uuid CONSTRAINT owner_merged_into_check CHECK (merged_into <> id);
-- What the spellings of one person's name have in common (the rule in words: edge/store/file/bare_name.h). Nothing here
-- depends on a locale: marks go by NFKD, letters that NFKD leaves are mapped one by one, classes are ranges of code
-- points. It names no other function, so that who reads the reports needs no schema for it.
CREATE FUNCTION bare_name(printed text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    titles CONSTANT text := '( (dr|dra|doctor|doctora|prof|med|vet|dvm|vmd|mrcvs|bvsc|mvz|phd))+';
    -- Only a plain comma divides a name into parts.
    plain CONSTANT text := normalize(translate(printed, '，﹐︐', '   '), NFKD);
    folded CONSTANT text := regexp_replace(lower(replace(replace(replace(replace(translate(
            regexp_replace(plain, '[\u0300-\u036f]', '', 'g'),
            'ØøŁłĐđÐðĦħŦŧıẞÞÆŒΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄЂЈЉЊЋЏ',
            'oollddddhhttißþæœαβγδεζηθικλμνξοπρστυφχψωσабвгдежзийклмнопрстуфхцчшщъыьэюяёіїєђјљњћџ'),
            'ß', 'ss'), 'þ', 'th'), 'æ', 'ae'), 'œ', 'oe') COLLATE "C"),
        '[\u0001-\u002b\u002d-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f\u3000-\u303f]+', ' ', 'g');
    part text;
    parts text[] := '{}';
BEGIN
    FOREACH part IN ARRAY string_to_array(folded, ',') LOOP
        part := regexp_replace(' ' || btrim(part) || ' ', '^' || titles || '(?= )', '');
        part := btrim(regexp_replace(part, titles || ' $', ''));
        IF part <> '' THEN
            parts := parts || part;
        END IF;
    END LOOP;
    RETURN CASE cardinality(parts) WHEN 0 THEN btrim(regexp_replace(folded, '[ ,]+', ' ', 'g'))
                WHEN 2 THEN parts[2] || ' ' || parts[1] ELSE array_to_string(parts, ' ') END;
END $$;

-- Veterinarians are staff: a name of before that one person alone has, in whatever spelling, is that person's; any other
-- stays as it is printed.
CREATE TEMPORARY TABLE known_name ON COMMIT DROP AS
SELECT p.name, s.id
  FROM (SELECT veterinarian AS name FROM medical_record UNION SELECT veterinarian FROM appointment
        UNION SELECT assigned_doctor FROM patient) p
  JOIN (SELECT bare_name(first_name || ' ' || last_name) AS bare, (array_agg(id))[1] AS id
          FROM staff GROUP BY 1 HAVING count(*) = 1) s ON s.bare = bare_name(p.name) AND s.bare <> '';
ALTER TABLE patient
    ADD COLUMN birth_date date,
    ADD COLUMN deceased_on date,
    ADD COLUMN microchip text,
    ADD COLUMN notes text;
ALTER TABLE medical_record
    ADD COLUMN weight_milli bigint CONSTRAINT medical_record_weight_milli_check CHECK (weight_milli > 0),
    ADD COLUMN weight_unit weight_unit,
    ADD COLUMN next_due_on date;
-- Columns that old ones give their values are computed for a moment, then plain: one rewrite a table, no dead rows, no
-- check of what was checked before. weighed_on is the day of the patient's own weight (docs/schema.md); a weight that is
-- there already is as old as the row's last change.
DO $$
DECLARE
    ids CONSTANT text := (SELECT jsonb_object_agg(name, id) FROM known_name);
    -- Where nobody is known the tables are left as they are.
    by_name CONSTANT text := CASE WHEN ids IS NOT NULL THEN ' GENERATED ALWAYS AS ((%L::jsonb ->> %I)::uuid) STORED' END;
BEGIN
    EXECUTE 'ALTER TABLE patient ADD COLUMN assigned_doctor_id uuid'
        || coalesce(format(by_name, ids, 'assigned_doctor'), '')
        || ', ADD COLUMN weighed_on date GENERATED ALWAYS AS (CASE WHEN weight_milli IS NOT NULL '
        || 'THEN (updated_at AT TIME ZONE ''UTC'')::date END) STORED';
    EXECUTE 'ALTER TABLE medical_record ADD COLUMN veterinarian_id uuid'
        || coalesce(format(by_name, ids, 'veterinarian'), '');
    EXECUTE 'ALTER TABLE appointment ADD COLUMN veterinarian_id uuid'
        || coalesce(format(by_name, ids, 'veterinarian'), '');
END $$;
ALTER TABLE patient ALTER COLUMN assigned_doctor_id DROP EXPRESSION IF EXISTS, ALTER COLUMN weighed_on DROP EXPRESSION;
ALTER TABLE medical_record ALTER COLUMN veterinarian_id DROP EXPRESSION IF EXISTS;
ALTER TABLE appointment ALTER COLUMN veterinarian_id DROP EXPRESSION IF EXISTS;
SELECT pg_temp.progress('names of staff members known', (SELECT count(*) FROM known_name));
ALTER TABLE bill ADD COLUMN cancel_reason text;
SELECT pg_temp.bound_text(tbl, col, 'free', longest) FROM (VALUES ('patient', 'microchip', 50),
    ('patient', 'notes', 20000), ('bill', 'cancel_reason', 500)) v (tbl, col, longest);

-- Days 0001-01-01..9999-12-31 and instants of the same years: what has a canonical text form.
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT c.table_name AS tbl, string_agg(format(CASE c.data_type
                    WHEN 'date' THEN 'ADD CONSTRAINT %I CHECK (%I BETWEEN ''0001-01-01'' AND ''9999-12-31'')'
                    ELSE 'ADD CONSTRAINT %I CHECK (%I >= ''0001-01-01T00:00:00Z'' AND %2$I < ''10000-01-01T00:00:00Z'')'
                    END, c.table_name || '_' || c.column_name || '_check', c.column_name), ', '
                    ORDER BY c.column_name) AS checks
               FROM information_schema.columns c
              WHERE c.table_schema = 'public' AND c.data_type IN ('date', 'timestamp with time zone')
                AND c.table_name IN ('clinic', 'staff', 'owner', 'patient', 'medical_record', 'appointment',
                                     'service_item', 'bill', 'bill_item', 'bill_medical_record')
                AND NOT EXISTS (SELECT FROM legacy_attribute a WHERE a.new_tbl = c.table_name AND a.kind IS NULL
                                   AND coalesce(a.new_col, a.col) = c.column_name)
              GROUP BY c.table_name ORDER BY 1 LOOP
        EXECUTE format('ALTER TABLE %I %s', r.tbl, r.checks);
    END LOOP;
END $$;

-- Keys within the clinic. The unique (clinic_id, id) exists only to be their target.
ALTER TABLE patient DROP CONSTRAINT patient_owner_id_fkey;
ALTER TABLE medical_record DROP CONSTRAINT medical_record_patient_id_fkey;
ALTER TABLE appointment DROP CONSTRAINT appointment_patient_id_fkey;
ALTER TABLE bill DROP CONSTRAINT bill_owner_id_fkey, DROP CONSTRAINT bill_patient_id_fkey,
    DROP CONSTRAINT bill_appointment_id_fkey;
ALTER TABLE bill_item DROP CONSTRAINT bill_item_bill_id_fkey;
ALTER TABLE bill_medical_record DROP CONSTRAINT bill_medical_record_bill_id_fkey,
    DROP CONSTRAINT bill_medical_record_medical_record_id_fkey;
DROP INDEX patient_owner_id_idx, appointment_patient_id_idx, bill_owner_id_idx, bill_patient_id_idx,
    bill_appointment_id_idx, bill_item_bill_id_idx, bill_medical_record_medical_record_id_idx, owner_email_key;

CREATE UNIQUE INDEX staff_clinic_id_id_key ON staff (clinic_id, id);
CREATE UNIQUE INDEX owner_clinic_id_id_key ON owner (clinic_id, id);
CREATE UNIQUE INDEX patient_clinic_id_id_key ON patient (clinic_id, id);
CREATE UNIQUE INDEX medical_record_clinic_id_id_key ON medical_record (clinic_id, id);
CREATE UNIQUE INDEX appointment_clinic_id_id_key ON appointment (clinic_id, id);
CREATE UNIQUE INDEX bill_clinic_id_id_key ON bill (clinic_id, id);
CREATE UNIQUE INDEX staff_clinic_id_email_key ON staff (clinic_id, email);
CREATE UNIQUE INDEX staff_clinic_id_username_key ON staff (clinic_id, username);
CREATE UNIQUE INDEX owner_clinic_id_email_key ON owner (clinic_id, email) WHERE deleted_at IS NULL;

ALTER TABLE owner ADD CONSTRAINT owner_merged_into_fkey FOREIGN KEY (clinic_id, merged_into)
    REFERENCES owner (clinic_id, id) ON DELETE SET NULL (merged_into);
ALTER TABLE patient ADD CONSTRAINT patient_owner_id_fkey FOREIGN KEY (clinic_id, owner_id)
    REFERENCES owner (clinic_id, id) ON DELETE SET NULL (owner_id);
ALTER TABLE patient ADD CONSTRAINT patient_assigned_doctor_id_fkey FOREIGN KEY (clinic_id, assigned_doctor_id)
    REFERENCES staff (clinic_id, id) ON DELETE RESTRICT;
ALTER TABLE medical_record
    ADD CONSTRAINT medical_record_patient_id_fkey FOREIGN KEY (clinic_id, patient_id)
        REFERENCES patient (clinic_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT medical_record_veterinarian_id_fkey FOREIGN KEY (clinic_id, veterinarian_id)
        REFERENCES staff (clinic_id, id) ON DELETE RESTRICT;
ALTER TABLE appointment
    ADD CONSTRAINT appointment_patient_id_fkey FOREIGN KEY (clinic_id, patient_id)
        REFERENCES patient (clinic_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT appointment_veterinarian_id_fkey FOREIGN KEY (clinic_id, veterinarian_id)
        REFERENCES staff (clinic_id, id) ON DELETE RESTRICT;
ALTER TABLE bill
    ADD CONSTRAINT bill_owner_id_fkey FOREIGN KEY (clinic_id, owner_id)
        REFERENCES owner (clinic_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT bill_patient_id_fkey FOREIGN KEY (clinic_id, patient_id)
        REFERENCES patient (clinic_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT bill_appointment_id_fkey FOREIGN KEY (clinic_id, appointment_id)
        REFERENCES appointment (clinic_id, id) ON DELETE SET NULL (appointment_id);
ALTER TABLE bill_item ADD CONSTRAINT bill_item_bill_id_fkey FOREIGN KEY (clinic_id, bill_id)
    REFERENCES bill (clinic_id, id) ON DELETE RESTRICT;
ALTER TABLE bill_medical_record
    ADD CONSTRAINT bill_medical_record_bill_id_fkey FOREIGN KEY (clinic_id, bill_id)
        REFERENCES bill (clinic_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT bill_medical_record_medical_record_id_fkey FOREIGN KEY (clinic_id, medical_record_id)
        REFERENCES medical_record (clinic_id, id) ON DELETE RESTRICT;

-- Foreign keys.
CREATE INDEX owner_clinic_id_merged_into_idx ON owner (clinic_id, merged_into);
CREATE INDEX patient_clinic_id_owner_id_idx ON patient (clinic_id, owner_id);
CREATE INDEX patient_clinic_id_assigned_doctor_id_idx ON patient (clinic_id, assigned_doctor_id);
CREATE INDEX medical_record_clinic_id_patient_id_idx ON medical_record (clinic_id, patient_id);
CREATE INDEX medical_record_clinic_id_veterinarian_id_idx ON medical_record (clinic_id, veterinarian_id);
CREATE INDEX appointment_clinic_id_patient_id_idx ON appointment (clinic_id, patient_id);
CREATE INDEX appointment_clinic_id_veterinarian_id_idx ON appointment (clinic_id, veterinarian_id);
CREATE INDEX bill_clinic_id_owner_id_idx ON bill (clinic_id, owner_id);
CREATE INDEX bill_clinic_id_patient_id_idx ON bill (clinic_id, patient_id);
CREATE INDEX bill_clinic_id_appointment_id_idx ON bill (clinic_id, appointment_id);
CREATE INDEX bill_item_clinic_id_bill_id_idx ON bill_item (clinic_id, bill_id);
CREATE INDEX bill_medical_record_clinic_id_bill_id_idx ON bill_medical_record (clinic_id, bill_id);
CREATE INDEX bill_medical_record_clinic_id_medical_record_id_idx ON bill_medical_record (clinic_id, medical_record_id);
-- List orders.
CREATE INDEX staff_clinic_id_created_at_id_idx ON staff (clinic_id, created_at DESC, id);
CREATE INDEX owner_clinic_id_created_at_id_idx ON owner (clinic_id, created_at DESC, id);
CREATE INDEX patient_clinic_id_created_at_id_idx ON patient (clinic_id, created_at DESC, id);
CREATE INDEX medical_record_clinic_id_visit_date_id_idx ON medical_record (clinic_id, visit_date DESC, id);
CREATE INDEX medical_record_clinic_id_created_at_id_idx ON medical_record (clinic_id, created_at DESC, id);
CREATE INDEX appointment_clinic_id_date_time_id_idx ON appointment (clinic_id, date DESC, "time" DESC NULLS LAST, id);
CREATE INDEX appointment_clinic_id_created_at_id_idx ON appointment (clinic_id, created_at DESC, id);
CREATE INDEX service_item_clinic_id_created_at_id_idx ON service_item (clinic_id, created_at DESC, id);
CREATE INDEX bill_clinic_id_created_at_id_idx ON bill (clinic_id, created_at DESC, id);
CREATE INDEX bill_clinic_id_status_created_at_id_due_date_idx
    ON bill (clinic_id, status, created_at DESC, id, due_date);
CREATE INDEX bill_item_clinic_id_created_at_id_idx ON bill_item (clinic_id, created_at DESC, id);

-- The feed. The clinic row itself is in its feed, at most one a clinic: its primary key finds it.
CREATE INDEX staff_clinic_id_version_id_idx ON staff (clinic_id, version, id);
CREATE INDEX owner_clinic_id_version_id_idx ON owner (clinic_id, version, id);
CREATE INDEX patient_clinic_id_version_id_idx ON patient (clinic_id, version, id);
CREATE INDEX medical_record_clinic_id_version_id_idx ON medical_record (clinic_id, version, id);
CREATE INDEX appointment_clinic_id_version_id_idx ON appointment (clinic_id, version, id);
CREATE INDEX service_item_clinic_id_version_id_idx ON service_item (clinic_id, version, id);
CREATE INDEX bill_clinic_id_version_id_idx ON bill (clinic_id, version, id);
CREATE INDEX bill_item_clinic_id_version_id_idx ON bill_item (clinic_id, version, id);
CREATE INDEX bill_medical_record_clinic_id_version_idx
    ON bill_medical_record (clinic_id, version, bill_id, medical_record_id);

-- What was put aside in phase 1 comes back: indexes and views that people added, in the new names, with what was set
-- on them. A view shows amounts and weights in the units it always had. What does not fit the new columns is told, with
-- its definition.
DO $$
DECLARE
    r record;
    statement text;
BEGIN
    FOR r IN SELECT * FROM put_aside ORDER BY nth LOOP
        statement := r.definition;
        IF r.head IS NOT NULL THEN
            statement := regexp_replace(statement, '((?:[a-z_0-9]+|"[^"]+")\.)?\m(subtotal|tax|total)_cents\M',
                                        '(\1\2_cents / 100::double precision)', 'g');
            statement := r.head || regexp_replace(statement, '((?:[a-z_0-9]+|"[^"]+")\.)?\mweight_milli\M',
                                                  '(\1weight_milli / 1000::double precision)', 'g');
        END IF;
        BEGIN
            EXECUTE statement;
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
            VALUES (r.tbl, '', r.name, array_to_string(r.legacy_definition || r.afterwards, E';\n'),
                lower(r.kind COLLATE "C") || ' dropped: it does not fit the new columns', 8);
            CONTINUE;
        END;
        FOREACH statement IN ARRAY r.afterwards LOOP
            BEGIN
                EXECUTE statement;
            EXCEPTION WHEN OTHERS THEN
                INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
                VALUES (r.tbl, '', r.name, statement, lower(r.kind COLLATE "C") || ' came back without this', 8);
            END;
        END LOOP;
    END LOOP;
END $$;
SELECT pg_temp.progress('clinic, keys and indexes', (SELECT count(*) FROM legacy_id));
