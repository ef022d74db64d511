-- HQ's reports (docs/reports.md has the definitions). Schema `report` is what a BI tool, the command line and the web
-- read, and nothing else: names and columns here are stable.
--
--   fact_*        the rows, live and archived, without clinical text and without names of owners and patients
--   freshness     per clinic, how far its nodes' work has arrived
--   NAME(from, to), NAME   a report over days of the clinic; the view is the same over the default range
--
-- The functions are plain SQL over the views, so that they are planned as one query with their caller's and run with
-- the rights of who may read the views. Amounts are integers (cents) of the clinic's currency.

-- What the clock reads where it was moved (tables/0001_legacy_baseline.sql); NULL: the server's own.
CREATE OR REPLACE VIEW report.clock AS SELECT at FROM public.central_clock;

CREATE OR REPLACE VIEW report.fact_clinic AS
SELECT c.id AS clinic_id, c.code AS clinic_code, c.name AS clinic_name, c.currency,
       coalesce(z.name, 'UTC') AS timezone, z.name IS NOT NULL AS timezone_known,
       clock_day(coalesce(z.name, 'UTC')) AS today
  FROM public.clinic c LEFT JOIN public.report_time_zone z ON z.name = c.timezone;

-- The days are those on which something counts: issued by its stamp, for ever; paid and cancelled by stamp and status,
-- and never before the issue. A bill that was paid and then cancelled is refunded on the day of the cancellation. A
-- bill of the legacy server was stamped with midnight UTC of its day: that day, whatever the zone. Looking a zone up is
-- what costs most here, so each day asks for one instant, and what can be known without a zone is asked first (no zone
-- is 14 hours off UTC or more).
CREATE OR REPLACE VIEW report.fact_bill AS
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

CREATE OR REPLACE VIEW report.fact_bill_item AS
SELECT id AS bill_item_id, bill_id, clinic_id, position, description, quantity_milli, unit_price_cents,
       total_price_cents, false AS is_archived FROM public.bill_item
UNION ALL
SELECT id, bill_id, clinic_id, position, description, quantity_milli, unit_price_cents, total_price_cents, true
  FROM archive.bill_item;

CREATE OR REPLACE VIEW report.fact_staff AS
SELECT id AS staff_id, clinic_id, first_name || ' ' || last_name AS name, active AS is_active FROM public.staff;

CREATE OR REPLACE VIEW report.fact_visit AS
SELECT id AS visit_id, clinic_id, patient_id, visit_date, record_type, veterinarian, veterinarian_id, next_due_on,
       deleted_at IS NOT NULL AS is_deleted, false AS is_archived FROM public.medical_record
UNION ALL
SELECT id, clinic_id, patient_id, visit_date, record_type, veterinarian, veterinarian_id, next_due_on,
       deleted_at IS NOT NULL, true FROM archive.medical_record;

CREATE OR REPLACE VIEW report.fact_patient AS
SELECT id AS patient_id, clinic_id, owner_id, species, breed, gender, birth_date, deceased_on, status, created_at,
       deleted_at IS NOT NULL AS is_deleted, false AS is_archived FROM public.patient
UNION ALL
SELECT id, clinic_id, owner_id, species, breed, gender, birth_date, deceased_on, status, created_at,
       deleted_at IS NOT NULL, true FROM archive.patient;

CREATE OR REPLACE VIEW report.fact_appointment AS
SELECT id AS appointment_id, clinic_id, patient_id, date, "time", duration,
       extract(isodow FROM date)::integer AS weekday, status, veterinarian, veterinarian_id,
       deleted_at IS NOT NULL AS is_deleted, false AS is_archived FROM public.appointment
UNION ALL
SELECT id, clinic_id, patient_id, date, "time", duration, extract(isodow FROM date)::integer, status, veterinarian,
       veterinarian_id, deleted_at IS NOT NULL, true FROM archive.appointment;

CREATE OR REPLACE VIEW report.fact_node AS
SELECT n.id AS node_id, s.clinic_id, c.clinic_code, c.clinic_name, n.name AS node_name, n.code AS node_code,
       n.state AS node_state, s.state AS scope_state, n.enrolled_at, n.last_seen_at, n.last_push_at, n.last_pull_at,
       n.pending_changes, n.oldest_pending_at, n.clock_offset_ms, n.schema_version, n.app_version
  FROM public.sync_node n
  JOIN public.sync_node_clinic s ON s.node_id = n.id
  JOIN report.fact_clinic c ON c.clinic_id = s.clinic_id;
