-- A clinic's bills of one status in the order of their list. The due day is in it, since a sent bill past it is shown as
-- overdue: that is told without a look at the row.
CREATE INDEX bill_clinic_id_status_created_at_id_due_date_idx ON bill (clinic_id, status, created_at DESC, id, due_date);
