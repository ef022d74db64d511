#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"

/// SQL for whole rows of the synced tables, made from the tables' own columns. The texts live for ever (they key
/// the statement cache). All throw SQLite::Exception; call inside store/ only.
namespace vetchart::edge {

/// The table's columns as the file has them, in order.
[[nodiscard]] const std::vector<std::string>& columns_of(Connection& connection, std::string_view table);

/// Puts rows in from a source of JSON images, `version` included: `INSERT .. SELECT .. FROM <from> ON CONFLICT DO
/// UPDATE`. `from` is a FROM and WHERE clause that names the image column `image`; `version` is an SQL expression.
[[nodiscard]] std::string_view upsert_sql(Connection& connection, std::string_view table, std::string_view from,
                                          std::string_view version);

/// One row from ?1, a JSON object; `version` of an existing row stays, a new one gets 0.
[[nodiscard]] std::string_view replay_insert_sql(Connection& connection, std::string_view table);
/// The columns in ?1 (a JSON object) of the row ?2 (its row id).
[[nodiscard]] std::string_view replay_update_sql(Connection& connection, std::string_view table);
/// The row ?1 (its row id).
[[nodiscard]] std::string_view delete_sql(std::string_view table);

/// The row `alias` as canonical JSON of all columns, `version` included.
[[nodiscard]] std::string image_expression(Connection& connection, std::string_view table, std::string_view alias);

/// An SQL expression for the row id of `alias`.
[[nodiscard]] std::string row_id_expression(std::string_view table, std::string_view alias);

/// Keeps `text` for the life of the program and returns it; equal texts are kept once. Thread-safe.
[[nodiscard]] std::string_view intern(std::string text);

}  // namespace vetchart::edge
