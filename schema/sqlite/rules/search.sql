-- Documents, marks and totals follow the rows that are found (../tables/0003_search.sql), also inside an apply: what is
-- searched is what is there. They write no synced table, so their order among the other triggers of a row is no matter.

CREATE TRIGGER search_doc_after_insert AFTER INSERT ON search_doc
BEGIN
    INSERT INTO search_mark (doc) VALUES (NEW.doc) ON CONFLICT (doc) DO NOTHING;
    INSERT INTO search_index (rowid, words) SELECT NEW.doc, NEW.words WHERE NEW.words <> '';
END;
CREATE TRIGGER search_doc_after_update AFTER UPDATE OF words ON search_doc WHEN NEW.words IS NOT OLD.words
BEGIN
    INSERT INTO search_index (search_index, rowid, words) SELECT 'delete', OLD.doc, OLD.words WHERE OLD.words <> '';
    INSERT INTO search_index (rowid, words) SELECT NEW.doc, NEW.words WHERE NEW.words <> '';
END;
-- Every write of the row comes by here, whatever it changed.
CREATE TRIGGER search_doc_after_touch AFTER UPDATE OF clinic_id, gone ON search_doc
BEGIN
    INSERT INTO search_mark (doc) VALUES (NEW.doc) ON CONFLICT (doc) DO NOTHING;
END;
CREATE TRIGGER search_doc_after_delete AFTER DELETE ON search_doc
BEGIN
    INSERT INTO search_index (search_index, rowid, words) SELECT 'delete', OLD.doc, OLD.words WHERE OLD.words <> '';
    DELETE FROM search_mark WHERE doc = OLD.doc;
END;

-- clinic_id changes once: when a node that worked alone joins central.
CREATE TRIGGER owner_search_insert AFTER INSERT ON owner
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('owner', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('owner', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER owner_search_update AFTER UPDATE OF clinic_id, first_name, last_name, email, phone, deleted_at ON owner
WHEN (NEW.clinic_id, NEW.first_name, NEW.last_name, NEW.email, NEW.phone, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.first_name, OLD.last_name, OLD.email, OLD.phone, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('owner', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_mark (doc)
    SELECT d.doc FROM patient p JOIN search_doc d ON d.kind = 'patient' AND d.row_id = p.id
     WHERE p.clinic_id = NEW.clinic_id AND p.owner_id = NEW.id
       AND (NEW.first_name, NEW.last_name) IS NOT (OLD.first_name, OLD.last_name)
    ON CONFLICT (doc) DO NOTHING;
END;
CREATE TRIGGER owner_search_count AFTER UPDATE OF clinic_id, deleted_at ON owner
WHEN (NEW.clinic_id, NEW.deleted_at IS NULL) IS NOT (OLD.clinic_id, OLD.deleted_at IS NULL)
BEGIN
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'owner' AND clinic_id = OLD.clinic_id;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('owner', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER owner_search_delete AFTER DELETE ON owner
BEGIN
    DELETE FROM search_doc WHERE kind = 'owner' AND row_id = OLD.id;
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'owner' AND clinic_id = OLD.clinic_id;
END;

CREATE TRIGGER patient_search_insert AFTER INSERT ON patient
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('patient', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('patient', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER patient_search_update AFTER UPDATE OF clinic_id, name, microchip, owner_id, deleted_at ON patient
WHEN (NEW.clinic_id, NEW.name, NEW.microchip, NEW.owner_id, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.name, OLD.microchip, OLD.owner_id, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('patient', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
END;
CREATE TRIGGER patient_search_count AFTER UPDATE OF clinic_id, deleted_at ON patient
WHEN (NEW.clinic_id, NEW.deleted_at IS NULL) IS NOT (OLD.clinic_id, OLD.deleted_at IS NULL)
BEGIN
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'patient' AND clinic_id = OLD.clinic_id;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('patient', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER patient_search_delete AFTER DELETE ON patient
BEGIN
    DELETE FROM search_doc WHERE kind = 'patient' AND row_id = OLD.id;
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'patient' AND clinic_id = OLD.clinic_id;
END;

CREATE TRIGGER bill_search_insert AFTER INSERT ON bill
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('bill', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('bill', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER bill_search_update AFTER UPDATE OF clinic_id, bill_number, provisional_number, deleted_at ON bill
WHEN (NEW.clinic_id, NEW.bill_number, NEW.provisional_number, NEW.deleted_at)
     IS NOT (OLD.clinic_id, OLD.bill_number, OLD.provisional_number, OLD.deleted_at)
BEGIN
    INSERT INTO search_doc (kind, row_id, clinic_id, gone)
    VALUES ('bill', NEW.id, NEW.clinic_id, NEW.deleted_at IS NOT NULL)
    ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, gone = excluded.gone;
END;
CREATE TRIGGER bill_search_count AFTER UPDATE OF clinic_id, deleted_at ON bill
WHEN (NEW.clinic_id, NEW.deleted_at IS NULL) IS NOT (OLD.clinic_id, OLD.deleted_at IS NULL)
BEGIN
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'bill' AND clinic_id = OLD.clinic_id;
    INSERT INTO search_count (kind, clinic_id, rows_here) VALUES ('bill', NEW.clinic_id, NEW.deleted_at IS NULL)
    ON CONFLICT (kind, clinic_id) DO UPDATE SET rows_here = rows_here + excluded.rows_here;
END;
CREATE TRIGGER bill_search_delete AFTER DELETE ON bill
BEGIN
    DELETE FROM search_doc WHERE kind = 'bill' AND row_id = OLD.id;
    UPDATE search_count SET rows_here = rows_here - (OLD.deleted_at IS NULL)
     WHERE kind = 'bill' AND clinic_id = OLD.clinic_id;
END;
