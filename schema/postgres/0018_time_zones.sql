-- A clinic's time zone is one that both sides can know (docs/schema.md, "Time zones"): UTC, or an Area/Place of the IANA
-- database that this server has. A zone that stands already stays as it is until somebody changes it.

-- report_time_zone is what pg_timezone_names said at the last start: asking that view reads a thousand files.
CREATE FUNCTION is_time_zone(zone text) RETURNS boolean LANGUAGE sql STABLE
RETURN zone COLLATE "C" ~ '^(UTC|[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)+)$'
   AND EXISTS (SELECT FROM public.report_time_zone z WHERE z.name = zone);

CREATE OR REPLACE FUNCTION clinic_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id IS DISTINCT FROM OLD.id THEN
            PERFORM public.refuse('VC005', 'immutable: clinic.id never changes');
        END IF;
        NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    END IF;
    IF NOT public.is_time_zone(NEW.timezone) AND (TG_OP = 'INSERT' OR NEW.timezone IS DISTINCT FROM OLD.timezone) THEN
        PERFORM public.refuse('VC012', 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin');
    END IF;
    NEW.version := public.take_version(NEW.id);
    RETURN NEW;
END $$;
