#pragma once

#include <set>
#include <string>
#include <vector>

#include "central/accept/batch.h"
#include "central/store/pool.h"
#include "sync/engine/decide.h"

/// The synced rows in PostgreSQL: reading what is there, writing what was decided. Set-based: a statement a table,
/// never one a row. Call inside Pool::transact; pqxx's exceptions pass through.
namespace vetchart::central {

/// Locks the counters of `clinics`, always in the order of their ids, so that no two that lock several wait for each
/// other. From here to the end of the database transaction nothing of these clinics moves.
void lock_counters(pqxx::dbtransaction& db, const std::set<std::string>& clinics);

/// Adds every row of `keys` to `picture`, as central has it now, or its tombstone.
/// Precondition: the counters of all clinics concerned are locked, so that nothing moves between read and write.
void read_rows(pqxx::dbtransaction& db, const std::set<sync::RowKey>& keys, sync::Picture& picture);

/// The rows that `batch` writes, and the bills of the items it writes. Precondition as of read_rows.
[[nodiscard]] sync::Picture read_picture(pqxx::dbtransaction& db, const Batch& batch);

/// Writes the net effect of a decision: parents first, deletes last and children first; a bill that ends closed is
/// closed after its items are in. Throws pqxx::sql_error when a rule refuses it.
void write_rows(pqxx::dbtransaction& db, const sync::Decision& decision);

/// `{"a","b"}`: a PostgreSQL array literal of texts without quotes or backslashes (ids).
[[nodiscard]] std::string id_array(const std::vector<std::string>& ids);
[[nodiscard]] std::string id_array(const std::set<std::string>& ids);

}  // namespace vetchart::central
