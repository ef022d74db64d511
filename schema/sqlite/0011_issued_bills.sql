-- What a bill that was issued keeps, and the reason of a cancellation (design.md section 2). The triggers of
-- 0004_bill_rules.sql that gain a rule, whole.
--
--   bill_issued     its items, amounts, owner and patient stay as they are under its number, in whatever status it is
--                   later: the way is cancel and copy. An owner who was merged takes the bills along.
--   cancel_reason   a new step to cancelled needs one. Rows that were cancelled before without one (a legacy database)
--                   stay as they are.

DROP TRIGGER bill_before_insert;
DROP TRIGGER bill_before_update;
DROP TRIGGER bill_item_before_insert;
DROP TRIGGER bill_item_before_update;
DROP TRIGGER bill_item_before_delete;

CREATE TRIGGER bill_before_insert BEFORE INSERT ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill WHERE id = NEW.id) THEN RAISE(ABORT, 'replace_refused: bill.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM bill WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: bill.rowid is taken')
        WHEN EXISTS (SELECT 1 FROM bill WHERE bill_number = NEW.bill_number)
        THEN RAISE(ABORT, 'replace_refused: bill.bill_number is taken')
        WHEN EXISTS (SELECT 1 FROM bill WHERE provisional_number = NEW.provisional_number)
        THEN RAISE(ABORT, 'replace_refused: bill.provisional_number is taken')
        WHEN NEW.bill_number IS NOT NULL THEN RAISE(ABORT, 'number_by_central: only central gives bill numbers')
        WHEN NEW.status = 'cancelled' AND length(trim(coalesce(NEW.cancel_reason, ''),
            char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279))) = 0
        THEN RAISE(ABORT, 'cancel_reason: a bill is cancelled with a reason')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: bill.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: bill.owner_id names no owner of this clinic')
        WHEN NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: bill.patient_id names no patient of this clinic')
        WHEN NEW.appointment_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM appointment WHERE clinic_id = NEW.clinic_id AND id = NEW.appointment_id)
        THEN RAISE(ABORT, 'orphan: bill.appointment_id names no appointment of this clinic')
    END;
END;

CREATE TRIGGER bill_before_update BEFORE UPDATE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: bill.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: bill.clinic_id never changes')
        WHEN NEW.provisional_number IS NOT OLD.provisional_number
        THEN RAISE(ABORT, 'immutable: bill.provisional_number never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: bill.rowid never changes')
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
        WHEN EXISTS (SELECT 1 FROM bill WHERE bill_number = NEW.bill_number AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: bill.bill_number is taken')
        WHEN EXISTS (SELECT 1 FROM bill WHERE provisional_number = NEW.provisional_number AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: bill.provisional_number is taken')
        WHEN NEW.owner_id IS NOT OLD.owner_id
            AND NOT EXISTS (SELECT 1 FROM owner WHERE clinic_id = NEW.clinic_id AND id = NEW.owner_id)
        THEN RAISE(ABORT, 'orphan: bill.owner_id names no owner of this clinic')
        WHEN NEW.patient_id IS NOT OLD.patient_id
            AND NOT EXISTS (SELECT 1 FROM patient WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id)
        THEN RAISE(ABORT, 'orphan: bill.patient_id names no patient of this clinic')
        WHEN NEW.appointment_id IS NOT OLD.appointment_id AND NEW.appointment_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM appointment WHERE clinic_id = NEW.clinic_id AND id = NEW.appointment_id)
        THEN RAISE(ABORT, 'orphan: bill.appointment_id names no appointment of this clinic')
    END;
END;

CREATE TRIGGER bill_item_before_insert BEFORE INSERT ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_item WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: bill_item.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM bill_item WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: bill_item.rowid is taken')
        WHEN (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = NEW.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: bill_item.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM bill WHERE clinic_id = NEW.clinic_id AND id = NEW.bill_id)
        THEN RAISE(ABORT, 'orphan: bill_item.bill_id names no bill of this clinic')
    END;
END;

CREATE TRIGGER bill_item_before_update BEFORE UPDATE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: bill_item.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: bill_item.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: bill_item.rowid never changes')
        WHEN (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
            OR (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the items of a paid or cancelled bill stay as they are')
        WHEN (SELECT issued_at FROM bill WHERE id = OLD.bill_id) IS NOT NULL
            OR (SELECT issued_at FROM bill WHERE id = NEW.bill_id) IS NOT NULL
        THEN RAISE(ABORT, 'bill_issued: a bill that was issued keeps its items')
        WHEN NEW.bill_id IS NOT OLD.bill_id
            AND NOT EXISTS (SELECT 1 FROM bill WHERE clinic_id = NEW.clinic_id AND id = NEW.bill_id)
        THEN RAISE(ABORT, 'orphan: bill_item.bill_id names no bill of this clinic')
    END;
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
END;
