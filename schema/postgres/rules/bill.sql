-- Bills, their items and their joins to medical records (docs/data-rules.md):
--
--   bill_closed     items and joins stay as they are while the bill is paid or cancelled
--   bill_issued     its items, amounts, owner and patient stay as they are under its number, in whatever status it is
--                   later: the way is cancel and copy. An owner who was merged takes the bills along; the archive moves
--                   all of it
--   cancel_reason   a new step to cancelled needs one. Rows that came without one (a legacy database) stay as they are,
--                   also when they come back under vetchart.keep_number

CREATE OR REPLACE FUNCTION refuse_unreasoned(status bill_status, reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF status = 'cancelled' AND public.trim_blanks(coalesce(reason, '')) = '' THEN
        PERFORM public.refuse('VC013', 'cancel_reason: a bill is cancelled with a reason');
    END IF;
END $$;

-- A bill gets its number here, whoever inserts it. INSERT .. ON CONFLICT (id) of a bill that is there spends none; a
-- bill out of the archive keeps the numbers and the moment it has there. issued_at: the first status past draft,
-- cancelled excepted (a draft that is cancelled was never issued).
CREATE OR REPLACE FUNCTION bill_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known record;
    n bigint;
    keep CONSTANT boolean := coalesce(current_setting('vetchart.keep_number', true), '') = 'on';
    moment CONSTANT timestamptz(3) := public.clock_instant();
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
            NEW.provisional_number := public.free_provisional_number(
                'CENTRAL-' || lpad(n::text, greatest(6, length(n::text)), '0'), true);
        ELSE
            NEW.provisional_number := public.free_provisional_number(
                NEW.provisional_number, public.is_own_number(NEW.provisional_number));
        END IF;
        NEW.received_at := CASE WHEN keep THEN coalesce(NEW.received_at, moment) ELSE moment END;
        IF NOT keep THEN
            PERFORM public.refuse_unreasoned(NEW.status, NEW.cancel_reason);
        END IF;
    END IF;
    NEW.issued_at := coalesce(NEW.issued_at, CASE WHEN NEW.status IN ('sent', 'overdue', 'paid') THEN moment END);
    NEW.paid_at := coalesce(NEW.paid_at, CASE WHEN NEW.status = 'paid' THEN moment END);
    NEW.cancelled_at := coalesce(NEW.cancelled_at, CASE WHEN NEW.status = 'cancelled' THEN moment END);
    RETURN NEW;
END $$;

-- Through all merges: several may come in one pass. UNION ends a circle.
CREATE OR REPLACE FUNCTION is_merged_into(clinic uuid, loser uuid, survivor uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        WITH RECURSIVE chain AS (
            SELECT o.merged_into AS id FROM public.owner o WHERE o.clinic_id = clinic AND o.id = loser
            UNION
            SELECT o.merged_into FROM chain c JOIN public.owner o ON o.clinic_id = clinic AND o.id = c.id)
        SELECT FROM chain WHERE id = survivor);
END $$;

CREATE OR REPLACE FUNCTION bill_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment CONSTANT timestamptz(3) := public.clock_instant();
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
    IF OLD.issued_at IS NOT NULL THEN
        PERFORM public.refuse('VC004', 'bill_issued: a bill that was issued keeps its amounts, owner and patient')
          WHERE (NEW.patient_id, NEW.subtotal_cents, NEW.tax_cents, NEW.total_cents) IS DISTINCT FROM
                (OLD.patient_id, OLD.subtotal_cents, OLD.tax_cents, OLD.total_cents)
             OR NEW.owner_id IS DISTINCT FROM OLD.owner_id
                AND NOT public.is_merged_into(OLD.clinic_id, OLD.owner_id, NEW.owner_id);
    END IF;
    IF OLD.status <> 'cancelled' OR OLD.cancel_reason IS NOT NULL THEN
        PERFORM public.refuse_unreasoned(NEW.status, NEW.cancel_reason);
    END IF;
    NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    NEW.issued_at := coalesce(NEW.issued_at, CASE WHEN NEW.status IN ('sent', 'overdue', 'paid') THEN moment END);
    NEW.paid_at := coalesce(NEW.paid_at, CASE WHEN NEW.status = 'paid' THEN moment END);
    NEW.cancelled_at := coalesce(NEW.cancelled_at, CASE WHEN NEW.status = 'cancelled' THEN moment END);
    RETURN NEW;
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

-- Items and joins stay as they are while their bill is paid or cancelled. Call with the version taken: the lock keeps
-- the bill's status still.
CREATE OR REPLACE FUNCTION refuse_closed_bill(bill uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM public.bill b WHERE b.id = bill AND b.status IN ('paid', 'cancelled');
    IF FOUND THEN
        PERFORM public.refuse('VC003', 'bill_closed: what belongs to a paid or cancelled bill stays as it is');
    END IF;
END $$;

-- Lines of a closed bill move between the live tables and the archive, and in no other way.
CREATE OR REPLACE FUNCTION refuse_closed_bill(bill uuid, is_archived boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_archived THEN
        PERFORM public.refuse_closed_bill(bill);
    END IF;
END $$;

-- Call with the version taken, as refuse_closed_bill.
CREATE OR REPLACE FUNCTION refuse_issued_bill(bill uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse_closed_bill(bill);
    PERFORM FROM public.bill b WHERE b.id = bill AND b.issued_at IS NOT NULL;
    IF FOUND THEN
        PERFORM public.refuse('VC004', 'bill_issued: a bill that was issued keeps its items');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION bill_item_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id IS DISTINCT FROM OLD.id OR NEW.clinic_id IS DISTINCT FROM OLD.clinic_id) THEN
        PERFORM public.refuse('VC005', 'immutable: bill_item.id and clinic_id never change');
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    -- Items move between the live tables and the archive as they stand, and in no other way.
    IF NOT (TG_OP = 'INSERT' AND EXISTS (
            SELECT FROM archive.bill_item WHERE id = NEW.id AND bill_id = NEW.bill_id)) THEN
        PERFORM public.refuse_issued_bill(NEW.bill_id);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.bill_id IS DISTINCT FROM OLD.bill_id THEN
            PERFORM public.refuse_issued_bill(OLD.bill_id);
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
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    IF TG_TABLE_NAME = 'bill_medical_record' THEN
        PERFORM public.refuse_closed_bill(OLD.bill_id, EXISTS (SELECT FROM archive.bill_medical_record
            WHERE bill_id = OLD.bill_id AND medical_record_id = OLD.medical_record_id));
    ELSIF NOT EXISTS (SELECT FROM archive.bill_item WHERE id = OLD.id) THEN
        PERFORM public.refuse_issued_bill(OLD.bill_id);
    END IF;
    RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION bill_medical_record_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM public.sync_tombstone s USING new_rows n
     WHERE s.table_name = 'bill_medical_record' AND s.row_id = n.bill_id::text || '/' || n.medical_record_id::text;
    RETURN NULL;
END $$;
