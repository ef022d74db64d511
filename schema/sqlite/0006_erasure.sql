-- Owners who were erased at central: what this node overwrites in its own books too, now and in work that central takes
-- later (docs/retention.md). Whose they are comes with a notice of the feed; names are not kept here.

-- `table_name`: owner (the row itself), medical_record (its owner snapshot), patient (the snapshots of its records that
-- were written before `at`, or here up to the log's `until_seq`: before the node knew of it, whenever that was; and, when
-- somebody typed a name in again, before that was overwritten).
CREATE TABLE erased_row (
    table_name TEXT NOT NULL CHECK (table_name IN ('owner', 'patient', 'medical_record')),
    row_id TEXT NOT NULL,
    at TEXT NOT NULL,
    until_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, row_id)
) STRICT, WITHOUT ROWID;

-- `purged_seq`: up to there the change log was gone through. What central has not acknowledged stays as it is: its digest
-- must fit what is sent. `file_dirty`: where overwritten bytes may still be: 1 in the file, 2 as before and it is being
-- rewritten, 3 in its WAL only.
CREATE TABLE erasure_state (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    purged_seq INTEGER NOT NULL DEFAULT 0,
    file_dirty INTEGER NOT NULL DEFAULT 0 CHECK (file_dirty BETWEEN 0 AND 3)
) STRICT;
INSERT INTO erasure_state (one) VALUES (1);

-- A transaction whose logged values were overwritten: its digest is of what was sent, not of what stands here.
ALTER TABLE sync_txn ADD COLUMN erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1));

-- The change log as an erasure leaves it, for the changes it concerns.
CREATE VIEW erased_change (seq, old, new) AS
SELECT l.seq,
       json_replace(l.old, '$.first_name', '(erased)', '$.last_name', '(erased)', '$.email', NULL, '$.phone', NULL,
                    '$.address', '', '$.notes', NULL),
       json_replace(l.new, '$.first_name', '(erased)', '$.last_name', '(erased)', '$.email', NULL, '$.phone', NULL,
                    '$.address', '', '$.notes', NULL)
FROM change_log l
WHERE l.table_name = 'owner' AND l.row_id IN (SELECT row_id FROM erased_row WHERE table_name = 'owner')
UNION ALL
SELECT l.seq,
       json_replace(l.old, '$.owner_name_snapshot', iif(l.old ->> '$.owner_name_snapshot' IS NULL, NULL, '(erased)'),
                    '$.owner_phone_snapshot', NULL),
       json_replace(l.new, '$.owner_name_snapshot', iif(l.new ->> '$.owner_name_snapshot' IS NULL, NULL, '(erased)'),
                    '$.owner_phone_snapshot', NULL)
FROM change_log l
WHERE l.table_name = 'medical_record'
    AND (l.row_id IN (SELECT row_id FROM erased_row WHERE table_name = 'medical_record')
         OR EXISTS (SELECT 1 FROM erased_row e WHERE e.table_name = 'patient'
                    AND e.row_id = coalesce(l.new ->> '$.patient_id', l.old ->> '$.patient_id')
                    AND (e.until_seq >= l.seq
                         OR e.at > coalesce(l.new ->> '$.created_at', l.old ->> '$.created_at'))));
