-- Phase 12: the journal: every transaction taken, with its changes, by month of arrival. Old months are detached and
-- kept elsewhere (docs/operations.md); the default partition takes what no month was made for.

CREATE TABLE sync_journal (
    id bigint GENERATED ALWAYS AS IDENTITY,
    received_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    node_id uuid NOT NULL,
    incarnation_id integer NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    actor text NOT NULL,
    at timestamptz(3) NOT NULL,
    outcome text NOT NULL,
    changes jsonb NOT NULL,
    CONSTRAINT sync_journal_pkey PRIMARY KEY (received_at, id),
    CONSTRAINT sync_journal_outcome_check CHECK (outcome IN ('applied', 'merged', 'held'))
) PARTITION BY RANGE (received_at);
CREATE INDEX sync_journal_incarnation_id_first_seq_idx ON sync_journal (incarnation_id, first_seq);
CREATE TABLE sync_journal_default PARTITION OF sync_journal DEFAULT;

-- Makes the partitions of this month and `ahead` more; returns how many were missing. Central calls it at start and
-- once a day. Months are those of UTC. A month that the default partition already has rows of stays there.
CREATE FUNCTION make_journal_partitions(ahead integer DEFAULT 3) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    starts timestamptz;
    ends timestamptz;
    month CONSTANT timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
    name text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('vetchart journal partitions', 0));
    FOR i IN 0 .. ahead LOOP
        starts := (month + i * interval '1 month') AT TIME ZONE 'UTC';
        ends := (month + (i + 1) * interval '1 month') AT TIME ZONE 'UTC';
        name := 'sync_journal_' || to_char(starts AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL OR EXISTS (
            SELECT FROM public.sync_journal_default WHERE received_at >= starts AND received_at < ends);
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.sync_journal FOR VALUES FROM (%L) TO (%L)',
            name, starts, ends);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
SELECT make_journal_partitions();
