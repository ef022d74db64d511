#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace vetchart::sync {

/// The synced tables, parents before children: inserts go in this order, deletes in the reverse. Columns are not
/// named here: each store reads them from its own catalog, and the parity test compares the catalogs.
inline constexpr std::array<std::string_view, 10> kTables = {
    "clinic",      "staff",        "owner", "patient",   "medical_record",
    "appointment", "service_item", "bill",  "bill_item", "bill_medical_record"};

/// Position in kTables, or nullopt for any other name (never trust a table name from the wire).
[[nodiscard]] std::optional<std::size_t> table_index(std::string_view table);

/// Columns the sync never compares and never takes as a conflict.
[[nodiscard]] bool is_bookkeeping_column(std::string_view column);

/// When a bill first reached a status: the first stamp stays, and two of them are no conflict.
[[nodiscard]] bool is_stamp_column(std::string_view table, std::string_view column);

/// Columns only central may write; dropped from what a node sends.
[[nodiscard]] bool is_central_column(std::string_view table, std::string_view column);

}  // namespace vetchart::sync
