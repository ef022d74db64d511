-- What finding people is made of. All of it can be made anew from owner, patient and bill: the node does so when it finds
-- any of it damaged (edge/store/file/derived.h), and the rows are then taken up again step by step (search_state).
--
-- The words of a document are folded by the program (docs/adr/0010-text-folding.md), which the sqlite3 shell cannot do:
-- a trigger that called for it would refuse the shell's writes. So triggers mark the document, and the daemon folds
-- what is marked: in the transaction of its own writes, before a search, or within seconds.

-- `fold`: what folded the words. Rows are taken up in the order of their ids; up to `walk_id` of `walk_kind` all have
-- a document. No kind: all have.
CREATE TABLE search_state (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    fold TEXT NOT NULL DEFAULT '',
    walk_kind TEXT DEFAULT 'owner' CHECK (walk_kind = 'owner' OR walk_kind = 'patient' OR walk_kind = 'bill'),
    walk_id TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO search_state (one) VALUES (1);

-- A soft-deleted row keeps its document, marked as gone: its records and bills are still found by its name. No words:
-- not folded yet, or none to find it by; it is not in the index.
CREATE TABLE search_doc (
    doc INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind = 'owner' OR kind = 'patient' OR kind = 'bill'),
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

-- The words come folded, one blank between them: the tokenizer only divides them. They are those of ../views/search.sql.
CREATE VIRTUAL TABLE search_index USING fts5(words, content = 'search_text', content_rowid = 'doc', tokenize = 'ascii',
    prefix = '1 2 3');
CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab('search_index', 'instance');
