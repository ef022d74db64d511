#include "sync/model/tables.h"

#include <algorithm>

namespace vetchart::sync {

std::optional<std::size_t> table_index(std::string_view table) {
    const auto found = std::find(kTables.begin(), kTables.end(), table);
    if (found == kTables.end()) return std::nullopt;
    return static_cast<std::size_t>(found - kTables.begin());
}

bool is_bookkeeping_column(std::string_view column) {
    return column == "created_at" || column == "updated_at" || column == "version";
}

bool is_stamp_column(std::string_view table, std::string_view column) {
    return table == "bill" && (column == "issued_at" || column == "paid_at" || column == "cancelled_at");
}

bool is_central_column(std::string_view table, std::string_view column) {
    return column == "version" || (table == "bill" && (column == "bill_number" || column == "received_at"));
}

}  // namespace vetchart::sync
