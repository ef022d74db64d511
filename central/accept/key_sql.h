#pragma once

#include <string>

#include "sync/catalogue/catalogue.h"

/// SQL about a row's key, made from the catalogue: a key is one uuid column, or several that a row id joins.
namespace vetchart::central {

/// The row id of `alias`, a row of `table`, as text.
[[nodiscard]] std::string row_id_sql(const sync::Table& table, const std::string& alias);

/// True for the rows of `alias` whose row ids are in the array $1 (id_array).
[[nodiscard]] std::string key_among_sql(const sync::Table& table, const std::string& alias);

/// True for the rows of `alias` whose key is the one that the text `row_id` names, where `condition` holds; `row_id` is
/// not read where it does not, so it may then be another table's.
[[nodiscard]] std::string key_equals_sql(const sync::Table& table, const std::string& alias, const std::string& row_id,
                                         const std::string& condition);

/// True where two rows of `table` have the same key.
[[nodiscard]] std::string same_key_sql(const sync::Table& table, const std::string& alias, const std::string& other);

}  // namespace vetchart::central
