#include "sync/engine/bill_rules.h"

#include <algorithm>

#include "sync/base/text.h"

namespace vetchart::sync {
namespace {

Json member(const Json& image, const char* name) { return image.is_object() ? image.value(name, Json()) : Json(); }

bool has_reason(const Json& image) {
    const Json reason = member(image, "cancel_reason");
    return reason.is_string() && !trim_blanks(reason.get_ref<const std::string&>()).empty();
}

bool is_cancelled(const Json& image) { return member(image, "status") == "cancelled"; }

}  // namespace

bool is_issued(const RowState& bill) { return bill.is_live() && !member(bill.image, "issued_at").is_null(); }

bool belongs_to_issued(const Json& item, const Picture& picture) {
    const Json bill = member(item, "bill_id");
    return bill.is_string() && is_issued(picture.at({"bill", bill.get<std::string>()}));
}

bool changes_issued(const RowWrite& write, const RowState& before) {
    return write.key.table == "bill" && is_issued(before) &&
           std::any_of(kFixedWhenIssued.begin(), kFixedWhenIssued.end(),
                       [&write](std::string_view column) { return write.columns.contains(std::string(column)); });
}

void keep_cancel_reason(RowWrite& write, const Json& before) {
    if (write.key.table != "bill" || !is_cancelled(write.image) || has_reason(write.image)) return;
    const bool is_new_step = !is_cancelled(before);
    if (!is_new_step && !has_reason(before)) return;  // a legacy row stands without a reason
    write.image["cancel_reason"] = is_new_step ? Json(kNoCancelReason) : member(before, "cancel_reason");
    if (is_new_step) {
        write.columns.insert("cancel_reason");
    } else {
        write.columns.erase("cancel_reason");
    }
}

bool is_stand_in(std::string_view column, const Json& old_value, const Json& theirs) {
    return column == "cancel_reason" && old_value.is_null() && theirs == kNoCancelReason;
}

Hold issued_hold() {
    return {"bill_issued",
            "The bill was issued meanwhile: its items, amounts, owner and patient stay as they are under its number. "
            "Cancel it and make a copy."};
}

}  // namespace vetchart::sync
