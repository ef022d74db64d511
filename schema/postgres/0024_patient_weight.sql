-- Phase 24: the day of a patient's own weight. A chart's weight is its newest measurement: the medical record's of the
-- newest visit that has one, or the patient's own (put on the patient itself, or imported), which counts as one of this
-- day. A weight that is there already is as old as the row's last change.

DO $$
DECLARE tbl text;
BEGIN
    FOREACH tbl IN ARRAY ARRAY['public.patient', 'archive.patient'] LOOP
        -- Computed for a moment, then plain: one rewrite, no dead rows, no trigger.
        EXECUTE format('ALTER TABLE %s ADD COLUMN weighed_on date GENERATED ALWAYS AS (
            CASE WHEN weight_milli IS NOT NULL THEN (updated_at AT TIME ZONE ''UTC'')::date END) STORED', tbl);
        EXECUTE format('ALTER TABLE %s ALTER COLUMN weighed_on DROP EXPRESSION', tbl);
    END LOOP;
END $$;
ALTER TABLE patient
    ADD CONSTRAINT patient_weighed_on_check CHECK (weighed_on BETWEEN '0001-01-01' AND '9999-12-31');

CREATE OR REPLACE FUNCTION feed_image(r patient) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', r.id, 'clinic_id', r.clinic_id, 'owner_id', r.owner_id, 'name', r.name,
    'species', r.species, 'breed', r.breed, 'birth_date', wire_day(r.birth_date), 'age', r.age,
    'deceased_on', wire_day(r.deceased_on), 'gender', r.gender, 'weight_milli', r.weight_milli,
    'weight_unit', r.weight_unit, 'weighed_on', wire_day(r.weighed_on), 'status', r.status,
    'assigned_doctor', r.assigned_doctor, 'handling_difficulty', r.handling_difficulty, 'microchip', r.microchip,
    'notes', r.notes,
    'created_at', wire_instant(r.created_at), 'updated_at', wire_instant(r.updated_at),
    'deleted_at', wire_instant(r.deleted_at));
