-- What finding people is made of. All of it can be made anew from owner, patient and bill, so this file drops what is
-- there of it and begins again: the node runs it once more when it finds any of it damaged (edge/store/file/derived.h), and
-- the rows are then taken up again step by step (search_state).
--
-- The words of a document are folded by the program (docs/adr/0010-text-folding.md), which the sqlite3 shell cannot do:
-- a trigger that called for it would refuse the shell's writes. So triggers mark the document, and the daemon folds
-- what is marked: in the transaction of its own writes, before a search, or within seconds.
DROP TRIGGER IF EXISTS owner_search_insert;
DROP TRIGGER IF EXISTS owner_search_update;
DROP TRIGGER IF EXISTS owner_search_delete;
DROP TRIGGER IF EXISTS owner_search_count;
DROP TRIGGER IF EXISTS patient_search_insert;
DROP TRIGGER IF EXISTS patient_search_update;
DROP TRIGGER IF EXISTS patient_search_delete;
DROP TRIGGER IF EXISTS patient_search_count;
DROP TRIGGER IF EXISTS bill_search_insert;
DROP TRIGGER IF EXISTS bill_search_update;
DROP TRIGGER IF EXISTS bill_search_delete;
DROP TRIGGER IF EXISTS bill_search_count;
DROP VIEW IF EXISTS search_source;
DROP TABLE IF EXISTS search_vocabulary;
DROP TABLE IF EXISTS search_index;
DROP VIEW IF EXISTS search_text;
DROP TABLE IF EXISTS search_mark;
DROP TABLE IF EXISTS search_doc;
DROP TABLE IF EXISTS search_count;
DROP TABLE IF EXISTS search_state;

-- `fold`: what folded the words. Rows are taken up in the order of their ids; up to `walk_id` of `walk_kind` all have
-- a document. No kind: all have.
CREATE TABLE search_state (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    fold TEXT NOT NULL DEFAULT '',
    walk_kind TEXT DEFAULT 'owner' CHECK (walk_kind IN ('owner', 'patient', 'bill')),
    walk_id TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO search_state (one) VALUES (1);

-- A soft-deleted row keeps its document, marked as gone: its records and bills are still found by its name. No words:
-- not folded yet, or none to find it by; it is not in the index.
CREATE TABLE search_doc (
    doc INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('owner', 'patient', 'bill')),
    row_id TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    gone INTEGER NOT NULL CHECK (gone IN (0, 1)),
    words TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX search_doc_kind_row_id_key ON search_doc (kind, row_id);

-- Documents whose words are to be folded.
CREATE TABLE search_mark (doc INTEGER PRIMARY KEY) STRICT;

-- How many rows of a clinic are not deleted, so that nobody counts a million of them for a dashboard.
CREATE TABLE search_count (
    kind TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    rows_here INTEGER NOT NULL,
    PRIMARY KEY (kind, clinic_id)
) STRICT, WITHOUT ROWID;

-- The words come folded, one blank between them: the tokenizer only divides them.
CREATE VIEW search_text (doc, words) AS SELECT doc, words FROM search_doc WHERE words <> '';
CREATE VIRTUAL TABLE search_index USING fts5(words, content = 'search_text', content_rowid = 'doc', tokenize = 'ascii',
    prefix = '1 2 3');
CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab('search_index', 'instance');

CREATE TRIGGER search_doc_after_insert AFTER INSERT ON search_doc
BEGIN
    INSERT INTO search_mark (doc) VALUES (NEW.doc) ON CONFLICT (doc) DO NOTHING;
    INSERT INTO search_index (rowid, words) SELECT NEW.doc, NEW.words WHERE NEW.words <> '';
END;
CREATE TRIGGER search_doc_after_update AFTER UPDATE OF words ON search_doc WHEN NEW.words IS NOT OLD.words
BEGIN
    INSERT INTO search_index (search_index, rowid, words) SELECT 'delete', OLD.doc, OLD.words WHERE OLD.words <> '';
    INSERT INTO search_index (rowid, words) SELECT NEW.doc, NEW.words WHERE NEW.words <> '';
END;
-- Every write of the row comes by here, whatever it changed.
CREATE TRIGGER search_doc_after_touch AFTER UPDATE OF clinic_id, gone ON search_doc
BEGIN
    INSERT INTO search_mark (doc) VALUES (NEW.doc) ON CONFLICT (doc) DO NOTHING;
END;
CREATE TRIGGER search_doc_after_delete AFTER DELETE ON search_doc
BEGIN
    INSERT INTO search_index (search_index, rowid, words) SELECT 'delete', OLD.doc, OLD.words WHERE OLD.words <> '';
    DELETE FROM search_mark WHERE doc = OLD.doc;
END;

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

-- clinic_id changes once: when a node that worked alone joins central.
CREATE TRIGGER owner_search_insert AFTER INSERT ON owner
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('owner', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('owner', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER owner_search_update AFTER UPDATE OF clinic_id, first_name, last_name, email, phone, deleted_at ON owner
WHEN (NEW.clinic_id, NEW.first_name, NEW.last_name, NEW.email, NEW.phone, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.first_name, OLD.last_name, OLD.email, OLD.phone, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('owner', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_mark (doc)
    SELECT d.doc FROM patient p JOIN search_doc d ON d.kind = 'patient' AND d.row_id = p.id
     WHERE p.clinic_id = NEW.clinic_id AND p.owner_id = NEW.id
       AND (NEW.first_name, NEW.last_name) IS NOT (OLD.first_name, OLD.last_name)
    ON CONFLICT (doc) DO NOTHING;
END;
CREATE TRIGGER owner_search_count AFTER UPDATE OF clinic_id, deleted_at ON owner
WHEN (NEW.clinic_id, NEW.deleted_at IS NULL) IS NOT (OLD.clinic_id, OLD.deleted_at IS NULL)
BEGIN
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'owner' AND clinic_id = OLD.clinic_id;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('owner', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER owner_search_delete AFTER DELETE ON owner
BEGIN
    DELETE FROM search_doc WHERE kind = 'owner' AND row_id = OLD.id;
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'owner' AND clinic_id = OLD.clinic_id;
END;

CREATE TRIGGER patient_search_insert AFTER INSERT ON patient
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('patient', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('patient', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER patient_search_update AFTER UPDATE OF clinic_id, name, microchip, owner_id, deleted_at ON patient
WHEN (NEW.clinic_id, NEW.name, NEW.microchip, NEW.owner_id, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.name, OLD.microchip, OLD.owner_id, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('patient', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
END;
CREATE TRIGGER patient_search_count AFTER UPDATE OF clinic_id, deleted_at ON patient
WHEN (NEW.clinic_id, NEW.deleted_at IS NULL) IS NOT (OLD.clinic_id, OLD.deleted_at IS NULL)
BEGIN
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'patient' AND clinic_id = OLD.clinic_id;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('patient', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER patient_search_delete AFTER DELETE ON patient
BEGIN
    DELETE FROM search_doc WHERE kind = 'patient' AND row_id = OLD.id;
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'patient' AND clinic_id = OLD.clinic_id;
END;

CREATE TRIGGER bill_search_insert AFTER INSERT ON bill
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('bill', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('bill', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER bill_search_update AFTER UPDATE OF clinic_id, bill_number, provisional_number, deleted_at ON bill
WHEN (NEW.clinic_id, NEW.bill_number, NEW.provisional_number, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.bill_number, OLD.provisional_number, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('bill', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
END;
CREATE TRIGGER bill_search_count AFTER UPDATE OF clinic_id, deleted_at ON bill
WHEN (NEW.clinic_id, NEW.deleted_at IS NULL) IS NOT (OLD.clinic_id, OLD.deleted_at IS NULL)
BEGIN
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'bill' AND clinic_id = OLD.clinic_id;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('bill', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER bill_search_delete AFTER DELETE ON bill
BEGIN
    DELETE FROM search_doc WHERE kind = 'bill' AND row_id = OLD.id;
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'bill' AND clinic_id = OLD.clinic_id;
END;

-- The documents follow by steps; the totals are right at once.
INSERT INTO search_count (kind, clinic_id, rows_here)
SELECT 'owner', clinic_id, count(*) FILTER (WHERE deleted_at IS NULL) FROM owner GROUP BY clinic_id
UNION ALL
SELECT 'patient', clinic_id, count(*) FILTER (WHERE deleted_at IS NULL) FROM patient GROUP BY clinic_id
UNION ALL
SELECT 'bill', clinic_id, count(*) FILTER (WHERE deleted_at IS NULL) FROM bill GROUP BY clinic_id;
