-- What an erasure finds: all owner rows of the person, their patients, and every trace of them (docs/retention.md).

CREATE OR REPLACE FUNCTION as_set(members text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT coalesce(jsonb_object_agg(m, 1), '{}') FROM unnest(members) m WHERE m IS NOT NULL);

-- The clinic of an owner of whom anything is left; NULL: nobody ever heard of this id.
CREATE OR REPLACE FUNCTION erasure_clinic(owner_id uuid) RETURNS uuid LANGUAGE sql STABLE
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
CREATE OR REPLACE FUNCTION erasure_owners(owner_id uuid) RETURNS uuid[] LANGUAGE sql STABLE
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
CREATE OR REPLACE FUNCTION make_erasure_tables() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.erasure_trace, pg_temp.erasure_link, pg_temp.erasure_journal;
    CREATE TEMP TABLE erasure_trace (c jsonb) ON COMMIT DROP;
    CREATE TEMP TABLE erasure_link (patient_id uuid, owner_id uuid) ON COMMIT DROP;
    CREATE TEMP TABLE erasure_journal (received_at timestamptz, id bigint) ON COMMIT DROP;
END $$;

-- The first look at the journal, at its ids above `low` up to `high` (NULL: to its end, and at what is held).
CREATE OR REPLACE FUNCTION gather_erasure_traces(owners uuid[], low bigint, high bigint) RETURNS void
LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION gather_erasure_links(clinic uuid, owners uuid[]) RETURNS jsonb LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION gather_erasure_history(owners uuid[], patients jsonb, low bigint, high bigint) RETURNS void
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

-- Up to which id the journal can be read before the clinic's counter is locked: whatever has one of its clinic's
-- changes was written under that lock, so all of it up to here is committed, and all that comes has a higher id. Commit
-- right after.
CREATE OR REPLACE FUNCTION erasure_horizon(owner_id uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE clinic CONSTANT uuid := public.erasure_clinic($1);
BEGIN
    PERFORM FROM public.sync_counter c WHERE c.clinic_id = clinic FOR UPDATE;
    RETURN coalesce(pg_sequence_last_value(pg_get_serial_sequence('public.sync_journal', 'id')::regclass), 0);
END $$;

-- Reads the long past without the clinic's lock, then takes it and reads what came since. Returns the person's owner
-- rows. What the lock shows to be otherwise (another merge, another animal) is read again whole.
CREATE OR REPLACE FUNCTION gather_erasure(clinic uuid, owner_id uuid, horizon bigint) RETURNS uuid[]
LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION erasure_person(clinic uuid, owners uuid[]) RETURNS jsonb LANGUAGE plpgsql AS $$
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
