-- Phase 9: nodes, their lives and what they sent; users of HQ; central's own books (docs/architecture.md).

CREATE TABLE sync_node (
    id uuid NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    secret_hash bytea NOT NULL,
    state text NOT NULL DEFAULT 'active',
    enrolled_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
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
    CONSTRAINT sync_node_state_check CHECK (state IN ('active', 'revoked'))
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
    taken_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT sync_node_code_pkey PRIMARY KEY (code),
    CONSTRAINT sync_node_code_node_id_fkey FOREIGN KEY (node_id) REFERENCES sync_node (id) ON DELETE RESTRICT
);
CREATE INDEX sync_node_code_node_id_idx ON sync_node_code (node_id);

CREATE TABLE sync_incarnation (
    id integer GENERATED ALWAYS AS IDENTITY,
    incarnation uuid NOT NULL,
    node_id uuid NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    last_digest bytea NOT NULL,
    started_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT sync_incarnation_pkey PRIMARY KEY (id),
    CONSTRAINT sync_incarnation_last_seq_check CHECK (last_seq >= 0),
    CONSTRAINT sync_incarnation_last_digest_check CHECK (length(last_digest) = 32),
    CONSTRAINT sync_incarnation_node_id_fkey FOREIGN KEY (node_id) REFERENCES sync_node (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX sync_incarnation_incarnation_key ON sync_incarnation (incarnation);
CREATE INDEX sync_incarnation_node_id_idx ON sync_incarnation (node_id);

CREATE TABLE sync_transaction (
    incarnation_id integer NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    digest bytea NOT NULL,
    outcome text NOT NULL,
    versions jsonb NOT NULL DEFAULT '{}',
    item_id uuid,
    code text,
    received_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT sync_transaction_pkey PRIMARY KEY (incarnation_id, first_seq),
    CONSTRAINT sync_transaction_last_seq_check CHECK (last_seq >= first_seq),
    CONSTRAINT sync_transaction_digest_check CHECK (length(digest) = 32),
    CONSTRAINT sync_transaction_outcome_check CHECK (outcome IN ('applied', 'merged', 'held')),
    CONSTRAINT sync_transaction_incarnation_id_fkey FOREIGN KEY (incarnation_id)
        REFERENCES sync_incarnation (id) ON DELETE RESTRICT
);
CREATE INDEX sync_transaction_item_id_idx ON sync_transaction (item_id) WHERE item_id IS NOT NULL;

CREATE TABLE sync_stage (
    incarnation_id integer NOT NULL,
    first_seq bigint NOT NULL,
    part integer NOT NULL,
    part_count integer NOT NULL,
    changes jsonb NOT NULL,
    staged_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT sync_stage_pkey PRIMARY KEY (incarnation_id, first_seq, part),
    CONSTRAINT sync_stage_part_check CHECK (part >= 0 AND part < part_count),
    CONSTRAINT sync_stage_incarnation_id_fkey FOREIGN KEY (incarnation_id)
        REFERENCES sync_incarnation (id) ON DELETE RESTRICT
);

CREATE TABLE sync_invite (
    token_hash bytea NOT NULL,
    clinic_ids uuid[] NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3),
    used_by uuid,
    CONSTRAINT sync_invite_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sync_invite_clinic_ids_check CHECK (cardinality(clinic_ids) >= 1),
    CONSTRAINT sync_invite_used_by_fkey FOREIGN KEY (used_by) REFERENCES sync_node (id) ON DELETE RESTRICT
);
CREATE INDEX sync_invite_used_by_idx ON sync_invite (used_by);

-- Who wrote a column last, for the later-edit-wins rule.
CREATE TABLE row_meta (
    table_name text NOT NULL,
    row_id text NOT NULL,
    column_name text NOT NULL,
    at timestamptz(3) NOT NULL,
    actor text NOT NULL,
    node_id uuid,
    CONSTRAINT row_meta_pkey PRIMARY KEY (table_name, row_id, column_name)
);

CREATE TABLE hq_user (
    id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT hq_user_pkey PRIMARY KEY (id),
    CONSTRAINT hq_user_role_check CHECK (role IN ('admin', 'analyst'))
);
CREATE UNIQUE INDEX hq_user_email_key ON hq_user (email);

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_at_id_idx ON audit_log (at DESC, id);

-- Probe rows of POST /api/db/test-write. The old server's may be there; then they stay.
CREATE TABLE IF NOT EXISTS db_probes (
    id bigint GENERATED ALWAYS AS IDENTITY,
    payload text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT db_probes_pkey PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS idx_db_probes_created_at ON db_probes (created_at DESC);
