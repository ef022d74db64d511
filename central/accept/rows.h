#pragma once

#include <set>
#include <string>
#include <vector>

#include "central/accept/batch.h"
#include "central/store/pool.h"
#include "sync/engine/decide.h"

/// Writing what was decided into the synced rows of PostgreSQL. Set-based: a statement a table, never one a row. Call
/// inside Pool::transact; pqxx's exceptions pass through.
namespace vetchart::central {

/// Locks the counters of `clinics`, always in the order of their ids, so that no two that lock several wait for each
/// other. From here to the end of the database transaction nothing of these clinics moves.
void lock_counters(pqxx::dbtransaction& db, const std::set<std::string>& clinics);

/// Writes a net effect: what changes hands is given up first; parents come first, deletes last and children first; a
/// bill that ends closed is closed after its items are in. Rows that come back keep their numbers. Throws
/// pqxx::sql_error when a rule refuses it.
void write_rows(pqxx::dbtransaction& db, const sync::NetEffect& effect);

/// `{"a","b"}`: a PostgreSQL array literal of texts without quotes or backslashes (ids).
[[nodiscard]] std::string id_array(const std::vector<std::string>& ids);
[[nodiscard]] std::string id_array(const std::set<std::string>& ids);

}  // namespace vetchart::central
