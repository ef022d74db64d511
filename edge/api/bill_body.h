#pragma once

#include <string>
#include <vector>

#include "edge/api/http.h"
#include "edge/store/charts_bills.h"
#include "edge/store/charts_fields.h"

/// A bill's body: amounts that add up, items, links to medical records.
namespace vetchart::edge {

inline constexpr std::size_t kBillItemsMax = 1000;
inline constexpr std::size_t kBillRecordsMax = 1000;

/// A bill as it stands or as it shall be.
struct BillContent {
    std::vector<Value> values;  ///< In the order of fields_of(ChartTable::bill).
    std::vector<BillItem> items;
    std::vector<std::string> record_ids;
    bool operator==(const BillContent&) const = default;
};

/// `body` over `stored` (nullptr: a new bill). A null tax keeps the stored one; the total is always subtotal + tax,
/// and a sent total, item total or sum of items off by more than a cent is an error. What is sent back as it is
/// stored is not judged, so that an imported bill with odd sums can be edited elsewhere.
/// `past_due`: the stored bill is shown as overdue; then that status in the body is no change.
[[nodiscard]] BillContent read_bill(const Json& body, const BillContent* stored, bool past_due,
                                    const std::string& today, Json& errors);

/// Paid or cancelled: items and links stand still.
[[nodiscard]] bool is_closed(const std::vector<Value>& bill_values);

}  // namespace vetchart::edge
