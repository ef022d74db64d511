-- Phase 3: a bill's items (jsonb) and medical records (text[]) become rows of their own tables.

CREATE TABLE bill_item (
    id uuid NOT NULL,
    bill_id uuid NOT NULL,
    position integer NOT NULL,
    description text NOT NULL,
    quantity_milli bigint NOT NULL,
    unit_price_cents bigint NOT NULL,
    total_price_cents bigint NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    updated_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT bill_item_pkey PRIMARY KEY (id),
    CONSTRAINT bill_item_position_check CHECK (position BETWEEN 0 AND 9999),
    CONSTRAINT bill_item_quantity_milli_check CHECK (quantity_milli > 0),
    CONSTRAINT bill_item_unit_price_cents_check CHECK (unit_price_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT bill_item_total_price_cents_check CHECK (total_price_cents BETWEEN 0 AND 1000000000000)
);
SELECT pg_temp.bound_text('bill_item', 'description', 'required', 500);

CREATE TABLE bill_medical_record (
    bill_id uuid NOT NULL,
    medical_record_id uuid NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    updated_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT bill_medical_record_pkey PRIMARY KEY (bill_id, medical_record_id)
);

-- Links: each existing record once; ids of records that never were, and records of another patient, are told.
CREATE TEMPORARY TABLE legacy_link ON COMMIT DROP AS
SELECT DISTINCT l.legacy_id, b.id AS bill_id, b.patient_id, ref, pg_temp.legacy_uuid('MedicalRecord', ref) AS record_id
  FROM bill b JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = b.id
  CROSS JOIN LATERAL unnest(b.medical_record_ids) AS ref;
INSERT INTO bill_medical_record (bill_id, medical_record_id, created_at, updated_at)
SELECT k.bill_id, r.id, b.created_at, b.updated_at
  FROM legacy_link k JOIN medical_record r ON r.id = k.record_id JOIN bill b ON b.id = k.bill_id;
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'Bill', k.legacy_id, 'medicalRecordIds', k.ref,
       CASE WHEN r.id IS NULL THEN 'no such record: not linked' ELSE 'linked (another patient''s record)' END, 3
  FROM legacy_link k LEFT JOIN medical_record r ON r.id = k.record_id
 WHERE r.id IS NULL OR r.patient_id <> k.patient_id;
ALTER TABLE bill DROP COLUMN medical_record_ids;
CREATE INDEX bill_medical_record_medical_record_id_idx ON bill_medical_record (medical_record_id);

-- Items. A number may be a JSON number or its text; anything else counts as absent.
CREATE FUNCTION pg_temp.json_number(value jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN (value #>> '{}')::numeric
                WHEN jsonb_typeof(value) = 'string' AND trim_blanks(value #>> '{}') ~ '^-?[0-9]{1,15}([.][0-9]{1,20})?$'
                THEN trim_blanks(value #>> '{}')::numeric END
$$;
CREATE TEMPORARY TABLE legacy_item ON COMMIT DROP AS
SELECT l.legacy_id, b.id AS bill_id, e.item, (e.nth - 1)::integer AS nth, b.created_at, b.updated_at,
       CASE jsonb_typeof(e.item) WHEN 'object' THEN coalesce(e.item ->> 'description', '')
                                 ELSE coalesce(e.item #>> '{}', '') END AS description,
       pg_temp.json_number(e.item -> 'quantity') AS quantity,
       pg_temp.json_number(e.item -> 'unitPrice') AS unit_price,
       pg_temp.json_number(e.item -> 'totalPrice') AS total_price
  FROM bill b JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = b.id
  CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(b.items) WHEN 'array' THEN b.items ELSE '[]' END)
       WITH ORDINALITY AS e (item, nth);

-- The value a row gets, per item: absent or impossible ones are 1 piece, price 0, the product as total.
CREATE TEMPORARY TABLE legacy_item_mended ON COMMIT DROP AS
SELECT i.*, CASE WHEN trim_blanks(description) = '' THEN '(no description)'
                 ELSE left(trim_blanks(description), 500) END AS text,
       CASE WHEN quantity >= 0.0005 AND quantity < 1e12 THEN round(quantity * 1000)::bigint
            ELSE 1000 END AS quantity_milli,
       CASE WHEN unit_price BETWEEN 0 AND 1e10 THEN round(unit_price * 100)::bigint ELSE 0 END AS unit_price_cents
  FROM legacy_item i;
ALTER TABLE legacy_item_mended ADD COLUMN total_price_cents bigint;
UPDATE legacy_item_mended SET total_price_cents = CASE WHEN total_price BETWEEN 0 AND 1e10 THEN round(total_price * 100)
    ELSE least(round(quantity_milli::numeric * unit_price_cents / 1000), 1000000000000) END;

INSERT INTO bill_item (id, bill_id, position, description, quantity_milli, unit_price_cents, total_price_cents,
                       created_at, updated_at)
SELECT pg_temp.legacy_uuid('BillItem', legacy_id || ':' || nth), bill_id, least(nth, 9999),
       CASE WHEN length(trim_blanks(description)) BETWEEN 1 AND 500 THEN description ELSE text END,
       quantity_milli, unit_price_cents, total_price_cents, created_at, updated_at
  FROM legacy_item_mended;
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'Bill', legacy_id, 'items', item::text, format('item kept: %s x %s = %s', trim_scale(quantity_milli / 1000.0),
           round(unit_price_cents / 100.0, 2), round(total_price_cents / 100.0, 2)), 3
  FROM legacy_item_mended
 WHERE jsonb_typeof(item) <> 'object' OR trim_blanks(description) = '' OR length(trim_blanks(description)) > 500
    OR quantity IS NULL OR abs(quantity * 1000 - quantity_milli) >= 0.1 OR nth > 9999
    OR unit_price IS NULL OR abs(unit_price * 100 - unit_price_cents) >= 0.1
    OR total_price IS NULL OR abs(total_price * 100 - total_price_cents) >= 0.1
    OR total_price_cents <> round(quantity_milli::numeric * unit_price_cents / 1000);
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'Bill', l.legacy_id, 'items', b.items::text, 'no list: no line item', 3
  FROM bill b JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = b.id WHERE jsonb_typeof(b.items) <> 'array';
ALTER TABLE bill DROP COLUMN items;
CREATE INDEX bill_item_bill_id_idx ON bill_item (bill_id);
