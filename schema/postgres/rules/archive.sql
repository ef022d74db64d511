-- The archive's own rules. A row is either live or archived; both only inside the transaction that moves it. No setting
-- opens these rules: what they ask for is the copy itself. So a row comes in only as a copy of the live one, goes only
-- when it is live again, and a live one that nobody may delete (an issued bill, a line of a paid one) goes only when
-- its copy is here.

-- The argument: which live row `r` the archived row $1 is a copy of.
CREATE OR REPLACE FUNCTION archive.before_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I r WHERE %s
            AND to_jsonb(r) = to_jsonb($1) - ''entry_id'')', TG_TABLE_NAME, TG_ARGV[0]) INTO found USING NEW;
        IF NOT found THEN
            PERFORM public.refuse('VC009', format('archive_closed: only a live %s can be archived', TG_TABLE_NAME));
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF coalesce(current_setting('vetchart.erasure', true), '') <> 'on'
           OR to_jsonb(NEW) - 'owner_name_snapshot' - 'owner_phone_snapshot'
              IS DISTINCT FROM to_jsonb(OLD) - 'owner_name_snapshot' - 'owner_phone_snapshot' THEN
            PERFORM public.refuse('VC009', 'archive_closed: what is archived stays as it is');
        END IF;
        RETURN NEW;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I r WHERE %s)', TG_TABLE_NAME, TG_ARGV[0])
       INTO found USING OLD;
    IF NOT found THEN
        PERFORM public.refuse('VC009', 'archive_closed: what is archived is brought back, never deleted');
    END IF;
    RETURN OLD;
END $$;

-- Of an entry only its end may be written, once, and an erasure may take a name out of its reason.
CREATE OR REPLACE FUNCTION archive.entry_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR to_jsonb(NEW) - 'restored_at' - 'restored_by' - 'reason'
          IS DISTINCT FROM to_jsonb(OLD) - 'restored_at' - 'restored_by' - 'reason'
       OR (OLD.restored_at IS NOT NULL
           AND (NEW.restored_at, NEW.restored_by) IS DISTINCT FROM (OLD.restored_at, OLD.restored_by))
       OR (NEW.reason IS DISTINCT FROM OLD.reason
           AND coalesce(current_setting('vetchart.erasure', true), '') <> 'on') THEN
        PERFORM public.refuse('VC009', 'archive_closed: an entry of the archive stays as it is');
    END IF;
    RETURN NEW;
END $$;

-- A cut link goes when both its ends are live.
CREATE OR REPLACE FUNCTION archive.cut_link_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR NOT EXISTS (SELECT FROM public.bill WHERE id = OLD.bill_id)
       OR NOT EXISTS (SELECT FROM public.appointment WHERE id = OLD.appointment_id) THEN
        PERFORM public.refuse('VC009', 'archive_closed: what is archived stays as it is');
    END IF;
    RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION archive.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse('VC008', 'truncate_refused: what is archived is brought back, never deleted');
    RETURN NULL;
END $$;

DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT * FROM (VALUES
        ('patient', 'INSERT OR', 'archive.before_write(''r.id = ($1).id'')'),
        ('medical_record', 'INSERT OR', 'archive.before_write(''r.id = ($1).id'')'),
        ('appointment', 'INSERT OR', 'archive.before_write(''r.id = ($1).id'')'),
        ('bill', 'INSERT OR', 'archive.before_write(''r.id = ($1).id'')'),
        ('bill_item', 'INSERT OR', 'archive.before_write(''r.id = ($1).id'')'),
        ('bill_medical_record', 'INSERT OR', 'archive.before_write(''(r.bill_id, r.medical_record_id)
            = (($1).bill_id, ($1).medical_record_id)'')'),
        ('entry', '', 'archive.entry_before_write()'),
        ('cut_link', '', 'archive.cut_link_before_write()')) v (tbl, on_insert, rule) LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER %1$s_before_write BEFORE %2$s UPDATE OR DELETE ON archive.%1$I
            FOR EACH ROW EXECUTE FUNCTION %3$s', r.tbl, r.on_insert, r.rule);
        EXECUTE format('CREATE OR REPLACE TRIGGER %1$s_before_truncate BEFORE TRUNCATE ON archive.%1$I
            FOR EACH STATEMENT EXECUTE FUNCTION archive.refuse_truncate()', r.tbl);
        EXECUTE format('ALTER TABLE archive.%1$I ENABLE ALWAYS TRIGGER %1$s_before_write,
            ENABLE ALWAYS TRIGGER %1$s_before_truncate', r.tbl);
    END LOOP;
END $$;
