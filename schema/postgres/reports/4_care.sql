-- Reports on visits, vaccinations, patients and appointments; how a report is built: 3_money.sql.

-- A visit is a person's by the id of the staff member; without one by the printed name in any spelling: that of the one
-- active staff member who has it, or of somebody whose name was only ever printed. A group has many rows and few names,
-- so spellings are compared once a name.
CREATE OR REPLACE FUNCTION report.visits(from_day date, to_day date, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, clinic_code text, clinic_name text, month date, record_type record_type, veterinarian text,
    veterinarian_id uuid, visits bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH counted AS MATERIALIZED (
        SELECT v.clinic_id, date_trunc('month', v.visit_date::timestamp)::date AS month, v.record_type,
               v.veterinarian_id, CASE WHEN v.veterinarian_id IS NULL THEN v.veterinarian END AS printed,
               count(*) AS visits
          FROM report.fact_visit v
         WHERE (clinic IS NULL OR v.clinic_id = clinic)
           AND v.visit_date BETWEEN from_day AND to_day AND NOT v.is_deleted
         GROUP BY 1, 2, 3, 4, 5),
    printed AS MATERIALIZED (
        SELECT n.clinic_id, n.printed, public.bare_name(n.printed) AS bare
          FROM (SELECT DISTINCT k.clinic_id, k.printed FROM counted k WHERE k.printed IS NOT NULL) n),
    member AS MATERIALIZED (
        SELECT m.clinic_id, m.bare, (array_agg(m.staff_id))[1] AS staff_id
          FROM (SELECT t.clinic_id, t.staff_id, public.bare_name(t.name) AS bare FROM report.fact_staff t
                 WHERE t.is_active AND t.clinic_id IN (SELECT p.clinic_id FROM printed p)) m
         WHERE m.bare <> '' GROUP BY 1, 2 HAVING count(*) = 1),
    person AS MATERIALIZED (
        SELECT p.clinic_id, p.printed, m.staff_id,
               min(p.printed COLLATE "C") OVER (PARTITION BY p.clinic_id, p.bare) AS shown
          FROM printed p LEFT JOIN member m ON m.clinic_id = p.clinic_id AND m.bare = p.bare)
    SELECT c.clinic_id, c.clinic_code, c.clinic_name, s.month, s.record_type, coalesce(t.name, s.shown), s.staff_id,
           s.visits
      FROM (SELECT k.clinic_id, k.month, k.record_type, coalesce(k.veterinarian_id, p.staff_id) AS staff_id,
                   CASE WHEN coalesce(k.veterinarian_id, p.staff_id) IS NULL THEN p.shown END AS shown,
                   sum(k.visits)::bigint AS visits
              FROM counted k LEFT JOIN person p ON p.clinic_id = k.clinic_id AND p.printed = k.printed
             GROUP BY 1, 2, 3, 4, 5) s
      JOIN report.fact_clinic c ON c.clinic_id = s.clinic_id
      LEFT JOIN report.fact_staff t ON t.staff_id = s.staff_id;
END;

-- Per patient the last day with a vaccination up to `as_of` (else the clinic's today), and when the next is due: the
-- earliest due day of that day's records. One aggregate does both: the greatest number of the day, from bit 23, and
-- below it how far the due day is from the last one that 23 bits can count. Clinic by clinic, since then the index
-- gives each patient's records together.
CREATE OR REPLACE FUNCTION report.vaccination_due(as_of date DEFAULT NULL, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, patient_id uuid, last_given_on date, due_on date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.clinic_id, x.patient_id, date '0001-01-01' + (x.pair >> 23)::integer,
           date '0001-01-01' + (8388607 - (x.pair & 8388607))::integer
      FROM report.fact_clinic c
     CROSS JOIN LATERAL (
           SELECT v.patient_id, max(((v.visit_date - date '0001-01-01')::bigint << 23) + 8388607
                  - (coalesce(v.next_due_on, (v.visit_date + interval '12 months')::date) - date '0001-01-01')) AS pair
             FROM report.fact_visit v
            WHERE v.clinic_id = c.clinic_id AND v.record_type = 'vaccine' AND NOT v.is_deleted
              AND v.visit_date <= least(as_of, c.today)
            GROUP BY v.patient_id) x
     WHERE clinic IS NULL OR c.clinic_id = clinic;
END;

CREATE OR REPLACE FUNCTION report.vaccinations(from_day date, to_day date, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, clinic_code text, clinic_name text, as_of_day date, given bigint, active_patients bigint,
    covered_patients bigint, coverage_percent numeric, due_30_days bigint, overdue bigint, never_vaccinated bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH due AS MATERIALIZED (SELECT d.clinic_id, d.patient_id, d.due_on
                                FROM report.vaccination_due(to_day, clinic) d)
    SELECT c.clinic_id, c.clinic_code, c.clinic_name, least(to_day, c.today), coalesce(g.given, 0),
           coalesce(p.active, 0), coalesce(p.covered, 0), round(100.0 * p.covered / nullif(p.active, 0), 1),
           coalesce(p.due, 0), coalesce(p.overdue, 0), coalesce(p.never, 0)
      FROM report.fact_clinic c
      LEFT JOIN (SELECT v.clinic_id, count(*) AS given FROM report.fact_visit v
                  WHERE (clinic IS NULL OR v.clinic_id = clinic) AND v.record_type = 'vaccine' AND NOT v.is_deleted
                    AND v.visit_date BETWEEN from_day AND to_day
                  GROUP BY v.clinic_id) g ON g.clinic_id = c.clinic_id
      LEFT JOIN (SELECT a.clinic_id, count(*) AS active,
                        count(*) FILTER (WHERE d.due_on >= k.day) AS covered,
                        count(*) FILTER (WHERE d.due_on BETWEEN k.day AND k.day + 30) AS due,
                        count(*) FILTER (WHERE d.due_on < k.day) AS overdue,
                        count(*) FILTER (WHERE d.due_on IS NULL) AS never
                   FROM report.fact_patient a
                   JOIN (SELECT c.clinic_id, least(to_day, c.today) AS day
                           FROM report.fact_clinic c OFFSET bigint '0') k
                     ON k.clinic_id = a.clinic_id
                   LEFT JOIN due d ON d.clinic_id = a.clinic_id AND d.patient_id = a.patient_id
                  WHERE (clinic IS NULL OR a.clinic_id = clinic)
                    AND a.status = 'active' AND NOT a.is_deleted AND NOT a.is_archived
                    AND (a.deceased_on IS NULL OR a.deceased_on > k.day)
                  GROUP BY a.clinic_id) p ON p.clinic_id = c.clinic_id
     WHERE clinic IS NULL OR c.clinic_id = clinic;
END;

CREATE OR REPLACE FUNCTION report.patients(from_day date, to_day date, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, clinic_code text, clinic_name text, month date, seen_patients bigint, new_patients bigint,
    returning_patients bigint, lapsed_patients bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH life AS MATERIALIZED (
        SELECT v.clinic_id, v.patient_id, min(v.visit_date) AS first_on,
               (max(v.visit_date) + interval '18 months')::date AS lapses_on,
               array_agg(DISTINCT date_trunc('month', v.visit_date::timestamp)::date)
                   FILTER (WHERE v.visit_date >= from_day) AS months
          FROM report.fact_visit v
         WHERE (clinic IS NULL OR v.clinic_id = clinic) AND NOT v.is_deleted AND v.visit_date <= to_day
         GROUP BY v.clinic_id, v.patient_id)
    SELECT c.clinic_id, c.clinic_code, c.clinic_name, e.month, sum(e.seen)::bigint, sum(e.fresh)::bigint,
           sum(e.seen - e.fresh)::bigint, sum(e.lapsed)::bigint
      FROM (SELECT l.clinic_id, m.month, count(*) AS seen,
                   count(*) FILTER (WHERE l.first_on >= greatest(m.month, from_day)) AS fresh, 0 AS lapsed
              FROM life l CROSS JOIN LATERAL unnest(l.months) AS m (month)
             GROUP BY 1, 2
             UNION ALL
            SELECT l.clinic_id, date_trunc('month', l.lapses_on::timestamp)::date, 0, 0, count(*)
              FROM life l
              JOIN report.fact_patient p ON p.patient_id = l.patient_id
              JOIN report.fact_clinic k ON k.clinic_id = l.clinic_id
             WHERE l.lapses_on BETWEEN from_day AND least(to_day, k.today)
               AND p.status = 'active' AND NOT p.is_deleted AND NOT p.is_archived
               AND (p.deceased_on IS NULL OR p.deceased_on > l.lapses_on)
             GROUP BY 1, 2) e
      JOIN report.fact_clinic c ON c.clinic_id = e.clinic_id
     GROUP BY 1, 2, 3, 4;
END;

CREATE OR REPLACE FUNCTION report.appointments(from_day date, to_day date, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, clinic_code text, clinic_name text, weekday integer, appointments bigint, completed bigint,
    no_show bigint, cancelled bigint, open bigint, no_show_percent numeric, cancelled_percent numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.clinic_id, c.clinic_code, c.clinic_name, s.weekday, s.total, s.completed, s.no_show, s.cancelled,
           s.total - s.completed - s.no_show - s.cancelled,
           round(100.0 * s.no_show / nullif(s.completed + s.no_show, 0), 1), round(100.0 * s.cancelled / s.total, 1)
      FROM (SELECT a.clinic_id, a.weekday, count(*) AS total,
                   count(*) FILTER (WHERE a.status = 'completed') AS completed,
                   count(*) FILTER (WHERE a.status = 'no-show') AS no_show,
                   count(*) FILTER (WHERE a.status = 'cancelled') AS cancelled
              FROM report.fact_appointment a
             WHERE (clinic IS NULL OR a.clinic_id = clinic) AND a.date BETWEEN from_day AND to_day AND NOT a.is_deleted
             GROUP BY 1, 2) s
      JOIN report.fact_clinic c ON c.clinic_id = s.clinic_id;
END;

CREATE OR REPLACE VIEW report.visits AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.visits(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;

CREATE OR REPLACE VIEW report.vaccinations AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.vaccinations(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;

CREATE OR REPLACE VIEW report.patients AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.patients(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;

CREATE OR REPLACE VIEW report.appointments AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.appointments(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
