-- Which table has which rule. A trigger is named TABLE_EVENT, and is ENABLE ALWAYS.

DO $$
DECLARE r record;
BEGIN
    FOR r IN
        SELECT t.tbl, e.event, e.rule FROM (VALUES
            ('clinic', 'clinic_before_write', 'clinic_before_write', 'clinic_before_delete'),
            ('staff', 'row_before_insert', 'row_before_update', 'staff_before_delete'),
            ('owner', 'row_before_insert', 'row_before_update', 'owner_before_delete'),
            ('patient', 'patient_before_insert', 'row_before_update', 'patient_before_delete'),
            ('medical_record', 'medical_record_before_insert', 'medical_record_before_update',
             'medical_record_before_delete'),
            ('appointment', 'row_before_insert', 'row_before_update', 'row_before_delete'),
            ('service_item', 'row_before_insert', 'row_before_update', 'row_before_delete'),
            ('bill', 'bill_before_insert', 'bill_before_update', 'bill_before_delete'),
            ('bill_item', 'bill_item_before_write', 'bill_item_before_write', 'bill_child_before_delete'),
            ('bill_medical_record', 'bill_medical_record_before_write', 'bill_medical_record_before_write',
             'bill_child_before_delete'),
            ('item_decision', 'row_before_insert', 'item_decision_before_update', 'item_decision_before_delete'),
            ('sync_item', 'sync_item_before_write', 'sync_item_before_write', 'row_before_delete'))
            t (tbl, on_insert, on_update, on_delete)
        CROSS JOIN LATERAL (VALUES
            ('before_insert', format('BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION %I()', tbl, on_insert)),
            ('before_update', format('BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION %I()', tbl, on_update)),
            ('before_delete', format('BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION %I()', tbl, on_delete)),
            ('before_truncate', format('BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()',
                tbl)),
            ('after_insert', format('AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows
                FOR EACH STATEMENT EXECUTE FUNCTION %I()', tbl,
                CASE tbl WHEN 'bill_medical_record' THEN 'bill_medical_record_after_insert'
                         ELSE 'row_after_insert' END)),
            ('after_update', CASE WHEN tbl NOT IN ('bill_medical_record', 'sync_item') THEN
                format('AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                FOR EACH STATEMENT EXECUTE FUNCTION row_after_update()', tbl) END),
            ('after_delete', format('AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows
                FOR EACH STATEMENT EXECUTE FUNCTION row_after_delete(%L, %L)', tbl,
                CASE tbl WHEN 'clinic' THEN 'd.id' ELSE 'd.clinic_id' END,
                CASE tbl WHEN 'bill_medical_record' THEN 'd.bill_id::text || ''/'' || d.medical_record_id::text'
                         ELSE 'd.id::text' END))) e (event, rule)
        WHERE e.rule IS NOT NULL LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER %I %s', r.tbl || '_' || r.event, r.rule);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', r.tbl, r.tbl || '_' || r.event);
    END LOOP;
END $$;
CREATE OR REPLACE TRIGGER sync_tombstone_before_truncate BEFORE TRUNCATE ON sync_tombstone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
ALTER TABLE sync_tombstone ENABLE ALWAYS TRIGGER sync_tombstone_before_truncate;
