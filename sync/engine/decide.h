#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/base/time.h"
#include "sync/engine/picture.h"
#include "sync/model/change.h"

/// What central does with a transaction (docs/adr/0012-one-decider.md). Nothing else decides: the writes of a decision
/// always stand. Pure.
namespace vetchart::sync {

/// Codes of holds.
inline constexpr const char* kHeldArchived = "archived";          ///< A row of it is in the archive.
inline constexpr const char* kHeldDependent = "depends_on_held";  ///< It builds on a transaction that is held.
inline constexpr const char* kHeldAdminNeeded = "admin_needed";   ///< No administrator changed the staff or the clinic.
inline constexpr const char* kHeldLastAdmin = "last_admin";       ///< It would leave a clinic without admin.
inline constexpr const char* kHeldDeactivated = "deactivated_elsewhere";  ///< Its writer had not seen a deactivation.
inline constexpr const char* kHeldEmailTaken = "staff_email_taken";       ///< The clinic has a person of that login.
inline constexpr const char* kHeldCodeTaken = "code_taken";
inline constexpr const char* kHeldValueTaken = "value_taken";  ///< Another row has a value that must be its own.
inline constexpr const char* kHeldTimeZone = "unknown_timezone";
inline constexpr const char* kHeldMissing = "row_missing";    ///< Central never heard of a row that it needs.
inline constexpr const char* kHeldInvalid = "invalid_value";  ///< A column cannot have what it brings.
inline constexpr const char* kHeldInternal = "internal";      ///< A bug of ours: the database refused what was decided.

/// True when the hold ends by itself once what is in its way is gone; the others wait for a person.
[[nodiscard]] bool ends_with_its_cause(std::string_view code);

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

/// Codes of the notices about rows that somebody deleted, or merged away.
inline constexpr const char* kNoticeBroughtBack = "brought_back";
inline constexpr const char* kNoticeInsertedOverDeleted = "inserted_over_deleted";
inline constexpr const char* kNoticeLinkLost = "link_lost";
inline constexpr const char* kNoticeRedirected = "redirected";
inline constexpr const char* kNoticeMergeMoot = "merge_moot";
inline constexpr const char* kNoticeWorkedOnDeleted = "worked_on_deleted";

/// Codes of conflicts.
inline constexpr const char* kConflictColumn = "changed_elsewhere";
inline constexpr const char* kConflictStatus = "status_elsewhere";
inline constexpr const char* kConflictBill = "bill_changed";
inline constexpr const char* kConflictEmail = "email_taken";
inline constexpr const char* kConflictDelete = "delete_refused";

/// What a person of the clinic should know. It holds nothing up; central opens an item for it.
struct Notice {
    RowKey key;
    std::string clinic_id;
    std::string code;               ///< Slug; docs/errors.md lists them.
    std::string title, reason;      ///< Sentences for a person.
    Json mine, theirs, base;        ///< What the node wrote, what stands, what was before; no password hash.
    std::set<std::string> columns;  ///< The columns that an update changed; a password hash is named, not shown.
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
    bool is_back = false;           ///< An insert from the row's tombstone: it keeps the numbers that it had.
};

/// Two people decided differently about one value, or about what belongs together: one version stands, the other is
/// kept.
struct Conflict {
    RowKey key;
    std::string clinic_id;
    std::string code;
    std::string column;                ///< Empty: about a group of rows, or a delete.
    Json mine;                         ///< What lost.
    Json theirs;                       ///< What stands.
    Json base;                         ///< What was there before; null when unknown.
    bool lost = true;                  ///< The transaction's version lost; else central's did.
    ColumnTrace other;                 ///< Who wrote the version that is not the transaction's.
    std::vector<std::size_t> changes;  ///< Those of the transaction's changes that were not made; empty for a column.
    std::string reason;                ///< Why a delete was refused: `edited` or `named`.
};

struct Decision {
    std::optional<Hold> hold;  ///< Set: nothing of it is applied.
    std::vector<RowWrite> writes;
    std::vector<Conflict> conflicts;
    std::set<std::string> reopened_bills;  ///< Closed bills that the transaction itself opened before it wrote items.
    std::vector<Notice> notices;           ///< Empty when it is held.
    std::set<std::string> stripped;        ///< Staff whom an enrolment brought without the admin role they had.
    std::string at;            ///< When its writes count as made: more than five minutes ahead of central is now.
    std::string delete_group;  ///< What names its deletes from now on: given by the caller, before advance().
};

/// Decides one transaction against `picture`, which stays as it is. Where `missing` ends up not empty, the picture
/// lacked something, and the answer is to be thrown away: read it and ask again. Without `missing`, what was not read
/// is not there. Precondition: every table is a synced one.
[[nodiscard]] Decision decide(const Transaction& transaction, const Picture& picture, Reads* missing = nullptr);

/// What a decision of `transaction` reads in most cases, known before anything of it is: to be read at once for many.
void add_reads_of(const Transaction& transaction, Reads& reads);

/// Moves `picture` on by a decision that was applied: the next one is decided on what it left.
void advance(Picture& picture, const Decision& decision);

/// A promise that `decision` breaks, in words for a log; empty when it keeps all: no column is both lost in a conflict
/// and written, and no row is written that the transaction has nothing to do with.
[[nodiscard]] std::string broken_promise(const Transaction& transaction, const Picture& picture,
                                         const Decision& decision);

/// Many decisions as one pass of set-based writes, one write a row.
class NetEffect {
public:
    /// False, and nothing is added: a row would be deleted and inserted again, or the other way round, within one pass.
    [[nodiscard]] bool add(const Decision& decision);
    [[nodiscard]] bool empty() const { return effect_.writes.empty(); }
    /// The writes, the bills that were reopened, the delete group of each delete; of no transaction.
    [[nodiscard]] const Decision& decision() const { return effect_; }
    struct Deletion {
        RowKey key;
        std::string group, at;
    };
    [[nodiscard]] const std::vector<Deletion>& deletions() const { return deletions_; }

private:
    Decision effect_;
    std::map<RowKey, std::size_t> place_;
    std::vector<Deletion> deletions_;
};

/// True for a bill status that closes its items: paid, cancelled.
[[nodiscard]] bool is_closed_status(const Json& status);

}  // namespace vetchart::sync
