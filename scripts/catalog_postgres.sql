-- What a central database is made of, one line each, sorted by name: psql -XAtqf scripts/catalog_postgres.sql URL > FILE.
-- Two such files compared say what a change of the schema changed (docs/testing.md). Order of columns and text of
-- comments in function bodies do not count; extensions' objects and temporary ones are left out.
SET search_path = pg_catalog;
WITH space AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('public', 'archive', 'report')),
rel AS (
    SELECT c.*, format('%s.%s', s.nspname, c.relname) AS name FROM pg_class c JOIN space s ON s.oid = c.relnamespace
     WHERE c.relname !~ '^sync_journal_[0-9]'),
line (what) AS (
    SELECT format('schema %s %s', nspname, n.nspacl) FROM space JOIN pg_namespace n USING (oid, nspname)
    UNION ALL
    SELECT format('%s %s persistence %s options %s rights %s', CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view'
               WHEN 'S' THEN 'sequence' WHEN 'p' THEN 'partitioned table' ELSE relkind::text END, name, relpersistence,
               reloptions, relacl)
      FROM rel WHERE relkind NOT IN ('i', 'I', 'c')
    UNION ALL
    SELECT format('column %s.%s %s%s%s%s', r.name, a.attname, format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attnotnull THEN ' not null' END, CASE a.attidentity WHEN '' THEN '' ELSE ' identity' END
               || CASE a.attgenerated WHEN '' THEN '' ELSE ' generated' END,
               ' default ' || pg_get_expr(d.adbin, d.adrelid))
      FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
     WHERE r.relkind IN ('r', 'p', 'v')
    UNION ALL
    SELECT format('constraint %s.%s %s%s', r.name, k.conname, pg_get_constraintdef(k.oid),
               CASE WHEN NOT k.convalidated THEN ' not valid' END)
      FROM rel r JOIN pg_constraint k ON k.conrelid = r.oid
    UNION ALL
    SELECT format('index %s', pg_get_indexdef(oid)) FROM rel WHERE relkind IN ('i', 'I')
    UNION ALL
    SELECT format('trigger %s enabled %s', regexp_replace(pg_get_triggerdef(t.oid), '\s+', ' ', 'g'), t.tgenabled)
      FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('view %s %s', name, regexp_replace(pg_get_viewdef(oid), '\s+', ' ', 'g')) FROM rel WHERE relkind = 'v'
    UNION ALL
    SELECT format('function %s rights %s %s', p.oid::regprocedure, p.proacl, regexp_replace(regexp_replace(
               pg_get_functiondef(p.oid), '--[^\n]*', '', 'g'), '\s+', ' ', 'g'))
      FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
     WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE (d.classid, d.objid, d.deptype) = ('pg_proc'::regclass, p.oid, 'e'))
    UNION ALL
    SELECT format('type %s %s', t.oid::regtype, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
                                                   FROM pg_enum e WHERE e.enumtypid = t.oid))
      FROM pg_type t JOIN space s ON s.oid = t.typnamespace WHERE t.typtype = 'e'
    UNION ALL
    SELECT format('comment on %s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid),
               regexp_replace(d.description, '\s+', ' ', 'g'))
      FROM pg_description d
     WHERE (d.classoid = 'pg_class'::regclass AND d.objoid IN (SELECT oid FROM rel))
        OR (d.classoid = 'pg_proc'::regclass AND d.objoid IN (
            SELECT p.oid FROM pg_proc p JOIN space s ON s.oid = p.pronamespace))
        OR (d.classoid = 'pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM space WHERE nspname <> 'public')))
SELECT what FROM line ORDER BY what COLLATE "C";
