-- Phase 15: HQ's reports (docs/reports.md has the definitions). Schema `report` is what a BI tool, the command line and
-- the web read, and nothing else: names and columns here are stable.
--
--   fact_*        the rows, live and archived, without clinical text and without names of owners and patients
--   freshness     per clinic, how far its nodes' work has arrived
--   NAME(from, to), NAME   a report over days of the clinic; the view is the same over the default range
--
-- The functions are plain SQL over the views, so that they are planned as one query with their caller's and run with
-- the rights of who may read the views. Amounts are integers (cents) of the clinic's currency.

CREATE SCHEMA report;

-- The first and last visit and vaccination of every patient of a clinic, in order, from the index alone. The one index
-- the reports need (docs/reports.md has the figures); central's alone, since nodes have no reports.
CREATE INDEX medical_record_clinic_id_patient_id_visit_date_report_idx ON medical_record
    (clinic_id, patient_id, visit_date) INCLUDE (record_type, next_due_on) WHERE deleted_at IS NULL;
-- The archive's rows of a clinic, for what is counted clinic by clinic.
CREATE INDEX medical_record_clinic_id_patient_id_idx ON archive.medical_record (clinic_id, patient_id);

-- The time zones that this server knows. Asking pg_timezone_names reads a thousand files, and AT TIME ZONE with a name
-- that is none ends the whole query: one clinic's slip must not take the report from all.
CREATE TABLE report_time_zone (
    name text NOT NULL,
    CONSTRAINT report_time_zone_pkey PRIMARY KEY (name)
);
CREATE FUNCTION refresh_report_time_zones() RETURNS integer LANGUAGE plpgsql AS $$
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
SELECT refresh_report_time_zones();

-- Facts -------------------------------------------------------------------------------------------------------------

CREATE VIEW report.fact_clinic AS
SELECT c.id AS clinic_id, c.code AS clinic_code, c.name AS clinic_name, c.currency,
       coalesce(z.name, 'UTC') AS timezone, z.name IS NOT NULL AS timezone_known,
       (now() AT TIME ZONE coalesce(z.name, 'UTC'))::date AS today
  FROM public.clinic c LEFT JOIN public.report_time_zone z ON z.name = c.timezone;

-- The days are those on which something counts: issued by its stamp, for ever; paid and cancelled by stamp and status,
-- and never before the issue. A bill that was paid and then cancelled is refunded on the day of the cancellation. A
-- bill of the legacy server was stamped with midnight UTC of its day: that day, whatever the zone. Looking a zone up is
-- what costs most here, so each day asks for one instant, and what can be known without a zone is asked first (no zone
-- is 14 hours off UTC or more).
CREATE VIEW report.fact_bill AS
SELECT b.id AS bill_id, b.clinic_id, c.clinic_code, c.clinic_name, c.currency, b.owner_id, b.patient_id,
       b.appointment_id, b.bill_number, b.provisional_number, b.status, b.bill_date, b.due_date,
       b.subtotal_cents, b.tax_cents, b.total_cents,
       b.issued_at, b.paid_at, b.cancelled_at, b.received_at,
       CASE WHEN l.is_legacy THEN b.bill_date ELSE (b.issued_at AT TIME ZONE c.timezone)::date END AS issued_on,
       CASE WHEN b.status IN ('paid', 'cancelled') AND b.issued_at IS NOT NULL AND b.paid_at IS NOT NULL
            THEN CASE WHEN l.is_legacy THEN greatest((b.paid_at AT TIME ZONE c.timezone)::date, b.bill_date)
                      ELSE (greatest(b.paid_at, b.issued_at) AT TIME ZONE c.timezone)::date END END AS paid_on,
       CASE WHEN b.status = 'cancelled' AND b.issued_at IS NOT NULL THEN e.ended_on END AS cancelled_on,
       CASE WHEN b.status = 'cancelled' AND b.issued_at IS NOT NULL AND b.paid_at IS NOT NULL THEN e.ended_on
       END AS refunded_on,
       b.issued_at IS NOT NULL
           AND date_trunc('month', b.received_at AT TIME ZONE interval '14 hours')
               > date_trunc('month', b.issued_at AT TIME ZONE interval '-14 hours')
           AND date_trunc('month', b.received_at AT TIME ZONE c.timezone)
               > date_trunc('month', CASE WHEN l.is_legacy THEN b.bill_date::timestamp
                                          ELSE b.issued_at AT TIME ZONE c.timezone END)
       AS arrived_late,
       b.deleted_at IS NOT NULL AS is_deleted, b.is_archived
  FROM (SELECT id, clinic_id, owner_id, patient_id, appointment_id, bill_number, provisional_number, status, bill_date,
               due_date, subtotal_cents, tax_cents, total_cents, issued_at, paid_at, cancelled_at, received_at,
               deleted_at, false AS is_archived FROM public.bill
        UNION ALL
        SELECT id, clinic_id, owner_id, patient_id, appointment_id, bill_number, provisional_number, status, bill_date,
               due_date, subtotal_cents, tax_cents, total_cents, issued_at, paid_at, cancelled_at, received_at,
               deleted_at, true FROM archive.bill) b
  JOIN report.fact_clinic c ON c.clinic_id = b.clinic_id
 CROSS JOIN LATERAL (SELECT b.provisional_number = b.bill_number
                            AND b.issued_at = b.bill_date::timestamp AT TIME ZONE 'UTC' AS is_legacy) l
 CROSS JOIN LATERAL (SELECT CASE WHEN l.is_legacy
                                 THEN greatest((greatest(b.cancelled_at, b.paid_at) AT TIME ZONE c.timezone)::date,
                                               b.bill_date)
                                 ELSE (greatest(b.cancelled_at, b.paid_at, b.issued_at) AT TIME ZONE c.timezone)::date
                            END AS ended_on) e;

CREATE VIEW report.fact_bill_item AS
SELECT id AS bill_item_id, bill_id, clinic_id, position, description, quantity_milli, unit_price_cents,
       total_price_cents, false AS is_archived FROM public.bill_item
UNION ALL
SELECT id, bill_id, clinic_id, position, description, quantity_milli, unit_price_cents, total_price_cents, true
  FROM archive.bill_item;

CREATE VIEW report.fact_visit AS
SELECT id AS visit_id, clinic_id, patient_id, visit_date, record_type, veterinarian, next_due_on,
       deleted_at IS NOT NULL AS is_deleted, false AS is_archived FROM public.medical_record
UNION ALL
SELECT id, clinic_id, patient_id, visit_date, record_type, veterinarian, next_due_on, deleted_at IS NOT NULL, true
  FROM archive.medical_record;

CREATE VIEW report.fact_patient AS
SELECT id AS patient_id, clinic_id, owner_id, species, breed, gender, birth_date, deceased_on, status, created_at,
       deleted_at IS NOT NULL AS is_deleted, false AS is_archived FROM public.patient
UNION ALL
SELECT id, clinic_id, owner_id, species, breed, gender, birth_date, deceased_on, status, created_at,
       deleted_at IS NOT NULL, true FROM archive.patient;

CREATE VIEW report.fact_appointment AS
SELECT id AS appointment_id, clinic_id, patient_id, date, "time", duration,
       extract(isodow FROM date)::integer AS weekday, status, veterinarian, deleted_at IS NOT NULL AS is_deleted,
       false AS is_archived FROM public.appointment
UNION ALL
SELECT id, clinic_id, patient_id, date, "time", duration, extract(isodow FROM date)::integer, status, veterinarian,
       deleted_at IS NOT NULL, true FROM archive.appointment;

CREATE VIEW report.fact_node AS
SELECT n.id AS node_id, s.clinic_id, c.clinic_code, c.clinic_name, n.name AS node_name, n.code AS node_code,
       n.state AS node_state, s.state AS scope_state, n.enrolled_at, n.last_seen_at, n.last_push_at, n.last_pull_at,
       n.pending_changes, n.oldest_pending_at, n.clock_offset_ms, n.schema_version, n.app_version
  FROM public.sync_node n
  JOIN public.sync_node_clinic s ON s.node_id = n.id
  JOIN report.fact_clinic c ON c.clinic_id = s.clinic_id;

-- How fresh ---------------------------------------------------------------------------------------------------------

CREATE VIEW report.open_items AS
SELECT clinic_id, node_id, count(*) FILTER (WHERE kind = 'conflict') AS conflicts,
       count(*) FILTER (WHERE kind = 'quarantine') AS quarantined
  FROM public.sync_item WHERE status = 'open' AND kind IN ('conflict', 'quarantine') GROUP BY clinic_id, node_id;

-- A replica is as old as what it last replayed; one that has replayed no transaction since it was started is as old as
-- the last checkpoint it knows, since it may have been cut off for weeks.
CREATE VIEW report.freshness AS
SELECT c.clinic_id, c.clinic_code, c.clinic_name, c.currency, c.timezone, c.timezone_known,
       least(n.heard_at, CASE WHEN pg_is_in_recovery()
                              THEN coalesce(pg_last_xact_replay_timestamp(),
                                            (SELECT k.checkpoint_time FROM pg_control_checkpoint() k))
                              ELSE now() END)::timestamptz(3) AS data_as_of,
       coalesce(n.nodes, 0) AS active_nodes, coalesce(n.pending, 0) AS pending_changes, n.oldest_pending_at,
       coalesce(i.conflicts, 0)::bigint AS conflicts, coalesce(i.quarantined, 0)::bigint AS quarantined
  FROM report.fact_clinic c
  LEFT JOIN (SELECT clinic_id, count(*) AS nodes, min(coalesce(last_seen_at, enrolled_at)) AS heard_at,
                    sum(pending_changes)::bigint AS pending, min(oldest_pending_at) AS oldest_pending_at
               FROM report.fact_node WHERE node_state = 'active' GROUP BY clinic_id) n ON n.clinic_id = c.clinic_id
  LEFT JOIN (SELECT clinic_id, sum(conflicts) AS conflicts, sum(quarantined) AS quarantined
               FROM report.open_items GROUP BY clinic_id) i ON i.clinic_id = c.clinic_id;

-- The default range: the twelve whole months before the month that it is somewhere on earth, and that month.
CREATE FUNCTION report.default_to() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (date_trunc('month', now() AT TIME ZONE interval '14 hours') + interval '1 month'
        - interval '1 day')::date;
CREATE FUNCTION report.default_from() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (date_trunc('month', now() AT TIME ZONE interval '14 hours') - interval '12 months')::date;

-- Reports -----------------------------------------------------------------------------------------------------------
-- The bounds on the instants are wider than any zone's shift and only spare the work on bills that cannot count. They
-- are cast by way of UTC, which the planner can do once; by way of the session's zone it would be done for every row.
-- OFFSET with a constant that is a bigint from the start keeps a subquery apart, so that what it computes is computed
-- once per row, and does not keep PostgreSQL from running it in parallel workers (a plain OFFSET 0 does).

-- One scan: a bill counts up to three times (issued, cancelled, paid), each in a month or in none. First the bills are
-- counted by clinic and one number that holds the three months and what else is told apart; that leaves a few thousand
-- rows, which are then taken apart. The number: bit 0 arrived late, 1 soft-deleted, 2 was paid; from bits 3, 21 and 39
-- the place of the month of issue, cancellation and payment in `edges`, from 1, the first month of the range.
-- Nobody's bill is outside the years 1 to 9999, so that a range from -infinity has an end too.
CREATE FUNCTION report.revenue(from_day date, to_day date, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, clinic_code text, clinic_name text, currency text, month date,
    issued_bills bigint, issued_subtotal_cents bigint, issued_tax_cents bigint, issued_total_cents bigint,
    cancelled_bills bigint, cancelled_subtotal_cents bigint, cancelled_tax_cents bigint, cancelled_total_cents bigint,
    net_subtotal_cents bigint, net_tax_cents bigint, net_total_cents bigint,
    paid_bills bigint, paid_subtotal_cents bigint, paid_tax_cents bigint, paid_total_cents bigint,
    refunded_bills bigint, refunded_total_cents bigint, late_bills bigint, late_total_cents bigint,
    deleted_bills bigint, deleted_total_cents bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.clinic_id, c.clinic_code, c.clinic_name, c.currency, s.month, coalesce(s.issued, 0)::bigint,
           coalesce(s.issued_subtotal, 0)::bigint, coalesce(s.issued_tax, 0)::bigint,
           coalesce(s.issued_total, 0)::bigint, coalesce(s.cancelled, 0)::bigint,
           coalesce(s.cancelled_subtotal, 0)::bigint, coalesce(s.cancelled_tax, 0)::bigint,
           coalesce(s.cancelled_total, 0)::bigint,
           (coalesce(s.issued_subtotal, 0) - coalesce(s.cancelled_subtotal, 0))::bigint,
           (coalesce(s.issued_tax, 0) - coalesce(s.cancelled_tax, 0))::bigint,
           (coalesce(s.issued_total, 0) - coalesce(s.cancelled_total, 0))::bigint, coalesce(s.paid, 0)::bigint,
           coalesce(s.paid_subtotal, 0)::bigint, coalesce(s.paid_tax, 0)::bigint, coalesce(s.paid_total, 0)::bigint,
           coalesce(s.refunded, 0)::bigint, coalesce(s.refunded_total, 0)::bigint, coalesce(s.late, 0)::bigint,
           coalesce(s.late_total, 0)::bigint, coalesce(s.deleted, 0)::bigint, coalesce(s.deleted_total, 0)::bigint
      FROM (SELECT g.clinic_id,
                   (date_trunc('month', greatest(from_day, '0001-01-01')::timestamp)
                       + (e.nth - 1) * interval '1 month')::date AS month,
                   sum(g.bills) FILTER (WHERE e.kind = 'i') AS issued,
                   sum(g.subtotal) FILTER (WHERE e.kind = 'i') AS issued_subtotal,
                   sum(g.tax) FILTER (WHERE e.kind = 'i') AS issued_tax,
                   sum(g.total) FILTER (WHERE e.kind = 'i') AS issued_total,
                   sum(g.bills) FILTER (WHERE e.kind = 'c') AS cancelled,
                   sum(g.subtotal) FILTER (WHERE e.kind = 'c') AS cancelled_subtotal,
                   sum(g.tax) FILTER (WHERE e.kind = 'c') AS cancelled_tax,
                   sum(g.total) FILTER (WHERE e.kind = 'c') AS cancelled_total,
                   sum(g.bills) FILTER (WHERE e.kind = 'p') AS paid,
                   sum(g.subtotal) FILTER (WHERE e.kind = 'p') AS paid_subtotal,
                   sum(g.tax) FILTER (WHERE e.kind = 'p') AS paid_tax,
                   sum(g.total) FILTER (WHERE e.kind = 'p') AS paid_total,
                   sum(g.bills) FILTER (WHERE e.kind = 'c' AND g.code & 4 <> 0) AS refunded,
                   sum(g.total) FILTER (WHERE e.kind = 'c' AND g.code & 4 <> 0) AS refunded_total,
                   sum(g.bills) FILTER (WHERE e.kind = 'i' AND g.code & 1 <> 0) AS late,
                   sum(g.total) FILTER (WHERE e.kind = 'i' AND g.code & 1 <> 0) AS late_total,
                   sum(g.bills) FILTER (WHERE e.kind = 'i' AND g.code & 2 <> 0) AS deleted,
                   sum(g.total) FILTER (WHERE e.kind = 'i' AND g.code & 2 <> 0) AS deleted_total
              FROM (SELECT d.clinic_id, d.code, count(*) AS bills, sum(d.subtotal_cents) AS subtotal,
                           sum(d.tax_cents) AS tax, sum(d.total_cents) AS total
                      FROM (SELECT b.clinic_id, b.subtotal_cents, b.tax_cents, b.total_cents,
                                   b.arrived_late::integer + 2 * b.is_deleted::integer
                                       + 4 * (b.paid_at IS NOT NULL)::integer
                                       + (coalesce(width_bucket(b.issued_on, r.edges), 0)::bigint << 3)
                                       + (coalesce(width_bucket(b.cancelled_on, r.edges), 0)::bigint << 21)
                                       + (coalesce(width_bucket(b.paid_on, r.edges), 0)::bigint << 39) AS code
                              FROM report.fact_bill b
                             CROSS JOIN (SELECT array_agg(greatest(m.day::date, from_day) ORDER BY m.day)
                                                || (least(to_day, '9999-12-31') + 1) AS edges
                                           FROM generate_series(
                                                    date_trunc('month', greatest(from_day, '0001-01-01')::timestamp),
                                                    least(to_day, '9999-12-31')::timestamp, interval '1 month')
                                                    m (day)) r
                             WHERE (clinic IS NULL OR b.clinic_id = clinic) AND from_day <= to_day
                               AND b.issued_at < (to_day + 3)::timestamp AT TIME ZONE 'UTC'
                               AND (b.issued_at >= (from_day - 3)::timestamp AT TIME ZONE 'UTC'
                                    OR (b.status IN ('paid', 'cancelled')
                                        AND b.paid_at >= (from_day - 3)::timestamp AT TIME ZONE 'UTC')
                                    OR (b.status = 'cancelled'
                                        AND b.cancelled_at >= (from_day - 3)::timestamp AT TIME ZONE 'UTC'))
                            OFFSET bigint '0') d
                     GROUP BY 1, 2) g
             CROSS JOIN LATERAL (VALUES ('i'::"char", g.code >> 3 & 262143), ('c', g.code >> 21 & 262143),
                                        ('p', g.code >> 39 & 262143)) e (kind, nth)
             WHERE e.nth > 0
             GROUP BY 1, 2) s
      JOIN report.fact_clinic c ON c.clinic_id = s.clinic_id
     WHERE s.month <= to_day;
END;

CREATE FUNCTION report.receivables(as_of date DEFAULT NULL, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, clinic_code text, clinic_name text, currency text, as_of_day date,
    open_bills bigint, open_total_cents bigint, not_due_bills bigint, not_due_cents bigint,
    due_0_to_30_bills bigint, due_0_to_30_cents bigint, due_31_to_60_bills bigint, due_31_to_60_cents bigint,
    due_61_to_90_bills bigint, due_61_to_90_cents bigint, due_over_90_bills bigint, due_over_90_cents bigint,
    past_due_bills bigint, past_due_cents bigint, deleted_bills bigint, deleted_cents bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT b.clinic_id, b.clinic_code, b.clinic_name, b.currency, coalesce(as_of, c.today),
           count(*), sum(b.total_cents)::bigint,
           count(*) FILTER (WHERE l.late < 0),
           coalesce(sum(b.total_cents) FILTER (WHERE l.late < 0), 0)::bigint,
           count(*) FILTER (WHERE l.late BETWEEN 0 AND 30),
           coalesce(sum(b.total_cents) FILTER (WHERE l.late BETWEEN 0 AND 30), 0)::bigint,
           count(*) FILTER (WHERE l.late BETWEEN 31 AND 60),
           coalesce(sum(b.total_cents) FILTER (WHERE l.late BETWEEN 31 AND 60), 0)::bigint,
           count(*) FILTER (WHERE l.late BETWEEN 61 AND 90),
           coalesce(sum(b.total_cents) FILTER (WHERE l.late BETWEEN 61 AND 90), 0)::bigint,
           count(*) FILTER (WHERE l.late > 90),
           coalesce(sum(b.total_cents) FILTER (WHERE l.late > 90), 0)::bigint,
           count(*) FILTER (WHERE l.late >= 0),
           coalesce(sum(b.total_cents) FILTER (WHERE l.late >= 0), 0)::bigint,
           count(*) FILTER (WHERE b.is_deleted),
           coalesce(sum(b.total_cents) FILTER (WHERE b.is_deleted), 0)::bigint
      FROM report.fact_bill b
      JOIN report.fact_clinic c ON c.clinic_id = b.clinic_id
     CROSS JOIN LATERAL (SELECT coalesce(as_of, c.today) - b.due_date AS late) l
     WHERE (clinic IS NULL OR b.clinic_id = clinic)
       AND b.issued_at < (coalesce(as_of, current_date) + 3)::timestamp AT TIME ZONE 'UTC'
       AND (b.status NOT IN ('paid', 'cancelled')
            OR b.paid_at >= (coalesce(as_of, current_date) - 3)::timestamp AT TIME ZONE 'UTC'
            OR b.cancelled_at >= (coalesce(as_of, current_date) - 3)::timestamp AT TIME ZONE 'UTC')
       AND b.issued_on <= coalesce(as_of, c.today)
       AND (b.status NOT IN ('paid', 'cancelled')
            OR ((b.paid_on IS NULL OR b.paid_on > coalesce(as_of, c.today))
                AND (b.cancelled_on IS NULL OR b.cancelled_on > coalesce(as_of, c.today))))
     GROUP BY 1, 2, 3, 4, 5;
END;

CREATE FUNCTION report.visits(from_day date, to_day date, clinic uuid DEFAULT NULL)
RETURNS TABLE (
    clinic_id uuid, clinic_code text, clinic_name text, month date, record_type record_type, veterinarian text,
    visits bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.clinic_id, c.clinic_code, c.clinic_name, s.month, s.record_type, s.veterinarian, s.visits
      FROM (SELECT v.clinic_id, date_trunc('month', v.visit_date::timestamp)::date AS month, v.record_type,
                   v.veterinarian, count(*) AS visits
              FROM report.fact_visit v
             WHERE (clinic IS NULL OR v.clinic_id = clinic)
               AND v.visit_date BETWEEN from_day AND to_day AND NOT v.is_deleted
             GROUP BY 1, 2, 3, 4) s
      JOIN report.fact_clinic c ON c.clinic_id = s.clinic_id;
END;

-- Per patient the last day with a vaccination up to `as_of` (else the clinic's today), and when the next is due: the
-- earliest due day of that day's records. One aggregate does both: the greatest number of the day, from bit 23, and
-- below it how far the due day is from the last one that 23 bits can count. Clinic by clinic, since then the index
-- gives each patient's records together.
CREATE FUNCTION report.vaccination_due(as_of date DEFAULT NULL, clinic uuid DEFAULT NULL)
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

CREATE FUNCTION report.vaccinations(from_day date, to_day date, clinic uuid DEFAULT NULL)
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

CREATE FUNCTION report.patients(from_day date, to_day date, clinic uuid DEFAULT NULL)
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

CREATE FUNCTION report.appointments(from_day date, to_day date, clinic uuid DEFAULT NULL)
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

CREATE VIEW report.sync_lag AS
SELECT n.clinic_id, n.clinic_code, n.clinic_name, n.node_id, n.node_name, n.node_code, n.node_state, n.scope_state,
       n.enrolled_at, n.last_seen_at AS last_contact_at,
       extract(epoch FROM now() - n.last_seen_at)::bigint AS silent_seconds,
       n.last_push_at, n.last_pull_at, n.pending_changes, n.oldest_pending_at,
       coalesce(i.conflicts, 0) AS conflicts, coalesce(i.quarantined, 0) AS quarantined, n.clock_offset_ms,
       n.schema_version, n.app_version, f.data_as_of
  FROM report.fact_node n
  JOIN report.freshness f ON f.clinic_id = n.clinic_id
  LEFT JOIN report.open_items i ON i.node_id = n.node_id AND i.clinic_id = n.clinic_id;

-- Views over the default range, with how fresh each clinic's rows are beside them.
CREATE VIEW report.revenue AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.revenue(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
CREATE VIEW report.receivables AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.receivables() r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
CREATE VIEW report.visits AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.visits(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
CREATE VIEW report.vaccinations AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.vaccinations(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
CREATE VIEW report.patients AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.patients(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
CREATE VIEW report.appointments AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.appointments(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
