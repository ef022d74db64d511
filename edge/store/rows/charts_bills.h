#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/base/time.h"

/// The parts of a bill beside its row: items and links to medical records. Same rules as store/charts.h: inside a
/// transaction, may throw SQLite::Exception.
namespace vetchart::edge {

struct BillItem {
    std::string description;
    std::int64_t quantity_milli = 0;
    std::int64_t unit_price_cents = 0;
    std::int64_t total_price_cents = 0;
    bool operator==(const BillItem&) const = default;
};

/// A bill's items, in the order of their positions.
[[nodiscard]] std::vector<BillItem> load_items(Connection& connection, const std::string& bill_id,
                                               const std::string& clinic_id);
/// Makes `items` the bill's items, position by position: an item equal to the stored one is not written.
void replace_items(Connection& connection, const std::string& bill_id, const std::string& clinic_id,
                   const std::vector<BillItem>& items, UtcMillis now);

/// True once the bill was sent, whatever its status is now: items, amounts, owner and patient stay.
[[nodiscard]] bool was_issued(Connection& connection, const std::string& bill_id);

[[nodiscard]] std::vector<std::string> load_record_links(Connection& connection, const std::string& bill_id);
/// Makes `record_ids` (each once) the bill's links.
void replace_record_links(Connection& connection, const std::string& bill_id, const std::string& clinic_id,
                          const std::vector<std::string>& record_ids, UtcMillis now);

}  // namespace vetchart::edge
