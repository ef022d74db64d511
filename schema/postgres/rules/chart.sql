-- Owners, patients, medical records: what still names a row is told before it is deleted (the foreign keys refuse it as
-- well), and what a medical record keeps of its owner.

CREATE OR REPLACE FUNCTION owner_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    PERFORM CASE
        WHEN EXISTS (SELECT FROM public.bill WHERE clinic_id = OLD.clinic_id AND owner_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: a bill names this owner')
        WHEN EXISTS (SELECT FROM archive.bill WHERE clinic_id = OLD.clinic_id AND owner_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: an archived bill names this owner') END;
    RETURN OLD;
END $$;

-- A patient that is archived comes back whole, and in no other way: not by hand from its tombstone.
CREATE OR REPLACE FUNCTION patient_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    IF EXISTS (SELECT FROM archive.entry e WHERE e.patient_id = NEW.id AND e.restored_at IS NULL) THEN
        PERFORM public.refuse('VC009', 'archive_closed: this patient is in the archive: bring it back from there');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION patient_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    PERFORM CASE
        WHEN EXISTS (SELECT FROM public.medical_record WHERE clinic_id = OLD.clinic_id AND patient_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: a medical record names this patient')
        WHEN EXISTS (SELECT FROM public.appointment WHERE clinic_id = OLD.clinic_id AND patient_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: an appointment names this patient')
        WHEN EXISTS (SELECT FROM public.bill WHERE clinic_id = OLD.clinic_id AND patient_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: a bill names this patient') END;
    RETURN OLD;
END $$;

-- The owner's name and phone as they are when the record is written. A later owner does not rewrite history.
CREATE OR REPLACE FUNCTION medical_record_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    IF (NEW.owner_name_snapshot IS NULL OR NEW.owner_phone_snapshot IS NULL)
       AND current_setting('vetchart.intake', true) IS DISTINCT FROM 'on' THEN
        SELECT coalesce(NEW.owner_name_snapshot, o.first_name || ' ' || o.last_name),
               coalesce(NEW.owner_phone_snapshot, o.phone)
          INTO NEW.owner_name_snapshot, NEW.owner_phone_snapshot
          FROM (SELECT) one
          LEFT JOIN (public.patient p JOIN public.owner o ON o.clinic_id = p.clinic_id AND o.id = p.owner_id)
            ON p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION medical_record_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id IS DISTINCT FROM OLD.id OR NEW.clinic_id IS DISTINCT FROM OLD.clinic_id THEN
        PERFORM public.refuse('VC005', 'immutable: medical_record.id and clinic_id never change');
    END IF;
    IF (NEW.owner_name_snapshot, NEW.owner_phone_snapshot) IS DISTINCT FROM
       (OLD.owner_name_snapshot, OLD.owner_phone_snapshot)
       AND current_setting('vetchart.erasure', true) IS DISTINCT FROM 'on' THEN
        PERFORM public.refuse('VC005', 'immutable: the owner snapshot of a medical record never changes');
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION medical_record_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    IF EXISTS (SELECT FROM public.bill_medical_record
                WHERE clinic_id = OLD.clinic_id AND medical_record_id = OLD.id) THEN
        PERFORM public.refuse('VC001', 'still_referenced: a bill is joined to this medical record');
    END IF;
    RETURN OLD;
END $$;
