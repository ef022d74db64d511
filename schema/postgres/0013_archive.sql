-- Phase 13: the archive (design.md section 2): a patient with its whole history, moved out of the live tables as it
-- stands, and back. The rows here have the columns of the live ones, and the entry that brought them.

CREATE SCHEMA archive;

-- Each time a patient was archived; it stays when the patient came back.
CREATE TABLE archive.entry (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    archived_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    actor text NOT NULL,
    reason text NOT NULL,
    restored_at timestamptz(3),
    restored_by text,
    CONSTRAINT entry_pkey PRIMARY KEY (id),
    CONSTRAINT entry_reason_check CHECK (length(public.trim_blanks(reason)) BETWEEN 1 AND 1000),
    CONSTRAINT entry_restored_check CHECK ((restored_at IS NULL) = (restored_by IS NULL)),
    CONSTRAINT entry_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES public.clinic (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX entry_patient_id_key ON archive.entry (patient_id) WHERE restored_at IS NULL;
CREATE INDEX entry_clinic_id_archived_at_id_idx ON archive.entry (clinic_id, archived_at DESC, id);

DO $$
DECLARE tbl text;
BEGIN
    FOREACH tbl IN ARRAY ARRAY['patient', 'medical_record', 'appointment', 'bill', 'bill_item',
                               'bill_medical_record'] LOOP
        EXECUTE format('CREATE TABLE archive.%1$I (LIKE public.%1$I, entry_id uuid NOT NULL,
            CONSTRAINT %2$I PRIMARY KEY (%3$s),
            CONSTRAINT %4$I FOREIGN KEY (entry_id) REFERENCES archive.entry (id) ON DELETE RESTRICT)',
            tbl, tbl || '_pkey', CASE tbl WHEN 'bill_medical_record' THEN 'bill_id, medical_record_id' ELSE 'id' END,
            tbl || '_entry_id_fkey');
        EXECUTE format('CREATE INDEX %I ON archive.%I (entry_id)', tbl || '_entry_id_idx', tbl);
    END LOOP;
END $$;
CREATE INDEX bill_clinic_id_owner_id_idx ON archive.bill (clinic_id, owner_id);

-- What a row's way into the archive, or out of it, needs to know -----------------------------------------------------

-- Every push asks whether its clinic has an open entry.
CREATE INDEX entry_clinic_id_open_idx ON archive.entry (clinic_id) WHERE restored_at IS NULL;
-- The numbers of archived bills stay taken.
CREATE UNIQUE INDEX bill_bill_number_key ON archive.bill (bill_number);
CREATE UNIQUE INDEX bill_provisional_number_key ON archive.bill (provisional_number);
CREATE INDEX bill_item_bill_id_idx ON archive.bill_item (bill_id);
CREATE INDEX bill_medical_record_medical_record_id_idx ON archive.bill_medical_record (medical_record_id);
CREATE INDEX medical_record_patient_id_idx ON archive.medical_record (patient_id);

-- Which appointment a bill of another patient named when the appointment went: the live bill has NULL since. Applied,
-- and removed, when both are live again. It stays where the appointment was deleted for good or the bill named another.
CREATE TABLE archive.cut_link (
    bill_id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    CONSTRAINT cut_link_pkey PRIMARY KEY (bill_id, appointment_id),
    CONSTRAINT cut_link_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES archive.entry (id) ON DELETE RESTRICT
);
CREATE INDEX cut_link_appointment_id_idx ON archive.cut_link (appointment_id);
CREATE INDEX cut_link_entry_id_idx ON archive.cut_link (entry_id);

-- The rows that held transactions wrote: who builds on them waits with them (docs/sync-protocol.md, "Held").
CREATE TABLE held_row (
    item_id uuid NOT NULL,
    table_name text NOT NULL,
    row_id text NOT NULL,
    CONSTRAINT held_row_pkey PRIMARY KEY (item_id, table_name, row_id),
    CONSTRAINT held_row_item_id_fkey FOREIGN KEY (item_id) REFERENCES sync_item (id) ON DELETE RESTRICT
);
CREATE INDEX held_row_table_name_row_id_idx ON held_row (table_name, row_id);

-- The archive's own rules --------------------------------------------------------------------------------------------
-- A row is either live or archived; both only inside the transaction that moves it. No setting opens these rules: what
-- they ask for is the copy itself. So a row comes in only as a copy of the live one, goes only when it is live again,
-- and a live one that nobody may delete (an issued bill, a line of a paid one) goes only when its copy is here.

-- The argument: which live row `r` the archived row $1 is a copy of.
CREATE FUNCTION archive.before_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I r WHERE %s
            AND to_jsonb(r) = to_jsonb($1) - ''entry_id'')', TG_TABLE_NAME, TG_ARGV[0]) INTO found USING NEW;
        IF NOT found THEN
            PERFORM public.refuse('VC009', format('archive_closed: only a live %s can be archived', TG_TABLE_NAME));
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF coalesce(current_setting('vetchart.erasure', true), '') <> 'on'
           OR to_jsonb(NEW) - 'owner_name_snapshot' - 'owner_phone_snapshot'
              IS DISTINCT FROM to_jsonb(OLD) - 'owner_name_snapshot' - 'owner_phone_snapshot' THEN
            PERFORM public.refuse('VC009', 'archive_closed: what is archived stays as it is');
        END IF;
        RETURN NEW;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I r WHERE %s)', TG_TABLE_NAME, TG_ARGV[0])
       INTO found USING OLD;
    IF NOT found THEN
        PERFORM public.refuse('VC009', 'archive_closed: what is archived is brought back, never deleted');
    END IF;
    RETURN OLD;
END $$;

-- Of an entry only its end may be written, once, and an erasure may take a name out of its reason.
CREATE FUNCTION archive.entry_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR to_jsonb(NEW) - 'restored_at' - 'restored_by' - 'reason'
          IS DISTINCT FROM to_jsonb(OLD) - 'restored_at' - 'restored_by' - 'reason'
       OR (OLD.restored_at IS NOT NULL
           AND (NEW.restored_at, NEW.restored_by) IS DISTINCT FROM (OLD.restored_at, OLD.restored_by))
       OR (NEW.reason IS DISTINCT FROM OLD.reason
           AND coalesce(current_setting('vetchart.erasure', true), '') <> 'on') THEN
        PERFORM public.refuse('VC009', 'archive_closed: an entry of the archive stays as it is');
    END IF;
    RETURN NEW;
END $$;

-- A cut link goes when both its ends are live.
CREATE FUNCTION archive.cut_link_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR NOT EXISTS (SELECT FROM public.bill WHERE id = OLD.bill_id)
       OR NOT EXISTS (SELECT FROM public.appointment WHERE id = OLD.appointment_id) THEN
        PERFORM public.refuse('VC009', 'archive_closed: what is archived stays as it is');
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION archive.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse('VC008', 'truncate_refused: what is archived is brought back, never deleted');
    RETURN NULL;
END $$;

DO $$
DECLARE
    r record;
    event record;
BEGIN
    FOR r IN SELECT * FROM (VALUES
        ('patient', 'archive.before_write(''r.id = ($1).id'')', true),
        ('medical_record', 'archive.before_write(''r.id = ($1).id'')', true),
        ('appointment', 'archive.before_write(''r.id = ($1).id'')', true),
        ('bill', 'archive.before_write(''r.id = ($1).id'')', true),
        ('bill_item', 'archive.before_write(''r.id = ($1).id'')', true),
        ('bill_medical_record', 'archive.before_write(''(r.bill_id, r.medical_record_id)
            = (($1).bill_id, ($1).medical_record_id)'')', true),
        ('entry', 'archive.entry_before_write()', false),
        ('cut_link', 'archive.cut_link_before_write()', false)) v (tbl, rule, on_insert) LOOP
        EXECUTE format('CREATE TRIGGER %1$s_before_write BEFORE %3$s UPDATE OR DELETE ON archive.%1$I
            FOR EACH ROW EXECUTE FUNCTION %2$s', r.tbl, r.rule, CASE WHEN r.on_insert THEN 'INSERT OR' ELSE '' END);
        EXECUTE format('CREATE TRIGGER %1$s_before_truncate BEFORE TRUNCATE ON archive.%1$I
            FOR EACH STATEMENT EXECUTE FUNCTION archive.refuse_truncate()', r.tbl);
        FOR event IN SELECT tgname FROM pg_trigger
                      WHERE tgrelid = ('archive.' || r.tbl)::regclass AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE archive.%I ENABLE ALWAYS TRIGGER %I', r.tbl, event.tgname);
        END LOOP;
    END LOOP;
END $$;

-- The live rules that know of the archive ----------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION move_bill_numbers() RETURNS void LANGUAGE plpgsql AS $$
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
        (SELECT max(public.printed_bill_number(bill_number)) FROM public.bill),
        (SELECT max(public.printed_bill_number(bill_number)) FROM archive.bill))
      INTO highest;
    PERFORM setval('public.bill_number_seq', highest + state.number_jump);
    UPDATE public.central_state SET system_identifier = public.this_system(), timeline = public.this_timeline(),
           numbered_epoch = epoch;
END $$;

CREATE OR REPLACE FUNCTION next_bill_number() RETURNS text LANGUAGE plpgsql AS $$
DECLARE number text;
BEGIN
    PERFORM FROM public.central_state WHERE system_identifier = public.this_system()
        AND timeline = public.this_timeline() AND numbered_epoch = epoch;
    IF NOT FOUND THEN
        PERFORM public.move_bill_numbers();
    END IF;
    LOOP
        number := public.bill_number_text(nextval('public.bill_number_seq'));
        EXIT WHEN NOT EXISTS (SELECT FROM public.bill WHERE bill_number = number)
              AND NOT EXISTS (SELECT FROM archive.bill WHERE bill_number = number);
    END LOOP;
    RETURN number;
END $$;

CREATE OR REPLACE FUNCTION free_provisional_number(wanted text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    number text := wanted;
    nth integer := 1;
BEGIN
    WHILE EXISTS (SELECT FROM public.bill WHERE provisional_number = number)
       OR EXISTS (SELECT FROM archive.bill WHERE provisional_number = number) LOOP
        nth := nth + 1;
        number := wanted || '/' || nth;
    END LOOP;
    RETURN number;
END $$;

-- As before; a bill out of the archive keeps the numbers and the moment it has there.
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
            NEW.provisional_number := 'CENTRAL-' || lpad(n::text, greatest(6, length(n::text)), '0');
        END IF;
        NEW.provisional_number := public.free_provisional_number(NEW.provisional_number);
        NEW.received_at := CASE WHEN keep THEN coalesce(NEW.received_at, moment) ELSE moment END;
    END IF;
    NEW.issued_at := coalesce(NEW.issued_at, CASE WHEN NEW.status IN ('sent', 'overdue', 'paid') THEN moment END);
    NEW.paid_at := coalesce(NEW.paid_at, CASE WHEN NEW.status = 'paid' THEN moment END);
    NEW.cancelled_at := coalesce(NEW.cancelled_at, CASE WHEN NEW.status = 'cancelled' THEN moment END);
    RETURN NEW;
END $$;

-- What is archived comes back whole, and in no other way: not by hand from its tombstone.
CREATE FUNCTION patient_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    IF EXISTS (SELECT FROM archive.entry e WHERE e.patient_id = NEW.id AND e.restored_at IS NULL) THEN
        PERFORM public.refuse('VC009', 'archive_closed: this patient is in the archive: bring it back from there');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER patient_before_insert BEFORE INSERT ON patient
    FOR EACH ROW EXECUTE FUNCTION patient_before_insert();
ALTER TABLE patient ENABLE ALWAYS TRIGGER patient_before_insert;

-- Lines of a closed bill move between the live tables and the archive, and in no other way.
CREATE FUNCTION refuse_closed_bill(bill uuid, is_archived boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_archived THEN
        PERFORM public.refuse_closed_bill(bill);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION bill_item_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id IS DISTINCT FROM OLD.id OR NEW.clinic_id IS DISTINCT FROM OLD.clinic_id) THEN
        PERFORM public.refuse('VC005', 'immutable: bill_item.id and clinic_id never change');
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    PERFORM public.refuse_closed_bill(NEW.bill_id,
        TG_OP = 'INSERT' AND EXISTS (SELECT FROM archive.bill_item WHERE id = NEW.id AND bill_id = NEW.bill_id));
    IF TG_OP = 'UPDATE' THEN
        IF NEW.bill_id IS DISTINCT FROM OLD.bill_id THEN
            PERFORM public.refuse_closed_bill(OLD.bill_id);
        END IF;
        NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION bill_medical_record_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.clinic_id, NEW.bill_id, NEW.medical_record_id) IS DISTINCT FROM
           (OLD.clinic_id, OLD.bill_id, OLD.medical_record_id) THEN
            PERFORM public.refuse('VC005', 'immutable: the key of bill_medical_record never changes');
        END IF;
        NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    PERFORM public.refuse_closed_bill(NEW.bill_id, TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM archive.bill_medical_record
         WHERE bill_id = NEW.bill_id AND medical_record_id = NEW.medical_record_id));
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION bill_child_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_archived boolean;
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    IF TG_TABLE_NAME = 'bill_item' THEN
        is_archived := EXISTS (SELECT FROM archive.bill_item WHERE id = OLD.id);
    ELSE
        is_archived := EXISTS (SELECT FROM archive.bill_medical_record
                                WHERE bill_id = OLD.bill_id AND medical_record_id = OLD.medical_record_id);
    END IF;
    PERFORM public.refuse_closed_bill(OLD.bill_id, is_archived);
    RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION bill_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    PERFORM CASE
        WHEN EXISTS (SELECT FROM public.bill_item WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: an item belongs to this bill')
        WHEN EXISTS (SELECT FROM public.bill_medical_record WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: a medical record is joined to this bill')
        WHEN OLD.issued_at IS NOT NULL AND NOT EXISTS (SELECT FROM archive.bill WHERE id = OLD.id)
        THEN public.refuse('VC004', 'bill_issued: a bill that was issued is never deleted') END;
    RETURN OLD;
END $$;

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

CREATE OR REPLACE FUNCTION clinic_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE child text;
BEGIN
    PERFORM public.take_version(OLD.id);
    FOREACH child IN ARRAY ARRAY['public.staff', 'public.owner', 'public.patient', 'public.medical_record',
                                 'public.appointment', 'public.service_item', 'public.bill', 'public.bill_item',
                                 'public.bill_medical_record', 'public.sync_item', 'public.sync_node_clinic',
                                 'archive.entry'] LOOP
        EXECUTE format('SELECT public.refuse(''VC001'', %L) FROM %s WHERE clinic_id = $1 LIMIT 1',
            format('still_referenced: %s rows belong to this clinic', split_part(child, '.', 2)), child) USING OLD.id;
    END LOOP;
    RETURN OLD;
END $$;

-- The move -----------------------------------------------------------------------------------------------------------

-- Whom `owner` is now: the row it was merged into, as that again. NULL: it was deleted for good. Who wrote a circle of
-- merges gets the owner as it was.
CREATE FUNCTION archive.present_owner(clinic uuid, owner uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
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
CREATE FUNCTION archive.columns_of(tbl text, alias text DEFAULT NULL) RETURNS text LANGUAGE sql STABLE
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
CREATE FUNCTION archive_patient(patient_id uuid, actor text, reason text) RETURNS jsonb LANGUAGE plpgsql AS $$
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
CREATE FUNCTION restore_patient(patient_id uuid, actor text) RETURNS jsonb LANGUAGE plpgsql AS $$
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
    UPDATE archive.entry e SET restored_at = date_trunc('milliseconds', clock_timestamp()), restored_by = $2
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
CREATE FUNCTION archive.mend_links(clinic uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.bill b SET appointment_id = l.appointment_id
      FROM archive.cut_link l JOIN public.appointment p ON p.id = l.appointment_id
     WHERE l.bill_id = b.id AND b.clinic_id = clinic AND p.clinic_id = clinic AND b.appointment_id IS NULL;
    DELETE FROM archive.cut_link l USING public.bill b, public.appointment p
     WHERE b.id = l.bill_id AND p.id = l.appointment_id AND b.clinic_id = clinic;
END $$;
