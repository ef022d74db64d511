#include "sync/engine/bill_rules.h"

#include "sync/base/text.h"
#include "sync/model/row_values.h"

namespace vetchart::sync {
namespace {

bool has_reason(const Json& image) { return !trim_blanks(text_in(image, "cancel_reason")).empty(); }

bool is_cancelled(const Json& image) { return value_in(image, "status") == "cancelled"; }

}  // namespace

bool is_issued(const RowState& bill) { return bill.is_live() && is_set(bill.image, "issued_at"); }

void keep_cancel_reason(RowWrite& write, const Json& before) {
    if (write.key.table != "bill" || !is_cancelled(write.image) || has_reason(write.image)) return;
    const bool is_new_step = !is_cancelled(before);
    if (!is_new_step && !has_reason(before)) return;  // a legacy row stands without a reason
    write.image["cancel_reason"] = is_new_step ? Json(kNoCancelReason) : value_in(before, "cancel_reason");
    if (is_new_step) {
        write.columns.insert("cancel_reason");
    } else {
        write.columns.erase("cancel_reason");
    }
}

bool is_stand_in(std::string_view column, const Json& old_value, const Json& theirs) {
    return column == "cancel_reason" && old_value.is_null() && theirs == kNoCancelReason;
}

}  // namespace vetchart::sync
