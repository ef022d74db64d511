-- Phase 17: who may change staff and clinics (design.md section 5, *staff and clinic*).

-- The actor of a node's change is a staff id; NULL is nobody's hand. Older rows, and the commands of central, keep the
-- words they were written with.
ALTER TABLE sync_journal ALTER COLUMN actor DROP NOT NULL;
ALTER TABLE row_meta ALTER COLUMN actor DROP NOT NULL;
ALTER TABLE sync_item ALTER COLUMN actor DROP NOT NULL;

-- The person behind an actor; what is no staff id (or of nobody any more) stays as it is.
CREATE FUNCTION actor_name(actor text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((SELECT s.first_name || ' ' || s.last_name FROM staff s
                  WHERE s.id = CASE WHEN actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN actor::uuid END),
                actor);

-- The clinic's version at which a column was written last: what a later change must have seen. NULL: before this phase.
ALTER TABLE row_meta ADD COLUMN version bigint;

CREATE OR REPLACE FUNCTION row_after_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('vetchart.intake', true) = 'on' THEN
        RETURN NULL;
    END IF;
    WITH pair AS MATERIALIZED (
        SELECT n.id, n.version, to_jsonb(n) AS became, to_jsonb(o) AS was
          FROM new_rows n JOIN old_rows o ON o.id = n.id)
    INSERT INTO public.row_meta (table_name, row_id, column_name, at, actor, node_id, version)
    SELECT TG_TABLE_NAME, p.id::text, c.key, date_trunc('milliseconds', clock_timestamp()),
           coalesce(nullif(current_setting('vetchart.actor', true), ''), session_user), NULL, p.version
      FROM pair p CROSS JOIN LATERAL jsonb_each(p.became) AS c
     WHERE c.key NOT IN ('created_at', 'updated_at', 'version', 'received_at')
       AND c.value IS DISTINCT FROM p.was -> c.key
    ON CONFLICT (table_name, row_id, column_name)
    DO UPDATE SET at = excluded.at, actor = excluded.actor, node_id = excluded.node_id, version = excluded.version;
    RETURN NULL;
END $$;

-- What references a row that a held transaction inserted waits with it; of one that it only changed, what writes it.
ALTER TABLE held_row ADD COLUMN inserted boolean NOT NULL DEFAULT true;
