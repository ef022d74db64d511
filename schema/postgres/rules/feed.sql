-- The number of this transaction in the clinic's feed; the first call in a transaction takes it and waits for the
-- lock. A taker of another system (a restored copy counts transactions anew) never counts as this one.
CREATE OR REPLACE FUNCTION take_version(clinic uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
    here CONSTANT bigint := public.this_system();
BEGIN
    IF clinic IS NULL THEN
        RETURN 0;  -- NOT NULL refuses the row right after.
    END IF;
    SELECT version INTO taken FROM public.sync_counter
     WHERE clinic_id = clinic AND taker = pg_current_xact_id() AND system_identifier = here;
    IF FOUND THEN
        RETURN taken;
    END IF;
    INSERT INTO public.sync_counter AS c (clinic_id, version, taker, system_identifier)
    VALUES (clinic, 1, pg_current_xact_id(), here)
    ON CONFLICT (clinic_id) DO UPDATE SET version = c.version + 1, taker = excluded.taker,
                                          system_identifier = excluded.system_identifier
    RETURNING version INTO taken;
    INSERT INTO public.sync_position (clinic_id, version, token) VALUES (clinic, taken, gen_random_uuid());
    PERFORM pg_notify('vetchart_feed', clinic::text);
    RETURN taken;
END $$;

-- A decision is undone by another one. Central says its outcome once; an erasure takes its value.
CREATE OR REPLACE FUNCTION item_decision_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.clinic_id, NEW.item_id, NEW.item_version, NEW.action, NEW.actor, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.clinic_id, OLD.item_id, OLD.item_version, OLD.action, OLD.actor, OLD.created_at)
       OR NEW.value IS DISTINCT FROM OLD.value AND current_setting('vetchart.erasure', true) IS DISTINCT FROM 'on'
       OR (NEW.outcome, NEW.answer) IS DISTINCT FROM (OLD.outcome, OLD.answer) AND OLD.outcome IS NOT NULL THEN
        PERFORM public.refuse('VC005', 'immutable: a decision never changes: another one undoes it');
    END IF;
    NEW.version := public.take_version(NEW.clinic_id);
    NEW.updated_at := public.next_updated_at(OLD.updated_at, NEW.updated_at);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION item_decision_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse('VC005', 'immutable: a decision is never deleted: another one undoes it');
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sync_item_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := public.take_version(NEW.clinic_id);
    RETURN NEW;
END $$;
