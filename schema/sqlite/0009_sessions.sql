-- Who is logged in on this node: one row per session and staff row that its login opened. A token is good while its
-- session is here. Not synced; a new life of the log (a restore, a copied folder) begins without any.
CREATE TABLE login_session (
    id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    email TEXT NOT NULL,
    mark TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_session_staff_id_idx ON login_session (staff_id, created_at);
CREATE INDEX login_session_expires_at_idx ON login_session (expires_at);

-- A new password or address, a deactivation or a deletion ends the sessions of before, whoever wrote it; what a pull
-- brings is compared at its end. `mark` is the end of the password's hash, which no two hashes share.
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

-- A plain digest of a request that carries a password could be guessed from; such requests are kept no longer.
DELETE FROM idempotency WHERE path LIKE '/api/staff%';
