-- A patient's way into the archive and back, each in one transaction.

-- Whom `owner` is now: the row it was merged into, as that again. NULL: it was deleted for good. Who wrote a circle of
-- merges gets the owner as it was.
CREATE OR REPLACE FUNCTION archive.present_owner(clinic uuid, owner uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    here uuid := owner;
    into_id uuid;
BEGIN
    FOR step IN 1 .. 100 LOOP
        SELECT o.merged_into INTO into_id FROM public.owner o WHERE o.clinic_id = clinic AND o.id = here;
        IF NOT FOUND THEN
            RETURN NULL;
        ELSIF into_id IS NULL THEN
            RETURN here;
        END IF;
        here := into_id;
    END LOOP;
    RETURN owner;
END $$;

-- The columns of `tbl`, which both schemas have. With `alias`: as they come back. What named a row that is gone is NULL
-- where the rule is SET NULL; what belonged to an owner who was merged meanwhile belongs to whom that was merged into,
-- as it would if it had stayed.
CREATE OR REPLACE FUNCTION archive.columns_of(tbl text, alias text DEFAULT NULL) RETURNS text LANGUAGE sql STABLE
RETURN (SELECT string_agg(CASE
            WHEN alias IS NULL THEN quote_ident(a.attname)
            WHEN tbl IN ('patient', 'bill') AND a.attname = 'owner_id' THEN format(
                'archive.present_owner(%1$s.clinic_id, %1$s.owner_id)', alias)
            WHEN (tbl, a.attname) = ('bill', 'appointment_id') THEN format('(SELECT p.id FROM public.appointment p
                WHERE p.clinic_id = %1$s.clinic_id AND p.id = %1$s.appointment_id)', alias)
            ELSE format('%s.%I', alias, a.attname) END, ', ' ORDER BY a.attnum)
          FROM pg_attribute a
         WHERE a.attrelid = ('public.' || tbl)::regclass AND a.attnum > 0 AND NOT a.attisdropped);

-- Moves the patient with its whole history into the archive, as it stands. Returns {"entry": id, "<table>": rows, ..}.
CREATE OR REPLACE FUNCTION archive_patient(patient_id uuid, actor text, reason text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    clinic uuid;
    entry CONSTANT uuid := gen_random_uuid();
    counts jsonb := jsonb_build_object('entry', entry);
    r record;
    n bigint;
BEGIN
    SELECT p.clinic_id INTO clinic FROM public.patient p WHERE p.id = $1;
    PERFORM public.take_version(clinic);
    PERFORM FROM public.patient p WHERE p.id = $1;
    IF NOT FOUND THEN
        PERFORM CASE WHEN EXISTS (SELECT FROM archive.entry e WHERE e.patient_id = $1 AND e.restored_at IS NULL)
            THEN public.refuse('VC010', 'already_archived: this patient is in the archive already')
            ELSE public.refuse('VC011', 'patient_unknown: no patient has this id') END;
    END IF;
    PERFORM set_config('vetchart.actor', actor, true);
    INSERT INTO archive.entry (id, clinic_id, patient_id, actor, reason) VALUES (entry, clinic, $1, $2, $3);
    INSERT INTO archive.cut_link (bill_id, appointment_id, entry_id)
    SELECT b.id, b.appointment_id, entry
      FROM public.appointment a JOIN public.bill b ON b.clinic_id = a.clinic_id AND b.appointment_id = a.id
     WHERE a.clinic_id = clinic AND a.patient_id = $1 AND b.patient_id <> $1
    ON CONFLICT ON CONSTRAINT cut_link_pkey DO NOTHING;
    FOR r IN SELECT * FROM (VALUES
        (1, 'patient', 't.id = $1'),
        (2, 'medical_record', 't.clinic_id = $2 AND t.patient_id = $1'),
        (3, 'appointment', 't.clinic_id = $2 AND t.patient_id = $1'),
        (4, 'bill', 't.clinic_id = $2 AND t.patient_id = $1'),
        (5, 'bill_item', 't.clinic_id = $2 AND t.bill_id IN
            (SELECT b.id FROM public.bill b WHERE b.clinic_id = $2 AND b.patient_id = $1)'),
        (6, 'bill_medical_record', 't.clinic_id = $2 AND (t.bill_id IN
            (SELECT b.id FROM public.bill b WHERE b.clinic_id = $2 AND b.patient_id = $1) OR t.medical_record_id IN
            (SELECT m.id FROM public.medical_record m WHERE m.clinic_id = $2 AND m.patient_id = $1))'))
        v (place, tbl, condition) ORDER BY place LOOP
        EXECUTE format('INSERT INTO archive.%1$I (%2$s, entry_id) SELECT %2$s, $3 FROM public.%1$I t WHERE %3$s',
            r.tbl, archive.columns_of(r.tbl), r.condition) USING $1, clinic, entry;
        GET DIAGNOSTICS n = ROW_COUNT;
        counts := counts || jsonb_build_object(r.tbl, n);
    END LOOP;
    DELETE FROM public.bill_medical_record t USING archive.bill_medical_record a
     WHERE a.entry_id = entry AND t.bill_id = a.bill_id AND t.medical_record_id = a.medical_record_id;
    DELETE FROM public.bill_item t USING archive.bill_item a WHERE a.entry_id = entry AND t.id = a.id;
    DELETE FROM public.bill t USING archive.bill a WHERE a.entry_id = entry AND t.id = a.id;
    DELETE FROM public.appointment t USING archive.appointment a WHERE a.entry_id = entry AND t.id = a.id;
    DELETE FROM public.medical_record t USING archive.medical_record a WHERE a.entry_id = entry AND t.id = a.id;
    DELETE FROM public.patient t WHERE t.id = $1;
    INSERT INTO public.audit_log (actor, action, subject, detail)
    VALUES ($2, 'archive patient', $1::text, counts || jsonb_build_object('reason', $3));
    RETURN counts;
END $$;

-- Brings the patient back with all that went with it, under the same ids and numbers. A join comes with whichever of
-- its two sides comes last. Returns counts as archive_patient does.
CREATE OR REPLACE FUNCTION restore_patient(patient_id uuid, actor text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    clinic uuid;
    entry uuid;
    counts jsonb;
    intake CONSTANT text := coalesce(current_setting('vetchart.intake', true), '');
    tbl text;
    n bigint;
BEGIN
    SELECT e.clinic_id INTO clinic FROM archive.entry e WHERE e.patient_id = $1 AND e.restored_at IS NULL;
    PERFORM public.take_version(clinic);
    UPDATE archive.entry e SET restored_at = public.clock_instant(), restored_by = $2
     WHERE e.patient_id = $1 AND e.restored_at IS NULL RETURNING e.id INTO entry;
    IF entry IS NULL THEN
        PERFORM public.refuse('VC010', 'not_archived: this patient is not in the archive');
    END IF;
    counts := jsonb_build_object('entry', entry);
    PERFORM set_config('vetchart.actor', actor, true);
    -- As they stood: no stamp and no owner snapshot is filled in.
    PERFORM set_config('vetchart.intake', 'on', true);
    FOREACH tbl IN ARRAY ARRAY['patient', 'medical_record', 'appointment', 'bill', 'bill_item'] LOOP
        EXECUTE format('INSERT INTO public.%1$I (%2$s) SELECT %3$s FROM archive.%1$I a WHERE a.entry_id = $1',
            tbl, archive.columns_of(tbl), archive.columns_of(tbl, 'a')) USING entry;
        GET DIAGNOSTICS n = ROW_COUNT;
        counts := counts || jsonb_build_object(tbl, n);
    END LOOP;
    EXECUTE format('INSERT INTO public.bill_medical_record (%1$s) SELECT %1$s FROM archive.bill_medical_record a
        WHERE (a.bill_id IN (SELECT b.id FROM archive.bill b WHERE b.entry_id = $1)
               OR a.medical_record_id IN (SELECT m.id FROM archive.medical_record m WHERE m.entry_id = $1))
          AND EXISTS (SELECT FROM public.bill b WHERE b.id = a.bill_id)
          AND EXISTS (SELECT FROM public.medical_record m WHERE m.id = a.medical_record_id)
        ON CONFLICT DO NOTHING', archive.columns_of('bill_medical_record')) USING entry;
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('bill_medical_record', n);
    PERFORM set_config('vetchart.intake', intake, true);
    -- A bill that comes back before the appointment it names.
    INSERT INTO archive.cut_link (bill_id, appointment_id, entry_id)
    SELECT b.id, b.appointment_id, p.entry_id
      FROM archive.bill b JOIN archive.appointment p ON p.id = b.appointment_id AND p.entry_id <> entry
     WHERE b.entry_id = entry ON CONFLICT ON CONSTRAINT cut_link_pkey DO NOTHING;
    DELETE FROM archive.bill_medical_record a USING public.bill_medical_record t
     WHERE t.bill_id = a.bill_id AND t.medical_record_id = a.medical_record_id AND t.clinic_id = clinic;
    DELETE FROM archive.bill_item a WHERE a.entry_id = entry;
    DELETE FROM archive.bill a WHERE a.entry_id = entry;
    DELETE FROM archive.appointment a WHERE a.entry_id = entry;
    DELETE FROM archive.medical_record a WHERE a.entry_id = entry;
    DELETE FROM archive.patient a WHERE a.entry_id = entry;
    PERFORM archive.mend_links(clinic);
    INSERT INTO public.audit_log (actor, action, subject, detail) VALUES ($2, 'archive restore', $1::text, counts);
    RETURN counts;
END $$;

-- Puts cut links back whose bill and appointment are both live; the bill may have been given another one meanwhile.
CREATE OR REPLACE FUNCTION archive.mend_links(clinic uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.bill b SET appointment_id = l.appointment_id
      FROM archive.cut_link l JOIN public.appointment p ON p.id = l.appointment_id
     WHERE l.bill_id = b.id AND b.clinic_id = clinic AND p.clinic_id = clinic AND b.appointment_id IS NULL;
    DELETE FROM archive.cut_link l USING public.bill b, public.appointment p
     WHERE b.id = l.bill_id AND p.id = l.appointment_id AND b.clinic_id = clinic;
END $$;
