#pragma once

#include <array>
#include <string_view>

#include "sync/catalogue/catalogue.h"

namespace vetchart::sync {

/// The names of tables().
inline constexpr std::array<std::string_view, 10> kTables = {
    "clinic",      "staff",        "owner", "patient",   "medical_record",
    "appointment", "service_item", "bill",  "bill_item", "bill_medical_record"};

/// Columns only central may write; dropped from what a node sends.
[[nodiscard]] bool is_central_column(std::string_view table, std::string_view column);

}  // namespace vetchart::sync
