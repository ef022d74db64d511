-- The orders of the lists and the feed, for the clinic with the most patients: each plan should begin with an index of
-- the table and read no more rows than its LIMIT. Reads only.
\set ON_ERROR_STOP on
BEGIN READ ONLY;
SELECT coalesce((SELECT clinic_id FROM patient GROUP BY clinic_id ORDER BY count(*) DESC LIMIT 1),
                '00000000-0000-0000-0000-000000000000') AS clinic \gset
\echo '--- owners, newest first'
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)
SELECT id FROM owner WHERE clinic_id = :'clinic' ORDER BY created_at DESC, id LIMIT 50;
\echo '--- medical records of a patient, newest first'
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)
SELECT id FROM medical_record WHERE clinic_id = :'clinic'
   AND patient_id = (SELECT id FROM patient WHERE clinic_id = :'clinic' LIMIT 1) ORDER BY visit_date DESC LIMIT 50;
\echo '--- the feed of bills above a position'
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)
SELECT id FROM bill WHERE clinic_id = :'clinic' AND version > 0 ORDER BY version LIMIT 2000;
\echo '--- indexes that nobody has used since the statistics were reset, largest first'
SELECT s.relname AS table, s.indexrelname AS index, pg_size_pretty(pg_relation_size(s.indexrelid)) AS size
  FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid
 WHERE s.idx_scan = 0 AND NOT i.indisunique ORDER BY pg_relation_size(s.indexrelid) DESC LIMIT 20;
ROLLBACK;
