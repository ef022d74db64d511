-- Search as you type over owners, patients and bills: one document a row, found by the beginnings of its words.
-- The documents follow their rows by triggers of their own, also inside an apply: what is searched is what is there.
-- They write no synced table, so their order among the other AFTER triggers does not matter.

-- A soft-deleted row keeps its document, marked: its records and bills are still found by its name.
CREATE TABLE search_doc (
    doc INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('owner', 'patient', 'bill')),
    row_id TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    gone INTEGER NOT NULL CHECK (gone IN (0, 1)),
    words TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX search_doc_kind_row_id_key ON search_doc (kind, row_id);

-- How many rows of a clinic are not deleted, so that nobody counts a million of them for a dashboard.
CREATE TABLE search_count (
    kind TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    rows_here INTEGER NOT NULL,
    PRIMARY KEY (kind, clinic_id)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE search_index USING fts5(words, content = 'search_doc', content_rowid = 'doc',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');

CREATE TRIGGER search_doc_after_insert AFTER INSERT ON search_doc
BEGIN
    INSERT INTO search_index (rowid, words) VALUES (NEW.doc, NEW.words);
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES (NEW.kind, NEW.clinic_id, 1 - NEW.gone)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER search_doc_after_update AFTER UPDATE ON search_doc WHEN NEW.words IS NOT OLD.words
BEGIN
    INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', OLD.doc, OLD.words);
    INSERT INTO search_index (rowid, words) VALUES (NEW.doc, NEW.words);
END;
CREATE TRIGGER search_doc_after_move AFTER UPDATE ON search_doc
WHEN (NEW.clinic_id, NEW.gone) IS NOT (OLD.clinic_id, OLD.gone)
BEGIN
    UPDATE search_count SET rows_here = rows_here - (1 - OLD.gone) WHERE kind = OLD.kind AND clinic_id = OLD.clinic_id;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES (NEW.kind, NEW.clinic_id, 1 - NEW.gone)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER search_doc_after_delete AFTER DELETE ON search_doc
BEGIN
    INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', OLD.doc, OLD.words);
    UPDATE search_count SET rows_here = rows_here - (1 - OLD.gone) WHERE kind = OLD.kind AND clinic_id = OLD.clinic_id;
END;

-- What a row is found by. A phone also as bare digits, without what stands before its last ten and seven (people leave
-- out the country and the area), and by its last four; a bill number also without its zeros.
CREATE VIEW search_source (kind, row_id, clinic_id, gone, words) AS
SELECT 'owner', o.id, o.clinic_id, o.deleted_at IS NOT NULL,
       o.first_name || ' ' || o.last_name || coalesce(' ' || o.email, '') || coalesce(' ' || o.phone, '')
           || coalesce(' ' || d.digits || iif(length(d.digits) > 10, ' ' || substr(d.digits, -10), '')
                           || iif(length(d.digits) > 7, ' ' || substr(d.digits, -7), '')
                           || ' ' || substr(d.digits, -4), '')
  FROM (SELECT *, replace(replace(replace(replace(replace(replace(replace(phone, ' ', ''), '-', ''), '(', ''), ')', ''),
                                          '.', ''), '/', ''), '+', '') AS digits FROM owner) d
  JOIN owner o ON o.id = d.id
UNION ALL
SELECT 'patient', p.id, p.clinic_id, p.deleted_at IS NOT NULL,
       p.name || coalesce(' ' || p.microchip, '') || coalesce(' ' || o.first_name || ' ' || o.last_name, '')
  FROM patient p LEFT JOIN owner o ON o.id = p.owner_id
UNION ALL
SELECT 'bill', b.id, b.clinic_id, b.deleted_at IS NOT NULL,
       b.provisional_number || coalesce(' ' || b.bill_number || ' ' || ltrim(substr(b.bill_number, 6), '0'), '')
  FROM bill b;

-- clinic_id changes once: when a node that worked alone joins central.
CREATE TRIGGER owner_search_insert AFTER INSERT ON owner
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone, words)
    SELECT kind, row_id, clinic_id, gone, words FROM search_source WHERE kind = 'owner' AND row_id = NEW.id
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone,
                                             words = excluded.words;
END;
CREATE TRIGGER owner_search_update AFTER UPDATE OF clinic_id, first_name, last_name, email, phone, deleted_at ON owner
WHEN (NEW.clinic_id, NEW.first_name, NEW.last_name, NEW.email, NEW.phone, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.first_name, OLD.last_name, OLD.email, OLD.phone, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone, words)
    SELECT kind, row_id, clinic_id, gone, words FROM search_source WHERE kind = 'owner' AND row_id = NEW.id
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone,
                                             words = excluded.words;
    UPDATE search_doc SET words = (SELECT s.words FROM search_source s WHERE s.kind = 'patient'
                                                                          AND s.row_id = search_doc.row_id)
     WHERE kind = 'patient' AND (NEW.first_name, NEW.last_name) IS NOT (OLD.first_name, OLD.last_name)
       AND row_id IN (SELECT id FROM patient WHERE clinic_id = NEW.clinic_id AND owner_id = NEW.id);
END;
CREATE TRIGGER owner_search_delete AFTER DELETE ON owner
BEGIN
    DELETE FROM search_doc WHERE kind = 'owner' AND row_id = OLD.id;
END;

CREATE TRIGGER patient_search_insert AFTER INSERT ON patient
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone, words)
    SELECT kind, row_id, clinic_id, gone, words FROM search_source WHERE kind = 'patient' AND row_id = NEW.id
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone,
                                             words = excluded.words;
END;
CREATE TRIGGER patient_search_update AFTER UPDATE OF clinic_id, name, microchip, owner_id, deleted_at ON patient
WHEN (NEW.clinic_id, NEW.name, NEW.microchip, NEW.owner_id, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.name, OLD.microchip, OLD.owner_id, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone, words)
    SELECT kind, row_id, clinic_id, gone, words FROM search_source WHERE kind = 'patient' AND row_id = NEW.id
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone,
                                             words = excluded.words;
END;
CREATE TRIGGER patient_search_delete AFTER DELETE ON patient
BEGIN
    DELETE FROM search_doc WHERE kind = 'patient' AND row_id = OLD.id;
END;

CREATE TRIGGER bill_search_insert AFTER INSERT ON bill
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone, words)
    SELECT kind, row_id, clinic_id, gone, words FROM search_source WHERE kind = 'bill' AND row_id = NEW.id
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone,
                                             words = excluded.words;
END;
CREATE TRIGGER bill_search_update AFTER UPDATE OF clinic_id, bill_number, provisional_number, deleted_at ON bill
WHEN (NEW.clinic_id, NEW.bill_number, NEW.provisional_number, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.bill_number, OLD.provisional_number, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone, words)
    SELECT kind, row_id, clinic_id, gone, words FROM search_source WHERE kind = 'bill' AND row_id = NEW.id
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone,
                                             words = excluded.words;
END;
CREATE TRIGGER bill_search_delete AFTER DELETE ON bill
BEGIN
    DELETE FROM search_doc WHERE kind = 'bill' AND row_id = OLD.id;
END;

-- The rows of a file that is older than its search.
INSERT INTO search_doc (kind, row_id, clinic_id, gone, words)
SELECT kind, row_id, clinic_id, gone, words FROM search_source;
