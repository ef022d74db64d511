-- Phase 14: the erasure of an owner on request (docs/retention.md): the person's name, e-mail, phone, address and notes
-- are overwritten wherever central keeps them; patients, records and bills stand.

-- Whose data was erased: central goes on erasing what nodes send about them later. One row for each owner row of the
-- person.
CREATE TABLE owner_erasure (
    owner_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    erased_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    last_run_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    actor text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT owner_erasure_pkey PRIMARY KEY (owner_id),
    CONSTRAINT owner_erasure_reason_check CHECK (length(trim_blanks(reason)) BETWEEN 1 AND 1000),
    CONSTRAINT owner_erasure_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES clinic (id) ON DELETE RESTRICT
);
CREATE INDEX owner_erasure_clinic_id_idx ON owner_erasure (clinic_id);

-- The patients they ever owned, as far as anything told of it: whose records may carry their name.
CREATE TABLE owner_erasure_patient (
    owner_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    CONSTRAINT owner_erasure_patient_pkey PRIMARY KEY (owner_id, patient_id),
    CONSTRAINT owner_erasure_patient_owner_id_fkey FOREIGN KEY (owner_id)
        REFERENCES owner_erasure (owner_id) ON DELETE RESTRICT
);
CREATE INDEX owner_erasure_patient_patient_id_idx ON owner_erasure_patient (patient_id);

-- Overwriting --------------------------------------------------------------------------------------------------------
-- `person` is what erasure_person() found: {"owners": set, "sole": set, "shared": set, "names": set, "phones": set,
-- "words": [text]}; a set is an object with its members as keys. `sole` are patients nobody else ever owned.

-- An owner's columns in any image, whole or of an update: what is there is overwritten, what is not is not added.
CREATE FUNCTION erased_owner(image jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(image) = 'object' THEN image || coalesce(
    (SELECT jsonb_object_agg(v.k, v.e) FROM (VALUES
        ('first_name', '"(erased)"'::jsonb), ('last_name', '"(erased)"'), ('email', 'null'), ('phone', 'null'),
        ('address', '""'), ('notes', 'null')) v (k, e) WHERE image ? v.k), '{}') ELSE image END;

-- A record's owner snapshot: all of a patient nobody else owned; else the name and the phone that are the person's.
CREATE FUNCTION erased_record(image jsonb, patient text, person jsonb) RETURNS jsonb
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
CREATE FUNCTION erased_changes(changes jsonb, person jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
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
CREATE FUNCTION erased_value(table_name text, row_id text, column_name text, value jsonb, person jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN value IS NULL THEN NULL
    WHEN table_name = 'owner' AND person -> 'owners' ? row_id THEN CASE
        WHEN jsonb_typeof(value) = 'object' THEN public.erased_owner(value)
        ELSE public.erased_owner(jsonb_build_object(coalesce(column_name, ''), value)) -> coalesce(column_name, '') END
    WHEN table_name = 'medical_record' AND jsonb_typeof(value) = 'object'
    THEN public.erased_record(value, value ->> 'patient_id', person)
    ELSE value END;

-- A sentence in which someone wrote the person's name, e-mail or phone.
CREATE FUNCTION erased_text(sentence text, person jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE word text;
BEGIN
    FOR word IN SELECT w FROM jsonb_array_elements_text(person -> 'words') w ORDER BY length(w) DESC, w LOOP
        sentence := replace(sentence, word, '(erased)');
    END LOOP;
    RETURN sentence;
END $$;

CREATE FUNCTION as_set(members text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT coalesce(jsonb_object_agg(m, 1), '{}') FROM unnest(members) m WHERE m IS NOT NULL);

-- Finding ------------------------------------------------------------------------------------------------------------

-- The clinic of an owner of whom anything is left; NULL: nobody ever heard of this id.
CREATE FUNCTION erasure_clinic(owner_id uuid) RETURNS uuid LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT o.clinic_id FROM public.owner o WHERE o.id = $1),
    (SELECT t.clinic_id FROM public.sync_tombstone t WHERE t.table_name = 'owner' AND t.row_id = $1::text),
    (SELECT e.clinic_id FROM public.owner_erasure e WHERE e.owner_id = $1),
    (SELECT (c ->> 'clinicId')::uuid FROM public.sync_item i, jsonb_array_elements(i.changes) c
      WHERE i.changes @> jsonb_build_array(jsonb_build_object('table', 'owner', 'id', $1::text))
        AND c ->> 'table' = 'owner' AND c ->> 'id' = $1::text LIMIT 1),
    (SELECT (c ->> 'clinicId')::uuid FROM public.sync_journal j, jsonb_array_elements(j.changes) c
      WHERE j.changes @> jsonb_build_array(jsonb_build_object('table', 'owner', 'id', $1::text))
        AND c ->> 'table' = 'owner' AND c ->> 'id' = $1::text LIMIT 1));

-- All owner rows of the person: those merged into it, and the one it was merged into, with theirs.
CREATE FUNCTION erasure_owners(owner_id uuid) RETURNS uuid[] LANGUAGE sql STABLE
RETURN (WITH RECURSIVE known (id, into_id) AS (
            SELECT o.id, o.merged_into FROM public.owner o WHERE o.clinic_id = (SELECT public.erasure_clinic($1))
                AND (o.merged_into IS NOT NULL OR o.id = $1)
            UNION ALL
            SELECT t.row_id::uuid, (t.image ->> 'merged_into')::uuid FROM public.sync_tombstone t
             WHERE t.clinic_id = (SELECT public.erasure_clinic($1)) AND t.table_name = 'owner'
               AND t.image ->> 'merged_into' IS NOT NULL),
        person (id) AS (
            SELECT $1
            UNION
            SELECT CASE WHEN k.id = p.id THEN k.into_id ELSE k.id END
              FROM person p JOIN known k ON (k.into_id = p.id OR k.id = p.id) AND k.into_id IS NOT NULL)
        SELECT array_agg(id ORDER BY id) FROM person);

-- Temporary tables of the transaction: erasure_trace (changes in journal and quarantine that name the owners, or their
-- patients and records), erasure_link (who owned which of the patients), erasure_journal (the rows of it concerned).
CREATE FUNCTION make_erasure_tables() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.erasure_trace, pg_temp.erasure_link, pg_temp.erasure_journal;
    CREATE TEMP TABLE erasure_trace (c jsonb) ON COMMIT DROP;
    CREATE TEMP TABLE erasure_link (patient_id uuid, owner_id uuid) ON COMMIT DROP;
    CREATE TEMP TABLE erasure_journal (received_at timestamptz, id bigint) ON COMMIT DROP;
END $$;

-- The first look at the journal, at its ids above `low` up to `high` (NULL: to its end, and at what is held).
CREATE FUNCTION gather_erasure_traces(owners uuid[], low bigint, high bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE patterns text[];
BEGIN
    SELECT array_agg('%' || o || '%') INTO patterns FROM unnest(owners) o;
    INSERT INTO pg_temp.erasure_trace
    SELECT c FROM (SELECT changes FROM public.sync_journal
                    WHERE id > low AND id <= coalesce(high, 9223372036854775807) AND changes::text LIKE ANY (patterns)
                   UNION ALL SELECT changes FROM public.sync_item
                    WHERE high IS NULL AND changes::text LIKE ANY (patterns)) x
     CROSS JOIN LATERAL jsonb_array_elements(x.changes) c
     WHERE c ->> 'table' IN ('owner', 'patient', 'bill') AND c::text LIKE ANY (patterns);
END $$;

-- Who owned which patient, by the rows and the traces so far. Returns the set of the owners' patients.
CREATE FUNCTION gather_erasure_links(clinic uuid, owners uuid[]) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pg_temp.erasure_link
    SELECT id, owner_id FROM public.patient WHERE clinic_id = clinic AND owner_id = ANY (owners)
    UNION SELECT id, owner_id FROM archive.patient WHERE clinic_id = clinic AND owner_id = ANY (owners)
    UNION SELECT patient_id, owner_id FROM public.bill WHERE clinic_id = clinic AND owner_id = ANY (owners)
    UNION SELECT patient_id, owner_id FROM archive.bill WHERE clinic_id = clinic AND owner_id = ANY (owners)
    UNION SELECT e.patient_id, e.owner_id FROM public.owner_erasure_patient e WHERE e.owner_id = ANY (owners)
    UNION SELECT coalesce(t.image ->> 'patient_id', t.row_id)::uuid, (t.image ->> 'owner_id')::uuid
      FROM public.sync_tombstone t WHERE t.clinic_id = clinic AND t.table_name IN ('patient', 'bill')
       AND (t.image ->> 'owner_id')::uuid = ANY (owners)
    UNION SELECT p.id, o.id
      FROM pg_temp.erasure_trace t
     CROSS JOIN LATERAL (VALUES ((t.c #>> '{old,owner_id}')::uuid), ((t.c #>> '{new,owner_id}')::uuid)) o (id)
     CROSS JOIN LATERAL (SELECT CASE t.c ->> 'table' WHEN 'patient' THEN (t.c ->> 'id')::uuid
            ELSE coalesce((t.c #>> '{new,patient_id}')::uuid, (t.c #>> '{old,patient_id}')::uuid,
                          (SELECT b.patient_id FROM public.bill b WHERE b.id = (t.c ->> 'id')::uuid),
                          (SELECT b.patient_id FROM archive.bill b WHERE b.id = (t.c ->> 'id')::uuid)) END) p (id)
     WHERE t.c ->> 'table' IN ('patient', 'bill') AND o.id = ANY (owners) AND p.id IS NOT NULL;
    -- Everyone else who owned one of these patients, ever.
    INSERT INTO pg_temp.erasure_link
    SELECT p.id, p.owner_id FROM public.patient p
     WHERE p.id IN (SELECT l.patient_id FROM pg_temp.erasure_link l) AND p.owner_id <> ALL (owners)
    UNION SELECT p.id, p.owner_id FROM archive.patient p
     WHERE p.id IN (SELECT l.patient_id FROM pg_temp.erasure_link l) AND p.owner_id <> ALL (owners)
    UNION SELECT b.patient_id, b.owner_id FROM public.bill b
     WHERE b.clinic_id = clinic AND b.patient_id IN (SELECT l.patient_id FROM pg_temp.erasure_link l)
       AND b.owner_id <> ALL (owners)
    UNION SELECT b.patient_id, b.owner_id FROM archive.bill b
     WHERE b.patient_id IN (SELECT l.patient_id FROM pg_temp.erasure_link l) AND b.owner_id <> ALL (owners)
    UNION SELECT e.patient_id, e.owner_id FROM public.owner_erasure_patient e
     WHERE e.patient_id IN (SELECT l.patient_id FROM pg_temp.erasure_link l) AND e.owner_id <> ALL (owners);
    RETURN (SELECT public.as_set(array_agg(DISTINCT l.patient_id::text)) FROM pg_temp.erasure_link l);
END $$;

-- The second look, as the first: other owners of `patients`, records of theirs, and which rows of it are concerned.
CREATE FUNCTION gather_erasure_history(owners uuid[], patients jsonb, low bigint, high bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE erasure_change ON COMMIT DROP AS
    SELECT x.received_at, x.id, c FROM (
        SELECT received_at, id, changes FROM public.sync_journal
         WHERE id > low AND id <= coalesce(high, 9223372036854775807)
        UNION ALL SELECT NULL, NULL, changes FROM public.sync_item WHERE changes IS NOT NULL AND high IS NULL) x
     CROSS JOIN LATERAL jsonb_array_elements(x.changes) c
     WHERE (c ->> 'table' = 'patient' AND patients ? (c ->> 'id')
            AND (c -> 'old' ? 'owner_id' OR c -> 'new' ? 'owner_id'))
        OR (c ->> 'table' = 'medical_record'
            AND patients ? coalesce(c #>> '{new,patient_id}', c #>> '{old,patient_id}', ''))
        OR (c ->> 'table' = 'owner' AND (c ->> 'id')::uuid = ANY (owners));
    INSERT INTO pg_temp.erasure_link
    SELECT DISTINCT (e.c ->> 'id')::uuid, o.id FROM pg_temp.erasure_change e
     CROSS JOIN LATERAL (VALUES ((e.c #>> '{old,owner_id}')::uuid), ((e.c #>> '{new,owner_id}')::uuid)) o (id)
     WHERE e.c ->> 'table' = 'patient' AND o.id <> ALL (owners);
    INSERT INTO pg_temp.erasure_trace SELECT e.c FROM pg_temp.erasure_change e WHERE e.c ->> 'table' = 'medical_record';
    INSERT INTO pg_temp.erasure_journal SELECT DISTINCT e.received_at, e.id FROM pg_temp.erasure_change e
     WHERE e.id IS NOT NULL AND e.c ->> 'table' <> 'patient';
    DROP TABLE pg_temp.erasure_change;
END $$;

-- The journal is read by its ids below; they grow with the pages, so this index is next to nothing.
CREATE INDEX sync_journal_id_idx ON sync_journal USING brin (id) WITH (pages_per_range = 32, autosummarize = on);

-- Up to which id the journal can be read before the clinic's counter is locked: whatever has one of its clinic's
-- changes was written under that lock, so all of it up to here is committed, and all that comes has a higher id. Commit
-- right after.
CREATE FUNCTION erasure_horizon(owner_id uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE clinic CONSTANT uuid := public.erasure_clinic($1);
BEGIN
    PERFORM FROM public.sync_counter c WHERE c.clinic_id = clinic FOR UPDATE;
    RETURN coalesce(pg_sequence_last_value(pg_get_serial_sequence('public.sync_journal', 'id')::regclass), 0);
END $$;

-- Reads the long past without the clinic's lock, then takes it and reads what came since. Returns the person's owner
-- rows. What the lock shows to be otherwise (another merge, another animal) is read again whole.
CREATE FUNCTION gather_erasure(clinic uuid, owner_id uuid, horizon bigint) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    owners uuid[] := public.erasure_owners($2);
    present uuid[];
    low bigint := 0;
    patients jsonb := '{}';
    all_patients jsonb;
BEGIN
    PERFORM public.make_erasure_tables();
    IF horizon > 0 THEN
        PERFORM public.gather_erasure_traces(owners, 0, horizon);
        patients := public.gather_erasure_links(clinic, owners);
        PERFORM public.gather_erasure_history(owners, patients, 0, horizon);
        low := horizon;
    END IF;
    PERFORM public.take_version(clinic);
    present := public.erasure_owners($2);
    IF present <> owners THEN
        owners := present;
        low := 0;
        patients := '{}';
        PERFORM public.make_erasure_tables();
    END IF;
    PERFORM public.gather_erasure_traces(owners, low, NULL);
    all_patients := public.gather_erasure_links(clinic, owners);
    PERFORM public.gather_erasure_history(owners, all_patients,
                                          CASE WHEN patients @> all_patients THEN low ELSE 0 END, NULL);
    RETURN owners;
END $$;

-- What is known of the person, from the rows themselves and from every trace. After gather_erasure().
CREATE FUNCTION erasure_person(clinic uuid, owners uuid[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    firsts text[];
    lasts text[];
    mails text[];
    phones text[];
    names text[];
    sole text[];
    shared text[];
BEGIN
    SELECT array_agg(DISTINCT i ->> 'first_name') FILTER (WHERE i ->> 'first_name' <> '(erased)'),
           array_agg(DISTINCT i ->> 'last_name') FILTER (WHERE i ->> 'last_name' <> '(erased)'),
           array_agg(DISTINCT i ->> 'email'), array_agg(DISTINCT i ->> 'phone')
      INTO firsts, lasts, mails, phones FROM (
        SELECT to_jsonb(o) FROM public.owner o WHERE o.id = ANY (owners)
        UNION ALL SELECT t.image FROM public.sync_tombstone t
         WHERE t.table_name = 'owner' AND t.row_id IN (SELECT o::text FROM unnest(owners) o)
        UNION ALL SELECT v.image FROM pg_temp.erasure_trace t
         CROSS JOIN LATERAL (VALUES (t.c -> 'old'), (t.c -> 'new')) v (image)
         WHERE t.c ->> 'table' = 'owner' AND (t.c ->> 'id')::uuid = ANY (owners)
           AND jsonb_typeof(v.image) = 'object') x (i);
    SELECT array_agg(f || ' ' || l) INTO names FROM unnest(firsts) f CROSS JOIN unnest(lasts) l;
    SELECT array_agg(p::text) FILTER (WHERE alone), array_agg(p::text) FILTER (WHERE NOT alone) INTO sole, shared
      FROM (SELECT patient_id, bool_and(owner_id = ANY (owners)) FROM pg_temp.erasure_link GROUP BY 1) x (p, alone);
    -- Patients of nobody or somebody else whose records carry the person's name: nothing tells of the link any more. Of
    -- a namesake of the same clinic the phone tells it apart.
    SELECT shared || array_agg(DISTINCT r.patient_id::text) INTO shared FROM (
        SELECT m.patient_id, m.owner_name_snapshot, m.owner_phone_snapshot, p.owner_id
          FROM public.medical_record m JOIN public.patient p ON p.id = m.patient_id
         WHERE m.clinic_id = clinic AND m.owner_name_snapshot = ANY (names)
        UNION ALL
        SELECT m.patient_id, m.owner_name_snapshot, m.owner_phone_snapshot, p.owner_id
          FROM archive.medical_record m JOIN archive.patient p ON p.id = m.patient_id
         WHERE m.clinic_id = clinic AND m.owner_name_snapshot = ANY (names)) r
     WHERE r.patient_id::text <> ALL (coalesce(sole, '{}'))
       AND (r.owner_phone_snapshot = ANY (phones) OR (r.owner_phone_snapshot IS NULL AND (
            r.owner_id IS NULL OR NOT EXISTS (
                SELECT FROM public.owner o WHERE o.clinic_id = clinic AND o.id <> ALL (owners)
                   AND o.first_name || ' ' || o.last_name = r.owner_name_snapshot))));
    RETURN jsonb_build_object(
        'owners', public.as_set(ARRAY(SELECT o::text FROM unnest(owners) o)), 'sole', public.as_set(sole),
        'shared', public.as_set(shared), 'names', public.as_set(names), 'phones', public.as_set(phones),
        'words', to_jsonb(ARRAY(SELECT DISTINCT w FROM unnest(names || mails || phones) w WHERE length(w) >= 5)));
END $$;

-- Erasing ------------------------------------------------------------------------------------------------------------

-- The rows themselves, live, archived and deleted.
CREATE FUNCTION erase_rows(clinic uuid, owners uuid[], person jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

CREATE FUNCTION snapshot_of(name text, phone text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_build_object('owner_name_snapshot', name, 'owner_phone_snapshot', phone);

-- What central remembers about the rows: journal, quarantine and conflicts, staged parts, the migration's report.
CREATE FUNCTION erase_traces(clinic uuid, owners uuid[], person jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
       SET mine = e.mine, theirs = e.theirs, base = e.base, changes = e.changes, title = e.title, reason = e.reason,
           status = CASE WHEN e.over THEN 'resolved' ELSE i.status END,
           action = CASE WHEN e.over THEN 'erased' ELSE i.action END,
           decided_by = CASE WHEN e.over THEN 'central' ELSE i.decided_by END,
           decided_at = CASE WHEN e.over THEN date_trunc('milliseconds', clock_timestamp()) ELSE i.decided_at END
      FROM (SELECT s.id, public.erased_value(s.table_name, s.row_id, s.column_name, s.mine, person) AS mine,
                   public.erased_value(s.table_name, s.row_id, s.column_name, s.theirs, person) AS theirs,
                   public.erased_value(s.table_name, s.row_id, s.column_name, s.base, person) AS base,
                   public.erased_changes(s.changes, person) AS changes,
                   public.erased_text(s.title, person) AS title, public.erased_text(s.reason, person) AS reason,
                   s.status = 'open' AND s.kind = 'conflict' AND s.table_name = 'owner'
                       AND person -> 'owners' ? s.row_id AND s.column_name IN
                           ('first_name', 'last_name', 'email', 'phone', 'address', 'notes') AS over
              FROM public.sync_item s WHERE s.clinic_id = clinic) e
     WHERE i.id = e.id AND (e.over OR (e.mine, e.theirs, e.base, e.changes, e.title, e.reason)
                            IS DISTINCT FROM (i.mine, i.theirs, i.base, i.changes, i.title, i.reason));
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('item', n);
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
CREATE FUNCTION announce_erasure(clinic uuid, owner uuid, person jsonb, actor text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.sync_item (id, clinic_id, kind, table_name, row_id, code, title, reason, mine, actor, at, status,
                                  action, decided_by, decided_at)
    SELECT gen_random_uuid(), clinic, 'notice', 'owner', owner::text, 'owner_erased', 'An owner was erased',
           'The personal data of this owner was erased on request.',
           jsonb_build_object('erased', jsonb_agg(jsonb_build_array(x.t, x.id) ORDER BY x.n)), 'central',
           date_trunc('milliseconds', clock_timestamp()), 'resolved', 'erased', 'central',
           date_trunc('milliseconds', clock_timestamp())
      FROM (SELECT t, id, row_number() OVER (ORDER BY t DESC, id) AS n FROM (
                SELECT 'owner', k FROM jsonb_object_keys(person -> 'owners') k
                UNION SELECT 'patient', k FROM jsonb_object_keys((person -> 'sole') || (person -> 'shared')) k)
                v (t, id)) x
     GROUP BY (x.n - 1) / 1000;
END $$;

-- Erases the person whose owner row this is or was. Again: finds what came since. Returns counts, and "before": when
-- the first erasure was, if this is not it. `reason` stays at central. `horizon`: of erasure_horizon() in a transaction
-- before; without it the clinic's lock is held while the whole journal is read.
CREATE FUNCTION erase_owner(owner_id uuid, actor text, reason text, horizon bigint DEFAULT 0) RETURNS jsonb
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
