-- A clinic's bills of one status in the order of their list, as on its nodes (schema/sqlite/0017_bill_status.sql).
CREATE INDEX bill_clinic_id_status_created_at_id_due_date_idx ON bill (clinic_id, status, created_at DESC, id, due_date);
