-- How fresh the figures are, and the range of days that a report has when nobody says one.

CREATE OR REPLACE VIEW report.open_items AS
SELECT clinic_id, node_id, count(*) FILTER (WHERE kind = 'conflict') AS conflicts,
       count(*) FILTER (WHERE kind = 'quarantine') AS quarantined
  FROM public.sync_item WHERE status = 'open' AND kind IN ('conflict', 'quarantine') GROUP BY clinic_id, node_id;

-- A replica is as old as what it last replayed; one that has replayed no transaction since it was started is as old as
-- the last checkpoint it knows, since it may have been cut off for weeks.
CREATE OR REPLACE VIEW report.freshness AS
SELECT c.clinic_id, c.clinic_code, c.clinic_name, c.currency, c.timezone, c.timezone_known,
       least(n.heard_at, CASE WHEN pg_is_in_recovery()
                              THEN coalesce(pg_last_xact_replay_timestamp(),
                                            (SELECT k.checkpoint_time FROM pg_control_checkpoint() k))
                              ELSE clock_transaction() END)::timestamptz(3) AS data_as_of,
       coalesce(n.nodes, 0) AS active_nodes, coalesce(n.pending, 0) AS pending_changes, n.oldest_pending_at,
       coalesce(i.conflicts, 0)::bigint AS conflicts, coalesce(i.quarantined, 0)::bigint AS quarantined
  FROM report.fact_clinic c
  LEFT JOIN (SELECT clinic_id, count(*) AS nodes, min(coalesce(last_seen_at, enrolled_at)) AS heard_at,
                    sum(pending_changes)::bigint AS pending, min(oldest_pending_at) AS oldest_pending_at
               FROM report.fact_node WHERE node_state = 'active' GROUP BY clinic_id) n ON n.clinic_id = c.clinic_id
  LEFT JOIN (SELECT clinic_id, sum(conflicts) AS conflicts, sum(quarantined) AS quarantined
               FROM report.open_items GROUP BY clinic_id) i ON i.clinic_id = c.clinic_id;

-- The default range: the twelve whole months before the month that it is somewhere on earth, and that month.
CREATE OR REPLACE FUNCTION report.default_to() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (date_trunc('month', clock_transaction() AT TIME ZONE interval '14 hours') + interval '1 month'
        - interval '1 day')::date;

CREATE OR REPLACE FUNCTION report.default_from() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (date_trunc('month', clock_transaction() AT TIME ZONE interval '14 hours') - interval '12 months')::date;

CREATE OR REPLACE VIEW report.sync_lag AS
SELECT n.clinic_id, n.clinic_code, n.clinic_name, n.node_id, n.node_name, n.node_code, n.node_state, n.scope_state,
       n.enrolled_at, n.last_seen_at AS last_contact_at,
       extract(epoch FROM clock_transaction() - n.last_seen_at)::bigint AS silent_seconds,
       n.last_push_at, n.last_pull_at, n.pending_changes, n.oldest_pending_at,
       coalesce(i.conflicts, 0) AS conflicts, coalesce(i.quarantined, 0) AS quarantined, n.clock_offset_ms,
       n.schema_version, n.app_version, f.data_as_of
  FROM report.fact_node n
  JOIN report.freshness f ON f.clinic_id = n.clinic_id
  LEFT JOIN report.open_items i ON i.node_id = n.node_id AND i.clinic_id = n.clinic_id;
