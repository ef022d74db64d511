#pragma once

#include "edge/store/file/database.h"

namespace vetchart::edge {

/// Writes change_log.groups for what the log holds that was never sealed: the digest of each bill's group before the
/// transaction that touches it, in the first change that does (sync/engine/bill_group). Called by the seal, before it
/// reads the log. Inside a write; throws SQLite::Exception.
///
/// The log is walked once, backwards, from the rows as they are now: what a change did is undone in memory, so that
/// the rows are those which the person saw before it. That is so because nothing but logged changes wrote the rows
/// since: an apply seals first, in its own transaction. Rows that central sent before are in them as the person saw
/// them. What was sealed once keeps its digests when a fork seals it anew: rows may have come in since.
///
/// Memory: the parts of the log's last bills that the walk has met, and one transaction. A bill that the log itself
/// inserts costs neither a read nor memory.
void note_group_digests(Connection& connection);

}  // namespace vetchart::edge
