#include "edge/api/bill_body.h"

#include <algorithm>
#include <cstdlib>

#include "edge/api/body.h"
#include "edge/api/errors.h"
#include "sync/base/decimal.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"
#include "sync/engine/bill_rules.h"

namespace vetchart::edge {
namespace {

/// A part of an item, by its column.
const sync::Column& item_column(std::string_view name) { return *sync::table_of("bill_item").find(name); }

std::size_t column(std::string_view name) { return field_index(ChartTable::bill, name); }

std::int64_t cents(const std::vector<Value>& values, std::string_view name) {
    const auto* amount = std::get_if<std::int64_t>(&values[column(name)]);
    return amount == nullptr ? 0 : *amount;
}

std::string text(const std::vector<Value>& values, std::string_view name) {
    const auto* found = std::get_if<std::string>(&values[column(name)]);
    return found == nullptr ? std::string() : *found;
}

/// True when two amounts are more than a cent apart.
bool is_off(std::int64_t sent, std::int64_t right) { return std::llabs(sent - right) > 1; }

/// quantity (thousandths) times price (cents), rounded half up; saturates above every amount allowed.
std::int64_t line_total(std::int64_t quantity_milli, std::int64_t unit_price_cents) {
    // Both are at most 10^12, so the exact product needs more than 64 bits.
    const long double product = static_cast<long double>(quantity_milli) * static_cast<long double>(unit_price_cents);
    if (product > static_cast<long double>(kCentsMax) * 1000) return kCentsMax + 1;
    return (quantity_milli * unit_price_cents + 500) / 1000;
}

std::string item_place(std::size_t index) { return "Item " + std::to_string(index + 1); }

/// A part of an item, or 0 and a fault in `errors` that also names the item (counted from 1) and the part.
template <class T>
T item_part(const sync::Column& field, const Json& item, std::size_t index, Json& errors) {
    Json fault = required_fault(field.label);
    if (given(item, field.json)) {
        if (auto value = read_value(field, item[std::string(field.json)], fault)) return std::get<T>(*value);
    }
    fault["sentence"] = item_place(index) + ": " + fault["sentence"].get<std::string>();
    fault["item"] = index + 1;
    fault["field"] = field.json;
    errors["items"] = fault;
    return T{};
}

BillItem read_item(const Json& json, std::size_t index, Json& errors) {
    BillItem item;
    if (!json.is_object()) {
        errors["items"] = field_fault(item_place(index) + " must be an object.", "invalid", {{"item", index + 1}});
        return item;
    }
    item.description = item_part<std::string>(item_column("description"), json, index, errors);
    item.quantity_milli = item_part<std::int64_t>(item_column("quantity_milli"), json, index, errors);
    item.unit_price_cents = item_part<std::int64_t>(item_column("unit_price_cents"), json, index, errors);
    item.total_price_cents = line_total(item.quantity_milli, item.unit_price_cents);
    if (given(json, "totalPrice"))
        item.total_price_cents = item_part<std::int64_t>(item_column("total_price_cents"), json, index, errors);
    return item;
}

std::vector<BillItem> read_items(const Json& list, Json& errors) {
    std::vector<BillItem> items;
    if (!list.is_array() || list.size() > kBillItemsMax) {
        errors["items"] = field_fault("Items must be a list of at most 1000.", "count", {{"max", kBillItemsMax}});
        return items;
    }
    for (const Json& json : list) items.push_back(read_item(json, items.size(), errors));
    return items;
}

std::vector<std::string> read_record_ids(const Json& list, Json& errors) {
    std::vector<std::string> ids;
    if (!list.is_array() || list.size() > kBillRecordsMax) {
        errors["medicalRecordIds"] =
            field_fault("Medical records must be a list of at most 1000 ids.", "count", {{"max", kBillRecordsMax}});
        return ids;
    }
    for (const Json& id : list) {
        if (!id.is_string() || !parse_uuid(id.get_ref<const std::string&>())) {
            errors["medicalRecordIds"] = field_fault("A medical record was not found.", "not_found");
        } else if (std::find(ids.begin(), ids.end(), id.get<std::string>()) == ids.end()) {
            ids.push_back(id.get<std::string>());
        }
    }
    return ids;
}

std::int64_t sum_of(const std::vector<BillItem>& items) {
    std::int64_t sum = 0;
    for (const BillItem& item : items) sum = std::min(kCentsMax + 1, sum + item.total_price_cents);
    return sum;
}

void check_items(const std::vector<BillItem>& items, Json& errors) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::int64_t right = line_total(items[i].quantity_milli, items[i].unit_price_cents);
        if (right > kCentsMax || is_off(items[i].total_price_cents, right)) {
            const std::string wanted = format_decimal(std::min(right, kCentsMax), 2);
            errors["items"] =
                field_fault(item_place(i) + ": total price is not quantity times unit price (" + wanted + ").", "sum",
                            {{"expected", wanted}, {"item", i + 1}, {"field", "totalPrice"}});
        }
    }
}

/// Makes subtotal, tax and total one sum, and puts a fault into `errors` where the body says another.
void settle_amounts(const Json& body, const BillContent* stored, BillContent& bill, Json& errors) {
    const bool items_changed = stored == nullptr || stored->items != bill.items;
    const std::int64_t sum = sum_of(bill.items);
    if (!given(body, "subtotal") && items_changed && (given(body, "items") || stored != nullptr)) {
        bill.values[column("subtotal_cents")] = sum;
    }
    const std::int64_t subtotal = cents(bill.values, "subtotal_cents");
    const std::int64_t tax = cents(bill.values, "tax_cents");
    const bool unchanged = !items_changed && subtotal == cents(stored->values, "subtotal_cents") &&
                           tax == cents(stored->values, "tax_cents") &&
                           cents(bill.values, "total_cents") == cents(stored->values, "total_cents");
    if (unchanged) return;
    if (items_changed) check_items(bill.items, errors);
    if ((given(body, "items") || !bill.items.empty()) && is_off(subtotal, sum)) {
        const std::string wanted = format_decimal(std::min(sum, kCentsMax), 2);
        errors["subtotal"] =
            field_fault("Subtotal is not the sum of the items (" + wanted + ").", "sum", {{"expected", wanted}});
    }
    if (given(body, "totalAmount") && is_off(cents(bill.values, "total_cents"), subtotal + tax)) {
        const std::string wanted = format_decimal(subtotal + tax, 2);
        errors["totalAmount"] =
            field_fault("Total is not subtotal plus tax (" + wanted + ").", "sum", {{"expected", wanted}});
    }
    if (subtotal + tax > kCentsMax) errors["totalAmount"] = field_fault("Total is too large.", "too_large");
    bill.values[column("total_cents")] = subtotal + tax;
}

/// A cent of noise in a total that is sent back is no change.
void keep_total(const BillContent& stored, BillContent& bill) {
    const std::size_t total = column("total_cents");
    if (!is_off(cents(bill.values, "total_cents"), cents(stored.values, "total_cents"))) {
        bill.values[total] = stored.values[total];
    }
}

/// A new step to cancelled has its own reason; one that is cancelled keeps it; one that is opened again has none.
void settle_reason(const Json& body, const BillContent* stored, BillContent& bill, Json& errors) {
    const std::size_t reason = column("cancel_reason");
    const bool was_cancelled = stored != nullptr && has_status(stored->values, "cancelled");
    if (!has_status(bill.values, "cancelled")) {
        if (was_cancelled && !given(body, "cancelReason")) bill.values[reason] = std::monostate{};
        return;
    }
    if (!trim_blanks(text(bill.values, "cancel_reason")).empty() && (was_cancelled || given(body, "cancelReason"))) {
        return;
    }
    const bool had_one = was_cancelled && !text(stored->values, "cancel_reason").empty();
    if (had_one || (given(body, "cancelReason") && !was_cancelled)) {
        errors["cancelReason"] = required_fault("Reason of the cancellation");
    } else if (!was_cancelled) {
        bill.values[reason] = std::string(sync::kNoCancelReason);
    }
}

}  // namespace

BillContent read_bill(const Json& body, const BillContent* stored, bool past_due, const std::string& today,
                      Json& errors) {
    BillContent bill;
    Json patched = body;
    if (stored == nullptr && !given(body, "billDate")) patched["billDate"] = today;
    if (past_due && given(body, "status") && body["status"] == "overdue") patched.erase("status");
    bill.values = read_fields(ChartTable::bill, patched, stored == nullptr ? nullptr : &stored->values, errors);
    if (stored != nullptr) {
        bill.items = stored->items;
        bill.record_ids = stored->record_ids;
    }
    const auto items = body.find("items");
    if (items != body.end()) bill.items = items->is_null() ? std::vector<BillItem>() : read_items(*items, errors);
    const auto links = body.find("medicalRecordIds");
    if (links != body.end()) {
        std::vector<std::string> ids = links->is_null() ? std::vector<std::string>() : read_record_ids(*links, errors);
        // Links have no order: the same set of them is no change.
        if (!std::is_permutation(ids.begin(), ids.end(), bill.record_ids.begin(), bill.record_ids.end())) {
            bill.record_ids = std::move(ids);
        }
    }
    bill.issued = stored != nullptr && stored->issued;
    if (!errors.empty()) return bill;
    settle_reason(body, stored, bill, errors);
    if (bill.issued) {
        keep_total(*stored, bill);
    } else {
        settle_amounts(body, stored, bill, errors);
    }
    return bill;
}

std::optional<Response> refuse_issued(const BillContent& stored, const BillContent& bill) {
    if (!stored.issued) return std::nullopt;
    Json fields = Json::object();
    const std::string sentence =
        "This bill was issued: its items, amounts, owner and patient stay as they are under its number. Cancel it and "
        "make a copy.";
    for (const std::string_view name : sync::kFixedWhenIssued) {
        const std::size_t at = column(name);
        if (stored.values[at] == bill.values[at]) continue;
        fields[std::string(fields_of(ChartTable::bill)[at].json)] = sentence;
    }
    if (stored.items != bill.items) fields["items"] = sentence;
    if (fields.empty()) return std::nullopt;
    return error_response(409, "bill_issued", sentence, fields);
}

bool has_status(const std::vector<Value>& bill_values, std::string_view status) {
    return text(bill_values, "status") == status;
}

bool is_closed(const std::vector<Value>& bill_values) {
    return has_status(bill_values, "paid") || has_status(bill_values, "cancelled");
}

}  // namespace vetchart::edge
