-- The rules of bills, with their items and joins (charts.sql says how these triggers are made):
--
--   number_by_central  only central's sequence gives a bill its number
--   bill_issued        its items, amounts, owner and patient stay as they are under its number, in whatever status it is
--                      later: the way is cancel and copy. An owner who was merged takes the bills along.
--   bill_closed        a bill that is paid or cancelled keeps its items and joins
--   cancel_reason      a new step to cancelled needs one. Rows that were cancelled before without one (a legacy database)
--                      stay as they are.

CREATE TRIGGER bill_before_insert BEFORE INSERT ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT CASE
        WHEN NEW.bill_number IS NOT NULL THEN RAISE(ABORT, 'number_by_central: only central gives bill numbers')
        WHEN NEW.status = 'cancelled' AND length(trim(coalesce(NEW.cancel_reason, ''),
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) = 0
        THEN RAISE(ABORT, 'cancel_reason: a bill is cancelled with a reason')
    END;
    /*references*/
END;

CREATE TRIGGER bill_before_update BEFORE UPDATE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT CASE
        WHEN NEW.provisional_number IS NOT OLD.provisional_number
        THEN RAISE(ABORT, 'immutable: bill.provisional_number never changes')
        WHEN OLD.bill_number IS NOT NULL AND NEW.bill_number IS NOT OLD.bill_number
        THEN RAISE(ABORT, 'immutable: bill.bill_number never changes')
        WHEN NEW.bill_number IS NOT OLD.bill_number
        THEN RAISE(ABORT, 'number_by_central: only central gives bill numbers')
        WHEN OLD.issued_at IS NOT NULL AND NEW.issued_at IS NULL
        THEN RAISE(ABORT, 'immutable: a bill that was issued stays issued')
        WHEN OLD.issued_at IS NOT NULL
            AND (NEW.patient_id, NEW.subtotal_cents, NEW.tax_cents, NEW.total_cents)
                IS NOT (OLD.patient_id, OLD.subtotal_cents, OLD.tax_cents, OLD.total_cents)
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its amounts, owner and patient')
        WHEN OLD.issued_at IS NOT NULL AND NEW.owner_id IS NOT OLD.owner_id
            AND NEW.owner_id IS NOT (SELECT merged_into FROM owner
                WHERE clinic_id = OLD.clinic_id AND id = OLD.owner_id)
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its amounts, owner and patient')
        WHEN NEW.status = 'cancelled' AND (OLD.status <> 'cancelled' OR OLD.cancel_reason IS NOT NULL)
            AND length(trim(coalesce(NEW.cancel_reason, ''),
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) = 0
        THEN RAISE(ABORT, 'cancel_reason: a bill is cancelled with a reason')
    END;
    /*references*/
END;

CREATE TRIGGER bill_before_delete BEFORE DELETE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*references*/
    SELECT RAISE(ABORT, 'bill_issued: a bill that was issued is never deleted') WHERE OLD.issued_at IS NOT NULL;
END;

-- issued_at, paid_at and cancelled_at are those of the first such status.

CREATE TRIGGER bill_after_insert AFTER INSERT ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*stamps*/
    UPDATE sync_control SET applying = 1 WHERE NEW.status <> 'draft';
    UPDATE bill SET
        issued_at = coalesce(issued_at,
            CASE WHEN status = 'sent' OR status = 'overdue' OR status = 'paid' THEN (SELECT instant FROM clock) END),
        paid_at = coalesce(paid_at, CASE WHEN status = 'paid' THEN (SELECT instant FROM clock) END),
        cancelled_at = coalesce(cancelled_at, CASE WHEN status = 'cancelled' THEN (SELECT instant FROM clock) END)
    WHERE id = NEW.id AND NEW.status <> 'draft';
    UPDATE sync_control SET applying = 0 WHERE NEW.status <> 'draft';
    /*capture*/
END;

CREATE TRIGGER bill_after_update AFTER UPDATE ON bill
WHEN (SELECT applying FROM sync_control) = 0 AND /*changed*/ 1
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE bill SET
        updated_at = CASE WHEN NEW.updated_at IS NOT OLD.updated_at THEN NEW.updated_at
            ELSE (SELECT instant FROM clock) END,
        issued_at = coalesce(issued_at,
            CASE WHEN status = 'sent' OR status = 'overdue' OR status = 'paid' THEN (SELECT instant FROM clock) END),
        paid_at = coalesce(paid_at, CASE WHEN status = 'paid' THEN (SELECT instant FROM clock) END),
        cancelled_at = coalesce(cancelled_at, CASE WHEN status = 'cancelled' THEN (SELECT instant FROM clock) END)
    WHERE id = NEW.id;
    UPDATE sync_control SET applying = 0;
    /*capture*/
END;

CREATE TRIGGER bill_item_before_insert BEFORE INSERT ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT CASE
        WHEN (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = NEW.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
    END;
    /*references*/
END;

CREATE TRIGGER bill_item_before_update BEFORE UPDATE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT CASE
        WHEN (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
            OR (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = OLD.bill_id) IS NOT NULL
            OR (SELECT issued_at FROM bill WHERE id = NEW.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
    END;
    /*references*/
END;

CREATE TRIGGER bill_item_before_delete BEFORE DELETE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = OLD.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
    END;
    /*references*/
END;

CREATE TRIGGER bill_medical_record_before_insert BEFORE INSERT ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
    WHERE (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled');
    /*references*/
END;

CREATE TRIGGER bill_medical_record_before_update BEFORE UPDATE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*keys*/
    SELECT RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
    WHERE (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
        OR (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled');
    /*references*/
END;

CREATE TRIGGER bill_medical_record_before_delete BEFORE DELETE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
    WHERE (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled');
    /*references*/
END;
