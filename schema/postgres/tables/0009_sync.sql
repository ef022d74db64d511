-- Phase 9: nodes, their lives and what they sent; the feed; what a person has to see; users of HQ; central's own books
-- (docs/architecture.md has each table).

-- What a node tells of itself is stored only where it can be true (docs/data-rules.md).
CREATE TABLE sync_node (
    id uuid NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    secret_hash bytea NOT NULL,
    state text NOT NULL DEFAULT 'active',
    enrolled_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    last_seen_at timestamptz(3),
    last_push_at timestamptz(3),
    last_pull_at timestamptz(3),
    schema_version integer,
    app_version text,
    pending_changes bigint,
    oldest_pending_at timestamptz(3),
    clock_offset_ms bigint,
    highest_bill_number bigint NOT NULL DEFAULT 0,
    CONSTRAINT sync_node_pkey PRIMARY KEY (id),
    CONSTRAINT sync_node_state_check CHECK (state IN ('active', 'revoked')),
    CONSTRAINT sync_node_highest_bill_number_check CHECK (highest_bill_number BETWEEN 0 AND 4611686018427387904),
    CONSTRAINT sync_node_pending_changes_check CHECK (pending_changes BETWEEN 0 AND 2147483647),
    CONSTRAINT sync_node_clock_offset_ms_check CHECK (clock_offset_ms BETWEEN -4000000000000 AND 4000000000000),
    CONSTRAINT sync_node_schema_version_check CHECK (schema_version BETWEEN 1 AND 10000),
    CONSTRAINT sync_node_app_version_check CHECK (app_version COLLATE "C" ~ '^[ -~]{1,50}$'),
    CONSTRAINT sync_node_name_check CHECK (length(name) BETWEEN 1 AND 100 AND name !~ '[\x01-\x1f\x7f]')
);

CREATE TABLE sync_node_clinic (
    node_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'active',
    CONSTRAINT sync_node_clinic_pkey PRIMARY KEY (node_id, clinic_id),
    CONSTRAINT sync_node_clinic_state_check CHECK (state IN ('active', 'closing')),
    CONSTRAINT sync_node_clinic_node_id_fkey FOREIGN KEY (node_id) REFERENCES sync_node (id) ON DELETE RESTRICT,
    CONSTRAINT sync_node_clinic_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id) ON DELETE RESTRICT
);
CREATE INDEX sync_node_clinic_clinic_id_idx ON sync_node_clinic (clinic_id);

CREATE TABLE sync_node_code (
    code text NOT NULL,
    node_id uuid NOT NULL,
    incarnation uuid NOT NULL,
    taken_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT sync_node_code_pkey PRIMARY KEY (code),
    CONSTRAINT sync_node_code_code_check CHECK (code COLLATE "C" ~ '^[A-Z0-9]{5}$'),
    CONSTRAINT sync_node_code_node_id_fkey FOREIGN KEY (node_id) REFERENCES sync_node (id) ON DELETE RESTRICT
);
CREATE INDEX sync_node_code_node_id_idx ON sync_node_code (node_id);

CREATE TABLE sync_incarnation (
    id integer GENERATED ALWAYS AS IDENTITY,
    incarnation uuid NOT NULL,
    node_id uuid NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    last_digest bytea NOT NULL,
    started_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT sync_incarnation_pkey PRIMARY KEY (id),
    CONSTRAINT sync_incarnation_last_seq_check CHECK (last_seq >= 0),
    CONSTRAINT sync_incarnation_last_digest_check CHECK (length(last_digest) = 32),
    CONSTRAINT sync_incarnation_node_id_fkey FOREIGN KEY (node_id) REFERENCES sync_node (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX sync_incarnation_incarnation_key ON sync_incarnation (incarnation);
CREATE INDEX sync_incarnation_node_id_idx ON sync_incarnation (node_id);
CREATE INDEX sync_incarnation_node_id_started_at_idx ON sync_incarnation (node_id, started_at);

CREATE TABLE sync_transaction (
    incarnation_id integer NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    digest bytea NOT NULL,
    outcome text NOT NULL,
    versions jsonb NOT NULL DEFAULT '{}',
    item_id uuid,
    code text,
    received_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT sync_transaction_pkey PRIMARY KEY (incarnation_id, first_seq),
    CONSTRAINT sync_transaction_last_seq_check CHECK (last_seq >= first_seq),
    CONSTRAINT sync_transaction_digest_check CHECK (length(digest) = 32),
    CONSTRAINT sync_transaction_outcome_check CHECK (outcome IN ('applied', 'merged', 'held')),
    CONSTRAINT sync_transaction_incarnation_id_fkey FOREIGN KEY (incarnation_id)
        REFERENCES sync_incarnation (id) ON DELETE RESTRICT
);
CREATE INDEX sync_transaction_item_id_idx ON sync_transaction (item_id) WHERE item_id IS NOT NULL;

-- Parts of a transaction on their way, counted by their bytes.
CREATE TABLE sync_stage (
    incarnation_id integer NOT NULL,
    first_seq bigint NOT NULL,
    part integer NOT NULL,
    part_count integer NOT NULL,
    changes jsonb NOT NULL,
    staged_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    bytes bigint NOT NULL DEFAULT 0,
    CONSTRAINT sync_stage_pkey PRIMARY KEY (incarnation_id, first_seq, part),
    CONSTRAINT sync_stage_part_check CHECK (part >= 0 AND part < part_count),
    CONSTRAINT sync_stage_bytes_check CHECK (bytes >= 0),
    CONSTRAINT sync_stage_incarnation_id_fkey FOREIGN KEY (incarnation_id)
        REFERENCES sync_incarnation (id) ON DELETE RESTRICT
);

CREATE INDEX sync_stage_staged_at_idx ON sync_stage (staged_at);

CREATE TABLE sync_invite (
    token_hash bytea NOT NULL,
    clinic_ids uuid[] NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3),
    used_by uuid,
    CONSTRAINT sync_invite_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sync_invite_clinic_ids_check CHECK (cardinality(clinic_ids) >= 1),
    CONSTRAINT sync_invite_used_by_fkey FOREIGN KEY (used_by) REFERENCES sync_node (id) ON DELETE RESTRICT
);
CREATE INDEX sync_invite_used_by_idx ON sync_invite (used_by);

-- Who wrote a column last, for the later-edit-wins rule, and at which version of the clinic: what a later change must
-- have seen. The actor is a staff id, or the word of a command of central; NULL is nobody's hand, as a shell's.
CREATE TABLE row_meta (
    table_name text NOT NULL,
    row_id text NOT NULL,
    column_name text NOT NULL,
    at timestamptz(3) NOT NULL,
    actor text,
    node_id uuid,
    version bigint,
    CONSTRAINT row_meta_pkey PRIMARY KEY (table_name, row_id, column_name)
);

-- The feed (docs/data-rules.md): every clinic has a commit counter. A transaction that touches the clinic takes the
-- next number under the counter row's lock and holds it to its end: versions become visible in order.
CREATE TABLE sync_counter (
    clinic_id uuid NOT NULL,
    version bigint NOT NULL,
    taker xid8,
    system_identifier bigint,
    CONSTRAINT sync_counter_pkey PRIMARY KEY (clinic_id)
) WITH (fillfactor = 50);

-- A position is known when its token is here: (version, token) of one transaction of one history.
CREATE TABLE sync_position (
    clinic_id uuid NOT NULL,
    version bigint NOT NULL,
    token uuid NOT NULL,
    committed_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT sync_position_pkey PRIMARY KEY (clinic_id, version)
);

-- Hard-deleted rows with their last image. Names and ids sort as bytes, as in the pages of a pull. Rows of one delete
-- group went in one transaction of whoever deleted them, and come back together; NULL: in a node's transaction, which
-- the intake has not told apart from others of its batch.
CREATE TABLE sync_tombstone (
    table_name text COLLATE "C" NOT NULL,
    row_id text COLLATE "C" NOT NULL,
    clinic_id uuid NOT NULL,
    version bigint NOT NULL,
    image jsonb,
    deleted_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    delete_group uuid,
    CONSTRAINT sync_tombstone_pkey PRIMARY KEY (table_name, row_id)
);
CREATE INDEX sync_tombstone_delete_group_idx ON sync_tombstone (delete_group) WHERE delete_group IS NOT NULL;
CREATE INDEX sync_tombstone_clinic_id_version_idx ON sync_tombstone (clinic_id, version, table_name, row_id);

-- Conflicts, quarantine and notices: what a person has to see. `changes` holds a held transaction whole. `undo`: the
-- changes that put back what stood before the item's decision.
CREATE TABLE sync_item (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    kind text NOT NULL,
    table_name text NOT NULL,
    row_id text NOT NULL,
    column_name text,
    code text NOT NULL,
    title text NOT NULL,
    reason text NOT NULL,
    mine jsonb,
    theirs jsonb,
    theirs_actor text,
    theirs_at timestamptz(3),
    theirs_node_id uuid,
    base jsonb,
    changes jsonb,
    actor text,
    at timestamptz(3) NOT NULL,
    opened_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    node_id uuid,
    incarnation_id integer,
    first_seq bigint,
    last_seq bigint,
    status text NOT NULL DEFAULT 'open',
    action text,
    decided_by text,
    decided_at timestamptz(3),
    actions jsonb NOT NULL DEFAULT '[]',
    undo jsonb,
    CONSTRAINT sync_item_pkey PRIMARY KEY (id),
    CONSTRAINT sync_item_kind_check CHECK (kind IN ('conflict', 'quarantine', 'notice')),
    CONSTRAINT sync_item_status_check CHECK (status IN ('open', 'resolved')),
    CONSTRAINT sync_item_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id) ON DELETE RESTRICT,
    CONSTRAINT sync_item_node_id_fkey FOREIGN KEY (node_id) REFERENCES sync_node (id) ON DELETE RESTRICT,
    CONSTRAINT sync_item_theirs_node_id_fkey FOREIGN KEY (theirs_node_id) REFERENCES sync_node (id) ON DELETE RESTRICT,
    CONSTRAINT sync_item_incarnation_id_fkey FOREIGN KEY (incarnation_id)
        REFERENCES sync_incarnation (id) ON DELETE RESTRICT
);
CREATE INDEX sync_item_clinic_id_version_id_idx ON sync_item (clinic_id, version, id);
CREATE INDEX sync_item_table_name_row_id_idx ON sync_item (table_name, row_id) WHERE status = 'open';
CREATE INDEX sync_item_node_id_idx ON sync_item (node_id);
CREATE INDEX sync_item_theirs_node_id_idx ON sync_item (theirs_node_id) WHERE theirs_node_id IS NOT NULL;
CREATE INDEX sync_item_incarnation_id_first_seq_idx ON sync_item (incarnation_id, first_seq);

-- What people decided on items: the item as they saw it, the action, its value as JSON text. A node inserts it, central
-- carries it out when it takes it and says the outcome, with a sentence for a person where it is not done.
CREATE TABLE item_decision (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_version bigint NOT NULL,
    action text NOT NULL,
    value text,
    actor text NOT NULL,
    outcome text,
    answer text,
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    updated_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT item_decision_pkey PRIMARY KEY (id),
    CONSTRAINT item_decision_item_version_check CHECK (item_version >= 0),
    CONSTRAINT item_decision_action_check CHECK (length(public.trim_blanks(action)) BETWEEN 1 AND 40),
    CONSTRAINT item_decision_value_check CHECK (length(value) <= 100000),
    CONSTRAINT item_decision_actor_check CHECK (length(public.trim_blanks(actor)) BETWEEN 1 AND 300),
    CONSTRAINT item_decision_outcome_check CHECK (length(outcome) <= 20),
    CONSTRAINT item_decision_answer_check CHECK (length(answer) <= 2000),
    CONSTRAINT item_decision_created_at_check
        CHECK (created_at >= '0001-01-01T00:00:00Z' AND created_at < '10000-01-01T00:00:00Z'),
    CONSTRAINT item_decision_updated_at_check
        CHECK (updated_at >= '0001-01-01T00:00:00Z' AND updated_at < '10000-01-01T00:00:00Z'),
    CONSTRAINT item_decision_version_check CHECK (version >= 0),
    CONSTRAINT item_decision_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id) ON DELETE RESTRICT
);
CREATE INDEX item_decision_item_id_idx ON item_decision (item_id);
CREATE INDEX item_decision_outcome_updated_at_idx ON item_decision (outcome, updated_at);
CREATE INDEX item_decision_clinic_id_version_id_idx ON item_decision (clinic_id, version, id);

-- The rows that held transactions wrote: who builds on them waits with them (docs/sync-protocol.md, "Held"). What
-- references a row that one inserted waits; of a row that one only changed, what writes it.
CREATE TABLE held_row (
    item_id uuid NOT NULL,
    table_name text NOT NULL,
    row_id text NOT NULL,
    inserted boolean NOT NULL DEFAULT true,
    CONSTRAINT held_row_pkey PRIMARY KEY (item_id, table_name, row_id),
    CONSTRAINT held_row_item_id_fkey FOREIGN KEY (item_id) REFERENCES sync_item (id) ON DELETE RESTRICT
);
CREATE INDEX held_row_table_name_row_id_idx ON held_row (table_name, row_id);

-- The journal: every transaction taken, with its changes, by month of arrival. Old months are detached and kept
-- elsewhere (docs/operations.md); the default partition takes what no month was made for.
CREATE TABLE sync_journal (
    id bigint GENERATED ALWAYS AS IDENTITY,
    received_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    node_id uuid NOT NULL,
    incarnation_id integer NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    actor text,
    at timestamptz(3) NOT NULL,
    outcome text NOT NULL,
    changes jsonb NOT NULL,
    CONSTRAINT sync_journal_pkey PRIMARY KEY (received_at, id),
    CONSTRAINT sync_journal_outcome_check CHECK (outcome IN ('applied', 'merged', 'held'))
) PARTITION BY RANGE (received_at);
CREATE INDEX sync_journal_incarnation_id_first_seq_idx ON sync_journal (incarnation_id, first_seq);
CREATE TABLE sync_journal_default PARTITION OF sync_journal DEFAULT;
-- An erasure reads the journal by its ids; they grow with the pages, so this index is next to nothing.
CREATE INDEX sync_journal_id_idx ON sync_journal USING brin (id) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE hq_user (
    id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT hq_user_pkey PRIMARY KEY (id),
    CONSTRAINT hq_user_role_check CHECK (role IN ('admin', 'analyst'))
);
CREATE UNIQUE INDEX hq_user_email_key ON hq_user (email);

-- Who of HQ is logged in: a token is good while its session is here, at every central of this database. UNLOGGED: the
-- sessions are in no base backup and on no standby, so a database brought back from the past brings none back that was
-- ended since; after a crash or a failover HQ logs in once more.
CREATE UNLOGGED TABLE hq_session (
    id text NOT NULL,
    hq_user_id uuid NOT NULL,
    created_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    CONSTRAINT hq_session_pkey PRIMARY KEY (id),
    CONSTRAINT hq_session_hq_user_id_fkey FOREIGN KEY (hq_user_id) REFERENCES hq_user (id) ON DELETE CASCADE
);
CREATE INDEX hq_session_hq_user_id_idx ON hq_session (hq_user_id, created_at);
CREATE INDEX hq_session_expires_at_idx ON hq_session (expires_at);

-- The audit is written once. What a line says can be changed or taken away by nobody who writes through this database's
-- rules, central itself included: only the table's owner or a superuser, who can take a trigger off, could
-- (docs/operations.md). `address`: what an API was called from, when it says so; else where the database sees the
-- program; a UNIX socket is "local". `login`: the login of the database.
CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    address text DEFAULT coalesce(nullif(current_setting('vetchart.address', true), ''), host(inet_client_addr()),
                                  'local'),
    login text DEFAULT session_user,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_at_id_idx ON audit_log (at DESC, id);
REVOKE ALL ON audit_log FROM PUBLIC;

-- Probe rows of POST /api/db/test-write. The old server's may be there; then they stay.
CREATE TABLE IF NOT EXISTS db_probes (
    id bigint GENERATED ALWAYS AS IDENTITY,
    payload text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_instant(),
    CONSTRAINT db_probes_pkey PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS idx_db_probes_created_at ON db_probes (created_at DESC);

-- What a legacy server left stands at version 1 of its clinic.
INSERT INTO sync_counter (clinic_id, version, taker, system_identifier)
SELECT c.id, 1, pg_current_xact_id(), (SELECT system_identifier FROM pg_control_system()) FROM clinic c;
INSERT INTO sync_position (clinic_id, version, token) SELECT c.id, 1, gen_random_uuid() FROM clinic c;
