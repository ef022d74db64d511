#include "sync/engine/decide.h"

#include <algorithm>

#include "sync/engine/ahead.h"
#include "sync/engine/bill_rules.h"
#include "sync/engine/clock_offset.h"
#include "sync/engine/rights.h"

namespace vetchart::sync {
namespace {

/// All changes of one row within one transaction, counted as one.
struct NetChange {
    RowKey key;
    std::string clinic_id;
    Op op = Op::update;
    Json old_values = Json::object();  ///< The first old value of each column.
    Json new_values = Json::object();  ///< The last new value of each column.
    bool gone = false;                 ///< Inserted and deleted within the transaction.
};

void merge_update(NetChange& net, const Change& change) {
    for (const auto& [column, value] : change.old_values.items()) {
        if (!net.old_values.contains(column)) net.old_values[column] = value;
    }
    for (const auto& [column, value] : change.new_values.items()) net.new_values[column] = value;
}

void merge_delete(NetChange& net, const Change& change) {
    if (net.op == Op::insert) {
        net.gone = true;
        return;
    }
    for (const auto& [column, value] : change.old_values.items()) {
        if (!net.old_values.contains(column)) net.old_values[column] = value;
    }
    net.op = Op::remove;
    net.new_values = Json::object();
}

void merge(NetChange& net, const Change& change) {
    switch (change.op) {
        case Op::insert:
            // Deleted and inserted again in one transaction: the row goes on with other values.
            net.op = net.gone ? Op::insert : Op::update;
            net.gone = false;
            net.new_values = change.new_values;
            return;
        case Op::update: return merge_update(net, change);
        case Op::remove: return merge_delete(net, change);
    }
}

NetChange begin(const Change& change) {
    NetChange net;
    net.key = {change.table, change.row_id};
    net.clinic_id = change.clinic_id;
    net.op = change.op;
    if (change.old_values.is_object()) net.old_values = change.old_values;
    if (change.new_values.is_object()) net.new_values = change.new_values;
    return net;
}

/// One net change a row, in the order of their first change.
std::vector<NetChange> coalesce(const Transaction& transaction) {
    std::vector<NetChange> nets;
    std::map<RowKey, std::size_t> index;
    for (const Change& change : transaction.changes) {
        const auto [found, is_new] = index.try_emplace(RowKey{change.table, change.row_id}, nets.size());
        if (is_new) {
            nets.push_back(begin(change));
        } else {
            merge(nets[found->second], change);
        }
    }
    return nets;
}

/// When a node's change counts as made: a clock more than five minutes ahead of central counts as now.
std::string counted_at(const std::string& at, UtcMillis now) {
    return at > format_utc(now + kClockTolerance) ? format_utc(now) : at;
}

/// ISO texts of one form compare as times do.
Json later(const Json& a, const Json& b) {
    if (!a.is_string()) return b;
    if (!b.is_string()) return a;
    return a.get_ref<const std::string&>() < b.get_ref<const std::string&>() ? b : a;
}

bool is_foreign(const NetChange& net, const std::string& column) {
    return writer_of(net.key.table, column) == Writer::central || column == "id" || column == "clinic_id";
}

class Decider {
public:
    Decider(const Transaction& transaction, const Picture& picture) : transaction_(transaction), picture_(picture) {
        decision_.at = counted_at(transaction.at, picture.now());
    }

    Decision run() {
        if (const Hold* obstacle = find_obstacle()) return held(*obstacle);
        std::vector<NetChange> nets = coalesce(transaction_);
        if (has_moment()) {
            for (NetChange& net : nets) count_ahead_as_now(net.new_values, picture_.now());
        }
        for (const NetChange& net : nets) {
            if (net.gone) continue;
            decide_row(net);
            if (decision_.hold) return held(*decision_.hold);
        }
        for (RowWrite& write : decision_.writes) let_texts_stand(write);
        if (const auto refused = refuse_hand(transaction_, picture_, decision_)) return held(*refused);
        decision_.notices = tell_admins(transaction_, picture_, decision_);
        if (has_moment()) {
            for (Notice& notice : tell_bills_ahead(decision_.writes, picture_.now())) {
                decision_.notices.push_back(std::move(notice));
            }
        }
        for (const NetChange& net : nets) note_reopened(net);
        return std::move(decision_);
    }

private:
    /// Without a moment no times are judged.
    [[nodiscard]] bool has_moment() const { return picture_.now() != UtcMillis{}; }

    static Decision held(const Hold& why) {
        Decision decision;
        decision.hold = why;
        return decision;
    }

    [[nodiscard]] const Hold* find_obstacle() const {
        for (const Change& change : transaction_.changes) {
            if (const Hold* why = picture_.blocked({change.table, change.row_id})) return why;
            for (const RowKey& parent : parents_of(change)) {
                if (const Hold* why = picture_.blocked_as_parent(parent)) return why;
            }
        }
        // A person whom a held transaction inserted works on at their node; what they write waits too.
        return transaction_.actor ? picture_.blocked_as_parent({"staff", *transaction_.actor}) : nullptr;
    }

    void decide_row(const NetChange& net) {
        const RowState& state = picture_.at(net.key);
        if (net.op == Op::remove) return remove(net, state);
        if (!state.is_live() && net.op == Op::insert) return insert(net, state);
        if (!state.is_live()) return hold_missing(net, state);
        compare(net, state);
    }

    void remove(const NetChange& net, const RowState& state) {
        if (!state.is_live()) return;  // someone else deleted it too
        if (hold_item_of_issued(net, state)) return;
        decision_.writes.push_back({net.key, net.clinic_id, RowWrite::Kind::remove, state.image, {}});
    }

    void insert(const NetChange& net, const RowState& state) {
        if (hold_item_of_issued(net, state)) return;
        Json image = net.new_values;
        if (net.key.table == "staff" && is_there_already(net)) return;
        for (const Column& column : table_of(net.key.table).columns) {
            if (column.writer == Writer::central) image.erase(std::string(column.name));
        }
        RowWrite write{net.key, net.clinic_id, RowWrite::Kind::insert, std::move(image), {}};
        keep_cancel_reason(write, nullptr);
        write.columns.clear();
        if (net.key.table == "staff" && brings_staff(transaction_, picture_)) {
            // row_meta then tells whom this enrolment brought: they are no reason to strip the next administrator it
            // brings.
            write.columns.insert("roles");
            if (strip_admin(picture_, net.clinic_id, write.image)) decision_.stripped.insert(net.key.id);
            // Two nodes that worked alone both had an "admin"; the e-mail is a user name that nobody else has.
            if (is_login_name_taken(picture_, net.clinic_id, write.image.value("username", Json()))) {
                write.image["username"] = write.image["email"];
            }
        }
        decision_.writes.push_back(std::move(write));
    }

    /// True when the clinic has a person of that e-mail, and nothing is inserted. A node that worked alone goes on with
    /// the person as central has them; from any other node the transaction is held.
    bool is_there_already(const NetChange& net) {
        const auto email = net.new_values.find("email");
        if (email == net.new_values.end()) return false;
        if (!is_login_name_taken(picture_, net.clinic_id, *email)) return false;
        if (!brings_staff(transaction_, picture_)) {
            decision_.hold = Hold{kHeldEmailTaken, "The clinic has a person with this e-mail address already."};
        }
        return true;
    }

    /// Holds a change of an item whose bill central has issued, whatever the node saw.
    bool hold_item_of_issued(const NetChange& net, const RowState& state) {
        if (net.key.table != "bill_item") return false;
        if (!belongs_to_issued(state.image, picture_) && !belongs_to_issued(net.new_values, picture_)) return false;
        decision_.hold = issued_hold();
        return true;
    }

    void hold_missing(const NetChange& net, const RowState& state) {
        decision_.hold =
            state.presence == RowState::Presence::deleted
                ? Hold{"row_deleted", "The " + net.key.table + " was deleted for good elsewhere meanwhile."}
                : Hold{"row_missing", "Central does not have the " + net.key.table +
                                          " this change is about: it was not accepted either."};
    }

    /// Compares column by column: where central has what the node saw, or what it wrote, there is no conflict.
    void compare(const NetChange& net, const RowState& state) {
        RowWrite write{net.key, net.clinic_id, RowWrite::Kind::update, state.image, {}};
        for (const auto& [column, value] : net.new_values.items()) {
            if (is_foreign(net, column)) continue;
            const auto current = state.image.find(column);
            const Json theirs = current == state.image.end() ? Json() : *current;
            if (value == theirs) continue;
            const Writer writer = writer_of(net.key.table, column);
            if (writer == Writer::bookkeeping) {
                if (column == "updated_at") write.image[column] = later(value, theirs);
                continue;
            }
            if (writer == Writer::stamp && !theirs.is_null()) continue;
            const auto old = net.old_values.find(column);
            const bool unmoved = old != net.old_values.end() && (*old == theirs || is_stand_in(column, *old, theirs));
            const bool is_password = net.key.table == "staff" && column == "password_hash";
            // Of two passwords the later one counts. The other is no conflict: nobody could look at it.
            if (is_password && !unmoved && decision_.at <= picture_.trace(net.key.id).password_at) continue;
            if (unmoved || is_password) {
                write.image[column] = value;
                write.columns.insert(column);
            } else {
                const Json base = old == net.old_values.end() ? Json() : *old;
                decision_.conflicts.push_back({net.key, net.clinic_id, column, value, theirs, base});
            }
        }
        keep_cancel_reason(write, state.image);
        if (write.columns.empty() || hold_item_of_issued(net, state)) return;
        if (changes_issued(write, state)) {
            decision_.hold = issued_hold();
            return;
        }
        decision_.writes.push_back(std::move(write));
    }

    /// A reference beside a printed text that names no row here is NULL (Column::printed): nobody's work waits for it.
    void let_texts_stand(RowWrite& write) const {
        if (write.kind == RowWrite::Kind::remove) return;
        for (const Column& column : table_of(write.key.table).columns) {
            const std::string name(column.name);
            const bool is_written = write.kind == RowWrite::Kind::insert || write.columns.contains(name);
            if (column.printed.empty() || !is_written) continue;
            const auto value = write.image.find(name);
            if (value == write.image.end() || !value->is_string()) continue;
            if (!will_be_there({std::string(column.parent), value->get<std::string>()}, write.clinic_id)) {
                *value = nullptr;
            }
        }
    }

    [[nodiscard]] bool will_be_there(const RowKey& key, const std::string& clinic_id) const {
        const RowState& state = picture_.at(key);
        if (state.is_live() && state.clinic_id == clinic_id) return true;
        return std::any_of(decision_.writes.begin(), decision_.writes.end(), [&](const RowWrite& write) {
            return write.key == key && write.kind == RowWrite::Kind::insert && write.clinic_id == clinic_id;
        });
    }

    /// A bill is opened only by a transaction that saw it closed, as central has it: one whose status lost, or that
    /// knew the bill as a draft, opens nothing. What it opens is written back, also where the status ends as it began.
    void note_reopened(const NetChange& net) {
        const RowState& state = picture_.at(net.key);
        if (net.key.table != "bill" || net.op != Op::update || net.gone || !state.is_live()) return;
        const auto old = net.old_values.find("status");
        if (old == net.old_values.end() || !is_closed_status(*old) || *old != state.image.value("status", Json()) ||
            !was_open_within(net.key.id)) {
            return;
        }
        decision_.reopened_bills.insert(net.key.id);
        const bool written = std::any_of(decision_.writes.begin(), decision_.writes.end(),
                                         [&net](const RowWrite& write) { return write.key == net.key; });
        if (!written) {
            decision_.writes.push_back({net.key, net.clinic_id, RowWrite::Kind::update, state.image, {}});
        }
    }

    [[nodiscard]] bool was_open_within(const std::string& bill) const {
        return std::any_of(transaction_.changes.begin(), transaction_.changes.end(), [&bill](const Change& change) {
            if (change.table != "bill" || change.row_id != bill || change.op != Op::update) return false;
            const auto status = change.new_values.find("status");
            return status != change.new_values.end() && !is_closed_status(*status);
        });
    }

    const Transaction& transaction_;
    const Picture& picture_;
    Decision decision_;
};

/// Folds `later_write` into `earlier`; false when the row would have to be deleted and inserted again.
bool fold(RowWrite& earlier, const RowWrite& later_write) {
    using Kind = RowWrite::Kind;
    if (earlier.kind == Kind::remove) return later_write.kind == Kind::remove;
    if (later_write.kind == Kind::insert) return false;
    if (later_write.kind == Kind::update) {
        earlier.image = later_write.image;
        earlier.columns.insert(later_write.columns.begin(), later_write.columns.end());
        return true;
    }
    earlier.kind = Kind::remove;
    earlier.image = later_write.image;
    earlier.columns.clear();
    return true;
}

/// What row_meta will say of a staff row once `write` stands.
void note_hand(const RowWrite& write, const std::string& at, Picture& picture) {
    StaffTrace trace = picture.trace(write.key.id);
    if (write.columns.contains("active")) trace.active_here = true;
    if (write.columns.contains("roles")) trace.roles_here = true;
    if (write.columns.contains("password_hash")) trace.password_at = at;
    picture.set_trace(write.key.id, std::move(trace));
}

}  // namespace

bool holds_dependents(std::string_view code) {
    return code == kHeldArchived || code == kHeldDependent || code == kHeldAdminNeeded || code == kHeldLastAdmin ||
           code == kHeldDeactivated || code == kHeldEmailTaken;
}

bool ends_with_its_cause(std::string_view code) { return code == kHeldArchived || code == kHeldDependent; }

std::vector<RowKey> parents_of(const Change& change) {
    std::vector<RowKey> parents;
    const Table* table = find_table(change.table);
    if (table == nullptr || !change.new_values.is_object()) return parents;
    for (const Column& column : table->columns) {
        // Whether the clinic is there, and is the node's own, is judged before.
        if (column.parent.empty() || column.name == table->clinic_column()) continue;
        const auto value = change.new_values.find(column.name);
        if (value == change.new_values.end() || !value->is_string()) continue;
        parents.push_back({std::string(column.parent), value->get<std::string>()});
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

const RowState& Picture::at(const RowKey& key) const {
    static const RowState kAbsent;
    const auto found = rows_.find(key);
    return found == rows_.end() ? kAbsent : found->second;
}

void Picture::block(const RowKey& key, const Hold& why, bool references) {
    Block& block = blocked_.try_emplace(key, Block{why, references}).first->second;
    block.references = block.references || references;
}

const Hold* Picture::blocked(const RowKey& key) const {
    const auto found = blocked_.find(key);
    return found == blocked_.end() ? nullptr : &found->second.why;
}

const Hold* Picture::blocked_as_parent(const RowKey& key) const {
    const auto found = blocked_.find(key);
    return found == blocked_.end() || !found->second.references ? nullptr : &found->second.why;
}

const StaffTrace& Picture::trace(const std::string& staff_id) const {
    static const StaffTrace kNone;
    const auto found = traces_.find(staff_id);
    return found == traces_.end() ? kNone : found->second;
}

std::set<std::string> Picture::staff(const std::string& clinic_id,
                                     const std::function<bool(const Json&)>& wanted) const {
    std::set<std::string> found;
    for (auto row = rows_.lower_bound({"staff", ""}); row != rows_.end() && row->first.table == "staff"; ++row) {
        const RowState& state = row->second;
        if (state.is_live() && state.clinic_id == clinic_id && wanted(state.image)) found.insert(row->first.id);
    }
    return found;
}

Decision decide(const Transaction& transaction, const Picture& picture) { return Decider(transaction, picture).run(); }

void advance(Picture& picture, const Decision& decision) {
    for (const RowWrite& write : decision.writes) {
        const bool is_gone = write.kind == RowWrite::Kind::remove;
        picture.set(write.key,
                    is_gone ? RowState::deleted(write.clinic_id) : RowState::live(write.clinic_id, write.image));
        if (write.key.table == "staff") note_hand(write, decision.at, picture);
    }
}

std::optional<Decision> combine(std::vector<Decision> decisions) {
    Decision all;
    std::map<RowKey, std::size_t> index;
    std::set<RowKey> created;
    for (Decision& decision : decisions) {
        all.reopened_bills.insert(decision.reopened_bills.begin(), decision.reopened_bills.end());
        all.conflicts.insert(all.conflicts.end(), decision.conflicts.begin(), decision.conflicts.end());
        for (RowWrite& write : decision.writes) {
            const auto [found, is_new] = index.try_emplace(write.key, all.writes.size());
            if (is_new) {
                if (write.kind == RowWrite::Kind::insert) created.insert(write.key);
                all.writes.push_back(std::move(write));
            } else if (!fold(all.writes[found->second], write)) {
                return std::nullopt;
            }
        }
    }
    // Inserted and deleted again within the batch: central never sees the row.
    std::erase_if(all.writes, [&created](const RowWrite& write) {
        return write.kind == RowWrite::Kind::remove && created.contains(write.key);
    });
    return all;
}

}  // namespace vetchart::sync
