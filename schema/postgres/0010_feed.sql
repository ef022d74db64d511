-- Phase 10: the feed (design.md section 5). Every clinic has a commit counter. A transaction that touches the clinic
-- takes the next number under the counter row's lock and holds it to its end: versions become visible in order.

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
    committed_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT sync_position_pkey PRIMARY KEY (clinic_id, version)
);

-- Hard-deleted rows with their last image. Names and ids sort as bytes, as in the pages of a pull.
CREATE TABLE sync_tombstone (
    table_name text COLLATE "C" NOT NULL,
    row_id text COLLATE "C" NOT NULL,
    clinic_id uuid NOT NULL,
    version bigint NOT NULL,
    image jsonb,
    deleted_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT sync_tombstone_pkey PRIMARY KEY (table_name, row_id)
);
CREATE INDEX sync_tombstone_clinic_id_version_idx ON sync_tombstone (clinic_id, version, table_name, row_id);

-- Conflicts, quarantine and notices: what a person has to see. `changes` holds a held transaction whole.
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
    actor text NOT NULL,
    at timestamptz(3) NOT NULL,
    opened_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    node_id uuid,
    incarnation_id integer,
    first_seq bigint,
    last_seq bigint,
    status text NOT NULL DEFAULT 'open',
    action text,
    decided_by text,
    decided_at timestamptz(3),
    actions jsonb NOT NULL DEFAULT '[]',
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

CREATE VIEW sync_conflict AS SELECT * FROM sync_item WHERE kind = 'conflict';
CREATE VIEW sync_quarantine AS SELECT * FROM sync_item WHERE kind = 'quarantine';

-- The clinic row itself is in its feed, at most one a clinic: its primary key finds it.
CREATE INDEX staff_clinic_id_version_id_idx ON staff (clinic_id, version, id);
CREATE INDEX owner_clinic_id_version_id_idx ON owner (clinic_id, version, id);
CREATE INDEX patient_clinic_id_version_id_idx ON patient (clinic_id, version, id);
CREATE INDEX medical_record_clinic_id_version_id_idx ON medical_record (clinic_id, version, id);
CREATE INDEX appointment_clinic_id_version_id_idx ON appointment (clinic_id, version, id);
CREATE INDEX service_item_clinic_id_version_id_idx ON service_item (clinic_id, version, id);
CREATE INDEX bill_clinic_id_version_id_idx ON bill (clinic_id, version, id);
CREATE INDEX bill_item_clinic_id_version_id_idx ON bill_item (clinic_id, version, id);
CREATE INDEX bill_medical_record_clinic_id_version_idx
    ON bill_medical_record (clinic_id, version, bill_id, medical_record_id);

-- The number of this transaction in the clinic's feed; the first call in a transaction takes it and waits for the
-- lock. A taker of another system (a restored copy counts transactions anew) never counts as this one.
CREATE FUNCTION take_version(clinic uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
    here CONSTANT bigint := public.this_system();
BEGIN
    IF clinic IS NULL THEN
        RETURN 0;  -- NOT NULL refuses the row right after.
    END IF;
    SELECT version INTO taken FROM public.sync_counter
     WHERE clinic_id = clinic AND taker = pg_current_xact_id() AND system_identifier = here;
    IF FOUND THEN
        RETURN taken;
    END IF;
    INSERT INTO public.sync_counter AS c (clinic_id, version, taker, system_identifier)
    VALUES (clinic, 1, pg_current_xact_id(), here)
    ON CONFLICT (clinic_id) DO UPDATE SET version = c.version + 1, taker = excluded.taker,
                                          system_identifier = excluded.system_identifier
    RETURNING version INTO taken;
    INSERT INTO public.sync_position (clinic_id, version, token) VALUES (clinic, taken, gen_random_uuid());
    PERFORM pg_notify('vetchart_feed', clinic::text);
    RETURN taken;
END $$;

-- What a legacy server left stands at version 1.
SELECT take_version(id) FROM clinic;

-- The canonical wire form of each row: all columns but version (and central's own), docs/architecture.md.
CREATE FUNCTION wire_instant(value timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
CREATE FUNCTION wire_day(value date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(value, 'YYYY-MM-DD');

CREATE FUNCTION feed_image(r clinic) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'code', r.code, 'name', r.name, 'timezone', r.timezone, 'currency', r.currency,
    'address', r.address, 'phone', r.phone,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));
CREATE FUNCTION feed_image(r staff) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'email', r.email, 'username', r.username,
    'first_name', r.first_name, 'last_name', r.last_name, 'password_hash', r.password_hash, 'roles', r.roles,
    'active', r.active::integer,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));
CREATE FUNCTION feed_image(r owner) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'first_name', r.first_name, 'last_name', r.last_name,
    'email', r.email, 'phone', r.phone, 'address', r.address, 'notes', r.notes, 'merged_into', r.merged_into,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));
CREATE FUNCTION feed_image(r patient) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'owner_id', r.owner_id, 'name', r.name,
    'species', r.species, 'breed', r.breed, 'birth_date', wire_day(r.birth_date), 'age', r.age,
    'deceased_on', wire_day(r.deceased_on), 'gender', r.gender, 'weight_milli', r.weight_milli,
    'weight_unit', r.weight_unit, 'status', r.status, 'assigned_doctor', r.assigned_doctor,
    'handling_difficulty', r.handling_difficulty, 'microchip', r.microchip, 'notes', r.notes,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));
CREATE FUNCTION feed_image(r medical_record) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'patient_id', r.patient_id,
    'visit_date', wire_day(r.visit_date), 'visited_at', wire_instant(r.visited_at), 'record_type', r.record_type,
    'symptoms', r.symptoms, 'diagnosis', r.diagnosis, 'treatment', r.treatment, 'notes', r.notes,
    'veterinarian', r.veterinarian, 'weight_milli', r.weight_milli, 'weight_unit', r.weight_unit,
    'next_due_on', wire_day(r.next_due_on), 'owner_name_snapshot', r.owner_name_snapshot,
    'owner_phone_snapshot', r.owner_phone_snapshot,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));
CREATE FUNCTION feed_image(r appointment) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'patient_id', r.patient_id, 'date', wire_day(r.date),
    'time', r."time", 'duration', r.duration, 'reason', r.reason, 'status', r.status, 'notes', r.notes,
    'veterinarian', r.veterinarian,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));
CREATE FUNCTION feed_image(r service_item) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'description', r.description,
    'unit_price_cents', r.unit_price_cents, 'active', r.active::integer,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));
CREATE FUNCTION feed_image(r bill) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'owner_id', r.owner_id, 'patient_id', r.patient_id,
    'appointment_id', r.appointment_id, 'bill_number', r.bill_number, 'provisional_number', r.provisional_number,
    'subtotal_cents', r.subtotal_cents, 'tax_cents', r.tax_cents, 'total_cents', r.total_cents, 'status', r.status,
    'bill_date', wire_day(r.bill_date), 'due_date', wire_day(r.due_date), 'issued_at', wire_instant(r.issued_at),
    'paid_at', wire_instant(r.paid_at), 'cancelled_at', wire_instant(r.cancelled_at),
    'cancel_reason', r.cancel_reason, 'notes', r.notes,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));
CREATE FUNCTION feed_image(r bill_item) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'bill_id', r.bill_id, 'position', r.position,
    'description', r.description, 'quantity_milli', r.quantity_milli, 'unit_price_cents', r.unit_price_cents,
    'total_price_cents', r.total_price_cents,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));
CREATE FUNCTION feed_image(r bill_medical_record) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('clinic_id', r.clinic_id, 'bill_id', r.bill_id, 'medical_record_id', r.medical_record_id,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));
-- Values on the wire are scalars, so the JSON of an item travels as its text. `incarnation` is the life's own id; nodes
-- go by their names, which is what a person knows them by.
CREATE FUNCTION feed_image(r sync_item) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'kind', r.kind, 'table_name', r.table_name,
    'row_id', r.row_id, 'column_name', r.column_name, 'code', r.code, 'title', r.title, 'reason', r.reason,
    'mine', r.mine::text, 'theirs', r.theirs::text, 'base', r.base::text, 'actor', r.actor, 'at', wire_instant(r.at),
    'opened_at', wire_instant(r.opened_at), 'status', r.status,
    'node', (SELECT n.name FROM sync_node n WHERE n.id = r.node_id),
    'theirs_actor', r.theirs_actor, 'theirs_at', wire_instant(r.theirs_at),
    'theirs_node', (SELECT n.name FROM sync_node n WHERE n.id = r.theirs_node_id),
    'incarnation', (SELECT i.incarnation FROM sync_incarnation i WHERE i.id = r.incarnation_id),
    'first_seq', r.first_seq, 'last_seq', r.last_seq, 'actions', r.actions::text);
