#include <algorithm>
#include <set>

#include "sync/engine/draft.h"
#include "sync/engine/links.h"

namespace vetchart::sync {
namespace {

constexpr std::string_view kMergedInto = "merged_into";

/// Whom an owner was merged into, the transaction's own merges counted in; empty: nobody.
std::string merged_into(const Draft& draft, const std::string& owner_id) {
    const RowKey key{"owner", owner_id};
    const Json* image = draft.now(key);
    if (image == nullptr) return {};
    const Json* into = &value_in(*image, kMergedInto);
    const NetChange* net = draft.rows_are_written ? nullptr : draft.net_of(key);
    if (net != nullptr && net->new_values.contains(std::string(kMergedInto))) {
        into = &value_in(net->new_values, kMergedInto);
    }
    return into->is_string() ? into->get<std::string>() : std::string();
}

/// A row out of its tombstone, with all that went with it and all that those name.
class Return {
public:
    explicit Return(Draft& draft) : draft_(draft) {}

    void bring(const RowKey& root) {
        const RowState& state = draft_.at(root);
        if (!state.is_deleted() || draft_.find_write(root) != nullptr || is_inserted(root)) return;
        std::set<RowKey> family = draft_.picture.group(state.delete_group, draft_.missing);
        family.insert(root);
        draft_.note(root, state.clinic_id, kNoticeBroughtBack, nullptr, state.image);
        for (const RowKey& key : family) put(key);
    }

private:
    [[nodiscard]] bool is_inserted(const RowKey& key) {
        const NetChange* net = draft_.net_of(key);
        return net != nullptr && net->op == Op::insert;
    }

    void put(const RowKey& key) {
        const RowState& state = draft_.at(key);
        if (!state.is_deleted() || draft_.find_write(key) != nullptr || is_inserted(key)) return;
        if (const Hold* why = draft_.picture.blocked(key)) throw HeldBy{*why};
        if (!state.image.is_object()) {
            if (draft_.missing != nullptr && !draft_.missing->empty()) return;
            draft_.hold(kHeldMissing, "What this change needs was deleted, and nobody has it any more.");
        }
        draft_.add({key, state.clinic_id, RowWrite::Kind::insert, state.image, {}, true});
        const Table& table = table_of(key.table);
        for (const Column& column : table.columns) {
            if (!is_reference(table, column) || !is_binding(column)) continue;
            const auto parent = named_by(column, state.image);
            if (parent) bring(*parent);
        }
    }

    Draft& draft_;
};

/// Whom `loser` is merged into when it is merged into `into`: the last one to which that leads; empty when that is
/// nobody any more, or the loser itself.
std::string target_of(const Draft& draft, const std::string& loser, const std::string& into) {
    std::set<std::string> seen;
    std::string target = into;
    for (std::string next = into; !next.empty(); next = merged_into(draft, target)) {
        if (next == loser || !seen.insert(next).second) return {};
        target = next;
    }
    return draft.now({"owner", target}) == nullptr ? std::string() : target;
}

void move_children(Draft& draft, const RowKey& loser, const std::string& survivor) {
    for (const Naming& child : draft.picture.children(loser, true, draft.missing)) {
        const std::string column(child.column->name);
        const Json* now = draft.now(child.row);
        if (column == kMergedInto || now == nullptr || named_by(*child.column, *now) != loser) continue;
        RowWrite& moved = draft.write_of(child.row);
        moved.image[column] = survivor;
        moved.columns.insert(column);
    }
}

/// Carries a merge out, or leaves it where it leads nowhere.
void follow_merge(Draft& draft, const RowKey& loser) {
    const std::string clinic = draft.find_write(loser)->clinic_id;
    const Json wanted = value_in(draft.find_write(loser)->image, kMergedInto);
    const RowKey into{"owner", wanted.get<std::string>()};
    const std::string survivor = target_of(draft, loser.id, into.id);
    if (!survivor.empty()) {
        draft.find_write(loser)->image[std::string(kMergedInto)] = survivor;
        return move_children(draft, loser, survivor);
    }
    const RowState& before = draft.at(loser);
    RowWrite& undone = *draft.find_write(loser);
    for (const char* column : {"merged_into", "deleted_at"}) {
        undone.image[column] = value_in(before.image, column);
        undone.columns.erase(column);
    }
    draft.note(loser, clinic, kNoticeMergeMoot, nullptr, nullptr, {{"merged_into", wanted}});
    // What the transaction moved stays with whom it was.
    for (RowWrite& moved : draft.decision.writes) {
        if (moved.kind == RowWrite::Kind::remove) continue;
        for (const Column& column : table_of(moved.key.table).columns) {
            if (column.parent != "owner" || column.name == kMergedInto) continue;
            const RowState& was = draft.at(moved.key);
            if (named_by(column, moved.image) != into || named_by(column, was.image) != loser) continue;
            moved.image[std::string(column.name)] = loser.id;
            moved.columns.erase(std::string(column.name));
        }
    }
}

void settle_reference(Draft& draft, std::size_t i, const Column& column) {
    const RowWrite& write = draft.decision.writes[i];
    const RowKey child = write.key;
    const std::string name(column.name), clinic = write.clinic_id;
    auto parent = named_by(column, write.image);
    if (!parent) return;
    const auto set = [&](Json value) { draft.decision.writes[i].image[name] = std::move(value); };
    if (column.parent == "owner" && name != kMergedInto) {
        const std::string survivor = last_survivor(draft, parent->id);
        if (survivor != parent->id) {
            const RowWrite* merge = draft.find_write(*parent);
            const bool is_own = merge != nullptr && merge->columns.contains(std::string(kMergedInto));
            if (!is_own)
                draft.note(child, clinic, kNoticeRedirected, nullptr, {{name, survivor}}, {{name, parent->id}});
            set(survivor);
            parent->id = survivor;
        }
    }
    const Json* image = draft.now(*parent);
    const RowState& state = draft.at(*parent);
    const RowWrite* own = draft.find_write(*parent);
    if (image != nullptr && (own != nullptr ? own->clinic_id : state.clinic_id) == clinic) {
        const Json* now = draft.now(child);
        const bool is_alive = now != nullptr && !is_set(*now, "deleted_at");
        const bool is_own = own != nullptr && own->columns.contains("deleted_at");
        if (is_alive && !is_own && name != kMergedInto && is_set(*image, "deleted_at")) {
            draft.note(*parent, clinic, kNoticeWorkedOnDeleted, nullptr, *image);
        }
        return;
    }
    if (!column.printed.empty()) return set(nullptr);
    if (column.on_delete == OnDelete::set_null) {
        draft.note(child, clinic, kNoticeLinkLost, nullptr, nullptr, {{name, parent->id}});
        return set(nullptr);
    }
    draft.hold(kHeldMissing, "Central does not have the " + std::string(table_of(column.parent).label) +
                                 " that this change names: it was not accepted either.");
}

}  // namespace

std::string last_survivor(const Draft& draft, const std::string& owner_id) {
    std::set<std::string> seen{owner_id};
    std::string survivor = owner_id;
    for (std::string next = merged_into(draft, survivor); !next.empty(); next = merged_into(draft, survivor)) {
        if (!seen.insert(next).second) return owner_id;
        survivor = next;
    }
    return survivor;
}

bool is_same_reference(const Draft& draft, const Column& column, const Json& seen, const Json& theirs) {
    if (column.parent.empty() || !seen.is_string()) return false;
    const RowKey before{std::string(column.parent), seen.get<std::string>()};
    if (theirs.is_null()) return !is_binding(column) && !draft.at(before).is_live();
    return column.parent == "owner" && theirs.is_string() &&
           last_survivor(draft, before.id) == last_survivor(draft, theirs.get<std::string>());
}

void bring_back(Draft& draft) {
    Return returning(draft);
    for (const NetChange& net : draft.nets) {
        if (!draft.is_open(net) || net.op == Op::remove) continue;
        const RowState& state = draft.at(net.key);
        if (net.op == Op::update && state.is_deleted() && !net.new_values.empty()) returning.bring(net.key);
        const Table& table = table_of(net.key.table);
        for (const Column& column : table.columns) {
            if (!is_reference(table, column) || !is_binding(column) || !net.moves(column.name)) continue;
            const auto parent = named_by(column, net.new_values);
            if (parent) returning.bring(*parent);
        }
    }
}

void follow_merges(Draft& draft) {
    std::vector<RowKey> losers;
    for (const RowWrite& write : draft.decision.writes) {
        const bool is_merge = write.key.table == "owner" && write.kind != RowWrite::Kind::remove &&
                              value_in(write.image, kMergedInto).is_string() && !write.is_back &&
                              (write.kind == RowWrite::Kind::insert || write.columns.contains("merged_into"));
        if (is_merge) losers.push_back(write.key);
    }
    for (const RowKey& loser : losers) follow_merge(draft, loser);
}

void settle_references(Draft& draft) {
    for (std::size_t i = 0; i < draft.decision.writes.size(); ++i) {
        const RowWrite& write = draft.decision.writes[i];
        if (write.kind == RowWrite::Kind::remove) continue;
        const Table& table = table_of(write.key.table);
        for (const Column& column : table.columns) {
            if (!is_reference(table, column)) continue;
            const bool is_written =
                write.kind == RowWrite::Kind::insert || write.columns.contains(std::string(column.name));
            if (is_written) settle_reference(draft, i, column);
        }
    }
}

void tell_work_on_deleted(Draft& draft) {
    for (const RowWrite& write : draft.decision.writes) {
        if (write.kind != RowWrite::Kind::update || !draft.touches(write.key)) continue;
        if (write.columns.contains("deleted_at") || !is_set(write.image, "deleted_at")) continue;
        // A link that moves, with a merge for example, is no work on the row.
        const Table& table = table_of(write.key.table);
        const bool is_work = std::any_of(write.columns.begin(), write.columns.end(), [&](const std::string& column) {
            const Column* found = table.find(column);
            return found != nullptr && found->parent.empty();
        });
        if (is_work) {
            draft.note(write.key, write.clinic_id, kNoticeWorkedOnDeleted, nullptr, write.image);
        }
    }
}

}  // namespace vetchart::sync
