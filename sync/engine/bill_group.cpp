#include "sync/engine/bill_group.h"

#include <algorithm>

#include "sync/catalogue/row_key.h"
#include "sync/model/row_values.h"

namespace vetchart::sync {
namespace {

constexpr std::string_view kBill = "bill";
constexpr std::string_view kStatus = "status";

bool is_key(const Table& table, std::string_view column) {
    return std::find(table.key.begin(), table.key.end(), column) != table.key.end();
}

/// The columns of the group in `image`, of which a key is told by the row id already.
Json group_columns(const Table& table, const Json& image) {
    Json columns = Json::object();
    for (const Column& column : table.columns) {
        if (column.group != Group::bill || is_key(table, column.name)) continue;
        columns[std::string(column.name)] = value_in(image, column.name);
    }
    return columns;
}

Json bill_columns(const Json& image) {
    if (!image.is_object()) return nullptr;
    Json columns = group_columns(table_of(kBill), image);
    Json& status = columns[std::string(kStatus)];
    if (status == "overdue") status = "sent";
    return columns;
}

bool changes_group(const Change& change) {
    if (change.op != Op::update) return true;
    return std::any_of(change.new_values.items().begin(), change.new_values.items().end(), [&change](const auto& item) {
        return is_group_column(change.table, item.key()) && !(change.table == kBill && item.key() == kStatus);
    });
}

}  // namespace

Digest digest_of(const BillGroup& group) {
    Json parts = Json::object();
    for (const auto& [name, rows] : group.parts) {
        const Table& table = table_of(name);
        for (const auto& [row_id, image] : rows) parts[name][row_id] = group_columns(table, image);
    }
    const Json text{{"bill", bill_columns(group.bill)}, {"parts", std::move(parts)}};
    // A shell may have written what is no UTF-8: no content may stop a seal.
    return sha256(text.dump(-1, ' ', false, Json::error_handler_t::replace));
}

const Column* bill_reference(const Table& table) {
    for (const Column& column : table.columns) {
        if (column.group == Group::bill && column.parent == kBill) return &column;
    }
    return nullptr;
}

bool is_group_column(std::string_view table, std::string_view column) {
    const Column* found = find_column(table, column);
    return found != nullptr && found->group == Group::bill;
}

std::string bill_named_by(const Table& table, std::string_view row_id, const Json& image) {
    const Column* reference = bill_reference(table);
    if (reference == nullptr) return {};
    const auto at = std::find(table.key.begin(), table.key.end(), reference->name);
    if (at == table.key.end()) return text_in(image, reference->name);
    return std::string(key_part(row_id, static_cast<std::size_t>(at - table.key.begin())));
}

std::vector<std::string> bills_touched(const Change& change, const std::string& bill_before) {
    const Table* table = find_table(change.table);
    if (table == nullptr || !changes_group(change)) return {};
    if (table->name == kBill) {
        return change.op == Op::insert ? std::vector<std::string>{} : std::vector<std::string>{change.row_id};
    }
    if (bill_reference(*table) == nullptr) return {};
    std::vector<std::string> bills;
    const auto add = [&bills](std::string bill) {
        if (!bill.empty() && std::find(bills.begin(), bills.end(), bill) == bills.end())
            bills.push_back(std::move(bill));
    };
    const std::string old_bill = bill_named_by(*table, change.row_id, change.old_values);
    add(old_bill.empty() && change.op == Op::update ? bill_before : old_bill);
    add(bill_named_by(*table, change.row_id, change.new_values));
    return bills;
}

bool touches_status(const Change& change) {
    return change.op == Op::update && change.table == kBill && change.new_values.contains(std::string(kStatus));
}

std::optional<Digest> digest_seen(const Transaction& transaction, const std::string& bill_id) {
    for (const Change& change : transaction.changes) {
        if (change.op == Op::insert && change.table == kBill && change.row_id == bill_id) return std::nullopt;
        const auto carried = change.groups.find(bill_id);
        if (carried != change.groups.end()) return carried->second;
    }
    return std::nullopt;
}

}  // namespace vetchart::sync
