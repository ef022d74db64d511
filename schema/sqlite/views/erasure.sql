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
                         OR e.at > coalesce(l.new ->> '$.created_at', l.old ->> '$.created_at'))))
UNION ALL
SELECT l.seq, l.old, json_replace(l.new, '$.value', NULL)
FROM change_log l
WHERE l.table_name = 'item_decision'
    AND EXISTS (SELECT 1 FROM sync_item i JOIN erased_row e ON e.table_name = 'owner' AND e.row_id = i.row_id
                WHERE i.id = l.new ->> '$.item_id' AND i.table_name = 'owner');
