#pragma once

#include <map>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/engine/decide.h"
#include "sync/model/change.h"

/// The rows of a push in PostgreSQL: reading what is there, writing what was decided. Set-based: a statement a table,
/// never one a row. Call inside Pool::transact; pqxx's exceptions pass through.
namespace vetchart::central {

/// The columns a node may send, by table; read from the catalog once a process.
using ColumnCatalog = std::map<std::string, std::vector<std::string>, std::less<>>;
[[nodiscard]] const ColumnCatalog& column_catalog(pqxx::dbtransaction& transaction);

/// Every row the transactions touch, as central has it now, tombstones too.
/// Precondition: the counters of all clinics concerned are locked, so that nothing moves between read and write.
[[nodiscard]] sync::Picture read_picture(pqxx::dbtransaction& transaction, const std::vector<sync::Transaction>& batch);

/// Writes the net effect of a decision: parents first, deletes last and children first; a bill that ends closed is
/// closed after its items are in. Throws pqxx::sql_error when a rule refuses it.
void write_rows(pqxx::dbtransaction& transaction, const sync::Decision& decision);

/// `{"a","b"}`: a PostgreSQL array literal of texts without quotes or backslashes (ids).
[[nodiscard]] std::string id_array(const std::vector<std::string>& ids);

}  // namespace vetchart::central
