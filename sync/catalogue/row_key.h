#pragma once

#include <cstddef>
#include <string_view>

/// A row id is the values of the table's key in their order, each a UUID in its text of kKeyPartSize bytes, with
/// kKeySeparator between them: `<id>`, or `<bill_id>/<medical_record_id>`. That is all that anybody may know of it: SQL
/// that takes one apart or puts one together is made from Table::key and these two constants.
namespace vetchart::sync {

inline constexpr std::size_t kKeyPartSize = 36;
inline constexpr char kKeySeparator = '/';

/// The i-th of the values that `row_id` is made of; empty when it has not so many.
[[nodiscard]] std::string_view key_part(std::string_view row_id, std::size_t index);

/// True when there is such a synced table, and `row_id` has the form of a row id of it.
[[nodiscard]] bool is_row_id(std::string_view table, std::string_view row_id);

}  // namespace vetchart::sync
