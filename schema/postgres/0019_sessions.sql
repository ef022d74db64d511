-- Who of HQ is logged in: a token is good while its session is here, at every central of this database. UNLOGGED: the
-- sessions are in no base backup and on no standby, so a database brought back from the past brings none back that was
-- ended since; after a crash or a failover HQ logs in once more.
CREATE UNLOGGED TABLE hq_session (
    id text NOT NULL,
    hq_user_id uuid NOT NULL,
    created_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    CONSTRAINT hq_session_pkey PRIMARY KEY (id),
    CONSTRAINT hq_session_hq_user_id_fkey FOREIGN KEY (hq_user_id) REFERENCES hq_user (id) ON DELETE CASCADE
);
CREATE INDEX hq_session_hq_user_id_idx ON hq_session (hq_user_id, created_at);
CREATE INDEX hq_session_expires_at_idx ON hq_session (expires_at);

-- A new password, another role, another address or a deactivation ends the sessions of before, whoever writes it.
CREATE FUNCTION end_hq_sessions() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM public.hq_session WHERE hq_user_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER hq_user_after_update AFTER UPDATE ON hq_user FOR EACH ROW
WHEN ((NEW.password_hash, NEW.role, NEW.email, NEW.active) IS DISTINCT FROM
      (OLD.password_hash, OLD.role, OLD.email, OLD.active))
EXECUTE FUNCTION end_hq_sessions();
ALTER TABLE hq_user ENABLE ALWAYS TRIGGER hq_user_after_update;

-- A bcrypt hash names its own cost, up to months a check: what nodes would not check (docs/operations.md, Logins) is no
-- password here either.
WITH costly AS (
    UPDATE staff s SET password_hash = '' FROM staff before
    WHERE before.id = s.id AND before.clinic_id = s.clinic_id
        AND before.password_hash ~ '^[$]2[aby][$][0-9]{2}[$]'
        AND substr(before.password_hash, 5, 2)::integer NOT BETWEEN 4 AND 14
    RETURNING s.id, substr(before.password_hash, 5, 2) AS cost)
INSERT INTO migration_issue (table_name, legacy_id, column_name, original, outcome, phase)
SELECT 'User', coalesce(l.legacy_id, c.id::text), 'password_hash', format('(a bcrypt hash of cost %s; not kept)', c.cost),
       'no login until a password is set', 17
  FROM costly c LEFT JOIN legacy_id l ON l.table_name = 'User' AND l.id = c.id
 ORDER BY 2;
