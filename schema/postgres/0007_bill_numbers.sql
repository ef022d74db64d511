-- Phase 7: bill numbers from one sequence (design.md section 4).

-- A legacy bill's number is also its provisional one, and it was received when it was made (computed as in phase 2).
ALTER TABLE bill
    ADD COLUMN provisional_number text GENERATED ALWAYS AS (bill_number) STORED NOT NULL,
    ADD COLUMN received_at timestamptz(3) GENERATED ALWAYS AS (created_at) STORED NOT NULL;
ALTER TABLE bill
    ALTER COLUMN provisional_number DROP EXPRESSION,
    ALTER COLUMN received_at DROP EXPRESSION,
    ALTER COLUMN received_at SET DEFAULT date_trunc('milliseconds', clock_timestamp()),
    ALTER COLUMN bill_number DROP NOT NULL;
SELECT pg_temp.bound_text('bill', 'provisional_number', 'required', 100);
CREATE UNIQUE INDEX bill_bill_number_key ON bill (bill_number);
CREATE UNIQUE INDEX bill_provisional_number_key ON bill (provisional_number);

CREATE SEQUENCE bill_number_seq AS bigint;
CREATE SEQUENCE central_provisional_seq AS bigint;
-- The number of a printed text of our form, in any case, with any leading zeros and outer blanks; NULL when it has
-- none.
-- Numbers past 17 digits do not count: whoever typed one would use up the sequence.
CREATE FUNCTION printed_bill_number(printed text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substring(public.trim_blanks(printed) COLLATE "C" FROM '(?i)^bill-0*([0-9]{1,17})$')::bigint;
SELECT setval('bill_number_seq', highest) FROM (
    SELECT greatest(max(printed_bill_number(bill_number)), (SELECT n FROM (VALUES (
               nullif(current_setting('vetchart.legacy_sequence', true), '')::bigint)) v (n)
            WHERE n < 100000000000000000)) AS highest FROM bill) x
 WHERE highest >= 1;

-- Central's one row. The numbered_* columns say where the sequence last gave numbers without a jump.
CREATE TABLE central_state (
    one integer NOT NULL DEFAULT 1,
    epoch bigint NOT NULL DEFAULT 1,
    system_identifier bigint,
    timeline bigint,
    numbered_epoch bigint NOT NULL DEFAULT 1,
    number_jump bigint NOT NULL DEFAULT 10000,
    jwt_key bytea NOT NULL,
    CONSTRAINT central_state_pkey PRIMARY KEY (one),
    CONSTRAINT central_state_one_check CHECK (one = 1),
    CONSTRAINT central_state_number_jump_check CHECK (number_jump BETWEEN 1 AND 1000000000),
    CONSTRAINT central_state_jwt_key_check CHECK (length(jwt_key) = 32)
);

-- The server's identity and timeline, read once a session: neither can change within one that writes.
CREATE FUNCTION this_system() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('vetchart.system', true), '') = '' THEN
        PERFORM set_config('vetchart.system', (SELECT system_identifier::text FROM pg_control_system()), false);
    END IF;
    RETURN current_setting('vetchart.system')::bigint;
END $$;
-- From the name of the WAL file being written: pg_control learns of a promotion only at the next checkpoint.
CREATE FUNCTION this_timeline() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('vetchart.timeline', true), '') = '' THEN
        PERFORM set_config('vetchart.timeline',
            ('x' || lpad(left(pg_walfile_name(pg_current_wal_lsn()), 8), 16, '0'))::bit(64)::bigint::text, false);
    END IF;
    RETURN current_setting('vetchart.timeline')::bigint;
END $$;
INSERT INTO central_state (system_identifier, timeline, jwt_key)
SELECT this_system(), this_timeline(), sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    || uuid_send(gen_random_uuid()));

-- The printed form: never cut, so BILL-1000000 follows BILL-999999.
CREATE FUNCTION bill_number_text(n bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'BILL-' || lpad(n::text, greatest(6, length(n::text)), '0');

-- Moves the sequence up when this database is not where it last gave numbers (another system, timeline or epoch:
-- restored or failed over), past all that may have been given and forgotten. One session moves, the others wait.
CREATE FUNCTION move_bill_numbers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    state public.central_state;
    highest bigint;
BEGIN
    SELECT * INTO STRICT state FROM public.central_state FOR UPDATE;
    IF (state.system_identifier, state.timeline, state.numbered_epoch)
       IS NOT DISTINCT FROM (public.this_system(), public.this_timeline(), state.epoch) THEN
        RETURN;
    END IF;
    SELECT greatest(
        (SELECT last_value FROM public.bill_number_seq),
        (SELECT max(highest_bill_number) FROM public.sync_node),
        (SELECT max(public.printed_bill_number(bill_number)) FROM public.bill))
      INTO highest;
    PERFORM setval('public.bill_number_seq', highest + state.number_jump);
    UPDATE public.central_state SET system_identifier = public.this_system(), timeline = public.this_timeline(),
           numbered_epoch = epoch;
END $$;

-- The next number, for the bill trigger alone. A number that is taken (printed by the legacy server, or put in by
-- hand) is passed over.
CREATE FUNCTION next_bill_number() RETURNS text LANGUAGE plpgsql AS $$
DECLARE number text;
BEGIN
    PERFORM FROM public.central_state WHERE system_identifier = public.this_system()
        AND timeline = public.this_timeline() AND numbered_epoch = epoch;
    IF NOT FOUND THEN
        PERFORM public.move_bill_numbers();
    END IF;
    LOOP
        number := public.bill_number_text(nextval('public.bill_number_seq'));
        EXIT WHEN NOT EXISTS (SELECT FROM public.bill WHERE bill_number = number);
    END LOOP;
    RETURN number;
END $$;

-- `wanted`, or `wanted/2`, `wanted/3` .. when another bill has it.
CREATE FUNCTION free_provisional_number(wanted text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    number text := wanted;
    nth integer := 1;
BEGIN
    WHILE EXISTS (SELECT FROM public.bill WHERE provisional_number = number) LOOP
        nth := nth + 1;
        number := wanted || '/' || nth;
    END LOOP;
    RETURN number;
END $$;
