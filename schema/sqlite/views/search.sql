-- What the search is made of (../tables/0003_search.sql).

CREATE VIEW search_text (doc, words) AS SELECT doc, words FROM search_doc WHERE words <> '';

-- What a row is found by: `names` one a line, `code` a chip or the numbers of a bill.
CREATE VIEW search_source (kind, row_id, clinic_id, gone, names, email, phone, code) AS
SELECT 'owner', o.id, o.clinic_id, o.deleted_at IS NOT NULL, o.first_name || char(10) || o.last_name, o.email, o.phone,
       NULL
  FROM owner o
UNION ALL
SELECT 'patient', p.id, p.clinic_id, p.deleted_at IS NOT NULL,
       p.name || coalesce(char(10) || o.first_name || char(10) || o.last_name, ''), NULL, NULL, p.microchip
  FROM patient p LEFT JOIN owner o ON o.id = p.owner_id
UNION ALL
SELECT 'bill', b.id, b.clinic_id, b.deleted_at IS NOT NULL, NULL, NULL, NULL,
       b.provisional_number || coalesce(char(10) || b.bill_number, '')
  FROM bill b;
