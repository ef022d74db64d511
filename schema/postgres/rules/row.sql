-- The rules that every row of a synced table obeys, and the stamps (rules/triggers.sql says which table has which). One
-- trigger per table, time and event; all ENABLE ALWAYS, so that they also run where session_replication_role is
-- replica. A message is `slug: sentence`, the slugs are those of docs/architecture.md.
--
--   before insert/update/delete, each row   the clinic's version is taken first: it is the lock under which the rules
--                                           read; then what the rule refuses, then the values the database sets
--   after insert/update/delete, statement   tombstones; who wrote what last (row_meta)
--   before truncate                         refused
--
-- Settings (SET LOCAL) that a writer may say, all off by default:
--   vetchart.intake       a node's work is being taken in: updated_at, snapshots and row_meta are the writer's matter
--   vetchart.keep_number  rows come back with their numbers: migration, archive restore
--   vetchart.erasure      a privacy erasure may change an owner snapshot
--   vetchart.actor        whose hand it is, for row_meta (else the session's user)
--   vetchart.delete_group which deletes belong together (else those of one database transaction)
--   vetchart.node         whose node pushes: what it tells of numbers must be its own

CREATE OR REPLACE FUNCTION refuse(state text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message;
END $$;

-- updated_at follows an UPDATE that left it alone; intake says its own.
CREATE OR REPLACE FUNCTION next_updated_at(before timestamptz, after timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE
RETURN CASE WHEN before IS NOT DISTINCT FROM after AND current_setting('vetchart.intake', true) IS DISTINCT FROM 'on'
            THEN public.clock_instant() ELSE after END;

CREATE OR REPLACE FUNCTION row_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION row_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id IS DISTINCT FROM OLD.id OR NEW.clinic_id IS DISTINCT FROM OLD.clinic_id THEN
        PERFORM public.refuse('VC005', format('immutable: %s.id and clinic_id never change', TG_TABLE_NAME));
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION row_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse('VC008', format('truncate_refused: the rows of %s are in the feed: delete them',
                                          TG_TABLE_NAME));
    RETURN NULL;
END $$;

-- Row and tombstone exclude each other.
CREATE OR REPLACE FUNCTION row_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM public.sync_tombstone s USING new_rows n WHERE s.table_name = TG_TABLE_NAME AND s.row_id = n.id::text;
    RETURN NULL;
END $$;

-- The group of what is being deleted: the one that the writer said, else one of this database transaction.
CREATE OR REPLACE FUNCTION delete_group() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE known text := coalesce(current_setting('vetchart.delete_group', true), '');
BEGIN
    IF known = '' AND current_setting('vetchart.intake', true) IS DISTINCT FROM 'on' THEN
        known := gen_random_uuid();
        PERFORM set_config('vetchart.delete_group', known, true);
    END IF;
    RETURN nullif(known, '')::uuid;
END $$;

-- The arguments are the row's clinic and its id, as expressions over `d`.
CREATE OR REPLACE FUNCTION row_after_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO public.sync_tombstone (table_name, row_id, clinic_id, version, image, delete_group)
        SELECT %1$L, %3$s, %2$s, public.take_version(%2$s), public.feed_image(row(d.*)::public.%1$I), $1
          FROM old_rows d
        ON CONFLICT (table_name, row_id) DO UPDATE SET clinic_id = excluded.clinic_id, version = excluded.version,
            image = excluded.image, deleted_at = excluded.deleted_at, delete_group = excluded.delete_group',
        TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]) USING public.delete_group();
    RETURN NULL;
END $$;

-- A change made by hand counts as an edit of now: a node's older one does not win over it. Intake writes its own.
CREATE OR REPLACE FUNCTION row_after_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('vetchart.intake', true) = 'on' THEN
        RETURN NULL;
    END IF;
    WITH pair AS MATERIALIZED (
        SELECT n.id, n.version, to_jsonb(n) AS became, to_jsonb(o) AS was
          FROM new_rows n JOIN old_rows o ON o.id = n.id)
    INSERT INTO public.row_meta (table_name, row_id, column_name, at, actor, node_id, version)
    SELECT TG_TABLE_NAME, p.id::text, c.key, public.clock_instant(),
           coalesce(nullif(current_setting('vetchart.actor', true), ''), session_user), NULL, p.version
      FROM pair p CROSS JOIN LATERAL jsonb_each(p.became) AS c
     WHERE c.key NOT IN ('created_at', 'updated_at', 'version', 'received_at')
       AND c.value IS DISTINCT FROM p.was -> c.key
    ON CONFLICT (table_name, row_id, column_name)
    DO UPDATE SET at = excluded.at, actor = excluded.actor, node_id = excluded.node_id, version = excluded.version;
    RETURN NULL;
END $$;
