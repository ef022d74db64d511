#include "sync/engine/item_actions.h"

#include <algorithm>

namespace vetchart::sync {
namespace {

using enum ItemAction;

std::vector<ItemAction> of_conflict(std::string_view code) {
    if (code == "email_taken") return {keep, set_value, merge_owners};
    // Of a status, a bill's whole content or a deletion there is nothing between the two versions.
    if (code == "status_elsewhere" || code == "bill_changed" || code == "delete_refused") return {keep, use_mine};
    return {keep, use_mine, set_value};
}

std::vector<ItemAction> of_held(std::string_view code) {
    // What is in the way of these two is another's work: no other value of their own would let them in.
    if (code == "archived" || code == "depends_on_held") return {retry, discard};
    return {retry, edit_and_retry, discard};
}

std::vector<ItemAction> of_notice(std::string_view code) {
    if (code == "worked_on_deleted") return {restore, keep};
    return {keep};
}

std::vector<ItemAction> of_open(const ItemState& item) {
    if (item.kind == "conflict") return of_conflict(item.code);
    if (item.kind == "quarantine") return of_held(item.code);
    if (item.kind == "notice") return of_notice(item.code);
    return {};
}

/// What undoes `done`, of what the open item allowed.
std::vector<ItemAction> undoing(const ItemState& item, ItemAction done) {
    if (done == use_mine || done == set_value || done == restore) return {keep};
    if (done == discard) return {retry};
    std::vector<ItemAction> left;
    if (done != keep) return left;
    for (const ItemAction action : of_open(item)) {
        if (action == use_mine || action == set_value) left.push_back(action);
    }
    return left;
}

}  // namespace

std::string_view name_of(ItemAction action) {
    switch (action) {
        case keep: return "keep";
        case use_mine: return "useMine";
        case set_value: return "setValue";
        case merge_owners: return "mergeOwners";
        case restore: return "restore";
        case retry: return "retry";
        case edit_and_retry: return "editAndRetry";
        case discard: break;
    }
    return "discard";
}

std::optional<ItemAction> find_item_action(std::string_view name) {
    for (const ItemAction action : kItemActions) {
        if (name_of(action) == name) return action;
    }
    return std::nullopt;
}

std::vector<ItemAction> actions_of(const ItemState& item) {
    if (item.status == "open") return of_open(item);
    const auto done = find_item_action(item.action);
    return done ? undoing(item, *done) : std::vector<ItemAction>();
}

bool allows(const ItemState& item, ItemAction action) {
    const std::vector<ItemAction> actions = actions_of(item);
    return std::find(actions.begin(), actions.end(), action) != actions.end();
}

std::string actions_json(const ItemState& item) {
    std::string text = "[";
    for (const ItemAction action : actions_of(item)) {
        text.append(text.size() > 1 ? ",\"" : "\"").append(name_of(action)).append("\"");
    }
    return text + "]";
}

bool needs_admin(ItemAction action) { return action == discard; }

bool takes_value(ItemAction action) { return action == set_value || action == edit_and_retry; }

}  // namespace vetchart::sync
