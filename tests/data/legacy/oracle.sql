-- Compares a migrated database with the legacy rows it was made from, kept in schema raw (same columns, same types).
-- Written apart from the migration: what it says is read off docs/schema.md. View oracle.problem must be empty.
CREATE SCHEMA oracle;
CREATE FUNCTION oracle.trimmed(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(value, '^' || b || '+', ''), b || '+$', '')
      FROM (SELECT U&'[\0009-\000D \0085\00A0\1680\2000-\200B\2028\2029\202F\205F\3000\FEFF]' AS b) x
$$;
CREATE FUNCTION oracle.word(value text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT translate(oracle.trimmed(value), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') $$;
-- Cents, when the printed amount is one up to noise below a tenth of a cent; else what it is, which no column equals.
CREATE FUNCTION oracle.cents(printed text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN printed::numeric BETWEEN 0 AND 1e10
        AND abs(printed::numeric * 100 - round(printed::numeric * 100)) < 0.1
                THEN round(printed::numeric * 100)::bigint::text ELSE printed END
$$;
CREATE FUNCTION oracle.id_of(tbl text, old text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT l.id::text FROM public.legacy_id l WHERE l.table_name = tbl AND l.legacy_id = old $$;
-- The row that an id means: blanks around it do not count, nor those around the row's own. Blanks alone mean no row,
-- unless one has just these.
CREATE MATERIALIZED VIEW oracle.padded AS
SELECT table_name AS tbl, oracle.trimmed(legacy_id) AS bare,
       (array_agg(id::text ORDER BY legacy_id COLLATE "C"))[1] AS id
  FROM public.legacy_id WHERE oracle.trimmed(legacy_id) NOT IN (legacy_id, '') GROUP BY 1, 2;
CREATE FUNCTION oracle.ref(tbl text, old text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(oracle.id_of(tbl, old), oracle.id_of(tbl, nullif(oracle.trimmed(old), '')),
                    (SELECT d.id FROM oracle.padded d WHERE d.tbl = ref.tbl AND d.bare = oracle.trimmed(old)))
$$;
-- The patient that an id means: for nobody's the stand-in of all such rows.
CREATE FUNCTION oracle.patient(old text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT coalesce(oracle.ref('Patient', old), oracle.id_of('Patient', '(none)')) $$;
-- A bill's items: a list, also one that stands as text within the JSON; else NULL.
CREATE FUNCTION oracle.items(items jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(items) = 'string' THEN
        items := (items #>> '{}')::jsonb;
    END IF;
    RETURN CASE jsonb_typeof(items) WHEN 'array' THEN items END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;
CREATE FUNCTION oracle.moment(value timestamp) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT (date_trunc('milliseconds', value) AT TIME ZONE 'UTC')::text $$;

-- Copies with the legacy ids and with indexes: this page compares every row with every list it may be on.
CREATE MATERIALIZED VIEW oracle.issue AS SELECT * FROM public.migration_issue;
CREATE INDEX ON oracle.issue (table_name, legacy_id, column_name);
CREATE MATERIALIZED VIEW oracle.new_item AS
SELECT l.legacy_id AS bill, i.* FROM bill_item i LEFT JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = i.bill_id;
CREATE INDEX ON oracle.new_item (bill, position);
CREATE MATERIALIZED VIEW oracle.new_link AS
SELECT l.legacy_id AS bill, j.medical_record_id::text AS record
  FROM bill_medical_record j LEFT JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = j.bill_id;
CREATE INDEX ON oracle.new_link (bill, record);

-- Every value of every row: as it stood, as it should stand now if no rule minds it, as it stands.
CREATE MATERIALIZED VIEW oracle.cell AS
SELECT 'User' AS tbl, r.id, v.* FROM raw."User" r LEFT JOIN staff n ON n.id::text = oracle.id_of('User', r.id)
 CROSS JOIN LATERAL (VALUES ('email', r.email::text, oracle.word(r.email::text), n.email),
    ('username', r.username, r.username, n.username), ('firstName', r."firstName", r."firstName", n.first_name),
    ('lastName', r."lastName", r."lastName", n.last_name), ('password', r.password, coalesce(r.password, ''),
        n.password_hash),
    ('roles', r.roles::text, (SELECT '[' || coalesce(string_agg(DISTINCT '"' || coalesce(oracle.word(x),
        'NULL') || '"', ','
        ORDER BY '"' || coalesce(oracle.word(x), 'NULL') || '"'), '') || ']' FROM unnest(r.roles) AS x), n.roles),
    ('createdAt', r."createdAt"::text, oracle.moment(r."createdAt"), n.created_at::text),
    ('updatedAt', r."updatedAt"::text, oracle.moment(r."updatedAt"), n.updated_at::text)) v (col, was, form, became)
UNION ALL
SELECT 'Owner', r.id, v.* FROM raw."Owner" r LEFT JOIN owner n ON n.id::text = oracle.id_of('Owner', r.id)
 CROSS JOIN LATERAL (VALUES ('firstName', r."firstName", r."firstName", n.first_name),
    ('lastName', r."lastName", r."lastName", n.last_name), ('email', r.email, oracle.word(r.email), n.email),
    ('phone', r.phone, CASE WHEN oracle.trimmed(r.phone) <> '' THEN r.phone END, n.phone),
    ('address', r.address, r.address, n.address), ('notes', r.notes, r.notes, n.notes),
    ('createdAt', r."createdAt"::text, oracle.moment(r."createdAt"), n.created_at::text),
    ('updatedAt', r."updatedAt"::text, oracle.moment(r."updatedAt"), n.updated_at::text)) v (col, was, form, became)
UNION ALL
SELECT 'Patient', r.id, v.* FROM raw."Patient" r LEFT JOIN patient n ON n.id::text = oracle.id_of('Patient', r.id)
 CROSS JOIN LATERAL (VALUES ('name', r.name, r.name, n.name), ('species', r.species, r.species, n.species),
    ('breed', r.breed, r.breed, n.breed), ('age', r.age::text, r.age::text, n.age::text),
    ('gender', r.gender, CASE oracle.word(r.gender) WHEN 'm' THEN 'male' WHEN 'f' THEN 'female'
                         ELSE oracle.word(r.gender) END, n.gender::text),
    ('weight', r.weight::text, round(r.weight::text::numeric * 1000)::text, n.weight_milli::text),
    ('weightUnit', r."weightUnit", coalesce(oracle.word(r."weightUnit"), 'lbs'), n.weight_unit::text),
    ('status', r.status, oracle.word(r.status), n.status::text),
    ('assignedDoctor', r."assignedDoctor", r."assignedDoctor", n.assigned_doctor),
    ('handlingDifficulty', r."handlingDifficulty", oracle.word(r."handlingDifficulty"), n.handling_difficulty::text),
    ('ownerId', r."ownerId", coalesce(oracle.id_of('Owner', r."ownerId"), r."ownerId"), n.owner_id::text),
    ('createdAt', r."createdAt"::text, oracle.moment(r."createdAt"), n.created_at::text),
    ('updatedAt', r."updatedAt"::text, oracle.moment(r."updatedAt"), n.updated_at::text)) v (col, was, form, became)
UNION ALL
SELECT 'MedicalRecord', r.id, v.* FROM raw."MedicalRecord" r
  LEFT JOIN medical_record n ON n.id::text = oracle.id_of('MedicalRecord', r.id)
 CROSS JOIN LATERAL (VALUES ('patientId', r."patientId", oracle.id_of('Patient', r."patientId"), n.patient_id::text),
    ('visitDate', r."visitDate"::text, r."visitDate"::date || coalesce(' ' || oracle.moment(CASE
        WHEN r."visitDate"::time <> '00:00' THEN r."visitDate" END), ''),
            n.visit_date || coalesce(' ' || n.visited_at::text, '')),
    ('recordType', r."recordType", oracle.word(r."recordType"), n.record_type::text),
    ('symptoms', r.symptoms, r.symptoms, n.symptoms), ('diagnosis', r.diagnosis, r.diagnosis, n.diagnosis),
    ('treatment', r.treatment, r.treatment, n.treatment), ('notes', r.notes, r.notes, n.notes),
    ('veterinarian', r.veterinarian, r.veterinarian, n.veterinarian),
    ('createdAt', r."createdAt"::text, oracle.moment(r."createdAt"), n.created_at::text),
    ('updatedAt', r."updatedAt"::text, oracle.moment(r."updatedAt"), n.updated_at::text)) v (col, was, form, became)
UNION ALL
SELECT 'Appointment', r.id, v.* FROM raw."Appointment" r
  LEFT JOIN appointment n ON n.id::text = oracle.id_of('Appointment', r.id)
 CROSS JOIN LATERAL (VALUES ('patientId', r."patientId", oracle.id_of('Patient', r."patientId"), n.patient_id::text),
    ('date', r.date::text, r.date::date::text, n.date::text),
    ('time', r."time", CASE WHEN r."time" ~ '^[0-9]:' THEN '0'
        ELSE '' END || regexp_replace(r."time", ':([0-9])$', ':0\1'),
        n."time"),
    ('duration', r.duration::text, r.duration::text, n.duration::text), ('reason', r.reason, r.reason, n.reason),
    ('status', r.status, replace(oracle.word(r.status), '_', '-'), n.status::text), ('notes', r.notes, r.notes,
        n.notes),
    ('veterinarian', r.veterinarian, r.veterinarian, n.veterinarian),
    ('createdAt', r."createdAt"::text, oracle.moment(r."createdAt"), n.created_at::text),
    ('updatedAt', r."updatedAt"::text, oracle.moment(r."updatedAt"), n.updated_at::text)) v (col, was, form, became)
UNION ALL
SELECT 'Bill', r.id, v.* FROM raw."Bill" r LEFT JOIN bill n ON n.id::text = oracle.id_of('Bill', r.id)
 CROSS JOIN LATERAL (VALUES ('billNumber', r."billNumber", r."billNumber", n.bill_number),
    ('ownerId', r."ownerId", oracle.id_of('Owner', r."ownerId"), n.owner_id::text),
    ('patientId', r."patientId", oracle.id_of('Patient', r."patientId"), n.patient_id::text),
    ('appointmentId', r."appointmentId", coalesce(oracle.id_of('Appointment', r."appointmentId"), r."appointmentId"),
        n.appointment_id::text),
    ('subtotal', r.subtotal::text, oracle.cents(r.subtotal::text), n.subtotal_cents::text),
    ('tax', r.tax::text, oracle.cents(r.tax::text), n.tax_cents::text),
    ('totalAmount', r."totalAmount"::text, oracle.cents(r."totalAmount"::text), n.total_cents::text),
    ('status', r.status, oracle.word(r.status), n.status::text),
    ('billDate', r."billDate"::text, r."billDate"::date::text, n.bill_date::text),
    ('dueDate', r."dueDate"::text, r."dueDate"::date::text, n.due_date::text), ('notes', r.notes, r.notes, n.notes),
    ('createdAt', r."createdAt"::text, oracle.moment(r."createdAt"), n.created_at::text),
    ('updatedAt', r."updatedAt"::text, oracle.moment(r."updatedAt"), n.updated_at::text)) v (col, was, form, became);

-- What stays but has to be told.
CREATE MATERIALIZED VIEW oracle.noteworthy AS
SELECT 'Bill' AS tbl, id, 'totalAmount' AS col FROM raw."Bill"
 WHERE oracle.cents("totalAmount"::text) ~ '^[0-9]+$' AND oracle.cents(subtotal::text) ~ '^[0-9]+$'
   AND oracle.cents(tax::text) ~ '^[0-9]+$' AND "totalAmount"::numeric BETWEEN 0 AND 1e10
   AND subtotal::numeric BETWEEN 0 AND 1e10 AND tax::numeric BETWEEN 0 AND 1e10
   AND round("totalAmount"::text::numeric, 2) <> round(subtotal::text::numeric, 2) + round(tax::text::numeric, 2)
UNION ALL SELECT 'Bill', id, 'dueDate' FROM raw."Bill" WHERE "dueDate"::date < "billDate"::date
   AND isfinite("dueDate") AND isfinite("billDate") AND extract(year FROM "billDate") < 10000
       AND extract(year FROM "dueDate") > 0
UNION ALL SELECT 'Bill', b.id, 'patientId' FROM raw."Bill" b
  JOIN raw."Patient" p ON oracle.id_of('Patient', p.id) = oracle.ref('Patient', b."patientId")
  WHERE oracle.ref('Owner', b."ownerId") <> oracle.ref('Owner', p."ownerId")
UNION ALL SELECT 'Bill', b.id, 'ownerId' FROM raw."Bill" b WHERE NOT EXISTS (SELECT
    FROM raw."Owner" o WHERE o.id = b."ownerId")
UNION ALL SELECT x.tbl, x.id, 'patientId' FROM (SELECT 'Bill' AS tbl, id, "patientId" FROM raw."Bill" UNION ALL
        SELECT 'MedicalRecord', id, "patientId" FROM raw."MedicalRecord" UNION ALL
        SELECT 'Appointment', id, "patientId" FROM raw."Appointment") x
   WHERE NOT EXISTS (SELECT FROM raw."Patient" p WHERE p.id = x."patientId");

-- The elements of a bill's two lists, and what became of each.
CREATE MATERIALIZED VIEW oracle.item AS
SELECT b.id, e.item, e.nth, n.id IS NOT NULL AS arrived,
       jsonb_typeof(e.item) = 'object' AND (SELECT count(*) FROM jsonb_object_keys(CASE jsonb_typeof(e.item)
           WHEN 'object' THEN e.item ELSE '{}' END) k WHERE k NOT IN ('id', 'description', 'quantity', 'unitPrice',
               'totalPrice')) = 0
       AND n.description = e.item ->> 'description' AND e.nth <= 10000
       AND (e.item ->> 'quantity') ~ '^-?[0-9.]+$' AND n.quantity_milli = round((e.item ->> 'quantity')::numeric * 1000)
       AND (e.item ->> 'unitPrice') ~ '^[0-9.]+$' AND n.unit_price_cents::text = oracle.cents(e.item ->> 'unitPrice')
       AND (e.item ->> 'totalPrice') ~ '^[0-9.]+$' AND n.total_price_cents::text = oracle.cents(e.item ->> 'totalPrice')
       AND n.total_price_cents = round(n.quantity_milli::numeric * n.unit_price_cents / 1000) AS as_it_was
  FROM raw."Bill" b CROSS JOIN LATERAL jsonb_array_elements(coalesce(oracle.items(b.items), '[]'))
       WITH ORDINALITY AS e (item, nth)
  LEFT JOIN LATERAL (SELECT i.* FROM oracle.new_item i WHERE i.bill = b.id
                        AND i.position = least(e.nth - 1, 9999) LIMIT 1) n ON true;
CREATE INDEX ON oracle.cell (tbl, id, col);
CREATE MATERIALIZED VIEW oracle.link AS
SELECT b.id, x.ref, oracle.ref('MedicalRecord', x.ref) AS record,
       oracle.id_of('MedicalRecord', x.ref) IS NOT NULL AS exact, oracle.patient(b."patientId") AS patient
  FROM raw."Bill" b CROSS JOIN LATERAL (SELECT DISTINCT ref FROM unnest(b."medicalRecordIds") AS ref) x;

CREATE INDEX ON oracle.link (id);

CREATE VIEW oracle.problem AS
SELECT 'a row is lost' AS problem, tbl, id, col FROM oracle.cell WHERE col = 'createdAt' AND became IS NULL
UNION ALL SELECT 'a value changed and was not told, or not with what it was', c.tbl, c.id, c.col FROM oracle.cell c
 WHERE c.became IS DISTINCT FROM c.form AND NOT EXISTS (SELECT
     FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name)
       = (c.tbl, c.id, c.col) AND i.original IS NOT DISTINCT FROM c.was)
   AND NOT (c.col = 'password' AND EXISTS (SELECT FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name)
       = (c.tbl, c.id, c.col) AND i.original ~ '^\([0-9]+ characters'))
UNION ALL SELECT 'what was told is no value of that row', i.table_name, i.legacy_id, i.column_name FROM oracle.issue i
  LEFT JOIN oracle.cell c ON (c.tbl, c.id, c.col) = (i.table_name, i.legacy_id, i.column_name)
 WHERE i.legacy_id <> '' AND i.column_name NOT IN ('items', 'medicalRecordIds', 'id', 'password')
   AND (c.id IS NULL OR c.was IS DISTINCT FROM i.original)
UNION ALL SELECT 'a fine value was told', c.tbl, c.id, c.col FROM oracle.cell c
  JOIN oracle.issue i ON (i.table_name, i.legacy_id, i.column_name) = (c.tbl, c.id, c.col)
 WHERE c.became IS NOT DISTINCT FROM c.form AND i.outcome !~ '^kept'
   AND NOT ((c.tbl, c.col) = ('Appointment', 'date') AND i.outcome ~ '^its day is kept' AND c.was !~ ' 00:00:00')
UNION ALL SELECT 'what is noteworthy was not told', w.tbl, w.id, w.col FROM oracle.noteworthy w
 WHERE NOT EXISTS (SELECT FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name) = (w.tbl, w.id, w.col))
UNION ALL SELECT 'a value was told as kept without a reason', i.table_name, i.legacy_id, i.column_name
    FROM oracle.issue i
 WHERE i.outcome ~ '^kept' AND i.outcome !~ 'number|place' AND i.column_name <> 'totalAmount'
   AND NOT EXISTS (SELECT FROM oracle.noteworthy w WHERE (i.table_name, i.legacy_id, i.column_name) = (w.tbl, w.id,
       w.col))
UNION ALL SELECT 'a stand-in was not told, or not needed', 'Patient', l.legacy_id, 'id' FROM legacy_id l
 WHERE l.table_name = 'Patient' AND NOT EXISTS (SELECT FROM raw."Patient" r WHERE r.id = l.legacy_id)
   AND 1 <> (SELECT count(*) FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name) = ('Patient',
       l.legacy_id, 'id'))
UNION ALL SELECT 'a stand-in was not told, or not needed', 'Owner', l.legacy_id, 'id' FROM legacy_id l
 WHERE l.table_name = 'Owner' AND NOT EXISTS (SELECT FROM raw."Owner" r WHERE r.id = l.legacy_id)
   AND 1 <> (SELECT count(*) FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name) = ('Owner',
       l.legacy_id, 'id'))
UNION ALL SELECT 'a stand-in for a row that is there', 'Patient or Owner', l.legacy_id, 'id' FROM legacy_id l
  JOIN (SELECT 'Owner' AS tbl, id FROM raw."Owner" UNION ALL SELECT 'Patient', id FROM raw."Patient") r
    ON r.tbl = l.table_name AND r.id <> l.legacy_id AND r.id = oracle.trimmed(l.legacy_id)
 WHERE NOT EXISTS (SELECT FROM raw."Owner" o WHERE o.id = l.legacy_id AND l.table_name = 'Owner')
   AND NOT EXISTS (SELECT FROM raw."Patient" p WHERE p.id = l.legacy_id AND l.table_name = 'Patient')
UNION ALL SELECT 'a stand-in with a blank id, or with blanks around it', l.table_name, l.legacy_id, 'id'
    FROM legacy_id l WHERE (oracle.trimmed(l.legacy_id) = '' OR oracle.trimmed(l.legacy_id) <> l.legacy_id)
   AND NOT EXISTS (SELECT FROM raw."Owner" o WHERE o.id = l.legacy_id AND l.table_name = 'Owner')
   AND NOT EXISTS (SELECT FROM raw."Patient" p WHERE p.id = l.legacy_id AND l.table_name = 'Patient')
   AND l.table_name IN ('Owner', 'Patient')
UNION ALL SELECT 'a parent is not the one that is meant', x.tbl, x.id, x.col FROM (
        SELECT 'Patient' AS tbl, id, 'ownerId' AS col, 'Owner' AS parent, "ownerId" AS ref FROM raw."Patient"
        UNION ALL SELECT 'MedicalRecord', id, 'patientId', 'Patient', "patientId" FROM raw."MedicalRecord"
        UNION ALL SELECT 'Appointment', id, 'patientId', 'Patient', "patientId" FROM raw."Appointment"
        UNION ALL SELECT 'Bill', id, 'ownerId', 'Owner', "ownerId" FROM raw."Bill"
        UNION ALL SELECT 'Bill', id, 'patientId', 'Patient', "patientId" FROM raw."Bill"
        UNION ALL SELECT 'Bill', id, 'appointmentId', 'Appointment', "appointmentId" FROM raw."Bill") x
  JOIN oracle.cell c ON (c.tbl, c.id, c.col) = (x.tbl, x.id, x.col)
 WHERE oracle.ref(x.parent, x.ref) IS DISTINCT FROM c.became
   AND (oracle.ref(x.parent, x.ref) IS NOT NULL OR oracle.trimmed(coalesce(x.ref, '')) <> '')
UNION ALL SELECT 'a bill of nobody is not its patient''s owner''s', 'Bill', b.id, 'ownerId' FROM raw."Bill" b
  JOIN oracle.cell c ON (c.tbl, c.id, c.col) = ('Bill', b.id, 'ownerId')
  LEFT JOIN raw."Patient" p ON oracle.id_of('Patient', p.id) = oracle.ref('Patient', b."patientId")
 WHERE oracle.ref('Owner', b."ownerId") IS NULL AND oracle.trimmed(coalesce(b."ownerId", '')) = ''
   AND c.became IS DISTINCT FROM coalesce(oracle.ref('Owner', p."ownerId"), oracle.id_of('Owner', '(none)'))
UNION ALL SELECT 'a row of no patient is not the one stand-in''s', x.tbl, x.id, x.col FROM (
        SELECT c.*, oracle.ref('Patient', c.was) AS meant FROM oracle.cell c
         WHERE c.col = 'patientId' AND oracle.trimmed(coalesce(c.was, '')) = '') x
 WHERE x.meant IS NULL AND x.became IS DISTINCT FROM oracle.id_of('Patient', '(none)')
UNION ALL SELECT 'a row came from nowhere', 'legacy_id', x.id::text, '' FROM (SELECT id FROM staff UNION ALL SELECT id
    FROM owner
    UNION ALL SELECT id FROM patient UNION ALL SELECT id FROM medical_record UNION ALL SELECT id FROM appointment
    UNION ALL SELECT id FROM bill) x WHERE 1 <> (SELECT count(*) FROM legacy_id l WHERE l.id = x.id)
UNION ALL SELECT 'an item is lost', 'Bill', id, 'items' FROM oracle.item WHERE NOT arrived
UNION ALL SELECT 'an item changed and was not told', 'Bill', t.id, 'items'
    FROM oracle.item t WHERE t.as_it_was IS NOT TRUE
   AND NOT EXISTS (SELECT FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name, i.original)
                   = ('Bill', t.id, 'items', t.item::text))
UNION ALL SELECT 'items that are no list were not told', 'Bill', b.id, 'items'
    FROM raw."Bill" b WHERE jsonb_typeof(b.items) <> 'array'
   AND NOT EXISTS (SELECT FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name, i.original)
                   = ('Bill', b.id, 'items', b.items::text))
UNION ALL SELECT 'the number of items differs', 'Bill', b.id, 'items' FROM raw."Bill" b
 WHERE coalesce(jsonb_array_length(oracle.items(b.items)), 0)
       <> (SELECT count(*) FROM oracle.new_item i WHERE i.bill = b.id)
UNION ALL SELECT 'a link is lost', 'Bill', k.id, k.ref FROM oracle.link k WHERE k.record IS NOT NULL AND NOT EXISTS (
    SELECT FROM oracle.new_link j WHERE j.bill = k.id AND j.record = k.record)
UNION ALL SELECT 'a link was not told', 'Bill', k.id, k.ref FROM oracle.link k
 WHERE (NOT k.exact OR k.patient IS DISTINCT FROM (SELECT oracle.patient(r."patientId") FROM raw."MedicalRecord" r
                                                        WHERE oracle.id_of('MedicalRecord', r.id) = k.record))
   AND NOT EXISTS (SELECT FROM oracle.issue i WHERE (i.table_name, i.legacy_id, i.column_name) = ('Bill', k.id,
       'medicalRecordIds')
                   AND i.original IS NOT DISTINCT FROM k.ref)
UNION ALL SELECT 'a link came from nowhere', 'Bill', j.bill, j.record FROM oracle.new_link j
 WHERE NOT EXISTS (SELECT FROM oracle.link k WHERE k.id = j.bill AND k.record = j.record);
