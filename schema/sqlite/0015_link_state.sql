-- What stands between the node and central, and since when; and what keeps times that were written while the clock was
-- ahead from staying so.

-- Up to here the log was written before the last contact: the times after it never decrease among themselves, and owe
-- nothing to those before.
ALTER TABLE sync_control ADD COLUMN contact_seq INTEGER NOT NULL DEFAULT 0;

-- A name of sync/engine/link_state; empty: the last step that ended, ended well.
ALTER TABLE node_state ADD COLUMN link_state TEXT NOT NULL DEFAULT '';
ALTER TABLE node_state ADD COLUMN link_state_since TEXT;
ALTER TABLE node_state ADD COLUMN clock_wrong_since TEXT;
-- Since when something waits whose own time lies ahead, by the clock as it is now.
ALTER TABLE node_state ADD COLUMN ahead_since TEXT;
