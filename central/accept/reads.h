#pragma once

#include <set>

#include "central/accept/batch.h"
#include "central/store/pool.h"
#include "sync/engine/picture.h"

namespace vetchart::central {

/// Reads what a picture lacks: a statement a table and kind, never one a row. What the picture has already stays as it
/// is there: it may have moved on. Precondition: the counters of all clinics concerned are locked, so that nothing
/// moves between read and write. Call inside Pool::transact; pqxx's exceptions pass through.
void fill_picture(pqxx::dbtransaction& db, const sync::Reads& reads, sync::Picture& picture);

/// These rows alone, as they are now.
[[nodiscard]] sync::Picture read_rows(pqxx::dbtransaction& db, std::set<sync::RowKey> keys);

/// What the decisions of `batch` read in most cases: at once for all of it.
void fill_picture(pqxx::dbtransaction& db, const Batch& batch, sync::Picture& picture);

}  // namespace vetchart::central
