#include <algorithm>
#include <array>

#include "sync/base/email.h"
#include "sync/engine/bill_rules.h"
#include "sync/engine/draft.h"
#include "sync/engine/links.h"
#include "sync/engine/rights.h"

namespace vetchart::sync {
namespace {

/// ISO texts of one form compare as times do.
Json later(const Json& a, const Json& b) {
    if (!a.is_string()) return b;
    if (!b.is_string()) return a;
    return a.get_ref<const std::string&>() < b.get_ref<const std::string&>() ? b : a;
}

/// How far a bill has come. A status that is none of these has not begun.
std::size_t rank_of(const Json& status) {
    static constexpr std::array<std::string_view, 5> kSteps = {"draft", "sent", "overdue", "cancelled", "paid"};
    const auto step = std::find_if(kSteps.begin(), kSteps.end(), [&](std::string_view name) { return status == name; });
    return static_cast<std::size_t>(step - kSteps.begin()) % kSteps.size();
}

/// Brings a net change of one row into its write.
class RowDecider {
public:
    RowDecider(Draft& draft, const NetChange& net) : draft_(draft), net_(net), table_(table_of(net.key.table)) {}

    void decide() {
        if (net_.op == Op::remove) return remove();
        if (draft_.now(net_.key) == nullptr) {
            if (net_.op == Op::insert) return insert();
            if (net_.new_values.empty()) return;
            draft_.hold(kHeldMissing, "Central does not have the " + std::string(table_.label) +
                                          " this change is about: it was not accepted either.");
        }
        compare();
    }

private:
    void remove() {
        const RowState& state = draft_.at(net_.key);
        if (!state.is_live()) return;  // Somebody else deleted it too.
        draft_.add({net_.key, state.clinic_id, RowWrite::Kind::remove, state.image, {}});
    }

    void insert() {
        if (net_.key.table == "staff" && is_there_already()) return;
        RowWrite write{net_.key, net_.clinic_id, RowWrite::Kind::insert, net_.new_values, {}};
        for (const Column& column : table_.columns) {
            if (column.writer == Writer::central) write.image.erase(std::string(column.name));
        }
        if (net_.key.table == "staff" && brings_staff(draft_.transaction, draft_.picture)) join(write);
        const RowState& before = draft_.at(net_.key);
        if (before.is_deleted() && before.deleted_at > draft_.decision.at) {
            draft_.note(net_.key, net_.clinic_id, kNoticeInsertedOverDeleted, nullptr, before.image);
        }
        draft_.add(std::move(write));
    }

    /// row_meta then tells whom this enrolment brought: they are no reason to strip the next administrator it brings.
    void join(RowWrite& write) {
        write.columns.insert("roles");
        if (strip_admin(draft_.picture, net_.clinic_id, write.image)) draft_.decision.stripped.insert(net_.key.id);
        // Two nodes that worked alone both had an "admin"; the e-mail is a user name that nobody else has.
        if (is_login_name_taken(draft_.picture, net_.clinic_id, value_in(write.image, "username"))) {
            write.image["username"] = write.image["email"];
        }
    }

    /// True when the clinic has a person of that e-mail, and a node that worked alone goes on with the person as
    /// central has them: nothing is inserted. From any other node the transaction is held (settle_login).
    bool is_there_already() {
        const auto email = net_.new_values.find("email");
        if (email == net_.new_values.end()) return false;
        if (!is_login_name_taken(draft_.picture, net_.clinic_id, *email)) return false;
        return brings_staff(draft_.transaction, draft_.picture);
    }

    /// Column by column: where central has what the node saw, or what it wrote, there is no conflict.
    void compare() {
        const bool was_written = draft_.find_write(net_.key) != nullptr;
        const Json image = *draft_.now(net_.key);
        RowWrite write = was_written ? *draft_.find_write(net_.key)
                                     : RowWrite{net_.key, net_.clinic_id, RowWrite::Kind::update, image, {}};
        for (const auto& [name, value] : net_.new_values.items()) {
            const Column* column = table_.find(name);
            if (column == nullptr || column->writer == Writer::central || column->writer == Writer::key) continue;
            if (column->writer == Writer::number || column->writer == Writer::snapshot) continue;
            const Json& theirs = value_in(image, name);
            if (value == theirs) continue;
            if (column->writer == Writer::bookkeeping) {
                if (name == "updated_at") write.image[name] = later(value, theirs);
                continue;
            }
            if (column->writer != Writer::stamp) {
                decide_column(*column, value, theirs, write);
            } else if (theirs.is_null()) {
                write.image[name] = value;
                write.columns.insert(name);
            }
        }
        if (was_written) {
            *draft_.find_write(net_.key) = std::move(write);
        } else if (!write.columns.empty()) {
            draft_.add(std::move(write));
        }
    }

    void decide_column(const Column& column, const Json& value, const Json& theirs, RowWrite& write) {
        const std::string name(column.name);
        const Json* seen = net_.old_value(name);
        const bool is_unmoved = seen != nullptr && (*seen == theirs || is_stand_in(name, *seen, theirs) ||
                                                    is_same_reference(draft_, column, *seen, theirs));
        const auto take = [&] {
            write.image[name] = value;
            write.columns.insert(name);
        };
        if (is_unmoved) return take();
        if (is_same_reference(draft_, column, value, theirs)) return;
        // Of two passwords the later one counts. The other is no conflict: nobody could look at it.
        if (net_.key.table == "staff" && name == "password_hash") {
            if (draft_.decision.at > draft_.picture.trace(net_.key.id).password_at) take();
            return;
        }
        const ColumnTrace& trace = draft_.picture.column({net_.key, name}, draft_.missing);
        Conflict conflict{net_.key,
                          net_.clinic_id,
                          kConflictColumn,
                          name,
                          value,
                          theirs,
                          seen == nullptr ? Json() : *seen,
                          true,
                          trace,
                          {},
                          {}};
        bool wins = draft_.decision.at > (trace.at.empty() ? text_in(write.image, "updated_at") : trace.at);
        if (net_.key.table == "bill" && name == "status") {
            conflict.code = kConflictStatus;
            wins = rank_of(value) > rank_of(theirs);
        }
        if (wins) {
            take();
            conflict.lost = false;
            std::swap(conflict.mine, conflict.theirs);
        }
        draft_.decision.conflicts.push_back(std::move(conflict));
    }

    Draft& draft_;
    const NetChange& net_;
    const Table& table_;
};

/// Which rows the transaction leaves with which unique values: so that each row is compared with those that have its
/// values, and not with all.
using Taken = std::map<UniqueValues, std::vector<RowKey>>;

Taken taken_by(const Draft& draft) {
    Taken taken;
    for (const RowWrite& write : draft.decision.writes) {
        if (write.kind == RowWrite::Kind::remove) continue;
        const Table& table = table_of(write.key.table);
        for (std::size_t i = 0; i < table.uniques.size(); ++i) {
            if (auto values = unique_values(table, i, write.image)) taken[*values].push_back(write.key);
        }
    }
    return taken;
}

/// Who has `values` after the transaction, `self` aside; nullopt: nobody.
std::optional<RowKey> other_holder(const Draft& draft, const Table& table, const UniqueValues& values,
                                   const RowKey& self, const Taken& taken) {
    const auto has_it = [&](const RowKey& key) {
        const Json* image = draft.now(key);
        return key != self && image != nullptr && unique_values(table, values.index, *image) == values;
    };
    for (const RowKey& key : draft.picture.holders(values, draft.missing)) {
        if (has_it(key)) return key;
    }
    const auto found = taken.find(values);
    if (found == taken.end()) return std::nullopt;
    const auto other = std::find_if(found->second.begin(), found->second.end(), has_it);
    return other == found->second.end() ? std::nullopt : std::optional<RowKey>(*other);
}

void settle_owner_email(Draft& draft, RowWrite& write, const RowKey& holder) {
    const Json address = value_in(write.image, "email");
    const Json* theirs = draft.now(holder);
    Json shown{{"id", holder.id}};
    for (const char* column : {"first_name", "last_name", "email", "phone"}) shown[column] = value_in(*theirs, column);
    write.image["email"] = nullptr;
    write.columns.insert("email");
    draft.decision.conflicts.push_back({write.key,
                                        write.clinic_id,
                                        kConflictEmail,
                                        "email",
                                        address,
                                        std::move(shown),
                                        value_in(draft.at(write.key).image, "email"),
                                        true,
                                        draft.picture.column({holder, "email"}, draft.missing),
                                        {},
                                        {}});
}

void settle_unique(Draft& draft, RowWrite& write, const Table& table, std::size_t index, const Taken& taken) {
    // Its numbers the database gives, or makes free.
    if (table.name == "bill") return;
    const auto values = unique_values(table, index, write.image);
    if (!values) return;
    const RowState& before = draft.at(write.key);
    if (before.is_live() && unique_values(table, index, before.image) == values) return;
    const auto holder = other_holder(draft, table, *values, write.key, taken);
    if (!holder) return;
    if (table.name == "owner") return settle_owner_email(draft, write, *holder);
    if (table.name == "staff") {
        draft.hold(kHeldEmailTaken, "The clinic has a person with this e-mail address or user name already.");
    }
    if (table.name == "clinic") draft.hold(kHeldCodeTaken, "Another clinic has this code already.");
    draft.hold(kHeldValueTaken,
               "Another " + std::string(table.label) + " has this " + std::string(table.uniques[index].first) + ".");
}

/// E-mail and user name of a person are no other person's e-mail or user name.
void settle_login(Draft& draft, const RowWrite& write) {
    for (const char* column : {"email", "username"}) {
        if (write.kind != RowWrite::Kind::insert && !write.columns.contains(column)) continue;
        const std::string name = normal_email(text_in(write.image, column));
        const auto others = draft.picture.staff(write.clinic_id, [](const Json&) { return true; });
        for (const std::string& id : others) {
            const Json* image = id == write.key.id ? nullptr : draft.now({"staff", id});
            if (image == nullptr || !is_login_name_of(*image, name)) continue;
            draft.hold(kHeldEmailTaken, "The clinic has a person with this e-mail address or user name already.");
        }
    }
}

}  // namespace

void write_changes(Draft& draft) {
    for (const NetChange& net : draft.nets) {
        if (draft.is_open(net)) RowDecider(draft, net).decide();
    }
    draft.rows_are_written = true;
}

void settle_uniques(Draft& draft) {
    const Taken taken = taken_by(draft);
    for (RowWrite& write : draft.decision.writes) {
        if (write.kind == RowWrite::Kind::remove) continue;
        const Table& table = table_of(write.key.table);
        if (write.key.table == "staff") settle_login(draft, write);
        for (std::size_t i = 0; i < table.uniques.size(); ++i) settle_unique(draft, write, table, i, taken);
    }
}

}  // namespace vetchart::sync
