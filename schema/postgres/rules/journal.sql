-- Makes the partitions of this month and `ahead` more; returns how many were missing. Central calls it at start and
-- once a day. Months are those of UTC. A month that the default partition already has rows of stays there.
CREATE OR REPLACE FUNCTION make_journal_partitions(ahead integer DEFAULT 3) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    starts timestamptz;
    ends timestamptz;
    month CONSTANT timestamp := date_trunc('month', public.clock_instant() AT TIME ZONE 'UTC');
    name text;
    made integer := 0;
BEGIN
    -- One at a time; it lets those write who write. Not an advisory lock: any login of the database, a reader of the
    -- reports too, could take that and hold it.
    LOCK TABLE ONLY public.sync_journal IN SHARE UPDATE EXCLUSIVE MODE;
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
