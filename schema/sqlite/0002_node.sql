-- The node's own tables: who it is, the log of what was written here, what central has taken of it, what was pulled.
-- Their meaning, column by column, is in docs/architecture.md. None of them is synced.

-- Single-row tables: `one` is always 1. An empty incarnation: the first life of the log has not begun yet.
CREATE TABLE node_state (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    node_id TEXT,
    node_name TEXT NOT NULL DEFAULT '',
    node_code TEXT NOT NULL DEFAULT '',
    incarnation TEXT NOT NULL DEFAULT '',
    central_url TEXT,
    next_provisional INTEGER NOT NULL DEFAULT 1 CHECK (next_provisional > 0),
    chain_digest TEXT NOT NULL DEFAULT '',
    sealed_seq INTEGER NOT NULL DEFAULT 0,
    last_push_at TEXT,
    last_pull_at TEXT,
    last_contact_at TEXT,
    last_error TEXT,
    enrolled_at TEXT,
    epoch INTEGER
) STRICT;
INSERT INTO node_state (one) VALUES (1);

-- Read by every trigger of the synced tables. Without its row no rule would hold, so the row is made here and stays.
CREATE TABLE sync_control (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    applying INTEGER NOT NULL DEFAULT 0 CHECK (applying IN (0, 1)),
    txn TEXT,
    actor TEXT,
    clock_offset_ms INTEGER NOT NULL DEFAULT 0 CHECK (clock_offset_ms BETWEEN -10000000000000 AND 10000000000000)
) STRICT;
INSERT INTO sync_control (one) VALUES (1);
CREATE TRIGGER sync_control_before_delete BEFORE DELETE ON sync_control
BEGIN
    SELECT RAISE(ABORT, 'immutable: sync_control keeps its only row');
END;
CREATE TRIGGER sync_control_before_insert BEFORE INSERT ON sync_control
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: sync_control has its only row');
END;

-- AUTOINCREMENT: a seq is never given twice, also after the newest rows were removed.
CREATE TABLE change_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    txn TEXT,
    actor TEXT,
    at TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('insert', 'update', 'delete')),
    old TEXT,
    new TEXT,
    row_version INTEGER NOT NULL
) STRICT;

CREATE TABLE sync_txn (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'local' CHECK (state IN ('local', 'sent', 'acknowledged', 'settled')),
    outcome TEXT CHECK (outcome IN ('applied', 'merged', 'held')),
    ack_versions TEXT,
    waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1)),
    code TEXT,
    reason TEXT,
    acknowledged_at TEXT,
    settled_at TEXT
) STRICT;
CREATE INDEX sync_txn_state_idx ON sync_txn (state, first_seq);
CREATE INDEX sync_txn_last_seq_idx ON sync_txn (last_seq);

CREATE TABLE sync_base (
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    image TEXT,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (table_name, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_base_last_seq_idx ON sync_base (last_seq);

CREATE TABLE sync_cursor (
    clinic_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 0,
    token TEXT,
    schema_version INTEGER NOT NULL,
    loading INTEGER NOT NULL DEFAULT 0 CHECK (loading IN (0, 1)),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'closing', 'revoked')),
    page_version INTEGER,
    page_table TEXT,
    page_id TEXT
) STRICT;

CREATE TABLE sync_inbox (
    clinic_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    image TEXT,
    PRIMARY KEY (clinic_id, table_name, row_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_item (
    id TEXT NOT NULL PRIMARY KEY,
    clinic_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('conflict', 'quarantine', 'notice')),
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    column_name TEXT,
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,
    mine TEXT,
    theirs TEXT,
    base TEXT,
    actor TEXT,
    node TEXT,
    at TEXT,
    opened_at TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved')),
    incarnation TEXT,
    first_seq INTEGER,
    actions TEXT NOT NULL DEFAULT '[]',
    version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sync_item_table_name_row_id_idx ON sync_item (table_name, row_id) WHERE status = 'open';
CREATE INDEX sync_item_opened_at_idx ON sync_item (opened_at DESC, id) WHERE status = 'open';
CREATE INDEX sync_item_incarnation_first_seq_idx ON sync_item (incarnation, first_seq);

CREATE TABLE idempotency (
    key TEXT NOT NULL,
    staff_email TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (key, staff_email)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);

CREATE TABLE local_password (
    staff_id TEXT NOT NULL PRIMARY KEY,
    based_on TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
