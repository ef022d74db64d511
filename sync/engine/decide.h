#pragma once

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/base/time.h"
#include "sync/catalogue/catalogue.h"
#include "sync/model/change.h"

/// What central does with a transaction, decided on an in-memory picture of the rows it touches. Pure.
namespace vetchart::sync {

/// Which row: its table, and its id as the wire has it.
struct RowKey {
    std::string table, id;
    auto operator<=>(const RowKey&) const = default;
};

/// One row as central has it now.
struct RowState {
    enum class Presence {
        unknown,  ///< Central never heard of it.
        live,
        deleted,  ///< Deleted for good: its tombstone is there.
    };
    Presence presence = Presence::unknown;
    std::string clinic_id;  ///< Empty when unknown.
    Json image;             ///< Of a live one: object of all columns but version.

    [[nodiscard]] static RowState live(std::string clinic_id, Json image) {
        return {Presence::live, std::move(clinic_id), std::move(image)};
    }
    [[nodiscard]] static RowState deleted(std::string clinic_id) {
        return {Presence::deleted, std::move(clinic_id), nullptr};
    }
    [[nodiscard]] bool is_live() const { return presence == Presence::live; }
};

/// Why a transaction is kept whole instead of being applied.
struct Hold {
    std::string code;
    std::string reason;  ///< A sentence for a person.
};

/// Codes of a hold that also holds what the same node builds on the transaction's rows later.
inline constexpr const char* kHeldArchived = "archived";          ///< A row of it is in the archive.
inline constexpr const char* kHeldDependent = "depends_on_held";  ///< It builds on a transaction that is held.
inline constexpr const char* kHeldAdminNeeded = "admin_needed";   ///< No administrator changed the staff or the clinic.
inline constexpr const char* kHeldLastAdmin = "last_admin";       ///< It would leave a clinic without admin.
inline constexpr const char* kHeldDeactivated = "deactivated_elsewhere";  ///< Its writer had not seen a deactivation.
inline constexpr const char* kHeldEmailTaken = "staff_email_taken";       ///< The clinic has a person of that e-mail.
[[nodiscard]] bool holds_dependents(std::string_view code);

/// True when the hold ends by itself once what is in its way is gone; the others wait for a person.
[[nodiscard]] bool ends_with_its_cause(std::string_view code);

/// What central knows of a staff row beside the row itself: who moved it, and when.
struct StaffTrace {
    std::int64_t active_version = 0;  ///< The clinic's version at which `active` was changed last; 0: never.
    bool active_here = false;         ///< That change came from the node whose transactions are decided.
    bool roles_here = false;          ///< The roles were changed last there too, or its enrolment brought the row.
    std::string password_at;          ///< When the password was changed last; empty: never.
};

/// Codes of the notices about staff and clinic.
inline constexpr const char* kNoticeStaffAdded = "staff_added";
inline constexpr const char* kNoticeStaffChanged = "staff_changed";
inline constexpr const char* kNoticeStaffDeleted = "staff_deleted";
inline constexpr const char* kNoticePasswordChanged = "password_changed";
inline constexpr const char* kNoticeClinicChanged = "clinic_changed";
inline constexpr const char* kNoticeStaffJoined = "staff_joined";
inline constexpr const char* kNoticeJoinedWithoutAdmin = "staff_joined_without_admin";
/// The code of the notice about a bill dated more than a day ahead of central.
inline constexpr const char* kNoticeBillAhead = "bill_date_ahead";

/// What a person of the clinic should know. It holds nothing up; central opens an item for it.
struct Notice {
    RowKey key;
    std::string clinic_id;
    std::string code;               ///< Slug; docs/errors.md lists them.
    std::string title, reason;      ///< Sentences for a person.
    Json mine, theirs, base;        ///< What the node wrote, what stands, what was before; no password hash.
    std::set<std::string> columns;  ///< The columns that an update changed; a password hash is named, not shown.
};

/// What central must know to decide the transactions of one node: the rows they touch, those that references beside a
/// printed text name (Column::printed), what blocks them, who wrote the staff. It moves on with each transaction that
/// is applied.
class Picture {
public:
    void set(const RowKey& key, RowState state) { rows_[key] = std::move(state); }
    /// The state of `key`; a row never heard of does not exist.
    [[nodiscard]] const RowState& at(const RowKey& key) const;

    /// Nothing may write `key` now, nor reference it when `references` says so: it is archived, or a held transaction
    /// of this node wrote (inserted) it. The first reason stays.
    void block(const RowKey& key, const Hold& why, bool references = true);
    /// nullptr: nothing stands in the way of a write of `key`.
    [[nodiscard]] const Hold* blocked(const RowKey& key) const;
    /// The same for a row that names `key` as its parent, and for a transaction whose actor it is.
    [[nodiscard]] const Hold* blocked_as_parent(const RowKey& key) const;

    /// When the transactions are decided, and whether their node, which worked alone, is still bringing its rows.
    void set_moment(UtcMillis now, bool joining) { now_ = now, joining_ = joining; }
    [[nodiscard]] UtcMillis now() const { return now_; }
    [[nodiscard]] bool joining() const { return joining_; }

    void set_trace(const std::string& staff_id, StaffTrace trace) { traces_[staff_id] = std::move(trace); }
    [[nodiscard]] const StaffTrace& trace(const std::string& staff_id) const;
    /// The staff of `clinic_id`, as far as this picture has them, whose image satisfies `wanted`.
    [[nodiscard]] std::set<std::string> staff(const std::string& clinic_id,
                                              const std::function<bool(const Json&)>& wanted) const;

private:
    struct Block {
        Hold why;
        bool references = false;
    };

    std::map<RowKey, RowState> rows_;
    std::map<RowKey, Block> blocked_;
    std::map<std::string, StaffTrace> traces_;
    UtcMillis now_{};
    bool joining_ = false;
};

/// The rows that the new values of `change` name as parents (patient_id, bill_id, ..).
[[nodiscard]] std::vector<RowKey> parents_of(const Change& change);

/// Blocks a row that a held transaction wrote, for what its node sends after it: for what writes the row and, when the
/// transaction inserted it (or `hold` says that it is archived), for what names it. `hold` is the transaction's own.
void block_row(const RowKey& key, bool inserted, const Hold& hold, Picture& picture);

/// The same for every row that `transaction` wrote.
void block_written(const Transaction& transaction, const Hold& hold, Picture& picture);

/// The net effect of a transaction (or of several) on one row.
struct RowWrite {
    enum class Kind { insert, update, remove };
    RowKey key;
    std::string clinic_id;
    Kind kind = Kind::update;
    Json image;                     ///< The whole row afterwards; for remove, as it was.
    std::set<std::string> columns;  ///< The columns that an update changes, without bookkeeping ones.
};

/// Two people changed the same value: central's stays, the node's is kept.
struct ColumnConflict {
    RowKey key;
    std::string clinic_id;
    std::string column;
    Json mine;    ///< What the node wrote.
    Json theirs;  ///< What central has.
    Json base;    ///< What the node had before; null when unknown.
};

struct Decision {
    std::optional<Hold> hold;  ///< Set: nothing of it is applied.
    std::vector<RowWrite> writes;
    std::vector<ColumnConflict> conflicts;
    std::set<std::string> reopened_bills;  ///< Closed bills that the transaction itself opened before it wrote items.
    std::vector<Notice> notices;           ///< Empty when it is held.
    std::set<std::string> stripped;        ///< Staff whom an enrolment brought without the admin role they had.
    std::string at;  ///< When its writes count as made: more than five minutes ahead of central is now.
};

/// Decides one transaction against `picture`, which stays as it is. Precondition: every table is a synced one.
[[nodiscard]] Decision decide(const Transaction& transaction, const Picture& picture);

/// Moves `picture` on by a decision that was applied: the next one is decided on what it left.
void advance(Picture& picture, const Decision& decision);

/// The net effect of several decisions in order, one write a row. nullopt: a row was deleted and inserted again,
/// which a set of statements cannot do in one pass.
[[nodiscard]] std::optional<Decision> combine(std::vector<Decision> decisions);

/// True for a bill status that closes its items: paid, cancelled.
[[nodiscard]] bool is_closed_status(const Json& status);

}  // namespace vetchart::sync
