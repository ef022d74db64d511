-- Whose hand a change is: the staff id of whoever the daemon wrote for, in the change's own clinic; NULL is nobody's,
-- which is what a shell's is. Sealed transactions keep the words they were sealed with: those are in their digests.

UPDATE change_log
SET actor = (SELECT s.id FROM staff s WHERE s.clinic_id = change_log.clinic_id AND s.email = change_log.actor)
WHERE seq > (SELECT sealed_seq FROM node_state);

CREATE TABLE sync_txn_of_staff (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    actor TEXT,
    at TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'local' CHECK (state IN ('local', 'sent', 'acknowledged', 'settled')),
    outcome TEXT CHECK (outcome IN ('applied', 'merged', 'held')),
    ack_versions TEXT,
    waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1)),
    code TEXT,
    reason TEXT,
    acknowledged_at TEXT,
    settled_at TEXT,
    erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
    adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1))
) STRICT;
INSERT INTO sync_txn_of_staff (first_seq, last_seq, incarnation, actor, at, schema_version, digest, bytes, state,
                               outcome, ack_versions, waiting, code, reason, acknowledged_at, settled_at, erased)
SELECT first_seq, last_seq, incarnation, actor, at, schema_version, digest, bytes, state,
       outcome, ack_versions, waiting, code, reason, acknowledged_at, settled_at, erased FROM sync_txn;
DROP TABLE sync_txn;
ALTER TABLE sync_txn_of_staff RENAME TO sync_txn;
CREATE INDEX sync_txn_state_idx ON sync_txn (state, first_seq);
CREATE INDEX sync_txn_last_seq_idx ON sync_txn (last_seq);

-- A password set by the node's command line counts here alone; a better hash of an old password never replaces it.
ALTER TABLE local_password ADD COLUMN set_here INTEGER NOT NULL DEFAULT 0 CHECK (set_here IN (0, 1));
