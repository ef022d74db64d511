-- The rules of 0003_rules.sql, for the price list and the bills.

-- service_item

CREATE TRIGGER service_item_before_insert BEFORE INSERT ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM service_item WHERE id = NEW.id)
        THEN RAISE(ABORT, 'replace_refused: service_item.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM service_item WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: service_item.rowid is taken')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: service_item.clinic_id names no clinic')
    END;
END;

CREATE TRIGGER service_item_before_update BEFORE UPDATE ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: service_item.id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id THEN RAISE(ABORT, 'immutable: service_item.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: service_item.rowid never changes')
    END;
END;

CREATE TRIGGER service_item_after_insert AFTER INSERT ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: service_item.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER service_item_after_update AFTER UPDATE ON service_item
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.description, NEW.unit_price_cents, NEW.active, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.description, OLD.unit_price_cents, OLD.active, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE service_item SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER service_item_after_delete AFTER DELETE ON service_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- bill

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

CREATE TRIGGER bill_before_delete BEFORE DELETE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_item WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: an item belongs to this bill')
        WHEN EXISTS (SELECT 1 FROM bill_medical_record WHERE clinic_id = OLD.clinic_id AND bill_id = OLD.id)
        THEN RAISE(ABORT, 'still_referenced: a medical record is joined to this bill')
        WHEN OLD.issued_at IS NOT NULL THEN RAISE(ABORT, 'bill_issued: a bill that was issued is never deleted')
    END;
END;

CREATE TRIGGER bill_after_insert AFTER INSERT ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: bill.rowid starts at 1') WHERE NEW.rowid < 1;
    UPDATE sync_control SET applying = 1;
    UPDATE bill SET
        issued_at = coalesce(issued_at,
            CASE WHEN status IN ('sent', 'overdue', 'paid') THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END),
        paid_at = coalesce(paid_at, CASE WHEN status = 'paid' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END),
        cancelled_at = coalesce(cancelled_at,
            CASE WHEN status = 'cancelled' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END)
    WHERE id = NEW.id AND status <> 'draft';
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER bill_after_update AFTER UPDATE ON bill
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.owner_id, NEW.patient_id, NEW.appointment_id, NEW.bill_number,
         NEW.provisional_number, NEW.subtotal_cents, NEW.tax_cents, NEW.total_cents, NEW.status,
         NEW.bill_date, NEW.due_date, NEW.issued_at, NEW.paid_at, NEW.cancelled_at, NEW.cancel_reason,
         NEW.notes, NEW.created_at, NEW.updated_at, NEW.deleted_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.owner_id, OLD.patient_id, OLD.appointment_id, OLD.bill_number,
         OLD.provisional_number, OLD.subtotal_cents, OLD.tax_cents, OLD.total_cents, OLD.status,
         OLD.bill_date, OLD.due_date, OLD.issued_at, OLD.paid_at, OLD.cancelled_at, OLD.cancel_reason,
         OLD.notes, OLD.created_at, OLD.updated_at, OLD.deleted_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE bill SET
        updated_at = CASE WHEN NEW.updated_at IS NOT OLD.updated_at THEN NEW.updated_at
            ELSE strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END,
        issued_at = coalesce(issued_at,
            CASE WHEN status IN ('sent', 'overdue', 'paid') THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END),
        paid_at = coalesce(paid_at, CASE WHEN status = 'paid' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END),
        cancelled_at = coalesce(cancelled_at,
            CASE WHEN status = 'cancelled' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END)
    WHERE id = NEW.id;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER bill_after_delete AFTER DELETE ON bill
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- bill_item

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
    END;
END;

CREATE TRIGGER bill_item_after_insert AFTER INSERT ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: bill_item.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER bill_item_after_update AFTER UPDATE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.id, NEW.clinic_id, NEW.bill_id, NEW.position, NEW.description, NEW.quantity_milli, NEW.unit_price_cents,
         NEW.total_price_cents, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.id, OLD.clinic_id, OLD.bill_id, OLD.position, OLD.description, OLD.quantity_milli, OLD.unit_price_cents,
         OLD.total_price_cents, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE bill_item SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER bill_item_after_delete AFTER DELETE ON bill_item
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;

-- bill_medical_record

CREATE TRIGGER bill_medical_record_before_insert BEFORE INSERT ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM bill_medical_record
            WHERE bill_id = NEW.bill_id AND medical_record_id = NEW.medical_record_id)
        THEN RAISE(ABORT, 'replace_refused: bill_medical_record.bill_id,bill_medical_record.medical_record_id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM bill_medical_record WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: bill_medical_record.rowid is taken')
        WHEN (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
        WHEN NOT EXISTS (SELECT 1 FROM clinic WHERE id = NEW.clinic_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.clinic_id names no clinic')
        WHEN NOT EXISTS (SELECT 1 FROM bill WHERE clinic_id = NEW.clinic_id AND id = NEW.bill_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.bill_id names no bill of this clinic')
        WHEN NOT EXISTS (SELECT 1 FROM medical_record
            WHERE clinic_id = NEW.clinic_id AND id = NEW.medical_record_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.medical_record_id names no medical_record of this clinic')
    END;
END;

CREATE TRIGGER bill_medical_record_before_update BEFORE UPDATE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.bill_id IS NOT OLD.bill_id THEN RAISE(ABORT, 'immutable: bill_medical_record.bill_id never changes')
        WHEN NEW.medical_record_id IS NOT OLD.medical_record_id
        THEN RAISE(ABORT, 'immutable: bill_medical_record.medical_record_id never changes')
        WHEN NEW.clinic_id IS NOT OLD.clinic_id
        THEN RAISE(ABORT, 'immutable: bill_medical_record.clinic_id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: bill_medical_record.rowid never changes')
        WHEN (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
            OR (SELECT status FROM bill WHERE id = NEW.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
        WHEN NEW.bill_id IS NOT OLD.bill_id
            AND NOT EXISTS (SELECT 1 FROM bill WHERE clinic_id = NEW.clinic_id AND id = NEW.bill_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.bill_id names no bill of this clinic')
        WHEN NEW.medical_record_id IS NOT OLD.medical_record_id
            AND NOT EXISTS (SELECT 1 FROM medical_record WHERE clinic_id = NEW.clinic_id AND id = NEW.medical_record_id)
        THEN RAISE(ABORT, 'orphan: bill_medical_record.medical_record_id names no medical_record of this clinic')
    END;
END;

CREATE TRIGGER bill_medical_record_before_delete BEFORE DELETE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN (SELECT status FROM bill WHERE id = OLD.bill_id) IN ('paid', 'cancelled')
        THEN RAISE(ABORT, 'bill_closed: the medical records of a paid or cancelled bill stay as they are')
    END;
END;

CREATE TRIGGER bill_medical_record_after_insert AFTER INSERT ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: bill_medical_record.rowid starts at 1') WHERE NEW.rowid < 1;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER bill_medical_record_after_update AFTER UPDATE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
    AND (NEW.clinic_id, NEW.bill_id, NEW.medical_record_id, NEW.created_at, NEW.updated_at)
        IS NOT
        (OLD.clinic_id, OLD.bill_id, OLD.medical_record_id, OLD.created_at, OLD.updated_at)
BEGIN
    UPDATE sync_control SET applying = 1;
    UPDATE bill_medical_record SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE bill_id = NEW.bill_id AND medical_record_id = NEW.medical_record_id AND NEW.updated_at IS OLD.updated_at;
    UPDATE sync_control SET applying = 0;
    /*capture*/ SELECT 1; /*end capture*/
END;

CREATE TRIGGER bill_medical_record_after_delete AFTER DELETE ON bill_medical_record
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    /*capture*/ SELECT 1; /*end capture*/
END;
