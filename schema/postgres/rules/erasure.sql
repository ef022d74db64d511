-- The erasure of an owner on request (docs/retention.md): the person's name, e-mail, phone, address and notes are
-- overwritten wherever central keeps them; patients, records and bills stand.
--
-- `person` is what erasure_person() found: {"owners": set, "sole": set, "shared": set, "names": set, "phones": set,
-- "words": [text]}; a set is an object with its members as keys. `sole` are patients nobody else ever owned.

-- An owner's columns in any image, whole or of an update: what is there is overwritten, what is not is not added.
CREATE OR REPLACE FUNCTION erased_owner(image jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(image) = 'object' THEN image || coalesce(
    (SELECT jsonb_object_agg(v.k, v.e) FROM (VALUES
        ('first_name', '"(erased)"'::jsonb), ('last_name', '"(erased)"'), ('email', 'null'), ('phone', 'null'),
        ('address', '""'), ('notes', 'null')) v (k, e) WHERE image ? v.k), '{}') ELSE image END;

-- A record's owner snapshot: all of a patient nobody else owned; else the name and the phone that are the person's.
CREATE OR REPLACE FUNCTION erased_record(image jsonb, patient text, person jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(image) <> 'object' OR patient IS NULL
              OR NOT (person -> 'sole' ? patient OR person -> 'shared' ? patient) THEN image
    ELSE image
        || CASE WHEN image ->> 'owner_name_snapshot' IS NOT NULL
                 AND (person -> 'sole' ? patient OR person -> 'names' ? (image ->> 'owner_name_snapshot'))
                THEN '{"owner_name_snapshot": "(erased)"}' ELSE '{}'::jsonb END
        || CASE WHEN image ->> 'owner_phone_snapshot' IS NOT NULL
                 AND (person -> 'sole' ? patient OR person -> 'names' ? coalesce(image ->> 'owner_name_snapshot', '')
                      OR person -> 'phones' ? (image ->> 'owner_phone_snapshot'))
                THEN '{"owner_phone_snapshot": null}' ELSE '{}'::jsonb END END;

-- The changes of a transaction, as journal and quarantine keep them.
CREATE OR REPLACE FUNCTION erased_changes(changes jsonb, person jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT jsonb_agg(CASE
        WHEN c ->> 'table' = 'owner' AND person -> 'owners' ? (c ->> 'id')
        THEN c || jsonb_build_object('old', public.erased_owner(c -> 'old'), 'new', public.erased_owner(c -> 'new'))
        WHEN c ->> 'table' = 'medical_record'
        THEN c || jsonb_build_object(
            'old', public.erased_record(c -> 'old', c #>> '{old,patient_id}', person),
            'new', public.erased_record(c -> 'new', coalesce(c #>> '{new,patient_id}', c #>> '{old,patient_id}'),
                                        person))
        ELSE c END ORDER BY n)
    FROM jsonb_array_elements(changes) WITH ORDINALITY AS e (c, n));

-- One value of a conflict, or an image of the row.
CREATE OR REPLACE FUNCTION erased_value(table_name text, row_id text, column_name text, value jsonb, person jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN value IS NULL THEN NULL
    WHEN table_name = 'owner' AND person -> 'owners' ? row_id THEN CASE
        WHEN jsonb_typeof(value) = 'object' THEN public.erased_owner(value)
        ELSE public.erased_owner(jsonb_build_object(coalesce(column_name, ''), value)) -> coalesce(column_name, '') END
    WHEN table_name = 'medical_record' AND jsonb_typeof(value) = 'object'
    THEN public.erased_record(value, value ->> 'patient_id', person)
    ELSE value END;

-- A sentence in which someone wrote the person's name, e-mail or phone.
CREATE OR REPLACE FUNCTION erased_text(sentence text, person jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE word text;
BEGIN
    FOR word IN SELECT w FROM jsonb_array_elements_text(person -> 'words') w ORDER BY length(w) DESC, w LOOP
        sentence := replace(sentence, word, '(erased)');
    END LOOP;
    RETURN sentence;
END $$;

CREATE OR REPLACE FUNCTION snapshot_of(name text, phone text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_build_object('owner_name_snapshot', name, 'owner_phone_snapshot', phone);

-- The rows themselves, live, archived and deleted.
CREATE OR REPLACE FUNCTION erase_rows(clinic uuid, owners uuid[], person jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    counts jsonb := '{}';
    n bigint;
BEGIN
    UPDATE public.owner SET first_name = '(erased)', last_name = '(erased)', email = NULL, phone = NULL, address = '',
           notes = NULL
     WHERE id = ANY (owners) AND (first_name, last_name, email, phone, address, notes)
           IS DISTINCT FROM ('(erased)', '(erased)', NULL::text, NULL::text, '', NULL::text);
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('owner', n);
    UPDATE public.medical_record m
       SET owner_name_snapshot = e.image ->> 'owner_name_snapshot',
           owner_phone_snapshot = e.image ->> 'owner_phone_snapshot'
      FROM (SELECT r.id, public.erased_record(public.snapshot_of(r.owner_name_snapshot, r.owner_phone_snapshot),
                                              r.patient_id::text, person) AS image
              FROM public.medical_record r WHERE r.clinic_id = clinic AND r.patient_id IN (
                   SELECT k::uuid FROM jsonb_object_keys((person -> 'sole') || (person -> 'shared')) k)) e
     WHERE m.id = e.id AND e.image IS DISTINCT FROM public.snapshot_of(m.owner_name_snapshot, m.owner_phone_snapshot);
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('medical_record', n);
    UPDATE archive.medical_record m
       SET owner_name_snapshot = e.image ->> 'owner_name_snapshot',
           owner_phone_snapshot = e.image ->> 'owner_phone_snapshot'
      FROM (SELECT r.id, public.erased_record(public.snapshot_of(r.owner_name_snapshot, r.owner_phone_snapshot),
                                              r.patient_id::text, person) AS image
              FROM archive.medical_record r WHERE r.patient_id IN (
                   SELECT k::uuid FROM jsonb_object_keys((person -> 'sole') || (person -> 'shared')) k)) e
     WHERE m.id = e.id AND e.image IS DISTINCT FROM public.snapshot_of(m.owner_name_snapshot, m.owner_phone_snapshot);
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('archive', n);
    UPDATE public.sync_tombstone t SET image = CASE t.table_name WHEN 'owner' THEN public.erased_owner(t.image)
               ELSE public.erased_record(t.image, t.image ->> 'patient_id', person) END
     WHERE t.clinic_id = clinic AND ((t.table_name = 'owner' AND person -> 'owners' ? t.row_id)
            OR (t.table_name = 'medical_record' AND public.erased_record(t.image, t.image ->> 'patient_id', person)
                                                    IS DISTINCT FROM t.image));
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN counts || jsonb_build_object('tombstone', n);
END $$;

-- What central remembers about the rows: journal, quarantine and conflicts, staged parts, the migration's report.
CREATE OR REPLACE FUNCTION erase_traces(clinic uuid, owners uuid[], person jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    counts jsonb := '{}';
    patterns text[];
    n bigint;
BEGIN
    UPDATE public.sync_journal j SET changes = public.erased_changes(j.changes, person)
      FROM pg_temp.erasure_journal e WHERE j.received_at = e.received_at AND j.id = e.id
       AND j.changes IS DISTINCT FROM public.erased_changes(j.changes, person);
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('journal', n);
    -- A conflict between two erased values has nothing left to decide.
    UPDATE public.sync_item i
       SET mine = e.mine, theirs = e.theirs, base = e.base, changes = e.changes, undo = e.undo, title = e.title,
           reason = e.reason, actions = CASE WHEN e.over THEN '[]' ELSE i.actions END,
           status = CASE WHEN e.over THEN 'resolved' ELSE i.status END,
           action = CASE WHEN e.over THEN 'erased' ELSE i.action END,
           decided_by = CASE WHEN e.over THEN 'central' ELSE i.decided_by END,
           decided_at = CASE WHEN e.over THEN public.clock_instant() ELSE i.decided_at END
      FROM (SELECT s.id, public.erased_value(s.table_name, s.row_id, s.column_name, s.mine, person) AS mine,
                   public.erased_value(s.table_name, s.row_id, s.column_name, s.theirs, person) AS theirs,
                   public.erased_value(s.table_name, s.row_id, s.column_name, s.base, person) AS base,
                   public.erased_changes(s.changes, person) AS changes,
                   public.erased_changes(s.undo, person) AS undo,
                   public.erased_text(s.title, person) AS title, public.erased_text(s.reason, person) AS reason,
                   s.status = 'open' AND s.kind = 'conflict' AND s.table_name = 'owner'
                       AND person -> 'owners' ? s.row_id AND s.column_name IN
                           ('first_name', 'last_name', 'email', 'phone', 'address', 'notes') AS over
              FROM public.sync_item s WHERE s.clinic_id = clinic) e
     WHERE i.id = e.id AND (e.over OR (e.mine, e.theirs, e.base, e.changes, e.undo, e.title, e.reason)
                            IS DISTINCT FROM (i.mine, i.theirs, i.base, i.changes, i.undo, i.title, i.reason));
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('item', n);
    -- A value that somebody decided for the owner's row.
    UPDATE public.item_decision d SET value = NULL FROM public.sync_item i
     WHERE d.clinic_id = clinic AND d.value IS NOT NULL AND i.id = d.item_id AND i.table_name = 'owner'
       AND person -> 'owners' ? i.row_id;
    -- Blanked parts would no longer fit their digest: without them the node sends the transaction again, whole.
    SELECT array_agg('%' || k || '%') INTO patterns FROM jsonb_object_keys(
        (person -> 'owners') || (person -> 'sole') || (person -> 'shared')) k;
    DELETE FROM public.sync_stage s USING (SELECT DISTINCT incarnation_id, first_seq FROM public.sync_stage
                                            WHERE changes::text LIKE ANY (patterns)) e
     WHERE s.incarnation_id = e.incarnation_id AND s.first_seq = e.first_seq;
    UPDATE public.migration_issue m SET original = '(erased)'
      FROM public.legacy_id l WHERE l.id = ANY (owners) AND l.table_name = 'Owner'
       AND m.table_name = 'Owner' AND m.legacy_id = l.legacy_id AND m.original <> '(erased)'
       AND m.column_name NOT IN ('id', 'createdAt', 'updatedAt');
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('migration_issue', n);
    UPDATE archive.entry a SET reason = public.erased_text(a.reason, person)
     WHERE a.clinic_id = clinic AND a.reason <> public.erased_text(a.reason, person);
    UPDATE public.audit_log a
       SET detail = a.detail || jsonb_build_object('reason', public.erased_text(a.detail ->> 'reason', person))
     WHERE a.detail ->> 'reason' <> public.erased_text(a.detail ->> 'reason', person);
    RETURN counts;
END $$;

-- Tells the nodes, in the clinic's feed, whose traces to overwrite: pairs of table and id, a thousand a notice. A
-- patient stands for all its records up to now, in what a node wrote itself: of one that others owned too some of them
-- may be the others', which the rows, that come with the notice, tell. The notice is resolved from the start: it asks
-- nobody anything.
CREATE OR REPLACE FUNCTION announce_erasure(clinic uuid, owner uuid, person jsonb, actor text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.sync_item (id, clinic_id, kind, table_name, row_id, code, title, reason, mine, actor, at, status,
                                  action, decided_by, decided_at)
    SELECT gen_random_uuid(), clinic, 'notice', 'owner', owner::text, 'owner_erased', 'An owner was erased',
           'The personal data of this owner was erased on request.',
           jsonb_build_object('erased', jsonb_agg(jsonb_build_array(x.t, x.id) ORDER BY x.n)), 'central',
           public.clock_instant(), 'resolved', 'erased', 'central',
           public.clock_instant()
      FROM (SELECT t, id, row_number() OVER (ORDER BY t DESC, id) AS n FROM (
                SELECT 'owner', k FROM jsonb_object_keys(person -> 'owners') k
                UNION SELECT 'patient', k FROM jsonb_object_keys((person -> 'sole') || (person -> 'shared')) k)
                v (t, id)) x
     GROUP BY (x.n - 1) / 1000;
END $$;

-- Erases the person whose owner row this is or was. Again: finds what came since. Returns counts, and "before": when
-- the first erasure was, if this is not it. `reason` stays at central. `horizon`: of erasure_horizon() in a transaction
-- before; without it the clinic's lock is held while the whole journal is read.
CREATE OR REPLACE FUNCTION erase_owner(owner_id uuid, actor text, reason text, horizon bigint DEFAULT 0) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    clinic uuid := public.erasure_clinic($1);
    owners uuid[];
    person jsonb;
    counts jsonb;
    before timestamptz;
    why text;
BEGIN
    IF clinic IS NULL THEN
        PERFORM public.refuse('VC011', 'owner_unknown: no owner has or had this id');
    END IF;
    PERFORM set_config('vetchart.actor', actor, true), set_config('vetchart.erasure', 'on', true);
    owners := public.gather_erasure(clinic, $1, horizon);
    SELECT min(e.erased_at) INTO before FROM public.owner_erasure e WHERE e.owner_id = $1;
    person := public.erasure_person(clinic, owners);
    why := public.erased_text($3, person);
    INSERT INTO public.owner_erasure AS e (owner_id, clinic_id, actor, reason)
    SELECT o, clinic, $2, why FROM unnest(owners) o
    ON CONFLICT ON CONSTRAINT owner_erasure_pkey DO UPDATE SET last_run_at = excluded.last_run_at;
    INSERT INTO public.owner_erasure_patient (owner_id, patient_id)
    SELECT o.id, k::uuid FROM (SELECT min(o::text)::uuid FROM unnest(owners) o) o (id)
     CROSS JOIN jsonb_object_keys((person -> 'sole') || (person -> 'shared')) k
    ON CONFLICT DO NOTHING;
    PERFORM public.announce_erasure(clinic, $1, person, $2);
    counts := jsonb_build_object('owners', cardinality(owners), 'before', wire_instant(before))
        || public.erase_rows(clinic, owners, person) || public.erase_traces(clinic, owners, person);
    PERFORM set_config('vetchart.erasure', '', true);
    DROP TABLE pg_temp.erasure_trace, pg_temp.erasure_link, pg_temp.erasure_journal;
    INSERT INTO public.audit_log (actor, action, subject, detail)
    VALUES ($2, 'owner erase', $1::text, counts || jsonb_build_object('reason', why));
    RETURN counts;
END $$;
