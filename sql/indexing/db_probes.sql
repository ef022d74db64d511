-- The probe index: db_probes (created_at DESC), which GET /api/db/test-scan reads. Before and after, on 100,000 rows that
-- are rolled back.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL lock_timeout = '5s';
INSERT INTO db_probes (payload, created_at)
SELECT repeat('x', 100), now() - n * interval '1 second' FROM generate_series(1, 100000) n;
ANALYZE db_probes;
DROP INDEX idx_db_probes_created_at;
\echo '--- before: without idx_db_probes_created_at'
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) SELECT id, payload FROM db_probes ORDER BY created_at DESC LIMIT 100;
CREATE INDEX idx_db_probes_created_at ON db_probes (created_at DESC);
\echo '--- after: with it'
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) SELECT id, payload FROM db_probes ORDER BY created_at DESC LIMIT 100;
ROLLBACK;
