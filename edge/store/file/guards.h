#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/table_shape.h"

/// The statements of a synced table's triggers that follow from its definition: keys, unique keys, references, stamps.
/// They say for the sqlite3 shell, which starts with foreign_keys and recursive_triggers off and knows OR REPLACE, what
/// the tables say for the program. schema/sqlite/rules/charts.sql tells which statement stands where.
namespace vetchart::edge {

enum class RowEvent { insert, update, remove };
inline constexpr RowEvent kRowEvents[] = {RowEvent::insert, RowEvent::update, RowEvent::remove};

/// The word of SQL in lower case: insert, update, delete.
[[nodiscard]] std::string_view name_of(RowEvent event);

/// Whole statements, each ending in a semicolon, without indentation of the first line; empty: nothing to say.
/// `tables` are all synced tables: the children of `table` are found among them.
[[nodiscard]] std::string key_guards(const TableShape& table, RowEvent event);
[[nodiscard]] std::string reference_guards(const TableShape& table, RowEvent event,
                                           const std::vector<TableShape>& tables);
[[nodiscard]] std::string stamps(const TableShape& table, RowEvent event);

/// The condition that another column than `version` has another value.
[[nodiscard]] std::string changed_condition(const TableShape& table);

}  // namespace vetchart::edge
