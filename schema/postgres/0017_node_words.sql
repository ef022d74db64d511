-- What a node tells of itself is stored only where it can be true (design.md sections 4 and 5): its highest bill number,
-- its provisional numbers, its health. Parts of a transaction on their way are counted by their bytes.

CREATE FUNCTION given_bill_number() RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM public.bill_number_seq);

UPDATE sync_node SET
    highest_bill_number = CASE WHEN highest_bill_number BETWEEN 0 AND given_bill_number() THEN highest_bill_number
                               ELSE 0 END,
    pending_changes = greatest(pending_changes, 0),
    clock_offset_ms = greatest(least(clock_offset_ms, 4000000000000), -4000000000000),
    schema_version = CASE WHEN schema_version BETWEEN 1 AND 10000 THEN schema_version END,
    app_version = CASE WHEN app_version COLLATE "C" ~ '^[ -~]{1,50}$' THEN app_version END,
    name = CASE WHEN length(name) BETWEEN 1 AND 100 AND name !~ '[\x01-\x1f\x7f]' THEN name ELSE code END;
ALTER TABLE sync_node
    ADD CONSTRAINT sync_node_highest_bill_number_check CHECK (highest_bill_number BETWEEN 0 AND 4611686018427387904),
    ADD CONSTRAINT sync_node_pending_changes_check CHECK (pending_changes BETWEEN 0 AND 2147483647),
    ADD CONSTRAINT sync_node_clock_offset_ms_check CHECK (clock_offset_ms BETWEEN -4000000000000 AND 4000000000000),
    ADD CONSTRAINT sync_node_schema_version_check CHECK (schema_version BETWEEN 1 AND 10000),
    ADD CONSTRAINT sync_node_app_version_check CHECK (app_version COLLATE "C" ~ '^[ -~]{1,50}$'),
    ADD CONSTRAINT sync_node_name_check CHECK (length(name) BETWEEN 1 AND 100 AND name !~ '[\x01-\x1f\x7f]');
-- Codes of before this rule stay: numbers on paper carry them.
ALTER TABLE sync_node_code
    ADD CONSTRAINT sync_node_code_code_check CHECK (code COLLATE "C" ~ '^[A-Z0-9]{5}$') NOT VALID;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM sync_node_code WHERE code COLLATE "C" !~ '^[A-Z0-9]{5}$') THEN
        ALTER TABLE sync_node_code VALIDATE CONSTRAINT sync_node_code_code_check;
    END IF;
END $$;
CREATE INDEX sync_incarnation_node_id_started_at_idx ON sync_incarnation (node_id, started_at);

ALTER TABLE sync_stage ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
UPDATE sync_stage SET bytes = octet_length(changes::text);
ALTER TABLE sync_stage ADD CONSTRAINT sync_stage_bytes_check CHECK (bytes >= 0);
CREATE INDEX sync_stage_staged_at_idx ON sync_stage (staged_at);

-- As before, but only a number within a million of the sequence moves it: one beyond is a mistake or a lie, and is
-- written down. Where such a number stands on a bill it is passed over when its turn comes.
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

-- Whose provisional numbers they are: under the intake of a push (vetchart.node) only those that carry a code of that
-- very node, in whatever life. Anyone else, an administrator by hand, may give what is free.
CREATE FUNCTION is_own_number(number text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE node CONSTANT text := coalesce(current_setting('vetchart.node', true), '');
BEGIN
    RETURN node = '' OR (number COLLATE "C" ~ '^[A-Z0-9]{5}-[0-9]{6,18}(/[0-9]{1,9})?$' AND EXISTS (
        SELECT FROM public.sync_node_code c WHERE c.code = left(number, 5) AND c.node_id = node::uuid));
END $$;

-- `wanted`; or `wanted/2`, `wanted/3` .. when another bill has it, or when it is not the writer's own: that one stays
-- free for whose it is. What is printed stays the beginning of it, so a search finds it. After some twenty the suffix
-- is drawn: whoever sends one number a thousand times shall not search a thousand times each.
DROP FUNCTION free_provisional_number(text);
CREATE FUNCTION free_provisional_number(wanted text, is_own boolean) RETURNS text LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION bill_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known record;
    n bigint;
    keep CONSTANT boolean := coalesce(current_setting('vetchart.keep_number', true), '') = 'on';
    moment CONSTANT timestamptz(3) := date_trunc('milliseconds', clock_timestamp());
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    SELECT bill_number, provisional_number, received_at INTO known FROM public.bill WHERE id = NEW.id;
    IF NOT FOUND THEN
        SELECT bill_number, provisional_number, received_at INTO known FROM archive.bill WHERE id = NEW.id;
    END IF;
    IF FOUND THEN
        NEW.bill_number := known.bill_number;
        NEW.provisional_number := known.provisional_number;
        NEW.received_at := known.received_at;
    ELSE
        IF NEW.bill_number IS NOT NULL AND NOT keep THEN
            PERFORM public.refuse('VC006', 'number_by_central: bill numbers come from central''s sequence alone');
        END IF;
        IF EXISTS (SELECT FROM archive.bill WHERE bill_number = NEW.bill_number) THEN
            RAISE unique_violation USING TABLE = 'bill', CONSTRAINT = 'bill_bill_number_key',
                MESSAGE = 'an archived bill has this number';
        END IF;
        NEW.bill_number := coalesce(NEW.bill_number, public.next_bill_number());
        IF NEW.provisional_number IS NULL THEN
            n := nextval('public.central_provisional_seq');
            NEW.provisional_number := public.free_provisional_number(
                'CENTRAL-' || lpad(n::text, greatest(6, length(n::text)), '0'), true);
        ELSE
            NEW.provisional_number := public.free_provisional_number(
                NEW.provisional_number, public.is_own_number(NEW.provisional_number));
        END IF;
        NEW.received_at := CASE WHEN keep THEN coalesce(NEW.received_at, moment) ELSE moment END;
    END IF;
    NEW.issued_at := coalesce(NEW.issued_at, CASE WHEN NEW.status IN ('sent', 'overdue', 'paid') THEN moment END);
    NEW.paid_at := coalesce(NEW.paid_at, CASE WHEN NEW.status = 'paid' THEN moment END);
    NEW.cancelled_at := coalesce(NEW.cancelled_at, CASE WHEN NEW.status = 'cancelled' THEN moment END);
    RETURN NEW;
END $$;
