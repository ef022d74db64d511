#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/api/http.h"
#include "edge/store/rows/charts_bills.h"
#include "edge/store/rows/charts_fields.h"

/// A bill's body: amounts that add up, items, links to medical records.
namespace vetchart::edge {

inline constexpr std::size_t kBillItemsMax = 1000;
inline constexpr std::size_t kBillRecordsMax = 1000;

/// A bill's content, as it is stored or as a body wants it.
struct BillContent {
    std::vector<Value> values;  ///< In the order of fields_of(ChartTable::bill).
    std::vector<BillItem> items;
    std::vector<std::string> record_ids;
    bool issued = false;  ///< The stored bill was issued: its items, amounts, owner and patient stay.
    bool operator==(const BillContent&) const = default;
};

/// `body` over `stored` (nullptr: a new bill). A null tax keeps the stored one; the total is always subtotal + tax,
/// and a sent total, item total or sum of items off by more than a cent is an error. What is sent back as it is
/// stored is not judged, so that an imported bill with odd sums can be edited elsewhere.
/// A stored bill that was issued keeps its sums out of the judgement: refuse_issued says what may not differ.
/// A cancellation without a reason (an older page sends none) gets sync::kNoCancelReason; an empty one is a fault.
/// `past_due`: the stored bill is shown as overdue; then that status in the body is no change.
[[nodiscard]] BillContent read_bill(const Json& body, const BillContent* stored, bool past_due,
                                    const std::string& today, Json& errors);

/// Answers 409 where `bill` differs from the issued `stored` in what stays under its number. Its owner may have been
/// merged: the schema's rule judges that.
[[nodiscard]] std::optional<Response> refuse_issued(const BillContent& stored, const BillContent& bill);
/// True for a paid or cancelled bill, whose items and links stand still.
[[nodiscard]] bool is_closed(const std::vector<Value>& bill_values);
[[nodiscard]] bool has_status(const std::vector<Value>& bill_values, std::string_view status);

}  // namespace vetchart::edge
