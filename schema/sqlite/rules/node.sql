-- The rules of the node's own tables (../tables/0002_node.sql).

CREATE TRIGGER sync_control_before_delete BEFORE DELETE ON sync_control
BEGIN
    SELECT RAISE(ABORT, 'immutable: sync_control keeps its only row');
END;
CREATE TRIGGER sync_control_before_insert BEFORE INSERT ON sync_control
BEGIN
    SELECT RAISE(ABORT, 'replace_refused: sync_control has its only row');
END;

-- A new password or address, a deactivation or a deletion ends the sessions of before, whoever wrote it; what a pull
-- brings is compared at its end.
CREATE TRIGGER change_log_after_insert AFTER INSERT ON change_log
WHEN NEW.table_name = 'staff' AND NEW.op <> 'insert'
BEGIN
    DELETE FROM login_session
    WHERE staff_id = NEW.row_id
        AND NOT EXISTS (
            SELECT 1 FROM staff s
            WHERE s.id = login_session.staff_id AND s.active = 1 AND s.email = login_session.email
                AND substr(s.password_hash, -32) = login_session.mark);
END;
