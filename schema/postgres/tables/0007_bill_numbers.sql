-- Phase 7: bill numbers from one sequence (docs/data-rules.md).

-- A legacy bill's number is also its provisional one, and it was received when it was made (computed as in phase 2).
ALTER TABLE bill
    ADD COLUMN provisional_number text GENERATED ALWAYS AS (bill_number) STORED NOT NULL,
    ADD COLUMN received_at timestamptz(3) GENERATED ALWAYS AS (created_at) STORED NOT NULL;
ALTER TABLE bill
    ALTER COLUMN provisional_number DROP EXPRESSION,
    ALTER COLUMN received_at DROP EXPRESSION,
    ALTER COLUMN received_at SET DEFAULT clock_instant(),
    ALTER COLUMN bill_number DROP NOT NULL;
SELECT pg_temp.bound_text('bill', 'provisional_number', 'required', 100);
CREATE UNIQUE INDEX bill_bill_number_key ON bill (bill_number);
CREATE UNIQUE INDEX bill_provisional_number_key ON bill (provisional_number);

CREATE SEQUENCE bill_number_seq AS bigint;
CREATE SEQUENCE central_provisional_seq AS bigint;
-- The number of a printed text of our form, in any case, with any leading zeros and outer blanks; NULL when it has
-- none. Numbers past 17 digits do not count: whoever typed one would use up the sequence.
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

-- The timeline as this_timeline() has it (rules/bill_number.sql).
INSERT INTO central_state (system_identifier, timeline, jwt_key)
SELECT (SELECT system_identifier FROM pg_control_system()),
       ('x' || lpad(left(pg_walfile_name(pg_current_wal_lsn()), 8), 16, '0'))::bit(64)::bigint,
       sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
