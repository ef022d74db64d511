#include "sync/engine/rights.h"

#include <algorithm>

#include "sync/base/email.h"
#include "sync/model/row_values.h"

namespace vetchart::sync {
namespace {

using Kind = RowWrite::Kind;

constexpr std::string_view kPassword = "password_hash";

bool has_admin_role(const Json& image) { return text_in(image, "roles").find("\"admin\"") != std::string::npos; }

bool is_active(const Json& image) { return value_in(image, "active") == 1; }

bool is_active_admin(const Json& image) { return is_active(image) && has_admin_role(image); }

std::string name_of(const Json& image) { return text_in(image, "first_name") + " " + text_in(image, "last_name"); }

bool is_staff(const RowWrite& write) { return write.key.table == "staff"; }

bool sets_only_password(const RowWrite& write) {
    return is_staff(write) && write.kind == Kind::update && write.columns.size() == 1 &&
           write.columns.contains(std::string(kPassword));
}

/// The actor of a transaction, as central has their staff row.
class Hand {
public:
    Hand(const Transaction& transaction, const Picture& picture) : transaction_(transaction), picture_(picture) {}

    /// nullptr: nobody, somebody unknown, or a person of another clinic.
    [[nodiscard]] const Json* row(const std::string& clinic_id) const {
        if (!transaction_.actor) return nullptr;
        const RowState& state = picture_.at({"staff", *transaction_.actor});
        return state.is_live() && state.clinic_id == clinic_id ? &state.image : nullptr;
    }

    [[nodiscard]] bool is_admin(const std::string& clinic_id) const {
        const Json* image = row(clinic_id);
        return image != nullptr && is_active_admin(*image);
    }

    /// True when the actor sets their own password and nothing else: anybody active may.
    [[nodiscard]] bool sets_own_password(const RowWrite& write) const {
        const Json* image = row(write.clinic_id);
        return image != nullptr && is_active(*image) && sets_only_password(write) &&
               write.key.id == *transaction_.actor;
    }

    [[nodiscard]] Hold refusal(const std::string& table, const std::string& clinic_id) const {
        const std::string what = table == "clinic" ? "the clinic's data" : "the clinic's staff";
        const Json* image = row(clinic_id);
        if (!transaction_.actor) {
            return {kHeldAdminNeeded, "This change of " + what +
                                          " was made without anybody being logged in. It is kept; an administrator "
                                          "of the clinic can make it in the app."};
        }
        return {kHeldAdminNeeded, "Only an active administrator of the clinic changes " + what + ", and " +
                                      (image != nullptr ? name_of(*image) : "whose name this bears") +
                                      " is none at headquarters. It is kept; an administrator can make it."};
    }

private:
    const Transaction& transaction_;
    const Picture& picture_;
};

std::optional<Hold> refuse_foreign_hand(const Transaction& transaction, const Picture& picture,
                                        const Decision& decision) {
    const Hand hand(transaction, picture);
    for (const RowWrite& write : decision.writes) {
        if (!is_guarded_table(write.key.table) || hand.is_admin(write.clinic_id) || hand.sets_own_password(write)) {
            continue;
        }
        if (is_staff(write) && write.kind == Kind::insert && brings_staff(transaction, picture)) continue;
        return hand.refusal(write.key.table, write.clinic_id);
    }
    for (const Conflict& conflict : decision.conflicts) {
        if (is_guarded_table(conflict.key.table) && !hand.is_admin(conflict.clinic_id)) {
            return hand.refusal(conflict.key.table, conflict.clinic_id);
        }
    }
    return std::nullopt;
}

/// The version of a row that a transaction had seen when it wrote it.
std::int64_t seen_version(const Transaction& transaction, const RowKey& key) {
    std::int64_t seen = 0;
    for (const Change& change : transaction.changes) {
        if (RowKey{change.table, change.row_id} == key) seen = std::max(seen, change.row_version);
    }
    return seen;
}

/// Holds what makes somebody active, or deletes them, without having seen that another deactivated them.
std::optional<Hold> refuse_blind(const Transaction& transaction, const Picture& picture, const Decision& decision) {
    for (const RowWrite& write : decision.writes) {
        if (!is_staff(write) || write.kind == Kind::insert || is_active(picture.at(write.key).image)) continue;
        const bool concerns = write.kind == Kind::remove || write.columns.contains("active");
        const StaffTrace& trace = picture.trace(write.key.id);
        if (!concerns || trace.active_here || trace.active_version <= seen_version(transaction, write.key)) continue;
        return Hold{kHeldDeactivated, name_of(picture.at(write.key).image) +
                                          " was deactivated elsewhere, and whoever made this change had not seen it "
                                          "yet. Look at the person as it is now, and decide again."};
    }
    return std::nullopt;
}

std::optional<Hold> refuse_last_admin(const Picture& picture, const Decision& decision) {
    std::set<std::string> clinics;
    for (const RowWrite& write : decision.writes) {
        if (is_staff(write)) clinics.insert(write.clinic_id);
    }
    for (const std::string& clinic : clinics) {
        std::set<std::string> admins = picture.staff(clinic, is_active_admin);
        if (admins.empty()) continue;
        for (const RowWrite& write : decision.writes) {
            if (!is_staff(write) || write.clinic_id != clinic) continue;
            if (write.kind != Kind::remove && is_active_admin(write.image)) {
                admins.insert(write.key.id);
            } else {
                admins.erase(write.key.id);
            }
        }
        if (admins.empty()) {
            return Hold{kHeldLastAdmin,
                        "A clinic keeps at least one active administrator: this would take the last one. Make somebody "
                        "else administrator first."};
        }
    }
    return std::nullopt;
}

const char* code_of(const RowWrite& write, bool adopted, bool stripped) {
    if (write.key.table == "clinic") return kNoticeClinicChanged;
    switch (write.kind) {
        case Kind::insert:
            if (adopted) return stripped ? kNoticeJoinedWithoutAdmin : kNoticeStaffJoined;
            return kNoticeStaffAdded;
        case Kind::update: return sets_only_password(write) ? kNoticePasswordChanged : kNoticeStaffChanged;
        case Kind::remove: return kNoticeStaffDeleted;
    }
    return kNoticeStaffChanged;
}

std::string title_of(std::string_view code, const std::string& who) {
    if (code == kNoticeClinicChanged) return "Clinic data changed";
    if (code == kNoticeStaffAdded) return "Staff added: " + who;
    if (code == kNoticeStaffDeleted) return "Staff deleted: " + who;
    if (code == kNoticePasswordChanged) return "Password changed: " + who;
    if (code == kNoticeStaffJoined || code == kNoticeJoinedWithoutAdmin) return "Came with a node: " + who;
    return "Staff changed: " + who;
}

std::string reason_of(std::string_view code, const std::string& hand) {
    if (code == kNoticeJoinedWithoutAdmin) {
        return "This person was administrator on a node that had worked alone. The clinic has administrators of its "
               "own, so the role was left out; give it again where it is meant.";
    }
    if (code == kNoticeStaffJoined) return "This person came with a node that had worked alone.";
    return "Made in the name of " + hand +
           ". If nobody of your administrators (or the person itself) did this, tell headquarters: a node may be in "
           "wrong hands.";
}

/// The columns that `write` sets, from `image`; a whole row for one that is new or gone.
Json shown(const RowWrite& write, const Json& image) {
    if (!image.is_object()) return nullptr;
    Json values = image;
    if (write.kind == Kind::update) {
        values = Json::object();
        for (const std::string& column : write.columns) values[column] = value_in(image, column);
    }
    values.erase(kPassword);
    return values;
}

}  // namespace

bool is_guarded_table(std::string_view table) { return table == "staff" || table == "clinic"; }

bool is_login_name_taken(const Picture& picture, const std::string& clinic_id, const Json& value) {
    if (!value.is_string()) return false;
    const std::string name = normal_email(value.get<std::string>());
    return !picture.staff(clinic_id, [&](const Json& image) { return is_login_name_of(image, name); }).empty();
}

bool is_login_name_of(const Json& image, const std::string& name) {
    return normal_email(text_in(image, "email")) == name || normal_email(text_in(image, "username")) == name;
}

bool brings_staff(const Transaction& transaction, const Picture& picture) {
    return transaction.adopted && picture.joining();
}

bool strip_admin(const Picture& picture, const std::string& clinic_id, Json& image) {
    if (!has_admin_role(image)) return false;
    const std::set<std::string> admins = picture.staff(clinic_id, is_active_admin);
    const bool has_own = std::any_of(admins.begin(), admins.end(),
                                     [&picture](const std::string& id) { return !picture.trace(id).roles_here; });
    if (!has_own) return false;
    const Json roles = Json::parse(text_in(image, "roles"), nullptr, false);
    Json left = Json::array();
    if (roles.is_array()) {
        std::copy_if(roles.begin(), roles.end(), std::back_inserter(left),
                     [](const Json& role) { return role != "admin"; });
    }
    // A person who was administrator alone becomes staff.
    if (left.empty()) left.push_back("staff");
    image["roles"] = left.dump();
    return true;
}

std::optional<Hold> refuse_hand(const Transaction& transaction, const Picture& picture, const Decision& decision) {
    if (auto hold = refuse_foreign_hand(transaction, picture, decision)) return hold;
    if (auto hold = refuse_blind(transaction, picture, decision)) return hold;
    return refuse_last_admin(picture, decision);
}

std::vector<Notice> tell_admins(const Transaction& transaction, const Picture& picture, const Decision& decision) {
    std::vector<Notice> notices;
    const Hand hand(transaction, picture);
    for (const RowWrite& write : decision.writes) {
        if (!is_guarded_table(write.key.table)) continue;
        const bool stripped = decision.stripped.contains(write.key.id);
        const std::string code = code_of(write, brings_staff(transaction, picture), stripped);
        const Json* row = hand.row(write.clinic_id);
        Notice notice{write.key, write.clinic_id, code, {}, {}, nullptr, nullptr, nullptr, write.columns};
        notice.title = title_of(code, name_of(write.image));
        notice.reason = reason_of(code, row != nullptr ? name_of(*row) : "nobody");
        if (write.kind != Kind::remove) notice.mine = shown(write, write.image);
        if (write.kind != Kind::insert) notice.base = shown(write, picture.at(write.key).image);
        notices.push_back(std::move(notice));
    }
    return notices;
}

}  // namespace vetchart::sync
