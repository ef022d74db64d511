-- The person behind an actor; what is no staff id (or of nobody any more) stays as it is.
CREATE OR REPLACE FUNCTION actor_name(actor text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((SELECT s.first_name || ' ' || s.last_name FROM staff s
                  WHERE s.id = CASE WHEN actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN actor::uuid END),
                actor);

-- Who ever treated an animal, or is its doctor, stays: whoever leaves is deactivated. What the archive names is told as
-- well, since it comes back as it was.
CREATE OR REPLACE FUNCTION staff_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
    PERFORM public.take_version(OLD.clinic_id);
    FOR r IN SELECT * FROM (VALUES
        ('patient', 'assigned_doctor_id', 'a patient names this staff'),
        ('medical_record', 'veterinarian_id', 'a medical record names this staff'),
        ('appointment', 'veterinarian_id', 'an appointment names this staff')) v (tbl, col, sentence) LOOP
        EXECUTE format('SELECT public.refuse(''VC001'', %3$L) WHERE
                EXISTS (SELECT FROM public.%1$I WHERE clinic_id = $1 AND %2$I = $2)
                OR EXISTS (SELECT FROM archive.%1$I WHERE clinic_id = $1 AND %2$I = $2)',
            r.tbl, r.col, 'still_referenced: ' || r.sentence) USING OLD.clinic_id, OLD.id;
    END LOOP;
    RETURN OLD;
END $$;

-- A new password, another role, another address or a deactivation ends the sessions of before, whoever writes it.
CREATE OR REPLACE FUNCTION end_hq_sessions() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM public.hq_session WHERE hq_user_id = NEW.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER hq_user_after_update AFTER UPDATE ON hq_user FOR EACH ROW
WHEN ((NEW.password_hash, NEW.role, NEW.email, NEW.active) IS DISTINCT FROM
      (OLD.password_hash, OLD.role, OLD.email, OLD.active))
EXECUTE FUNCTION end_hq_sessions();
ALTER TABLE hq_user ENABLE ALWAYS TRIGGER hq_user_after_update;
