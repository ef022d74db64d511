-- The node's own tables: who it is, the log of what was written here, what central has taken of it, what was pulled.
-- Their meaning, column by column, is in docs/architecture.md. None of them is synced.

-- Single-row tables: `one` is always 1. An empty incarnation: the first life of the log has not begun yet.
-- `link_state`: a name of sync/engine/link_state; empty: the last step that ended, ended well. `ahead_since`: since when
-- something waits whose own time lies ahead, by the clock as it is now. `grouped_seq`: up to here the log was sealed at
-- least once and has its `groups`; unlike sealed_seq it never goes back.
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
    epoch INTEGER,
    link_state TEXT NOT NULL DEFAULT '',
    link_state_since TEXT,
    clock_wrong_since TEXT,
    ahead_since TEXT,
    grouped_seq INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO node_state (one) VALUES (1);

-- Read by every trigger of the synced tables. Without its row no rule would hold, so the row is made here and stays.
-- `contact_seq`: up to here the log was written before the last contact: the times after it never decrease among
-- themselves, and owe nothing to those before. `clock_set_to`: the instant that counts as now, whatever the computer's
-- clock says; NULL on every real node.
CREATE TABLE sync_control (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    applying INTEGER NOT NULL DEFAULT 0 CHECK (applying IN (0, 1)),
    txn TEXT,
    actor TEXT,
    clock_offset_ms INTEGER NOT NULL DEFAULT 0 CHECK (clock_offset_ms BETWEEN -10000000000000 AND 10000000000000),
    contact_seq INTEGER NOT NULL DEFAULT 0,
    clock_set_to TEXT CHECK (strftime('%Y-%m-%dT%H:%M:%fZ', clock_set_to, '+0 days') IS clock_set_to)
) STRICT;
INSERT INTO sync_control (one) VALUES (1);

-- AUTOINCREMENT: a seq is never given twice, also after the newest rows were removed. `actor`: the staff id of whoever
-- the daemon wrote for, in the change's own clinic; NULL is nobody's, which is what a shell's is. `incarnation` (the life
-- it was captured in; empty: before the first), `seq` and `mark` are the change's origin, for ever: two copies of a file
-- that write on under one life never draw the same mark. `groups` is written by the seal: a JSON object of bill ids, each
-- with the digest of the bill's group before the transaction, in its first change that touches the group; else NULL.
CREATE TABLE change_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    txn TEXT,
    actor TEXT,
    at TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    op TEXT NOT NULL CHECK (op = 'insert' OR op = 'update' OR op = 'delete'),
    old TEXT,
    new TEXT,
    row_version INTEGER NOT NULL,
    incarnation TEXT NOT NULL DEFAULT '',
    mark TEXT NOT NULL DEFAULT (lower(hex(randomblob(8)))),
    groups TEXT
) STRICT;

-- `incarnation`, `number` and `digest` are a transaction's place: the life that sends it, its number there from 1 without
-- gaps, and the chain up to it. `sealed`: its bytes as they were sealed; NULL: not kept. `erased`: its logged values were
-- overwritten; the digest is of what was sent, not of what stands here.
CREATE TABLE sync_txn (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    actor TEXT,
    at TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'local'
        CHECK (state = 'local' OR state = 'sent' OR state = 'acknowledged' OR state = 'settled'),
    outcome TEXT CHECK (outcome = 'applied' OR outcome = 'merged' OR outcome = 'held'),
    ack_versions TEXT,
    waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1)),
    code TEXT,
    reason TEXT,
    acknowledged_at TEXT,
    settled_at TEXT,
    erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
    adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1)),
    number INTEGER NOT NULL CHECK (number > 0),
    sealed BLOB
) STRICT;
CREATE UNIQUE INDEX sync_txn_incarnation_number_key ON sync_txn (incarnation, number);
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

-- `page_rows`: rows that arrived since a pull of several pages began; `feed_rows`: how many the clinic's feed has (about:
-- it was counted when the load began; NULL when nobody asked).
CREATE TABLE sync_cursor (
    clinic_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 0,
    token TEXT,
    schema_version INTEGER NOT NULL,
    loading INTEGER NOT NULL DEFAULT 0 CHECK (loading IN (0, 1)),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state = 'active' OR state = 'closing' OR state = 'revoked'),
    page_version INTEGER,
    page_table TEXT,
    page_id TEXT,
    page_rows INTEGER NOT NULL DEFAULT 0 CHECK (page_rows >= 0),
    feed_rows INTEGER CHECK (feed_rows >= 0)
) STRICT;

-- Positions of a clinic's feed that this node has applied: the last 1,000, and of those before one a day. After a restore
-- of central they tell how far its past and this node's are the same.
CREATE TABLE sync_position (
    clinic_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    token TEXT NOT NULL,
    applied_at TEXT NOT NULL,
    PRIMARY KEY (clinic_id, version)
) STRICT, WITHOUT ROWID;

-- Deletions of central that this node has applied, so that it can tell a central that lost them. A row that comes back
-- removes its own. `delete_group`: what names all that went in the same deletion; NULL: the feed did not say.
CREATE TABLE sync_tombstone (
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    delete_group TEXT,
    applied_at TEXT NOT NULL,
    PRIMARY KEY (table_name, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_tombstone_clinic_id_version_idx ON sync_tombstone (clinic_id, version);

CREATE TABLE sync_inbox (
    clinic_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    image TEXT,
    PRIMARY KEY (clinic_id, table_name, row_id)
) STRICT, WITHOUT ROWID;

-- `theirs_..`: who wrote the value that a conflict left in place, and when. Of a resolved item `action` is what was done,
-- by whom (a staff id, or a word of central's) and when; `actions`, a JSON list, is what stands for a person to do now.
CREATE TABLE sync_item (
    id TEXT NOT NULL PRIMARY KEY,
    clinic_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'conflict' OR kind = 'quarantine' OR kind = 'notice'),
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    column_name TEXT,
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,
    mine TEXT,
    theirs TEXT,
    theirs_actor TEXT,
    theirs_at TEXT,
    theirs_node TEXT,
    base TEXT,
    actor TEXT,
    node TEXT,
    at TEXT,
    opened_at TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved')),
    action TEXT,
    decided_by TEXT,
    decided_at TEXT,
    incarnation TEXT,
    first_seq INTEGER,
    actions TEXT NOT NULL DEFAULT '[]',
    version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sync_item_table_name_row_id_idx ON sync_item (table_name, row_id) WHERE status = 'open';
CREATE INDEX sync_item_opened_at_idx ON sync_item (opened_at DESC, id) WHERE status = 'open';
CREATE INDEX sync_item_clinic_id_opened_at_id_idx ON sync_item (clinic_id, opened_at DESC, id);
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

-- A password set by the node's command line counts here alone (`set_here`); a better hash of an old password never
-- replaces it.
CREATE TABLE local_password (
    staff_id TEXT NOT NULL PRIMARY KEY,
    based_on TEXT NOT NULL,
    hash TEXT NOT NULL,
    set_here INTEGER NOT NULL DEFAULT 0 CHECK (set_here IN (0, 1))
) STRICT;

-- Who is logged in on this node: one row per session and staff row that its login opened. A token is good while its
-- session is here. A new life of the log (a restore, a copied folder) begins without any. `mark` is the end of the
-- password's hash, which no two hashes share.
CREATE TABLE login_session (
    id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    email TEXT NOT NULL,
    mark TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_session_staff_id_idx ON login_session (staff_id, created_at);
CREATE INDEX login_session_expires_at_idx ON login_session (expires_at);

-- Owners who were erased at central: what this node overwrites in its own books too, now and in work that central takes
-- later (docs/retention.md). Whose they are comes with a notice of the feed; names are not kept here.
-- `table_name`: owner (the row itself), medical_record (its owner snapshot), patient (the snapshots of its records that
-- were written before `at`, or here up to the log's `until_seq`: before the node knew of it, whenever that was; and, when
-- somebody typed a name in again, before that was overwritten).
CREATE TABLE erased_row (
    table_name TEXT NOT NULL CHECK (table_name = 'owner' OR table_name = 'patient' OR table_name = 'medical_record'),
    row_id TEXT NOT NULL,
    at TEXT NOT NULL,
    until_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, row_id)
) STRICT, WITHOUT ROWID;

-- `purged_seq`: up to there the change log was gone through. What central has not acknowledged stays as it is: its digest
-- must fit what is sent. `file_dirty`: where overwritten bytes may still be: 1 in the file, 2 as before and it is being
-- rewritten, 3 in its WAL only.
CREATE TABLE erasure_state (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    purged_seq INTEGER NOT NULL DEFAULT 0,
    file_dirty INTEGER NOT NULL DEFAULT 0 CHECK (file_dirty BETWEEN 0 AND 3)
) STRICT;
INSERT INTO erasure_state (one) VALUES (1);

-- What the node found damaged of what can be made anew, and made anew: shown by the status and the metrics.
CREATE TABLE derived_rebuild (
    what TEXT NOT NULL PRIMARY KEY,
    times INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;

-- The triggers and views that a program put here (../rules, ../views and the generated ones), each with the checksum of
-- its text: what is another program's is replaced, what differs from its checksum was changed by somebody.
CREATE TABLE schema_rule (
    name TEXT NOT NULL PRIMARY KEY,
    checksum TEXT NOT NULL
) STRICT, WITHOUT ROWID;
