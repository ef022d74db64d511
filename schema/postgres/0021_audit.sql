-- The audit is written once. What a line says can be changed or taken away by nobody who writes through this database's
-- rules, central itself included: only the table's owner or a superuser, who can take a trigger off, could
-- (docs/operations.md). Beside who, what and about whom it says from where, and under which login of the database.

-- Lines of before have neither: nobody knew.
ALTER TABLE audit_log ADD COLUMN address text, ADD COLUMN login text;
-- What an API was called from, when it says so; else where the database sees the program; a UNIX socket is "local".
ALTER TABLE audit_log ALTER COLUMN address SET DEFAULT
    coalesce(nullif(current_setting('vetchart.address', true), ''), host(inet_client_addr()), 'local');
ALTER TABLE audit_log ALTER COLUMN login SET DEFAULT session_user;
REVOKE ALL ON audit_log FROM PUBLIC;

-- An erasure overwrites the erased person's name in a reason that somebody typed, and nothing else.
CREATE FUNCTION audit_log_before_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('vetchart.erasure', true) = 'on' AND NEW.detail ? 'reason'
       AND to_jsonb(NEW) #- '{detail,reason}' = to_jsonb(OLD) #- '{detail,reason}' THEN
        RETURN NEW;
    END IF;
    PERFORM public.refuse('VC012', 'audit_append_only: a line of the audit is never changed or deleted');
    RETURN NULL;
END $$;
CREATE TRIGGER audit_log_before_update BEFORE UPDATE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_before_change();
CREATE TRIGGER audit_log_before_delete BEFORE DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_before_change();
CREATE TRIGGER audit_log_before_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_before_change();
-- Also for who sets session_replication_role.
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_before_update;
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_before_delete;
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_before_truncate;
