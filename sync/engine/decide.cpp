#include "sync/engine/decide.h"

#include <algorithm>

#include "sync/base/uuid.h"
#include "sync/engine/ahead.h"
#include "sync/engine/bill_group.h"
#include "sync/engine/clock_offset.h"
#include "sync/engine/column_value.h"
#include "sync/engine/draft.h"
#include "sync/engine/rights.h"

namespace vetchart::sync {
namespace {

/// When a node's change counts as made: a clock more than five minutes ahead of central counts as now.
std::string counted_at(const std::string& at, UtcMillis now) {
    return at > format_utc(now + kClockTolerance) ? format_utc(now) : at;
}

/// A decision about an item is held by nothing: it is how a person ends what holds.
bool is_decision(const Transaction& transaction) {
    return std::all_of(transaction.changes.begin(), transaction.changes.end(),
                       [](const Change& change) { return change.table == "item_decision"; });
}

const Hold* find_obstacle(const Draft& draft) {
    if (is_decision(draft.transaction)) return nullptr;
    for (const Change& change : draft.transaction.changes) {
        if (const Hold* why = draft.picture.blocked({change.table, change.row_id})) return why;
        for (const RowKey& parent : parents_of(change)) {
            if (const Hold* why = draft.picture.blocked_as_parent(parent)) return why;
        }
    }
    // A person whom a held transaction inserted works on at their node; what they write waits too.
    const auto& actor = draft.transaction.actor;
    return actor ? draft.picture.blocked_as_parent({"staff", *actor}) : nullptr;
}

void check_time_zones(const Draft& draft) {
    for (const RowWrite& write : draft.decision.writes) {
        if (write.key.table != "clinic" || !write.columns.contains("timezone")) continue;
        const Json& zone = value_in(write.image, "timezone");
        if (zone.is_string() && draft.picture.is_time_zone(zone.get<std::string>(), draft.missing)) continue;
        draft.hold(kHeldTimeZone, "Central knows no such time zone. One is Europe/Berlin.");
    }
}

/// What no table can have was written by no node of ours.
void check_values(const Draft& draft) {
    for (const NetChange& net : draft.nets) {
        const Table& table = table_of(net.key.table);
        for (const auto& [name, value] : net.new_values.items()) {
            const Column* column = table.find(name);
            if (net.gone || column == nullptr || can_be_stored(*column, value)) continue;
            draft.hold(kHeldInvalid, "A value of this change cannot be stored: " + spoken_name(*column) + ".");
        }
    }
}

/// The steps. Deletes that turn out impossible only at the end are added to `refused`: then all of it begins again.
Decision decide_once(Draft& draft, std::set<RowKey>& refused) {
    // Without a moment no times are judged.
    const bool has_moment = draft.picture.now() != UtcMillis{};
    draft.decision.at = counted_at(draft.transaction.at, draft.picture.now());
    if (const Hold* why = find_obstacle(draft)) throw HeldBy{*why};
    if (has_moment) check_values(draft);
    for (NetChange& net : draft.nets) {
        if (has_moment) count_ahead_as_now(net.new_values, draft.picture.now());
    }
    set_aside_moved_bills(draft);
    set_aside_refused_deletes(draft);
    bring_back(draft);
    write_changes(draft);
    follow_merges(draft);
    settle_references(draft);
    cut_links(draft, refused);
    settle_uniques(draft);
    tell_work_on_deleted(draft);
    finish_bills(draft);
    check_time_zones(draft);
    // What ended as it was is no write, but for a bill that was open in between.
    std::erase_if(draft.decision.writes, [&](const RowWrite& write) {
        return write.kind == RowWrite::Kind::update && write.columns.empty() &&
               !draft.decision.reopened_bills.contains(write.key.id);
    });
    if (auto why = refuse_hand(draft.transaction, draft.picture, draft.decision)) throw HeldBy{std::move(*why)};
    for (Notice& notice : tell_admins(draft.transaction, draft.picture, draft.decision)) {
        draft.decision.notices.push_back(std::move(notice));
    }
    if (has_moment) {
        for (Notice& notice : tell_bills_ahead(draft.decision.writes, draft.picture.now())) {
            draft.decision.notices.push_back(std::move(notice));
        }
    }
    return std::move(draft.decision);
}

/// What row_meta will say of a staff row once `write` stands.
void note_hand(const RowWrite& write, const std::string& at, Picture& picture) {
    StaffTrace trace = picture.trace(write.key.id);
    if (write.columns.contains("active")) trace.active_here = true;
    if (write.columns.contains("roles")) trace.roles_here = true;
    if (write.columns.contains("password_hash")) trace.password_at = at;
    picture.move_staff(write.key.id, std::move(trace));
}

/// False where a row would have to be deleted and inserted again, or would leave no tombstone; and where a merge is
/// taken back in the pass that makes it: issued bills go to another owner only while theirs is merged into that one.
bool fits_one_pass(const RowWrite& earlier, const RowWrite& later_write) {
    using Kind = RowWrite::Kind;
    if (earlier.kind == Kind::remove || later_write.kind == Kind::insert) return false;
    const bool is_merged = earlier.columns.contains("merged_into") && is_set(earlier.image, "merged_into");
    if (later_write.kind == Kind::remove) return earlier.kind != Kind::insert && !is_merged;
    return !is_merged || !later_write.columns.contains("merged_into");
}

/// Folds `later_write` into `earlier`. Precondition: fits_one_pass.
void fold(RowWrite& earlier, const RowWrite& later_write) {
    earlier.image = later_write.image;
    if (later_write.kind == RowWrite::Kind::update) {
        earlier.columns.insert(later_write.columns.begin(), later_write.columns.end());
    } else {
        earlier.kind = RowWrite::Kind::remove;
        earlier.columns.clear();
    }
}

}  // namespace

bool ends_with_its_cause(std::string_view code) { return code == kHeldArchived || code == kHeldDependent; }

std::vector<RowKey> parents_of(const Change& change) {
    std::vector<RowKey> parents;
    const Table* table = find_table(change.table);
    if (table == nullptr || !change.new_values.is_object()) return parents;
    for (const Column& column : table->columns) {
        // Whether the clinic is there, and is the node's own, is judged before.
        if (!is_reference(*table, column)) continue;
        if (auto parent = named_by(column, change.new_values)) parents.push_back(std::move(*parent));
    }
    return parents;
}

void block_row(const RowKey& key, bool inserted, const Hold& hold, Picture& picture) {
    if (hold.code == kHeldArchived) return picture.block(key, {kHeldArchived, hold.reason});
    static const Hold kWaits{kHeldDependent,
                             "It builds on earlier work of this node that was not accepted; it waits with it."};
    picture.block(key, kWaits, inserted);
}

void block_written(const Transaction& transaction, const Hold& hold, Picture& picture) {
    for (const Change& change : transaction.changes) {
        block_row({change.table, change.row_id}, change.op == Op::insert, hold, picture);
    }
}

bool is_closed_status(const Json& status) { return status == "paid" || status == "cancelled"; }

Decision decide(const Transaction& transaction, const Picture& picture, Reads* missing) {
    std::set<RowKey> refused;
    for (;;) {
        const std::size_t before = refused.size();
        Draft draft(transaction, picture, missing, refused);
        try {
            std::set<RowKey> more = refused;
            Decision decision = decide_once(draft, more);
            if (more.size() == before) return decision;
            refused = std::move(more);
        } catch (HeldBy& held) {
            Decision decision;
            decision.at = counted_at(transaction.at, picture.now());
            decision.hold = std::move(held.why);
            return decision;
        }
    }
}

void add_reads_of(const Transaction& transaction, Reads& reads) {
    if (transaction.actor && parse_uuid(*transaction.actor)) reads.rows.insert({"staff", *transaction.actor});
    for (const Change& change : transaction.changes) {
        const RowKey key{change.table, change.row_id};
        const Table& table = table_of(change.table);
        reads.rows.insert(key);
        for (RowKey& parent : parents_of(change)) {
            if (parse_uuid(parent.id)) reads.rows.insert(std::move(parent));
        }
        if (change.op == Op::remove) {
            reads.children.insert(key);
        } else {
            for (std::size_t i = 0; i < table.uniques.size(); ++i) {
                if (auto values = unique_values(table, i, change.new_values)) {
                    if (change.table != "bill") reads.holders.insert(std::move(*values));
                }
            }
        }
        for (const Json* values : {&change.old_values, &change.new_values}) {
            const std::string bill = bill_named_by(table, change.row_id, *values);
            if (bill.empty() || !parse_uuid(bill)) continue;
            reads.rows.insert({"bill", bill});
            reads.families.insert({"bill", bill});
        }
    }
}

void advance(Picture& picture, const Decision& decision) {
    for (const RowWrite& write : decision.writes) {
        if (write.kind == RowWrite::Kind::remove) {
            picture.move(write.key,
                         RowState::deleted(write.clinic_id, write.image, decision.delete_group, decision.at));
            continue;
        }
        picture.move(write.key, RowState::live(write.clinic_id, write.image));
        for (const std::string& column : write.columns) {
            picture.move_column({write.key, column}, {decision.at, std::nullopt, picture.node_id()});
        }
        if (write.key.table == "staff") note_hand(write, decision.at, picture);
    }
}

std::string broken_promise(const Transaction& transaction, const Picture& picture, const Decision& decision) {
    // Mostly there is nothing to look for: as many writes as changes, each of the row of its change.
    const bool is_plain = decision.conflicts.empty() && decision.writes.size() == transaction.changes.size() &&
                          std::equal(decision.writes.begin(), decision.writes.end(), transaction.changes.begin(),
                                     [](const RowWrite& write, const Change& change) {
                                         return write.key.id == change.row_id && write.key.table == change.table;
                                     });
    if (is_plain) return {};
    std::set<Cell> lost;
    for (const Conflict& conflict : decision.conflicts) {
        if (conflict.lost && !conflict.column.empty() && conflict.code != kConflictEmail) {
            lost.insert({conflict.key, conflict.column});
        }
    }
    std::set<RowKey> touched, removed, merged, named;
    for (const Change& change : transaction.changes) {
        touched.insert({change.table, change.row_id});
        for (RowKey& parent : parents_of(change)) named.insert(std::move(parent));
    }
    for (const RowWrite& write : decision.writes) {
        if (write.kind == RowWrite::Kind::remove) removed.insert(write.key);
        if (write.columns.contains("merged_into")) merged.insert(write.key);
        for (const std::string& column : write.columns) {
            if (lost.contains({write.key, column}))
                return "a column lost and written: " + write.key.table + "." + column;
        }
    }
    for (const RowWrite& write : decision.writes) {
        if (touched.contains(write.key) || named.contains(write.key) || write.is_back) continue;
        const Json& before = picture.at(write.key).image;
        const Table& table = table_of(write.key.table);
        const bool is_cut_or_moved = std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
            const auto was = is_reference(table, column) ? named_by(column, before) : std::nullopt;
            return was && (removed.contains(*was) || merged.contains(*was));
        });
        if (!is_cut_or_moved) return "a row that the transaction has nothing to do with: " + write.key.table;
    }
    return {};
}

bool NetEffect::add(const Decision& decision) {
    for (const RowWrite& write : decision.writes) {
        const auto found = place_.find(write.key);
        if (found != place_.end() && !fits_one_pass(effect_.writes[found->second], write)) return false;
    }
    effect_.reopened_bills.insert(decision.reopened_bills.begin(), decision.reopened_bills.end());
    for (const RowWrite& write : decision.writes) {
        if (write.kind == RowWrite::Kind::remove) {
            deletions_.push_back({write.key, decision.delete_group, decision.at});
        }
        const auto [found, is_new] = place_.try_emplace(write.key, effect_.writes.size());
        if (is_new) {
            effect_.writes.push_back(write);
        } else {
            fold(effect_.writes[found->second], write);
        }
    }
    return true;
}

}  // namespace vetchart::sync
