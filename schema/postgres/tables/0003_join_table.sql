-- Phase 3: a bill's items (jsonb) and medical records (text[]) become rows of their own tables. Their keys come after
-- the rows, which is much faster.

-- What phase 1 could not read is told by what stood there, and as NULL where no rule minded that.
UPDATE migration_issue i SET original = u.original FROM unread u
  JOIN legacy_column c ON c.tbl = u.tbl AND c.new_col = u.col
 WHERE (i.table_name, i.legacy_id, i.column_name) = (u.tbl, u.id, c.col) AND i.original IS NULL;
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT u.tbl, u.id, c.col, u.original, 'NULL', 2
  FROM unread u JOIN legacy_column c ON c.tbl = u.tbl AND c.new_col = u.col
 WHERE NOT EXISTS (SELECT FROM migration_issue i
                    WHERE (i.table_name, i.legacy_id, i.column_name) = (u.tbl, u.id, c.col))
 ORDER BY u.tbl, u.id COLLATE "C", c.col;

CREATE TABLE bill_item (
    id uuid NOT NULL,
    bill_id uuid NOT NULL,
    position integer NOT NULL,
    description text NOT NULL,
    quantity_milli bigint NOT NULL,
    unit_price_cents bigint NOT NULL,
    total_price_cents bigint NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    updated_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT bill_item_position_check CHECK (position BETWEEN 0 AND 9999),
    CONSTRAINT bill_item_quantity_milli_check CHECK (quantity_milli > 0),
    CONSTRAINT bill_item_unit_price_cents_check CHECK (unit_price_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT bill_item_total_price_cents_check CHECK (total_price_cents BETWEEN 0 AND 1000000000000)
);
SELECT pg_temp.bound_text('bill_item', 'description', 'required', 500);

CREATE TABLE bill_medical_record (
    bill_id uuid NOT NULL,
    medical_record_id uuid NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    updated_at timestamptz(3) NOT NULL DEFAULT clock_instant()
);

-- Links: each existing record once, in whatever shape the array is. Ids of records that never were, empty ones, those
-- with blanks around (or of records whose own id has some) and records of another patient are told.
CREATE TEMPORARY TABLE padded_record ON COMMIT DROP AS
SELECT DISTINCT ON (1) trim_blanks(l.legacy_id) AS bare, r.id, r.patient_id
  FROM legacy_id l JOIN medical_record r ON r.id = l.id
 WHERE l.table_name = 'MedicalRecord' AND trim_blanks(l.legacy_id) NOT IN (l.legacy_id, '')
 ORDER BY 1, l.legacy_id COLLATE "C";
CREATE TEMPORARY TABLE legacy_link ON COMMIT DROP AS
SELECT l.legacy_id, b.id AS bill_id, b.created_at, b.updated_at, u.ref, coalesce(r.id, s.id, d.id) AS record_id,
       r.id IS NULL AS inexact, coalesce(r.patient_id, s.patient_id, d.patient_id) <> b.patient_id AS of_another
  FROM bill b JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = b.id
 CROSS JOIN LATERAL (SELECT DISTINCT ref FROM unnest(b.medical_record_ids) AS ref) u
  LEFT JOIN medical_record r ON r.id = pg_temp.legacy_uuid('MedicalRecord', u.ref)
  LEFT JOIN medical_record s ON trim_blanks(u.ref) <> u.ref
   AND s.id = pg_temp.legacy_uuid('MedicalRecord', trim_blanks(u.ref))
  LEFT JOIN padded_record d ON d.bare = trim_blanks(u.ref);
INSERT INTO bill_medical_record (bill_id, medical_record_id, created_at, updated_at)
SELECT DISTINCT bill_id, record_id, created_at, updated_at FROM legacy_link WHERE record_id IS NOT NULL;
ALTER TABLE bill_medical_record ADD CONSTRAINT bill_medical_record_pkey PRIMARY KEY (bill_id, medical_record_id);
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'Bill', legacy_id, 'medicalRecordIds', ref,
       CASE WHEN trim_blanks(coalesce(ref, '')) = '' AND record_id IS NULL THEN 'no id: not linked'
            WHEN record_id IS NULL THEN 'no such record: not linked'
            WHEN of_another THEN 'linked (another patient''s record)' ELSE 'linked (blanks around the id)' END, 3
  FROM legacy_link WHERE record_id IS NULL OR inexact OR of_another ORDER BY legacy_id COLLATE "C", ref COLLATE "C";
SELECT pg_temp.progress('bill_medical_record', (SELECT count(*) FROM bill_medical_record));
ALTER TABLE bill DROP COLUMN medical_record_ids;
CREATE INDEX bill_medical_record_medical_record_id_idx ON bill_medical_record (medical_record_id);

-- Items. A list may stand as text within the JSON; NULL when there is none.
CREATE FUNCTION pg_temp.item_list(items jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE list jsonb := items;
BEGIN
    IF jsonb_typeof(items) = 'string' THEN
        list := pg_temp.to_items(items #>> '{}');
    END IF;
    RETURN CASE jsonb_typeof(list) WHEN 'array' THEN list END;
END $$;
-- A number may be a JSON number or its text; anything else counts as absent.
CREATE FUNCTION pg_temp.json_number(value jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN (value #>> '{}')::numeric
                WHEN jsonb_typeof(value) = 'string' AND trim_blanks(value #>> '{}') ~ '^-?[0-9]{1,15}([.][0-9]{1,20})?$'
                THEN trim_blanks(value #>> '{}')::numeric END
$$;
-- The value a row gets, per item: absent or impossible ones are 1 piece, price 0, the product as total. `told`: it is
-- not what stood there.
CREATE TEMPORARY TABLE legacy_item ON COMMIT DROP AS
SELECT v.*, v.odd OR v.quantity IS NULL OR abs(v.quantity * 1000 - v.quantity_milli) >= 0.1
            OR v.unit_price IS NULL OR abs(v.unit_price * 100 - v.unit_price_cents) >= 0.1
            OR v.total_price IS NULL OR abs(v.total_price * 100 - v.total_price_cents) >= 0.1
            OR v.total_price_cents <> round(v.quantity_milli::numeric * v.unit_price_cents / 1000) AS told
  FROM (SELECT m.*, CASE WHEN total_price BETWEEN 0 AND 1e10 THEN round(total_price * 100)
                ELSE least(round(quantity_milli::numeric * unit_price_cents / 1000),
                    1000000000000) END AS total_price_cents,
               jsonb_typeof(item) <> 'object' OR trim_blanks(description) = '' OR length(trim_blanks(description)) > 500
                OR nth > 9999 OR (jsonb_typeof(item) = 'object'
                   AND item - '{id,description,quantity,unitPrice,totalPrice}'::text[] <> '{}') AS odd
          FROM (SELECT i.*, CASE WHEN quantity >= 0.0005 AND quantity < 1e12 THEN round(quantity * 1000)::bigint
                                 ELSE 1000 END AS quantity_milli,
                       CASE WHEN unit_price BETWEEN 0 AND 1e10 THEN round(unit_price * 100)::bigint ELSE 0 END
                           AS unit_price_cents
                  FROM (SELECT l.legacy_id, b.id AS bill_id, e.item, (e.nth - 1)::integer AS nth, b.created_at,
                               b.updated_at, CASE jsonb_typeof(e.item)
                                   WHEN 'object' THEN coalesce(e.item ->> 'description', '')
                                   ELSE coalesce(e.item #>> '{}', '') END AS description,
                               pg_temp.json_number(e.item -> 'quantity') AS quantity,
                               pg_temp.json_number(e.item -> 'unitPrice') AS unit_price,
                               pg_temp.json_number(e.item -> 'totalPrice') AS total_price
                          FROM bill b JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = b.id
                         CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(b.items) WHEN 'array' THEN b.items
                                   WHEN 'string' THEN coalesce(pg_temp.item_list(b.items), '[]') ELSE '[]' END)
                               WITH ORDINALITY AS e (item, nth) OFFSET 0) i OFFSET 0) m OFFSET 0) v;

INSERT INTO bill_item (id, bill_id, position, description, quantity_milli, unit_price_cents, total_price_cents,
                       created_at, updated_at)
SELECT pg_temp.legacy_uuid('BillItem', legacy_id || ':' || nth), bill_id, least(nth, 9999),
       CASE WHEN length(trim_blanks(description)) BETWEEN 1 AND 500 THEN description
            WHEN trim_blanks(description) = '' THEN '(no description)' ELSE left(trim_blanks(description), 500) END,
       quantity_milli, unit_price_cents, total_price_cents, created_at, updated_at
  FROM legacy_item;
ALTER TABLE bill_item ADD CONSTRAINT bill_item_pkey PRIMARY KEY (id);
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'Bill', legacy_id, 'items', item::text, format('item %s kept: %s x %s = %s', nth + 1,
           trim_scale(quantity_milli / 1000.0), round(unit_price_cents / 100.0, 2),
           round(total_price_cents / 100.0, 2)), 3
  FROM legacy_item WHERE told ORDER BY legacy_id COLLATE "C", nth;
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'Bill', l.legacy_id, 'items', b.items::text, CASE WHEN pg_temp.item_list(b.items) IS NULL
           THEN 'no list: no line item' ELSE 'a list as text: read' END, 3
  FROM bill b JOIN legacy_id l ON l.table_name = 'Bill' AND l.id = b.id WHERE jsonb_typeof(b.items) <> 'array'
 ORDER BY l.legacy_id COLLATE "C";
SELECT pg_temp.progress('bill_item', (SELECT count(*) FROM bill_item));
ALTER TABLE bill DROP COLUMN items;
CREATE INDEX bill_item_bill_id_idx ON bill_item (bill_id);
