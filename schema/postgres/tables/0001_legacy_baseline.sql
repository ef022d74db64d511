-- Phase 1: the legacy baseline. The tables of the existing VetChart server, created only where absent, so that an
-- empty database and a live legacy one walk the same path from here on. The migration's own books come first. Then the
-- tables and columns get their new names, whatever others hung on to them is put aside, and each column gets the one
-- type from which the next phases go on. The pg_temp functions and tables serve phases 1 to 8 and vanish afterwards.

-- What everybody would get on each table made from here on (keys, passwords), the reports' role would too.
CREATE TEMPORARY TABLE public_default ON COMMIT DROP AS
SELECT n.nspname, CASE d.defaclobjtype WHEN 'S' THEN 'SEQUENCES' ELSE 'TABLES' END AS things,
       string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type) AS rights
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
 CROSS JOIN LATERAL aclexplode(d.defaclacl) g
 WHERE g.grantee = 0 AND d.defaclobjtype IN ('r', 'S') AND d.defaclrole = current_user::regrole GROUP BY 1, 2;
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT * FROM public_default LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES %s REVOKE ALL ON %s FROM PUBLIC',
                       'IN SCHEMA ' || quote_ident(r.nspname), r.things);
    END LOOP;
END $$;

-- The one clock: whatever asks for the instant or the day, here, in a rule, a report or central's own SQL, asks one of
-- these. In a simulation `at` stands for both, in sessions that say vetchart.clock = 'moved' from their start (ALTER
-- DATABASE .. SET). The setting alone, which any login may say, moves nothing: the row is its owner's to write.
CREATE TABLE central_clock (
    one integer NOT NULL DEFAULT 1,
    at timestamptz(3),
    CONSTRAINT central_clock_pkey PRIMARY KEY (one),
    CONSTRAINT central_clock_one_check CHECK (one = 1)
);
INSERT INTO central_clock DEFAULT VALUES;
-- IMMUTABLE so that the planner asks once, and puts the server's own clock where a call stands: plans and costs are
-- those of now() and clock_timestamp() themselves.
CREATE FUNCTION clock_is_moved() RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(current_setting('vetchart.clock', true) = 'moved', false);
END $$;
-- By way of a view, which readers of the reports may read (schema/postgres/reports).
CREATE FUNCTION moved_clock() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce((SELECT c.at FROM report.clock c), now());
END $$;
-- The instant it is: for what is stamped as it happens.
CREATE FUNCTION clock_instant() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN CASE WHEN public.clock_is_moved() THEN public.moved_clock()
            ELSE date_trunc('milliseconds', clock_timestamp()) END;
-- The instant this transaction began: one for all that a report says.
CREATE FUNCTION clock_transaction() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN public.clock_is_moved() THEN public.moved_clock() ELSE now() END;
-- The day it is in a zone, in this transaction.
CREATE FUNCTION clock_day(zone text) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (public.clock_transaction() AT TIME ZONE zone)::date;

CREATE TABLE schema_migration (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT schema_migration_pkey PRIMARY KEY (number)
);

-- The files of rules/, views/ and reports/ that hold, and what they made in this database: what none of them makes any
-- more is dropped (central/store/migrate_rules.h).
CREATE TABLE schema_rule (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT schema_rule_pkey PRIMARY KEY (name)
);
CREATE TABLE schema_object (
    kind text NOT NULL,
    name text NOT NULL,
    folder text NOT NULL,
    CONSTRAINT schema_object_pkey PRIMARY KEY (kind, name),
    CONSTRAINT schema_object_kind_check CHECK (kind IN ('function', 'trigger', 'view'))
);

-- Which new id a legacy row has. Table names are the legacy ones ("Owner"). Its keys come in phase 2, once it is
-- filled.
CREATE TABLE legacy_id (
    table_name text NOT NULL,
    legacy_id text NOT NULL,
    id uuid NOT NULL
);

-- Each repair of a legacy value: where it stood (legacy names), what it was, what it became.
CREATE TABLE migration_issue (
    id bigint GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    legacy_id text NOT NULL,
    column_name text NOT NULL,
    original text,
    outcome text NOT NULL,
    phase integer NOT NULL,
    at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT migration_issue_pkey PRIMARY KEY (id)
);

-- A legacy database is one that has a legacy table, even an empty one: only it gets a clinic of its own (phase 8).
SELECT set_config('vetchart.legacy', CASE WHEN EXISTS (
        SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
           AND relname IN ('User', 'Owner', 'Patient', 'MedicalRecord', 'Appointment', 'Bill'))
    THEN 'on' ELSE 'off' END, true);

CREATE TABLE IF NOT EXISTS "User" (
    "id" text NOT NULL, "email" text NOT NULL, "username" text NOT NULL, "firstName" text NOT NULL,
    "lastName" text NOT NULL, "password" text NOT NULL, "roles" text[],
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Owner" (
    "id" text NOT NULL, "firstName" text NOT NULL, "lastName" text NOT NULL, "email" text NOT NULL,
    "phone" text NOT NULL, "address" text NOT NULL, "notes" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Owner_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Patient" (
    "id" text NOT NULL, "name" text NOT NULL, "species" text NOT NULL, "breed" text NOT NULL, "age" integer NOT NULL,
    "gender" text NOT NULL, "weight" double precision NOT NULL, "weightUnit" text DEFAULT 'lbs',
    "status" text NOT NULL DEFAULT 'active', "assignedDoctor" text, "handlingDifficulty" text,
    "ownerId" text NOT NULL, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL, CONSTRAINT "Patient_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "MedicalRecord" (
    "id" text NOT NULL, "patientId" text NOT NULL, "visitDate" timestamp(3) NOT NULL,
    "recordType" text NOT NULL DEFAULT 'treatment', "symptoms" text NOT NULL, "diagnosis" text NOT NULL,
    "treatment" text NOT NULL, "notes" text, "veterinarian" text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "MedicalRecord_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Appointment" (
    "id" text NOT NULL, "patientId" text NOT NULL, "date" timestamp(3) NOT NULL, "time" text NOT NULL,
    "duration" integer NOT NULL, "reason" text NOT NULL, "status" text NOT NULL DEFAULT 'scheduled', "notes" text,
    "veterinarian" text NOT NULL, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL, CONSTRAINT "Appointment_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Bill" (
    "id" text NOT NULL, "billNumber" text NOT NULL, "ownerId" text NOT NULL, "patientId" text NOT NULL,
    "appointmentId" text, "medicalRecordIds" text[], "items" jsonb NOT NULL, "subtotal" double precision NOT NULL,
    "tax" double precision NOT NULL, "totalAmount" double precision NOT NULL, "status" text NOT NULL DEFAULT 'draft',
    "billDate" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "dueDate" timestamp(3) NOT NULL, "notes" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Bill_pkey" PRIMARY KEY ("id")
);

-- Whoever still runs the old server waits here (the program asked for the lock before, with a bound), not between two
-- phases.
LOCK TABLE "User", "Owner", "Patient", "MedicalRecord", "Appointment", "Bill" IN ACCESS EXCLUSIVE MODE;
-- A million rows want memory for their sorts and joins, and no compiler.
SELECT set_config('work_mem', '128MB', true), set_config('maintenance_work_mem', '256MB', true),
       set_config('jit', 'off', true), set_config('row_security', 'off', true);

-- One line to the person who waits: what was done, to how many rows, in how long. Names of tables only.
CREATE FUNCTION pg_temp.progress(what text, row_count bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    since CONSTANT timestamptz := coalesce(nullif(current_setting('vetchart.progress', true), '')::timestamptz,
                                           transaction_timestamp());
BEGIN
    PERFORM set_config('vetchart.progress', clock_timestamp()::text, true);
    IF current_setting('vetchart.legacy', true) = 'on' THEN
        RAISE INFO '%, % rows, % s', what, row_count,
            round(extract(epoch FROM clock_timestamp() - since)::numeric, 1);
    END IF;
END $$;

-- What is told of a thing that is no row: its table, its name in column_name, its definition as the original.
CREATE FUNCTION pg_temp.tell_thing(legacy_tbl text, thing text, definition text, what text) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO public.migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
    VALUES (legacy_tbl, '', thing, definition, what, 1)
$$;

SELECT pg_temp.tell_thing('', 'PUBLIC', format('%s ON %s %s', rights, things, 'IN SCHEMA ' || nspname),
                          'default right of everybody on new things: taken back')
  FROM public_default ORDER BY nspname, things;

-- A sequence that counted bills for the old server's seeder, whoever uses it: it goes on under another name, and the
-- new one starts above it (phase 7).
DO $$
DECLARE
    seq record;
    other text := 'legacy_bill_number_seq';
BEGIN
    SELECT s.* INTO seq FROM pg_sequences s WHERE s.schemaname = 'public' AND s.sequencename = 'bill_number_seq';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    WHILE to_regclass('public.' || quote_ident(other)) IS NOT NULL LOOP
        other := other || '_';
    END LOOP;
    EXECUTE format('ALTER SEQUENCE public.bill_number_seq RENAME TO %I', other);
    PERFORM set_config('vetchart.legacy_sequence', coalesce(seq.last_value, 0)::text, true);
    PERFORM pg_temp.tell_thing('', 'bill_number_seq', format('CREATE SEQUENCE bill_number_seq START %s INCREMENT %s',
        coalesce(seq.last_value, seq.start_value), seq.increment_by), format('sequence renamed to %s%s', other,
        CASE WHEN seq.last_value >= 1e17 THEN ''
             WHEN seq.last_value >= 1 THEN format(': bill numbers go on above %s', seq.last_value) END));
END $$;

-- VC014 is shown to the person as it stands: names of tables, columns and types alone, never a value.
CREATE FUNCTION pg_temp.refuse_legacy(sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'legacy_refused: %', sentence USING ERRCODE = 'VC014';
END $$;

-- `identity`: f when the table is published with its whole rows, which it has to be while it has no key.
CREATE TEMPORARY TABLE legacy_table ON COMMIT DROP AS
SELECT v.*, c.relreplident AS identity FROM (VALUES (1, 'User', 'staff'), (2, 'Owner', 'owner'),
    (3, 'Patient', 'patient'), (4, 'MedicalRecord', 'medical_record'), (5, 'Appointment', 'appointment'),
    (6, 'Bill', 'bill')) v (nth, old, new) JOIN pg_class c ON c.oid = format('public.%I', v.old)::regclass;

-- The old server's columns. `kept`: text that stays text, so what hangs on the column may stay with it. ("C" wherever
-- case changes: in a Turkish database the small letter of I is no i.)
CREATE TEMPORARY TABLE legacy_column (tbl text, col text, new_col text, kind text, kept boolean) ON COMMIT DROP;
INSERT INTO legacy_column
SELECT tbl, col, coalesce(v.other, lower(regexp_replace(col, '([A-Z])', '_\1', 'g') COLLATE "C")), v.kind, v.kept
  FROM (VALUES
    ('User', 'text', true, NULL, '{username,firstName,lastName}'::text[]),
    ('User', 'text', true, 'password_hash', '{password}'), ('User', 'text', false, NULL, '{id,email}'),
    ('User', 'texts', false, NULL, '{roles}'),
    ('Owner', 'text', true, NULL, '{firstName,lastName,phone,address,notes}'),
    ('Owner', 'text', false, NULL, '{id,email}'),
    ('Patient', 'text', true, NULL, '{name,species,breed,assignedDoctor}'),
    ('Patient', 'text', false, NULL, '{id,ownerId,gender,weightUnit,status,handlingDifficulty}'),
    ('Patient', 'integer', false, NULL, '{age}'), ('Patient', 'number', false, 'weight_milli', '{weight}'),
    ('MedicalRecord', 'text', true, NULL, '{symptoms,diagnosis,treatment,notes,veterinarian}'),
    ('MedicalRecord', 'text', false, NULL, '{id,patientId,recordType}'),
    ('MedicalRecord', 'timestamp', false, NULL, '{visitDate}'),
    ('Appointment', 'text', true, NULL, '{reason,notes,veterinarian}'),
    ('Appointment', 'text', false, NULL, '{id,patientId,time,status}'),
    ('Appointment', 'integer', false, NULL, '{duration}'), ('Appointment', 'timestamp', false, NULL, '{date}'),
    ('Bill', 'text', true, NULL, '{billNumber,notes}'),
    ('Bill', 'text', false, NULL, '{id,ownerId,patientId,appointmentId,status}'),
    ('Bill', 'texts', false, NULL, '{medicalRecordIds}'), ('Bill', 'json', false, NULL, '{items}'),
    ('Bill', 'number', false, 'subtotal_cents', '{subtotal}'), ('Bill', 'number', false, 'tax_cents', '{tax}'),
    ('Bill', 'number', false, 'total_cents', '{totalAmount}'),
    ('Bill', 'timestamp', false, NULL, '{billDate,dueDate}')) v (tbl, kind, kept, other, cols)
  CROSS JOIN LATERAL unnest(v.cols) AS col;
INSERT INTO legacy_column SELECT old, col, new_col, 'timestamp', false FROM legacy_table,
    (VALUES ('createdAt', 'created_at'), ('updatedAt', 'updated_at')) v (col, new_col);

-- A column that an older version of the old server did not have comes empty.
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT c.tbl, c.col, CASE c.kind WHEN 'texts' THEN 'text[]' WHEN 'json' THEN 'jsonb' WHEN 'timestamp'
                    THEN 'timestamp(3)' WHEN 'number' THEN 'double precision' ELSE c.kind END AS typ
               FROM legacy_column c LEFT JOIN pg_attribute a ON a.attrelid = format('public.%I', c.tbl)::regclass
                    AND a.attname = c.col AND a.attnum > 0 AND NOT a.attisdropped
              WHERE a.attname IS NULL ORDER BY c.tbl, c.col LOOP
        IF r.col = 'id' THEN
            PERFORM pg_temp.refuse_legacy(format('the table "%s" has no column "id"', r.tbl));
        END IF;
        EXECUTE format('ALTER TABLE %I ADD COLUMN %I %s', r.tbl, r.col, r.typ);
        PERFORM pg_temp.tell_thing(r.tbl, r.col, NULL, 'column was not there: added, empty');
    END LOOP;
END $$;

-- What is there: each column of the six tables, with its base type.
CREATE TEMPORARY TABLE legacy_attribute ON COMMIT DROP AS
SELECT t.nth, t.old AS tbl, t.new AS new_tbl, a.attrelid, a.attnum, a.attname::text AS col, c.new_col, c.kind,
       coalesce(c.kept AND b.typname = 'text' AND y.typtype <> 'd' AND l.collisdeterministic, c.col IS NULL) AS kept,
       b.typname::text AS typ, b.typcategory, e.typname::text AS element, e.typcategory AS element_category,
       a.attnotnull, a.atthasdef, a.attgenerated, a.attidentity,
       y.typtype = 'd' OR l.collisdeterministic IS FALSE AS is_odd
  FROM legacy_table t JOIN pg_attribute a ON a.attrelid = format('public.%I', t.old)::regclass
  LEFT JOIN legacy_column c ON c.tbl = t.old AND c.col = a.attname
  JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation
  JOIN pg_type b ON b.oid = CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END
  LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
 WHERE a.attnum > 0 AND NOT a.attisdropped;

-- A type that has no reading is refused here, before the long work.
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT tbl, col, typ FROM legacy_attribute WHERE NOT coalesce(CASE kind
            WHEN 'text' THEN typcategory IN ('B', 'D', 'E', 'I', 'N', 'S', 'T') OR typ IN ('uuid', 'json', 'jsonb')
            WHEN 'timestamp' THEN typ IN ('timestamp', 'timestamptz', 'date') OR typcategory = 'S'
            WHEN 'integer' THEN typcategory IN ('N', 'S')
            WHEN 'number' THEN typcategory IN ('N', 'S')
            WHEN 'texts' THEN element_category IN ('B', 'E', 'N', 'S') OR element = 'uuid'
                              OR typcategory IN ('E', 'N', 'S') OR typ IN ('uuid', 'json', 'jsonb')
            WHEN 'json' THEN typ IN ('jsonb', 'json') OR typcategory = 'S' OR element IN ('jsonb', 'json')
            END, true) ORDER BY nth, attnum LOOP
        PERFORM pg_temp.refuse_legacy(format('"%s"."%s" is of type %s, which cannot be taken over', r.tbl, r.col,
                                             r.typ));
    END LOOP;
END $$;

-- How the things that hang on the six tables read in the old names, for the report: views on them (and on those
-- views), indexes, keys, triggers, rules, policies.
CREATE TEMPORARY TABLE legacy_view ON COMMIT DROP AS
WITH RECURSIVE found AS (
    SELECT w.ev_class AS view, 1 AS depth FROM legacy_table t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass
           AND d.refobjid = format('public.%I', t.old)::regclass AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid
    UNION
    SELECT w.ev_class, f.depth + 1 FROM found f JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass
           AND d.refobjid = f.view AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> f.view WHERE f.depth < 100)
SELECT c.oid, n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) AS name, CASE c.relkind
           WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS kind, pg_get_userbyid(c.relowner) AS owner,
       array_to_string(c.reloptions, ', ') AS options, c.relacl, max(f.depth) AS depth
  FROM found f JOIN pg_class c ON c.oid = f.view JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('v', 'm') GROUP BY c.oid, n.nspname;
CREATE TEMPORARY TABLE legacy_definition ON COMMIT DROP AS
WITH t AS (SELECT attrelid FROM legacy_attribute UNION SELECT oid FROM legacy_view)
SELECT oid, pg_get_viewdef(oid) AS definition FROM legacy_view
UNION ALL SELECT indexrelid, pg_get_indexdef(indexrelid) FROM pg_index JOIN t ON indrelid = attrelid
UNION ALL SELECT c.oid, pg_get_constraintdef(c.oid) FROM pg_constraint c
           WHERE c.conrelid IN (SELECT attrelid FROM t) OR c.confrelid IN (SELECT attrelid FROM t)
UNION ALL SELECT g.oid, pg_get_triggerdef(g.oid) FROM pg_trigger g JOIN t ON tgrelid = attrelid
UNION ALL SELECT w.oid, pg_get_ruledef(w.oid) FROM pg_rewrite w JOIN t ON ev_class = attrelid
UNION ALL SELECT s.oid, pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN t ON stxrelid = attrelid
UNION ALL SELECT p.oid, format('USING (%s) WITH CHECK (%s)', pg_get_expr(p.polqual, p.polrelid),
                               pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_policy p JOIN t ON polrelid = attrelid;

-- New names first: definitions read from the catalog afterwards have them already.
DO $$
DECLARE
    r record;
    other text;
    taken CONSTANT text[] :=
        '{clinic_id,version,deleted_at,active,merged_into,birth_date,deceased_on,microchip,visited_at,
        weight_milli,weight_unit,next_due_on,owner_name_snapshot,owner_phone_snapshot,provisional_number,issued_at,
        paid_at,cancelled_at,cancel_reason,received_at}';
BEGIN
    -- Columns that someone added stay as they are, but where the new schema needs their name, or every row a value.
    FOR r IN SELECT a.* FROM legacy_attribute a WHERE a.kind IS NULL ORDER BY nth, attnum LOOP
        IF r.col = ANY (taken) OR (r.tbl, r.col) = ('Patient', 'notes')
           OR EXISTS (SELECT FROM legacy_column c WHERE c.tbl = r.tbl AND c.new_col = r.col) THEN
            other := 'legacy_' || r.col;
            WHILE EXISTS (SELECT FROM legacy_attribute a WHERE a.tbl = r.tbl AND other IN (a.col, a.new_col)) LOOP
                other := other || '_';
            END LOOP;
            EXECUTE format('ALTER TABLE %I RENAME COLUMN %I TO %I', r.tbl, r.col, other);
            UPDATE legacy_attribute SET new_col = other WHERE tbl = r.tbl AND attnum = r.attnum;
            PERFORM pg_temp.tell_thing(r.tbl, r.col, NULL, format('column renamed to %s', other));
        END IF;
        IF r.attnotnull AND NOT r.atthasdef AND r.attidentity = '' THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP NOT NULL', r.tbl,
                (SELECT coalesce(new_col, col) FROM legacy_attribute WHERE tbl = r.tbl AND attnum = r.attnum));
            PERFORM pg_temp.tell_thing(r.tbl, r.col, NULL, 'column may be NULL now: nobody fills it any more');
        END IF;
    END LOOP;
    FOR r IN SELECT * FROM legacy_attribute WHERE kind IS NOT NULL ORDER BY nth, attnum LOOP
        IF r.attidentity <> '' THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP IDENTITY', r.tbl, r.col);
        ELSIF r.attgenerated <> '' THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP EXPRESSION', r.tbl, r.col);
        ELSIF r.atthasdef THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP DEFAULT', r.tbl, r.col);
        END IF;
        IF r.col <> r.new_col THEN
            EXECUTE format('ALTER TABLE %I RENAME COLUMN %I TO %I', r.tbl, r.col, r.new_col);
        END IF;
    END LOOP;
    FOR r IN SELECT * FROM legacy_table ORDER BY nth LOOP
        EXECUTE format('ALTER TABLE public.%I RENAME TO %I', r.old, r.new);
        EXECUTE format('ALTER TABLE public.%I REPLICA IDENTITY FULL', r.new);
    END LOOP;
END $$;

-- Whatever hangs on the six tables goes out of the way. Indexes and views come back at the end of phase 8; what cannot
-- is told. Rules of one's own (a CHECK, a UNIQUE, a trigger) would refuse what the nodes' own databases take: they go.
-- `head`: of a view, what its query follows. `afterwards`: statements that give back what was set on the thing.
CREATE TEMPORARY TABLE put_aside (nth integer GENERATED ALWAYS AS IDENTITY, kind text, tbl text, name text, head text,
    definition text, legacy_definition text, afterwards text[]) ON COMMIT DROP;
CREATE FUNCTION pg_temp.comment_on(kind text, thing text, comment text) RETURNS text[] LANGUAGE sql
RETURN CASE WHEN comment IS NULL THEN '{}' ELSE ARRAY[format('COMMENT ON %s %s IS %L', kind, thing, comment)] END;
CREATE FUNCTION pg_temp.grants(thing text, columns text, acl aclitem[]) RETURNS text[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(format('GRANT %s%s ON %s TO %s%s', x.privilege_type, columns, thing,
               CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
               CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)), '{}')
      FROM aclexplode(acl) x
$$;
CREATE FUNCTION pg_temp.definition_of(thing oid) RETURNS text LANGUAGE sql AS $$
    SELECT d.definition FROM pg_temp.legacy_definition d WHERE d.oid = thing LIMIT 1
$$;
DO $$
DECLARE
    r record;
    legacy CONSTANT oid[] := ARRAY(SELECT DISTINCT attrelid FROM legacy_attribute);
BEGIN
    FOR r IN SELECT * FROM legacy_view ORDER BY depth, nspname, relname LOOP
        INSERT INTO put_aside (kind, tbl, name, head, definition, legacy_definition, afterwards)
        SELECT r.kind, '', r.name, format('CREATE %s %s %s AS ', r.kind, r.name, 'WITH (' || r.options || ')'),
               pg_get_viewdef(r.oid), pg_temp.definition_of(r.oid),
               ARRAY[format('ALTER %s %s OWNER TO %I', r.kind, r.name, r.owner),
                     format('REVOKE ALL ON %s FROM PUBLIC', r.name)] || pg_temp.grants(r.name, '', r.relacl)
               || pg_temp.comment_on(r.kind, r.name, obj_description(r.oid, 'pg_class'))
               || coalesce(array_agg(x.set_on ORDER BY a.attnum) FILTER (WHERE x.set_on IS NOT NULL), '{}')
          FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
         CROSS JOIN LATERAL unnest(pg_temp.grants(r.name, format(' (%I)', a.attname), a.attacl)
               || pg_temp.comment_on('COLUMN', format('%s.%I', r.name, a.attname), col_description(r.oid, a.attnum))
               || (format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT ', r.name, a.attname)
                   || pg_get_expr(f.adbin, f.adrelid))) AS x (set_on)
         WHERE a.attrelid = r.oid;
        INSERT INTO put_aside (kind, tbl, name, definition, legacy_definition, afterwards)
        SELECT 'INDEX', '', i.name, pg_get_indexdef(indexrelid), pg_get_indexdef(indexrelid),
               pg_temp.comment_on('INDEX', i.name, obj_description(indexrelid, 'pg_class'))
          FROM (SELECT *, indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = r.oid) i;
    END LOOP;
    FOR r IN SELECT v.name AS view_name, x.* FROM legacy_view v JOIN (
                    SELECT oid, tgrelid AS view, tgname AS name, 'trigger' AS what FROM pg_trigger
                    UNION ALL SELECT oid, ev_class, rulename, 'rule' FROM pg_rewrite WHERE rulename <> '_RETURN') x
                 ON x.view = v.oid ORDER BY 1, x.name LOOP
        PERFORM pg_temp.tell_thing(r.view_name, r.name, pg_temp.definition_of(r.oid), r.what || ' of a view dropped');
    END LOOP;
    FOR r IN SELECT * FROM legacy_view ORDER BY depth DESC, nspname, relname LOOP
        BEGIN
            EXECUTE format('DROP %s %s', r.kind, r.name);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            PERFORM pg_temp.refuse_legacy(format('something hangs on the view %s, which reads the legacy tables: '
                'drop it, and create it anew afterwards', r.name));
        END;
    END LOOP;
    -- Rules, of the tables and of others that reach into them.
    FOR r IN SELECT DISTINCT w.oid, w.rulename, w.ev_class, coalesce(t.old, w.ev_class::regclass::text) AS tbl
               FROM pg_rewrite w LEFT JOIN legacy_table t ON t.new::regclass = w.ev_class
               LEFT JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
              WHERE w.rulename <> '_RETURN' AND (w.ev_class = ANY (legacy) OR d.refobjid = ANY (legacy)) ORDER BY 2 LOOP
        EXECUTE format('DROP RULE %I ON %s', r.rulename, r.ev_class::regclass);
        PERFORM pg_temp.tell_thing(r.tbl, r.rulename, pg_temp.definition_of(r.oid), 'rule dropped');
    END LOOP;
    FOR r IN SELECT g.oid, g.tgname, t.new, t.old, g.tgqual IS NOT NULL OR cardinality(g.tgattr::int2[]) > 0 AS bound
               FROM pg_trigger g JOIN legacy_table t ON g.tgrelid = t.new::regclass
              WHERE NOT g.tgisinternal ORDER BY t.nth, g.tgname LOOP
        EXECUTE format(CASE WHEN r.bound THEN 'DROP TRIGGER %I ON %I' ELSE 'ALTER TABLE %2$I DISABLE TRIGGER %1$I' END,
                       r.tgname, r.new);
        PERFORM pg_temp.tell_thing(r.old, r.tgname, pg_temp.definition_of(r.oid), CASE WHEN r.bound
            THEN 'trigger dropped' ELSE 'trigger disabled: it was written for the old columns' END);
    END LOOP;
    FOR r IN SELECT p.oid, p.polname, t.new, t.old FROM pg_policy p JOIN legacy_table t ON p.polrelid = t.new::regclass
              ORDER BY t.nth, p.polname LOOP
        EXECUTE format('DROP POLICY %I ON %I', r.polname, r.new);
        PERFORM pg_temp.tell_thing(r.old, r.polname, pg_temp.definition_of(r.oid), 'row policy dropped');
    END LOOP;
    -- What everybody may do with a table, the reports' role may too.
    FOR r IN SELECT t.nth, t.new, t.old, string_agg(DISTINCT g.privilege_type, ', ' ORDER BY g.privilege_type) AS rights
               FROM legacy_table t JOIN pg_class c ON c.oid = t.new::regclass
              CROSS JOIN LATERAL (
                    SELECT * FROM aclexplode(c.relacl)
                    UNION ALL
                    SELECT e.* FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e WHERE a.attrelid = c.oid) g
              WHERE g.grantee = 0 GROUP BY t.nth, t.new, t.old ORDER BY t.nth LOOP
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', r.new);
        PERFORM pg_temp.tell_thing(r.old, 'PUBLIC', r.rights, 'granted to everybody: taken back');
    END LOOP;
    FOR r IN SELECT s.oid, format('%I.%I', n.nspname, s.stxname) AS name, t.old FROM pg_statistic_ext s
               JOIN legacy_table t ON s.stxrelid = t.new::regclass JOIN pg_namespace n ON n.oid = s.stxnamespace
              ORDER BY 2 LOOP
        INSERT INTO put_aside (kind, tbl, name, definition, legacy_definition, afterwards)
        VALUES ('STATISTICS', r.old, r.name, pg_get_statisticsobjdef(r.oid), pg_temp.definition_of(r.oid),
                pg_temp.comment_on('STATISTICS', r.name, obj_description(r.oid, 'pg_statistic_ext')));
        EXECUTE format('DROP STATISTICS %s', r.name);
    END LOOP;
END $$;
DO $$
DECLARE
    r record;
    legacy CONSTANT oid[] := ARRAY(SELECT DISTINCT attrelid FROM legacy_attribute);
BEGIN
    FOR r IN SELECT a.* FROM legacy_attribute a WHERE a.kind IS NULL AND a.attgenerated <> '' AND EXISTS (
                SELECT FROM pg_attrdef f JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                  JOIN legacy_attribute b ON b.attrelid = d.refobjid AND b.attnum = d.refobjsubid AND NOT b.kept
                 WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP EXPRESSION', r.new_tbl, coalesce(r.new_col, r.col));
        PERFORM pg_temp.tell_thing(r.tbl, r.col, NULL, 'column is no longer computed: its values stay as they were');
    END LOOP;
    -- Keys and checks. Those of the old server go silently; one on added columns alone stays.
    FOR r IN SELECT con.oid, con.conname, con.contype, con.conrelid::regclass AS tbl, coalesce(t.old,
                    con.conrelid::regclass::text) AS old, a.cols,
                    con.conrelid = ANY (legacy) AND a.foreign_only AND NOT con.confrelid = ANY (legacy) AS stays,
                    CASE con.contype WHEN 'p' THEN a.cols = '{id}'
                        WHEN 'f' THEN a.known_only AND con.confrelid = ANY (legacy)
                        WHEN 'u' THEN (t.old, a.cols) IN (('User', '{email}'), ('User', '{username}'),
                                                          ('Owner', '{email}'), ('Bill', '{billNumber}'))
                        ELSE false END AS usual
               FROM pg_constraint con LEFT JOIN legacy_table t ON t.new::regclass = con.conrelid
               CROSS JOIN LATERAL (SELECT array_agg(b.col) AS cols, coalesce(bool_and(b.kind IS NULL), true)
                                          AS foreign_only, coalesce(bool_and(b.kind IS NOT NULL), false) AS known_only
                                     FROM legacy_attribute b
                                    WHERE b.attrelid = con.conrelid AND b.attnum = ANY (con.conkey)) a
              WHERE (con.conrelid = ANY (legacy) OR con.confrelid = ANY (legacy)) AND con.conparentid = 0
                AND con.contype IN ('f', 'p', 'u', 'c', 'x') ORDER BY con.contype <> 'f', 4, 2 LOOP
        CONTINUE WHEN r.stays AND r.contype <> 'p';
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.tbl, r.conname);
        IF NOT coalesce(r.usual, false) THEN
            PERFORM pg_temp.tell_thing(r.old, r.conname, pg_temp.definition_of(r.oid), CASE r.contype
                WHEN 'f' THEN 'foreign key dropped: legacy_id tells which row an old id is'
                ELSE 'constraint dropped: the nodes do not have it' END);
        END IF;
    END LOOP;
    FOR r IN SELECT i.indexrelid, i.indexrelid::regclass AS idx, c.relname, t.old, i.indisunique AND NOT coalesce(
                    i.indnkeyatts = 1 AND i.indpred IS NULL AND (t.old, b.col) IN (('User', 'email'),
                        ('User', 'username'), ('Owner', 'email'), ('Bill', 'billNumber')), false) AS odd_unique,
                    i.indisunique AS is_unique
               FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                   JOIN legacy_table t ON t.new::regclass = i.indrelid
               LEFT JOIN legacy_attribute b ON b.attrelid = i.indrelid AND b.attnum = i.indkey[0]
              WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = i.indrelid)
                AND EXISTS (SELECT FROM pg_depend d JOIN legacy_attribute a ON a.attrelid = d.refobjid
                                 AND a.attnum = d.refobjsubid AND a.kind IS NOT NULL
                             WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid)
              ORDER BY t.nth, c.relname LOOP
        IF r.odd_unique OR NOT r.is_unique THEN
            INSERT INTO put_aside (kind, tbl, name, definition, legacy_definition, afterwards)
            VALUES ('INDEX', r.old, r.relname,
                regexp_replace(pg_get_indexdef(r.indexrelid), '^CREATE UNIQUE', 'CREATE'),
                pg_temp.definition_of(r.indexrelid),
                pg_temp.comment_on('INDEX', r.idx::text, obj_description(r.indexrelid, 'pg_class')));
        END IF;
        IF r.odd_unique THEN
            PERFORM pg_temp.tell_thing(r.old, r.relname, pg_temp.definition_of(r.indexrelid),
                                       'index is no longer unique: the nodes do not have it');
        END IF;
        EXECUTE format('DROP INDEX %s', r.idx);
    END LOOP;
END $$;

-- The one literal list of blanks (docs/data-rules.md); sync/base/text.h has the same.
CREATE FUNCTION trim_blanks(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(value, U&'\0009\000A\000B\000C\000D\0020\0085\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007'
                    '\2008\2009\200A\200B\2028\2029\202F\205F\3000\FEFF');

CREATE FUNCTION pg_temp.form(value text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN lower(public.trim_blanks(value) COLLATE "C");

-- One type for each kind of column, whatever the version of the old server made; nothing is required for now. What
-- stands as text is read: days and moments in ISO 8601 (without a zone: UTC), numbers, lists in JSON, as PostgreSQL
-- prints arrays, or with commas. What cannot be read counts as NULL, and is told by what it was (phase 3).
CREATE TEMPORARY TABLE unread (tbl text, id text, col text, original text) ON COMMIT DROP;
CREATE FUNCTION pg_temp.to_items(value text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN value::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN to_jsonb(value);  -- No JSON, or none that PostgreSQL can hold: told later as no list.
END $$;
CREATE FUNCTION pg_temp.to_texts(value jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(value) WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(value))
                                    WHEN 'null' THEN NULL ELSE ARRAY[value #>> '{}'] END
$$;
CREATE FUNCTION pg_temp.to_texts(value text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE left(trim_blanks(value), 1) WHEN '[' THEN pg_temp.to_texts(value::jsonb) WHEN '{' THEN value::text[]
                WHEN '' THEN '{}' ELSE regexp_split_to_array(value, '\s*[,;]\s*') END;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN ARRAY[value];
END $$;
CREATE FUNCTION pg_temp.to_moment(value text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    m CONSTANT text[] := regexp_match(value, '^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]'
        '((?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?)'
        '\s*(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?\s*$', 'i');
BEGIN
    RETURN (m[1] || ' ' || coalesce(replace(m[2], ',', '.'), '00:00')
            || coalesce(nullif(upper(m[3] COLLATE "C"), 'Z'), '+00'))::timestamptz AT TIME ZONE 'UTC';
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;
CREATE FUNCTION pg_temp.to_number(value text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN value::numeric;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END $$;
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT new_tbl, tbl, new_col, CASE kind WHEN 'timestamp' THEN 'to_moment' ELSE 'to_number' END AS reader
               FROM legacy_attribute WHERE kind IN ('timestamp', 'integer', 'number') AND typcategory = 'S' LOOP
        EXECUTE format('INSERT INTO unread SELECT %1$L, id::text, %2$L, %2$I::text FROM %3$I
            WHERE %2$I IS NOT NULL AND pg_temp.%4$s(%2$I::text) IS NULL', r.tbl, r.new_col, r.new_tbl, r.reader);
    END LOOP;
    FOR r IN SELECT t.new, t.old FROM legacy_table t JOIN pg_class c ON c.oid = t.new::regclass
              WHERE c.relpersistence = 'u' ORDER BY t.nth LOOP
        EXECUTE format('ALTER TABLE %I SET LOGGED', r.new);
        PERFORM pg_temp.tell_thing(r.old, r.old, 'UNLOGGED', 'table is logged now: it would not survive a crash');
    END LOOP;
    FOR r IN SELECT a.new_tbl, string_agg(format('ALTER COLUMN %I DROP NOT NULL', a.new_col), ', ')
                        FILTER (WHERE a.new_col <> 'id') AS loosened,
                    string_agg(format('ALTER COLUMN %1$I TYPE %2$s USING %3$s', a.new_col, CASE a.kind
                        WHEN 'timestamp' THEN 'timestamp' WHEN 'texts' THEN 'text[]' WHEN 'json' THEN 'jsonb'
                        WHEN 'text' THEN 'text' ELSE 'numeric' END, format(CASE
                        WHEN a.typ = 'timestamptz' AND a.kind = 'timestamp' THEN '%I AT TIME ZONE ''UTC'''
                        WHEN a.kind = 'timestamp' AND a.typcategory = 'S' THEN 'pg_temp.to_moment(%I::text)'
                        WHEN a.kind = 'timestamp' THEN '%I::timestamp'
                        WHEN a.kind = 'text' AND a.col = 'time' AND a.typ IN ('time', 'timetz', 'timestamp',
                            'timestamptz') THEN 'regexp_replace(%I::time::text, '':00$'', '''')'
                        WHEN a.kind = 'text' AND a.typ IN ('json', 'jsonb') THEN '%I #>> ''{}'''
                        WHEN a.kind = 'text' THEN '%I::text'
                        WHEN a.kind = 'texts' AND a.typ IN ('json', 'jsonb') THEN 'pg_temp.to_texts(%I::jsonb)'
                        WHEN a.kind = 'texts' AND a.element IS NULL THEN 'pg_temp.to_texts(%I::text)'
                        WHEN a.kind = 'texts' THEN '%I::text[]'
                        WHEN a.kind = 'json' AND a.element IS NOT NULL THEN 'to_jsonb(%I)'
                        WHEN a.kind = 'json' THEN 'pg_temp.to_items(%I::text)'
                        WHEN a.typcategory = 'S' THEN 'pg_temp.to_number(%I::text)'
                        ELSE '%I::numeric' END, a.new_col)), ', ') FILTER (WHERE CASE a.kind
                        WHEN 'text' THEN a.typ <> 'text' WHEN 'timestamp' THEN a.typ <> 'timestamp'
                        WHEN 'texts' THEN a.element IS DISTINCT FROM 'text' WHEN 'json' THEN a.typ <> 'jsonb'
                        ELSE a.typ = 'money' OR a.typcategory = 'S' END OR a.is_odd) AS coerced
               FROM legacy_attribute a WHERE a.kind IS NOT NULL GROUP BY a.new_tbl LOOP
        EXECUTE format('ALTER TABLE %I %s', r.new_tbl, concat_ws(', ', r.loosened, r.coerced));
    END LOOP;
END $$;
