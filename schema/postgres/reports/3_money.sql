-- The bounds on the instants are wider than any zone's shift and only spare the work on bills that cannot count. They
-- are cast by way of UTC, which the planner can do once; by way of the session's zone it would be done for every row.
-- OFFSET with a constant that is a bigint from the start keeps a subquery apart, so that what it computes is computed
-- once per row, and does not keep PostgreSQL from running it in parallel workers (a plain OFFSET 0 does).

-- One scan: a bill counts up to three times (issued, cancelled, paid), each in a month or in none. First the bills are
-- counted by clinic and one number that holds the three months and what else is told apart; that leaves a few thousand
-- rows, which are then taken apart. The number: bit 0 arrived late, 1 soft-deleted, 2 was paid; from bits 3, 21 and 39
-- the place of the month of issue, cancellation and payment in `edges`, from 1, the first month of the range.
-- Nobody's bill is outside the years 1 to 9999, so that a range from -infinity has an end too.
CREATE OR REPLACE FUNCTION report.revenue(from_day date, to_day date, clinic uuid DEFAULT NULL)
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

CREATE OR REPLACE FUNCTION report.receivables(as_of date DEFAULT NULL, clinic uuid DEFAULT NULL)
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
       AND b.issued_at < coalesce((as_of + 3)::timestamp AT TIME ZONE 'UTC', clock_transaction() + interval '96 hours')
       AND (b.status NOT IN ('paid', 'cancelled')
            OR b.paid_at >= coalesce((as_of - 3)::timestamp AT TIME ZONE 'UTC',
                                    clock_transaction() - interval '96 hours')
            OR b.cancelled_at >= coalesce((as_of - 3)::timestamp AT TIME ZONE 'UTC',
                                         clock_transaction() - interval '96 hours'))
       AND b.issued_on <= coalesce(as_of, c.today)
       AND (b.status NOT IN ('paid', 'cancelled')
            OR ((b.paid_on IS NULL OR b.paid_on > coalesce(as_of, c.today))
                AND (b.cancelled_on IS NULL OR b.cancelled_on > coalesce(as_of, c.today))))
     GROUP BY 1, 2, 3, 4, 5;
END;

-- The views: over the default range, with how fresh each clinic's rows are beside them.
CREATE OR REPLACE VIEW report.revenue AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.revenue(report.default_from(), report.default_to()) r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;

CREATE OR REPLACE VIEW report.receivables AS
SELECT r.*, f.data_as_of, f.pending_changes, f.oldest_pending_at, f.conflicts, f.quarantined
  FROM report.receivables() r
  JOIN report.freshness f ON f.clinic_id = r.clinic_id;
