#pragma once

#include <string>

#include "edge/store/file/database.h"

/// What this node does when an owner was erased at central (docs/retention.md, ADR 0008): the rows come by the ordinary
/// pull; the node's own traces of them are overwritten here.
namespace vetchart::edge {

/// Takes note of the erasures in the inbox of `clinic_id`: notices of code owner_erased, and records whose owner
/// snapshot central erased. Call inside an apply, before the inbox is emptied; throws SQLite::Exception.
void note_erasures(Connection& connection, const std::string& clinic_id);

/// Overwrites what the node knows of erased owners in the rows (where unsettled work was put on top of them), the base
/// images, the stored answers, and the change log as far as central has acknowledged it; the rest follows at a later
/// apply. Call at the end of an apply; throws SQLite::Exception. Costs one look where nobody was erased.
void overwrite_erased(Connection& connection);

/// Rewrites the whole file and empties its WAL when something was overwritten since the last time, so that the bytes
/// are gone too. Takes as long as copying the file, and holds up writers meanwhile; where the disk has no room for it,
/// it is not begun (out_of_space). Call it outside of a transaction. What fails is done at the next call; a rewritten
/// file whose WAL readers still held (busy) is not rewritten again.
[[nodiscard]] Status rewrite_after_erasure(Database& database);

}  // namespace vetchart::edge
