#include <algorithm>
#include <array>

#include "sync/base/decimal.h"
#include "sync/engine/bill_group.h"
#include "sync/engine/bill_rules.h"
#include "sync/engine/draft.h"
#include "sync/engine/links.h"

namespace vetchart::sync {
namespace {

constexpr std::string_view kStatus = "status";
/// What a status brings along.
constexpr std::array<std::string_view, 4> kWithStatus = {"issued_at", "paid_at", "cancelled_at", "cancel_reason"};

/// What a transaction does to one bill's group.
struct GroupPart {
    NetChange* bill = nullptr;         ///< Where the transaction updates the bill itself.
    std::vector<NetChange*> rows;      ///< Items and joins.
    std::set<std::string> others;      ///< Bills that an item of this one comes from or goes to.
    std::vector<std::string> columns;  ///< Of the bill: those of the group that move.
};

RowKey bill_key(const std::string& id) { return {"bill", id}; }

/// A bill that moves to whom its owner was merged into does not change what it says.
bool follows_merge(const Draft& draft, const NetChange& bill, std::string_view column) {
    if (column != "owner_id") return false;
    const Json* before = bill.old_value(column);
    const Json& after = value_in(bill.new_values, column);
    if (before == nullptr || !before->is_string() || !after.is_string()) return false;
    return last_survivor(draft, before->get<std::string>()) == last_survivor(draft, after.get<std::string>());
}

std::set<std::string> bills_of(const Draft& draft, const NetChange& net, const Table& table) {
    std::set<std::string> bills;
    const auto note = [&](const Json& image) {
        const std::string bill = bill_named_by(table, net.key.id, image);
        if (!bill.empty()) bills.insert(bill);
    };
    note(net.old_values);
    note(net.new_values);
    if (const RowState& state = draft.at(net.key); state.presence != RowState::Presence::unknown) note(state.image);
    return bills;
}

/// The bills whose groups the transaction changes, those aside that it makes or deletes itself.
std::map<std::string, GroupPart> parts_of(Draft& draft) {
    std::map<std::string, GroupPart> parts;
    for (NetChange& net : draft.nets) {
        if (!draft.is_open(net)) continue;
        const Table& table = table_of(net.key.table);
        if (net.key.table == "bill" && net.op == Op::update) {
            std::vector<std::string> moved;
            for (const auto& [column, value] : net.new_values.items()) {
                const bool is_said = is_group_column("bill", column) && column != kStatus && net.moves(column);
                if (is_said && !follows_merge(draft, net, column)) moved.push_back(column);
            }
            if (moved.empty()) continue;
            GroupPart& part = parts[net.key.id];
            part.bill = &net;
            part.columns = std::move(moved);
        }
        if (bill_reference(table) == nullptr) continue;
        const std::set<std::string> bills = bills_of(draft, net, table);
        for (const std::string& bill : bills) {
            parts[bill].rows.push_back(&net);
            parts[bill].others.insert(bills.begin(), bills.end());
        }
    }
    std::erase_if(parts, [&](const auto& entry) {
        const NetChange* bill = draft.net_of(bill_key(entry.first));
        return bill != nullptr && bill->op != Op::update && !draft.at(bill->key).is_live();
    });
    std::erase_if(parts, [&](const auto& entry) {
        const NetChange* bill = draft.net_of(bill_key(entry.first));
        return bill != nullptr && bill->op == Op::remove;
    });
    // A status alone is no part of it; one that comes with it is.
    for (auto& [id, part] : parts) {
        if (part.bill == nullptr) part.bill = draft.net_of(bill_key(id));
        if (part.bill != nullptr && part.bill->moves(kStatus)) part.columns.emplace_back(kStatus);
    }
    return parts;
}

bool has_values(const Json& image, const Json& values) {
    return std::all_of(values.items().begin(), values.items().end(),
                       [&](const auto& entry) { return value_in(image, entry.key()) == entry.value(); });
}

/// True when central has what the change wanted: whoever else did the same decided the same.
bool is_there_already(const Draft& draft, const NetChange& net) {
    const RowState& state = draft.at(net.key);
    if (net.op == Op::remove) return !state.is_live();
    if (!state.is_live()) return false;
    const Table& table = table_of(net.key.table);
    return std::all_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
        if (column.group != Group::bill || !net.new_values.contains(column.name)) return true;
        return value_in(state.image, column.name) == value_in(net.new_values, column.name);
    });
}

bool is_there_already(const Draft& draft, const GroupPart& part) {
    if (!std::all_of(part.rows.begin(), part.rows.end(),
                     [&](const NetChange* net) { return is_there_already(draft, *net); })) {
        return false;
    }
    if (part.bill == nullptr) return true;
    const Json& image = draft.at(part.bill->key).image;
    return std::all_of(part.columns.begin(), part.columns.end(), [&](const std::string& column) {
        return value_in(image, column) == value_in(part.bill->new_values, column);
    });
}

/// Where a node knows no digests: something that the transaction changes is not as its writer saw it.
bool looks_moved(const Draft& draft, const BillGroup& group, const GroupPart& part) {
    if (part.bill != nullptr) {
        for (const std::string& column : part.columns) {
            const Json* before = part.bill->old_value(column);
            const Json& theirs = value_in(group.bill, column);
            if (column == kStatus) continue;
            if (before != nullptr && *before != theirs && value_in(part.bill->new_values, column) != theirs)
                return true;
        }
    }
    return std::any_of(part.rows.begin(), part.rows.end(), [&](const NetChange* net) {
        if (net->op == Op::insert) return false;
        const RowState& state = draft.at(net->key);
        if (net->op == Op::remove && !state.is_live()) return false;
        Json seen = Json::object();
        for (const auto& [column, value] : net->old_values.items()) {
            if (is_group_column(net->key.table, column)) seen[column] = value;
        }
        return !has_values(state.image, seen);
    });
}

/// True when the bill's items, or its joins, may not be changed by this transaction, whatever its writer saw.
bool is_locked(const Draft& draft, const std::string& bill, const Json& image, const GroupPart& part) {
    if (!image.is_object()) return false;
    const bool changes_what_is_issued =
        std::any_of(part.columns.begin(), part.columns.end(), [](const std::string& column) {
            return std::find(kFixedWhenIssued.begin(), kFixedWhenIssued.end(), column) != kFixedWhenIssued.end() ||
                   column == "owner_id";
        });
    const bool changes_items = std::any_of(part.rows.begin(), part.rows.end(),
                                           [](const NetChange* net) { return net->key.table == "bill_item"; });
    if (is_set(image, "issued_at") && (changes_what_is_issued || changes_items)) return true;
    return !part.rows.empty() && is_closed_status(value_in(image, kStatus)) && !opens(draft, bill);
}

bool has_moved(const Draft& draft, const std::string& bill, const GroupPart& part) {
    if (is_there_already(draft, part)) return false;
    const BillGroup group = bill_group_at_central(draft, bill);
    if (!group.bill.is_object()) return false;  // Never heard of: held as missing, later.
    if (is_locked(draft, bill, group.bill, part)) return true;
    const std::optional<Digest> seen = digest_seen(draft.transaction, bill);
    return seen ? *seen != digest_of(group) : looks_moved(draft, group, part);
}

/// `Exam: 2 x 12.50`, as a person reads it.
std::string line_of(const Json& item) {
    const Json &quantity = value_in(item, "quantity_milli"), &price = value_in(item, "unit_price_cents");
    std::string line = text_in(item, "description");
    if (!price.is_number_integer()) return line;
    line += ": ";
    if (quantity.is_number_integer() && quantity != 1000)
        line += format_decimal(quantity.get<std::int64_t>(), 3) + " x ";
    return line + format_decimal(price.get<std::int64_t>(), 2);
}

/// The group as one flat row: the bill's columns, its items as lines, how many records it names.
Json as_row(const BillGroup& group) {
    if (!group.bill.is_object()) return nullptr;
    Json row{{"records", 0}, {"items", Json::array()}};
    for (const auto& [column, value] : group.bill.items()) {
        if (is_group_column("bill", column)) row[column] = value;
    }
    std::vector<std::pair<Json, std::string>> lines;
    for (const auto& [table, parts] : group.parts) {
        if (table != "bill_item") row["records"] = parts.size();
        if (table != "bill_item") continue;
        for (const auto& [id, image] : parts) lines.emplace_back(value_in(image, "position"), line_of(image));
    }
    std::sort(lines.begin(), lines.end());
    for (auto& [ignored, line] : lines) row["items"].push_back(std::move(line));
    return row;
}

/// The group as the transaction would have made it.
BillGroup as_wanted(const BillGroup& group, const std::string& bill, const GroupPart& part) {
    BillGroup wanted = group;
    if (part.bill != nullptr) {
        for (const std::string& column : part.columns) wanted.bill[column] = value_in(part.bill->new_values, column);
    }
    for (const NetChange* net : part.rows) {
        auto& rows = wanted.parts[net->key.table];
        Json& row = rows[net->key.id];
        if (row.is_null()) row = Json::object();
        row.update(net->new_values);
        const bool is_elsewhere = is_set(row, "bill_id") && value_in(row, "bill_id") != bill;
        if (net->op == Op::remove || is_elsewhere) rows.erase(net->key.id);
    }
    return wanted;
}

void make_conflict(Draft& draft, const std::string& bill, const GroupPart& part) {
    const RowState& state = draft.at(bill_key(bill));
    const BillGroup group = bill_group_at_central(draft, bill);
    Conflict conflict{bill_key(bill),
                      state.clinic_id,
                      kConflictBill,
                      "",
                      as_row(as_wanted(group, bill, part)),
                      state.is_live() ? as_row(group) : Json(),
                      nullptr,
                      true,
                      {},
                      {},
                      {}};
    if (part.bill != nullptr && !part.columns.empty()) {
        for (const std::string& column : part.columns) {
            part.bill->drop(column);
            if (column != kStatus) continue;
            for (const std::string_view with : kWithStatus) part.bill->drop(with);
        }
        conflict.changes = part.bill->changes;
    }
    for (const NetChange* net : part.rows) {
        if (draft.is_dropped(net->key)) continue;  // It is in the conflict of the bill that it moved to.
        conflict.changes.insert(conflict.changes.end(), net->changes.begin(), net->changes.end());
        draft.drop(*net);
    }
    std::sort(conflict.changes.begin(), conflict.changes.end());
    draft.decision.conflicts.push_back(std::move(conflict));
}

const char* stamp_of(const Json& status) {
    if (status == "paid") return "paid_at";
    return status == "cancelled" ? "cancelled_at" : nullptr;
}

}  // namespace

BillGroup bill_group_at_central(const Draft& draft, const std::string& bill) {
    BillGroup group;
    const RowState& state = draft.at(bill_key(bill));
    group.bill = state.image;
    const auto note = [&](const RowKey& key, const Json& image) {
        const Table& table = table_of(key.table);
        if (bill_reference(table) == nullptr || bill_named_by(table, key.id, image) != bill) return;
        group.parts[key.table][key.id] = image;
    };
    if (state.is_live()) {
        for (const Naming& child : draft.picture.children(bill_key(bill), true, draft.missing)) {
            note(child.row, draft.at(child.row).image);
        }
    } else if (state.is_deleted()) {
        for (const RowKey& key : draft.picture.group(state.delete_group, draft.missing)) {
            note(key, draft.at(key).image);
        }
    }
    return group;
}

bool opens(const Draft& draft, const std::string& bill) {
    const RowState& state = draft.at(bill_key(bill));
    if (!state.is_live()) return false;
    const Json* saw = nullptr;
    bool was_open = false;
    for (const Change& change : draft.transaction.changes) {
        if (change.table != "bill" || change.row_id != bill || change.op != Op::update) continue;
        if (saw == nullptr && change.old_values.contains(kStatus)) saw = &change.old_values.at(std::string(kStatus));
        const Json& status = value_in(change.new_values, kStatus);
        was_open = was_open || (!status.is_null() && !is_closed_status(status));
    }
    return was_open && saw != nullptr && is_closed_status(*saw) && *saw == value_in(state.image, kStatus);
}

void set_aside_moved_bills(Draft& draft) {
    std::map<std::string, GroupPart> parts = parts_of(draft);
    std::vector<std::string> moved;
    std::set<std::string> seen;
    for (const auto& [bill, part] : parts) {
        if (has_moved(draft, bill, part)) moved.push_back(bill), seen.insert(bill);
    }
    // An item that moves between two bills is in the group of both.
    for (std::size_t i = 0; i < moved.size(); ++i) {
        for (const std::string& other : parts[moved[i]].others) {
            if (parts.contains(other) && seen.insert(other).second) moved.push_back(other);
        }
    }
    for (const std::string& bill : moved) {
        const GroupPart& part = parts[bill];
        const bool is_whole = part.bill != nullptr || std::any_of(part.rows.begin(), part.rows.end(), [&](auto* net) {
                                  return !draft.is_dropped(net->key);
                              });
        if (is_whole) make_conflict(draft, bill, part);
    }
}

void finish_bills(Draft& draft) {
    for (RowWrite& write : draft.decision.writes) {
        if (write.key.table != "bill" || write.kind == RowWrite::Kind::remove) continue;
        const RowState& before = draft.at(write.key);
        keep_cancel_reason(write, before.is_live() ? before.image : Json());
        const Json status = value_in(write.image, kStatus);
        const bool is_new = write.kind == RowWrite::Kind::insert;
        if (!is_new && !write.columns.contains(std::string(kStatus))) continue;
        const bool was_issued = status == "sent" || status == "overdue" || status == "paid";
        for (const char* stamp : {was_issued ? "issued_at" : nullptr, stamp_of(status)}) {
            if (stamp == nullptr || is_set(write.image, stamp) || draft.decision.at.empty()) continue;
            write.image[stamp] = draft.decision.at;
            if (!is_new) write.columns.insert(stamp);
        }
    }
    for (const NetChange& net : draft.nets) {
        if (net.key.table != "bill" || net.op != Op::update || net.gone) continue;
        const Json* saw = net.old_value(kStatus);
        if (saw == nullptr || !is_closed_status(*saw) || !opens(draft, net.key.id)) continue;
        draft.decision.reopened_bills.insert(net.key.id);
        // Written back also where the status ends as it began.
        if (draft.now(net.key) != nullptr) draft.write_of(net.key);
    }
}

}  // namespace vetchart::sync
