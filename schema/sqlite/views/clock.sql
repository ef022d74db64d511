-- The instant that counts as now, for every trigger: the one place of this schema that reads the clock. The daemon's
-- 'now' is corrected by the offset measured at the last contact (edge/store/file/node_clock.h) and a transaction of its
-- own is marked; a shell's is corrected here. An offset that leads out of the calendar counts as none: a write must not
-- fail for it. A row says otherwise: sync_control.clock_set_to.
CREATE VIEW clock (instant) AS
SELECT coalesce(clock_set_to,
                strftime('%Y-%m-%dT%H:%M:%fZ', 'now',
                         CASE WHEN txn IS NULL THEN (clock_offset_ms / 1000.0) || ' seconds' ELSE '+0 seconds' END),
                strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
FROM sync_control;
