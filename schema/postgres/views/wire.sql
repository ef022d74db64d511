-- A row as the wire carries it: its canonical form (docs/architecture.md).

-- The canonical wire form of each row: all columns but version (and central's own), docs/architecture.md.
CREATE OR REPLACE FUNCTION wire_instant(value timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

CREATE OR REPLACE FUNCTION wire_day(value date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(value, 'YYYY-MM-DD');

CREATE OR REPLACE FUNCTION feed_image(r clinic) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'code', r.code, 'name', r.name, 'timezone', r.timezone, 'currency', r.currency,
    'address', r.address, 'phone', r.phone,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));

CREATE OR REPLACE FUNCTION feed_image(r staff) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'email', r.email, 'username', r.username,
    'first_name', r.first_name, 'last_name', r.last_name, 'password_hash', r.password_hash, 'roles', r.roles,
    'active', r.active::integer,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));

CREATE OR REPLACE FUNCTION feed_image(r owner) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'first_name', r.first_name, 'last_name', r.last_name,
    'email', r.email, 'phone', r.phone, 'address', r.address, 'notes', r.notes, 'merged_into', r.merged_into,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));

CREATE OR REPLACE FUNCTION feed_image(r patient) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'owner_id', r.owner_id, 'name', r.name,
    'species', r.species, 'breed', r.breed, 'birth_date', wire_day(r.birth_date), 'age', r.age,
    'deceased_on', wire_day(r.deceased_on), 'gender', r.gender, 'weight_milli', r.weight_milli,
    'weight_unit', r.weight_unit, 'weighed_on', wire_day(r.weighed_on), 'status', r.status,
    'assigned_doctor', r.assigned_doctor, 'assigned_doctor_id', r.assigned_doctor_id,
    'handling_difficulty', r.handling_difficulty, 'microchip', r.microchip, 'notes', r.notes,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));

CREATE OR REPLACE FUNCTION feed_image(r medical_record) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'patient_id', r.patient_id,
    'visit_date', wire_day(r.visit_date), 'visited_at', wire_instant(r.visited_at), 'record_type', r.record_type,
    'symptoms', r.symptoms, 'diagnosis', r.diagnosis, 'treatment', r.treatment, 'notes', r.notes,
    'veterinarian', r.veterinarian, 'veterinarian_id', r.veterinarian_id, 'weight_milli', r.weight_milli,
    'weight_unit', r.weight_unit, 'next_due_on', wire_day(r.next_due_on),
    'owner_name_snapshot', r.owner_name_snapshot, 'owner_phone_snapshot', r.owner_phone_snapshot,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));

CREATE OR REPLACE FUNCTION feed_image(r appointment) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'patient_id', r.patient_id, 'date', wire_day(r.date),
    'time', r."time", 'duration', r.duration, 'reason', r.reason, 'status', r.status, 'notes', r.notes,
    'veterinarian', r.veterinarian, 'veterinarian_id', r.veterinarian_id,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));

CREATE OR REPLACE FUNCTION feed_image(r service_item) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'description', r.description,
    'unit_price_cents', r.unit_price_cents, 'active', r.active::integer,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));

CREATE OR REPLACE FUNCTION feed_image(r bill) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'owner_id', r.owner_id, 'patient_id', r.patient_id,
    'appointment_id', r.appointment_id, 'bill_number', r.bill_number, 'provisional_number', r.provisional_number,
    'subtotal_cents', r.subtotal_cents, 'tax_cents', r.tax_cents, 'total_cents', r.total_cents, 'status', r.status,
    'bill_date', wire_day(r.bill_date), 'due_date', wire_day(r.due_date), 'issued_at', wire_instant(r.issued_at),
    'paid_at', wire_instant(r.paid_at), 'cancelled_at', wire_instant(r.cancelled_at),
    'cancel_reason', r.cancel_reason, 'notes', r.notes,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));

CREATE OR REPLACE FUNCTION feed_image(r bill_item) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'bill_id', r.bill_id, 'position', r.position,
    'description', r.description, 'quantity_milli', r.quantity_milli, 'unit_price_cents', r.unit_price_cents,
    'total_price_cents', r.total_price_cents,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));

CREATE OR REPLACE FUNCTION feed_image(r bill_medical_record) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('clinic_id', r.clinic_id, 'bill_id', r.bill_id, 'medical_record_id', r.medical_record_id,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));

CREATE OR REPLACE FUNCTION feed_image(r item_decision) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'item_id', r.item_id, 'item_version', r.item_version,
    'action', r.action, 'value', r.value, 'actor', r.actor, 'outcome', r.outcome, 'answer', r.answer,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at));

-- Values on the wire are scalars, so the JSON of an item travels as its text. `incarnation` is the life's own id; nodes
-- go by their names, which is what a person knows them by.
CREATE OR REPLACE FUNCTION feed_image(r sync_item) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'kind', r.kind, 'table_name', r.table_name,
    'row_id', r.row_id, 'column_name', r.column_name, 'code', r.code, 'title', r.title, 'reason', r.reason,
    'mine', r.mine::text, 'theirs', r.theirs::text, 'base', r.base::text, 'actor', r.actor, 'at', wire_instant(r.at),
    'opened_at', wire_instant(r.opened_at), 'status', r.status,
    'node', (SELECT n.name FROM sync_node n WHERE n.id = r.node_id),
    'theirs_actor', r.theirs_actor, 'theirs_at', wire_instant(r.theirs_at),
    'theirs_node', (SELECT n.name FROM sync_node n WHERE n.id = r.theirs_node_id),
    'incarnation', (SELECT i.incarnation FROM sync_incarnation i WHERE i.id = r.incarnation_id),
    'first_seq', r.first_seq, 'last_seq', r.last_seq, 'actions', r.actions::text, 'action', r.action,
    'decided_by', r.decided_by, 'decided_at', wire_instant(r.decided_at));
