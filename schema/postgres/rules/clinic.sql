-- A clinic's time zone is one that both sides can know (docs/schema.md, "Time zones"): UTC, or an Area/Place of the
-- IANA database that this server has. A zone that stands already stays as it is until somebody changes it.

-- report_time_zone is what pg_timezone_names said at the last start: asking that view reads a thousand files.
CREATE OR REPLACE FUNCTION is_time_zone(zone text) RETURNS boolean LANGUAGE sql STABLE
RETURN zone COLLATE "C" ~ '^(UTC|[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)+)$'
   AND EXISTS (SELECT FROM public.report_time_zone z WHERE z.name = zone);

-- Returns how many came or went. Central calls it at each start.
CREATE OR REPLACE FUNCTION refresh_report_time_zones() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    gone integer;
    come integer;
BEGIN
    DELETE FROM public.report_time_zone k
     WHERE NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = k.name);
    GET DIAGNOSTICS gone = ROW_COUNT;
    INSERT INTO public.report_time_zone (name) SELECT DISTINCT z.name FROM pg_timezone_names z ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS come = ROW_COUNT;
    RETURN gone + come;
END $$;

CREATE OR REPLACE FUNCTION clinic_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id IS DISTINCT FROM OLD.id THEN
            PERFORM public.refuse('VC005', 'immutable: clinic.id never changes');
        END IF;
        NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    END IF;
    IF NOT public.is_time_zone(NEW.timezone) AND (TG_OP = 'INSERT' OR NEW.timezone IS DISTINCT FROM OLD.timezone) THEN
        PERFORM public.refuse('VC015', 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin');
    END IF;
    NEW.version := public.take_version(NEW.id);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION clinic_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE child text;
BEGIN
    PERFORM public.take_version(OLD.id);
    FOREACH child IN ARRAY ARRAY['public.staff', 'public.owner', 'public.patient', 'public.medical_record',
                                 'public.appointment', 'public.service_item', 'public.bill', 'public.bill_item',
                                 'public.bill_medical_record', 'public.sync_item', 'public.item_decision',
                                 'public.sync_node_clinic', 'archive.entry'] LOOP
        EXECUTE format('SELECT public.refuse(''VC001'', %L) FROM %s WHERE clinic_id = $1 LIMIT 1',
            format('still_referenced: %s rows belong to this clinic', split_part(child, '.', 2)), child) USING OLD.id;
    END LOOP;
    RETURN OLD;
END $$;
