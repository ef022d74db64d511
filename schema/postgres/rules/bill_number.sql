-- Bill numbers from one sequence, and the provisional ones (docs/data-rules.md). The database gives a bill its number,
-- whoever inserts it.

-- The printed form: never cut, so BILL-1000000 follows BILL-999999.
CREATE OR REPLACE FUNCTION bill_number_text(n bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'BILL-' || lpad(n::text, greatest(6, length(n::text)), '0');

-- The server's identity and timeline, read once a session: neither can change within one that writes.
CREATE OR REPLACE FUNCTION this_system() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('vetchart.system', true), '') = '' THEN
        PERFORM set_config('vetchart.system', (SELECT system_identifier::text FROM pg_control_system()), false);
    END IF;
    RETURN current_setting('vetchart.system')::bigint;
END $$;

-- From the name of the WAL file being written: pg_control learns of a promotion only at the next checkpoint.
CREATE OR REPLACE FUNCTION this_timeline() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('vetchart.timeline', true), '') = '' THEN
        PERFORM set_config('vetchart.timeline',
            ('x' || lpad(left(pg_walfile_name(pg_current_wal_lsn()), 8), 16, '0'))::bit(64)::bigint::text, false);
    END IF;
    RETURN current_setting('vetchart.timeline')::bigint;
END $$;

-- The highest number given so far: what a node says it has seen beyond it cannot be true.
CREATE OR REPLACE FUNCTION given_bill_number() RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM public.bill_number_seq);

-- Moves the sequence up when this database is not where it last gave numbers (another system, timeline or epoch:
-- restored or failed over), past all that may have been given and forgotten. One session moves, the others wait. Only a
-- number within a million of the sequence moves it: one beyond is a mistake or a lie, and is written down. Where such a
-- number stands on a bill it is passed over when its turn comes.
CREATE OR REPLACE FUNCTION move_bill_numbers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    state public.central_state;
    last CONSTANT bigint := (SELECT last_value FROM public.bill_number_seq);
    reach CONSTANT bigint := 1000000;
    highest bigint;
    beyond bigint;
BEGIN
    SELECT * INTO STRICT state FROM public.central_state FOR UPDATE;
    IF (state.system_identifier, state.timeline, state.numbered_epoch)
       IS NOT DISTINCT FROM (public.this_system(), public.this_timeline(), state.epoch) THEN
        RETURN;
    END IF;
    SELECT max(n) FILTER (WHERE n - last <= reach), max(n) FILTER (WHERE n - last > reach) INTO highest, beyond
      FROM (SELECT highest_bill_number FROM public.sync_node
            UNION ALL SELECT public.printed_bill_number(bill_number) FROM public.bill
            UNION ALL SELECT public.printed_bill_number(bill_number) FROM archive.bill) x (n);
    IF beyond IS NOT NULL THEN
        RAISE WARNING 'bill number % is too far beyond the sequence (%): it does not count', beyond, last;
        INSERT INTO public.audit_log (actor, action, subject, detail) VALUES ('central', 'bill number beyond',
            'bill_number_seq', jsonb_build_object('number', beyond, 'sequence', last));
    END IF;
    PERFORM setval('public.bill_number_seq', greatest(last, highest) + state.number_jump);
    UPDATE public.central_state SET system_identifier = public.this_system(), timeline = public.this_timeline(),
           numbered_epoch = epoch;
END $$;

-- The next number, for the bill trigger alone. A number that is taken (printed by the legacy server, or put in by
-- hand) is passed over.
CREATE OR REPLACE FUNCTION next_bill_number() RETURNS text LANGUAGE plpgsql AS $$
DECLARE number text;
BEGIN
    PERFORM FROM public.central_state WHERE system_identifier = public.this_system()
        AND timeline = public.this_timeline() AND numbered_epoch = epoch;
    IF NOT FOUND THEN
        PERFORM public.move_bill_numbers();
    END IF;
    LOOP
        number := public.bill_number_text(nextval('public.bill_number_seq'));
        EXIT WHEN NOT EXISTS (SELECT FROM public.bill WHERE bill_number = number)
              AND NOT EXISTS (SELECT FROM archive.bill WHERE bill_number = number);
    END LOOP;
    RETURN number;
END $$;

-- Whose provisional numbers they are: under the intake of a push (vetchart.node) only those that carry a code of that
-- very node, in whatever life. Anyone else, an administrator by hand, may give what is free.
CREATE OR REPLACE FUNCTION is_own_number(number text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE node CONSTANT text := coalesce(current_setting('vetchart.node', true), '');
BEGIN
    RETURN node = '' OR (number COLLATE "C" ~ '^[A-Z0-9]{5}-[0-9]{6,18}(/[0-9]{1,9})?$' AND EXISTS (
        SELECT FROM public.sync_node_code c WHERE c.code = left(number, 5) AND c.node_id = node::uuid));
END $$;

-- `wanted`; or `wanted/2`, `wanted/3` .. when another bill has it, or when it is not the writer's own: that one stays
-- free for whose it is. What is printed stays the beginning of it, so a search finds it. After some twenty the suffix
-- is drawn: whoever sends one number a thousand times shall not search a thousand times each.
CREATE OR REPLACE FUNCTION free_provisional_number(wanted text, is_own boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    base CONSTANT text := left(regexp_replace(wanted, '(/[0-9]+)+$', ''), 89);
    number text := wanted;
    own boolean := is_own;
    nth integer := 1;
BEGIN
    WHILE NOT own OR EXISTS (SELECT FROM public.bill WHERE provisional_number = number)
       OR EXISTS (SELECT FROM archive.bill WHERE provisional_number = number) LOOP
        own := true;
        nth := CASE WHEN nth < 20 THEN nth + 1 ELSE 1000 + floor(random() * 999999000)::integer END;
        number := base || '/' || nth;
    END LOOP;
    RETURN number;
END $$;
