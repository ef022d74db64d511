-- What the audit says is written once (tables/0009_sync.sql, audit_log).

-- An erasure overwrites the erased person's name in a reason that somebody typed, and nothing else.
CREATE OR REPLACE FUNCTION audit_log_before_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('vetchart.erasure', true) = 'on' AND NEW.detail ? 'reason'
       AND to_jsonb(NEW) #- '{detail,reason}' = to_jsonb(OLD) #- '{detail,reason}' THEN
        RETURN NEW;
    END IF;
    PERFORM public.refuse('VC012', 'audit_append_only: a line of the audit is never changed or deleted');
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER audit_log_before_update BEFORE UPDATE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_before_change();
CREATE OR REPLACE TRIGGER audit_log_before_delete BEFORE DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_before_change();
CREATE OR REPLACE TRIGGER audit_log_before_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_before_change();
-- Also for who sets session_replication_role.
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_before_update;
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_before_delete;
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_before_truncate;
