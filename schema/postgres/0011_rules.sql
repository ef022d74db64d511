-- Phase 11: the rules that need a trigger, and the stamps. One trigger per table, time and event; all ENABLE ALWAYS,
-- so that they also run where session_replication_role is replica. A message is `slug: sentence`, the slugs are
-- those of docs/architecture.md.
--
--   before insert/update/delete, each row   the clinic's version is taken first: it is the lock under which the rules
--                                           read; then what the rule refuses, then the values the database sets
--   after insert/update/delete, statement   tombstones; who wrote what last (row_meta)
--   before truncate                         refused
--
-- Settings (SET LOCAL) that a writer may say, all off by default:
--   vetchart.intake       a node's work is being taken in: updated_at, snapshots and row_meta are the writer's matter
--   vetchart.keep_number  rows come back with their numbers: migration, archive restore
--   vetchart.erasure      a privacy erasure may change an owner snapshot
--   vetchart.actor        whose hand it is, for row_meta (else the session's user)

CREATE FUNCTION refuse(state text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message;
END $$;

-- updated_at follows an UPDATE that left it alone; intake says its own.
CREATE FUNCTION next_updated_at(before timestamptz, after timestamptz) RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN CASE WHEN before IS NOT DISTINCT FROM after AND current_setting('vetchart.intake', true) IS DISTINCT FROM 'on'
            THEN date_trunc('milliseconds', clock_timestamp()) ELSE after END;

-- Before insert and update ------------------------------------------------------------------------------------------

CREATE FUNCTION row_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    RETURN NEW;
END $$;

CREATE FUNCTION row_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id IS DISTINCT FROM OLD.id OR NEW.clinic_id IS DISTINCT FROM OLD.clinic_id THEN
        PERFORM public.refuse('VC005', format('immutable: %s.id and clinic_id never change', TG_TABLE_NAME));
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id IS DISTINCT FROM OLD.id THEN
            PERFORM public.refuse('VC005', 'immutable: clinic.id never changes');
        END IF;
        NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    END IF;
    NEW.version := public.take_version(NEW.id);
    RETURN NEW;
END $$;

-- The owner's name and phone as they are when the record is written. A later owner does not rewrite history.
CREATE FUNCTION medical_record_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION medical_record_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- A bill gets its number here, whoever inserts it. INSERT .. ON CONFLICT (id) of a bill that is there spends none.
-- issued_at: the first status past draft, cancelled excepted (a draft that is cancelled was never issued).
CREATE FUNCTION bill_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known record;
    n bigint;
    keep CONSTANT boolean := coalesce(current_setting('vetchart.keep_number', true), '') = 'on';
    moment CONSTANT timestamptz(3) := date_trunc('milliseconds', clock_timestamp());
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    SELECT bill_number, provisional_number, received_at INTO known FROM public.bill WHERE id = NEW.id;
    IF FOUND THEN
        NEW.bill_number := known.bill_number;
        NEW.provisional_number := known.provisional_number;
        NEW.received_at := known.received_at;
    ELSE
        IF NEW.bill_number IS NOT NULL AND NOT keep THEN
            PERFORM public.refuse('VC006', 'number_by_central: bill numbers come from central''s sequence alone');
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

CREATE FUNCTION bill_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment CONSTANT timestamptz(3) := date_trunc('milliseconds', clock_timestamp());
BEGIN
    IF NEW.id IS DISTINCT FROM OLD.id OR NEW.clinic_id IS DISTINCT FROM OLD.clinic_id THEN
        PERFORM public.refuse('VC005', 'immutable: bill.id and clinic_id never change');
    END IF;
    IF NEW.provisional_number IS DISTINCT FROM OLD.provisional_number THEN
        PERFORM public.refuse('VC005', 'immutable: bill.provisional_number never changes');
    END IF;
    IF NEW.bill_number IS DISTINCT FROM OLD.bill_number THEN
        PERFORM CASE WHEN OLD.bill_number IS NULL
            THEN public.refuse('VC006', 'number_by_central: bill numbers come from central''s sequence alone')
            ELSE public.refuse('VC005', 'immutable: bill.bill_number never changes') END;
    END IF;
    IF OLD.issued_at IS NOT NULL AND NEW.issued_at IS NULL THEN
        PERFORM public.refuse('VC005', 'immutable: a bill that was issued stays issued');
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    NEW.issued_at := coalesce(NEW.issued_at, CASE WHEN NEW.status IN ('sent', 'overdue', 'paid') THEN moment END);
    NEW.paid_at := coalesce(NEW.paid_at, CASE WHEN NEW.status = 'paid' THEN moment END);
    NEW.cancelled_at := coalesce(NEW.cancelled_at, CASE WHEN NEW.status = 'cancelled' THEN moment END);
    RETURN NEW;
END $$;

-- Items and joins stay as they are while their bill is paid or cancelled. Call with the version taken: the lock keeps
-- the bill's status still.
CREATE FUNCTION refuse_closed_bill(bill uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM public.bill b WHERE b.id = bill AND b.status IN ('paid', 'cancelled');
    IF FOUND THEN
        PERFORM public.refuse('VC003', 'bill_closed: what belongs to a paid or cancelled bill stays as it is');
    END IF;
END $$;

CREATE FUNCTION bill_item_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id IS DISTINCT FROM OLD.id OR NEW.clinic_id IS DISTINCT FROM OLD.clinic_id) THEN
        PERFORM public.refuse('VC005', 'immutable: bill_item.id and clinic_id never change');
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    PERFORM public.refuse_closed_bill(NEW.bill_id);
    IF TG_OP = 'UPDATE' THEN
        IF NEW.bill_id IS DISTINCT FROM OLD.bill_id THEN
            PERFORM public.refuse_closed_bill(OLD.bill_id);
        END IF;
        NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION bill_medical_record_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.clinic_id, NEW.bill_id, NEW.medical_record_id) IS DISTINCT FROM
           (OLD.clinic_id, OLD.bill_id, OLD.medical_record_id) THEN
            PERFORM public.refuse('VC005', 'immutable: the key of bill_medical_record never changes');
        END IF;
        NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    PERFORM public.refuse_closed_bill(NEW.bill_id);
    RETURN NEW;
END $$;

CREATE FUNCTION sync_item_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    RETURN NEW;
END $$;

-- Before delete -----------------------------------------------------------------------------------------------------
-- What still names the row is told first; the foreign keys refuse it as well.

CREATE FUNCTION row_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    RETURN OLD;
END $$;

CREATE FUNCTION clinic_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE child text;
BEGIN
    PERFORM public.take_version(OLD.id);
    FOREACH child IN ARRAY ARRAY['staff', 'owner', 'patient', 'medical_record', 'appointment', 'service_item', 'bill',
                                 'bill_item', 'bill_medical_record', 'sync_item', 'sync_node_clinic'] LOOP
        EXECUTE format('SELECT public.refuse(''VC001'', %L) FROM public.%I WHERE clinic_id = $1 LIMIT 1',
            format('still_referenced: %s rows belong to this clinic', child), child) USING OLD.id;
    END LOOP;
    RETURN OLD;
END $$;

CREATE FUNCTION owner_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    IF EXISTS (SELECT FROM public.bill WHERE clinic_id = OLD.clinic_id AND owner_id = OLD.id) THEN
        PERFORM public.refuse('VC001', 'still_referenced: a bill names this owner');
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION patient_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION medical_record_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    IF EXISTS (SELECT FROM public.bill_medical_record
                WHERE clinic_id = OLD.clinic_id AND medical_record_id = OLD.id) THEN
        PERFORM public.refuse('VC001', 'still_referenced: a bill is joined to this medical record');
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION bill_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    PERFORM CASE
        WHEN EXISTS (SELECT FROM public.bill_item WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: an item belongs to this bill')
        WHEN EXISTS (SELECT FROM public.bill_medical_record WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN public.refuse('VC001', 'still_referenced: a medical record is joined to this bill')
        WHEN OLD.issued_at IS NOT NULL
        THEN public.refuse('VC004', 'bill_issued: a bill that was issued is never deleted') END;
    RETURN OLD;
END $$;

CREATE FUNCTION bill_child_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    PERFORM public.refuse_closed_bill(OLD.bill_id);
    RETURN OLD;
END $$;

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse('VC008', format('truncate_refused: the rows of %s are in the feed: delete them',
                                          TG_TABLE_NAME));
    RETURN NULL;
END $$;

-- After -------------------------------------------------------------------------------------------------------------

-- Row and tombstone exclude each other.
CREATE FUNCTION row_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM public.sync_tombstone s USING new_rows n WHERE s.table_name = TG_TABLE_NAME AND s.row_id = n.id::text;
    RETURN NULL;
END $$;

CREATE FUNCTION bill_medical_record_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM public.sync_tombstone s USING new_rows n
     WHERE s.table_name = 'bill_medical_record' AND s.row_id = n.bill_id::text || '/' || n.medical_record_id::text;
    RETURN NULL;
END $$;

-- The arguments are the row's clinic and its id, as expressions over `d`.
CREATE FUNCTION row_after_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO public.sync_tombstone (table_name, row_id, clinic_id, version, image)
        SELECT %1$L, %3$s, %2$s, public.take_version(%2$s), public.feed_image(row(d.*)::public.%1$I) FROM old_rows d
        ON CONFLICT (table_name, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, version = excluded.version,
            image = excluded.image, deleted_at = excluded.deleted_at', TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END $$;

-- A change made by hand counts as an edit of now: a node's older one does not win over it. Intake writes its own.
CREATE FUNCTION row_after_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('vetchart.intake', true) = 'on' THEN
        RETURN NULL;
    END IF;
    WITH pair AS MATERIALIZED (
        SELECT n.id, to_jsonb(n) AS became, to_jsonb(o) AS was FROM new_rows n JOIN old_rows o ON o.id = n.id)
    INSERT INTO public.row_meta (table_name, row_id, column_name, at, actor, node_id)
    SELECT TG_TABLE_NAME, p.id::text, c.key, date_trunc('milliseconds', clock_timestamp()),
           coalesce(nullif(current_setting('vetchart.actor', true), ''), session_user), NULL
      FROM pair p CROSS JOIN LATERAL jsonb_each(p.became) AS c
     WHERE c.key NOT IN ('created_at', 'updated_at', 'version', 'received_at')
       AND c.value IS DISTINCT FROM p.was -> c.key
    ON CONFLICT (table_name, row_id, column_name)
    DO UPDATE SET at = excluded.at, actor = excluded.actor, node_id = excluded.node_id;
    RETURN NULL;
END $$;

-- Which table has which ---------------------------------------------------------------------------------------------

DO $$
DECLARE
    r record;
    event record;
BEGIN
    FOR r IN SELECT * FROM (VALUES
        ('clinic', 'clinic_before_write', 'clinic_before_write', 'clinic_before_delete'),
        ('staff', 'row_before_insert', 'row_before_update', 'row_before_delete'),
        ('owner', 'row_before_insert', 'row_before_update', 'owner_before_delete'),
        ('patient', 'row_before_insert', 'row_before_update', 'patient_before_delete'),
        ('medical_record', 'medical_record_before_insert', 'medical_record_before_update',
         'medical_record_before_delete'),
        ('appointment', 'row_before_insert', 'row_before_update', 'row_before_delete'),
        ('service_item', 'row_before_insert', 'row_before_update', 'row_before_delete'),
        ('bill', 'bill_before_insert', 'bill_before_update', 'bill_before_delete'),
        ('bill_item', 'bill_item_before_write', 'bill_item_before_write', 'bill_child_before_delete'),
        ('bill_medical_record', 'bill_medical_record_before_write', 'bill_medical_record_before_write',
         'bill_child_before_delete'),
        ('sync_item', 'sync_item_before_write', 'sync_item_before_write', 'row_before_delete'))
        v (tbl, on_insert, on_update, on_delete) LOOP
        EXECUTE format('CREATE TRIGGER %1$s_before_insert BEFORE INSERT ON %1$s FOR EACH ROW EXECUTE FUNCTION %2$s()',
            r.tbl, r.on_insert);
        EXECUTE format('CREATE TRIGGER %1$s_before_update BEFORE UPDATE ON %1$s FOR EACH ROW EXECUTE FUNCTION %2$s()',
            r.tbl, r.on_update);
        EXECUTE format('CREATE TRIGGER %1$s_before_delete BEFORE DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION %2$s()',
            r.tbl, r.on_delete);
        EXECUTE format('CREATE TRIGGER %1$s_before_truncate BEFORE TRUNCATE ON %1$s
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', r.tbl);
        EXECUTE format('CREATE TRIGGER %1$s_after_insert AFTER INSERT ON %1$s REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION %2$s()', r.tbl,
            CASE r.tbl WHEN 'bill_medical_record' THEN 'bill_medical_record_after_insert' ELSE 'row_after_insert' END);
        EXECUTE format('CREATE TRIGGER %1$s_after_delete AFTER DELETE ON %1$s REFERENCING OLD TABLE AS old_rows
            FOR EACH STATEMENT EXECUTE FUNCTION row_after_delete(%2$L, %3$L)', r.tbl,
            CASE r.tbl WHEN 'clinic' THEN 'd.id' ELSE 'd.clinic_id' END,
            CASE r.tbl WHEN 'bill_medical_record' THEN 'd.bill_id::text || ''/'' || d.medical_record_id::text'
                       ELSE 'd.id::text' END);
        IF r.tbl NOT IN ('bill_medical_record', 'sync_item') THEN
            EXECUTE format('CREATE TRIGGER %1$s_after_update AFTER UPDATE ON %1$s
                REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                FOR EACH STATEMENT EXECUTE FUNCTION row_after_update()', r.tbl);
        END IF;
        FOR event IN SELECT tgname FROM pg_trigger WHERE tgrelid = r.tbl::regclass AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', r.tbl, event.tgname);
        END LOOP;
    END LOOP;
END $$;
CREATE TRIGGER sync_tombstone_before_truncate BEFORE TRUNCATE ON sync_tombstone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
ALTER TABLE sync_tombstone ENABLE ALWAYS TRIGGER sync_tombstone_before_truncate;
