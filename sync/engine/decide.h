#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/model/change.h"

/// What central does with a transaction, decided on an in-memory picture of the rows it touches. Pure.
namespace vetchart::sync {

/// Table and row id.
using RowKey = std::pair<std::string, std::string>;

/// One row as central has it now.
struct RowState {
    bool exists = false;
    bool tombstone = false;  ///< Hard-deleted before: the row existed once.
    bool matched = false;    ///< A staff row that does not exist, but whose e-mail another row of its clinic has.
    std::string clinic_id;
    Json image;  ///< Object of all columns but version, when it exists.
};

/// Why a transaction cannot be taken as it is.
struct Hold {
    std::string code;
    std::string reason;  ///< A sentence for a person.
};

/// Codes of a hold that also holds what the same node builds on the transaction's rows later.
inline constexpr const char* kHeldArchived = "archived";          ///< A row of it is in the archive.
inline constexpr const char* kHeldDependent = "depends_on_held";  ///< It builds on a transaction that is held.
[[nodiscard]] bool holds_dependents(std::string_view code);

/// The rows a batch touches, as central has them; moves on as transactions are taken.
class Picture {
public:
    void set(const RowKey& key, RowState state) { rows_[key] = std::move(state); }
    /// The state of `key`; a row never heard of does not exist.
    [[nodiscard]] const RowState& at(const RowKey& key) const;

    /// Nothing may write or reference `key` now: it is archived, or a held transaction of this node wrote it. The first
    /// reason stays.
    void block(const RowKey& key, const Hold& why) { blocked_.emplace(key, why); }
    /// nullptr: nothing stands in the way of `key`.
    [[nodiscard]] const Hold* blocked(const RowKey& key) const;

private:
    std::map<RowKey, RowState> rows_;
    std::map<RowKey, Hold> blocked_;
};

/// The rows that the new values of `change` name as parents (patient_id, bill_id, ..).
[[nodiscard]] std::vector<RowKey> parents_of(const Change& change);

/// Blocks every row that a held transaction wrote, for what its node sends after it. `hold` is the transaction's own.
void block_written(const Transaction& transaction, const Hold& hold, Picture& picture);

/// The net effect of a transaction (or of several) on one row.
struct RowWrite {
    enum class Kind { insert, update, remove };
    RowKey key;
    std::string clinic_id;
    Kind kind = Kind::update;
    Json image;                     ///< The whole row afterwards; for remove, as it was.
    std::set<std::string> columns;  ///< Those an update changes, bookkeeping ones left out.
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

/// Something a person of the clinic should know; it stands in nobody's way. Central makes an open item of it.
struct Notice {
    RowKey key;
    std::string clinic_id;
    std::string code;           ///< Slug; docs/errors.md lists them.
    std::string title, reason;  ///< Sentences for a person.
    Json mine, theirs;          ///< What the node wrote, what stands; null: nothing to show.
};

struct Decision {
    std::optional<Hold> hold;  ///< Set: nothing of it is applied.
    std::vector<RowWrite> writes;
    std::vector<ColumnConflict> conflicts;
    std::set<std::string> reopened_bills;  ///< Closed bills that the transaction itself opened before it wrote items.
    std::vector<Notice> notices;           ///< None of a held one.
};

/// Decides one transaction against `picture`, which stays as it is. Precondition: every table is one of kTables.
[[nodiscard]] Decision decide(const Transaction& transaction, const Picture& picture);

/// Moves the picture on by what was decided and applied.
void take(const Decision& decision, Picture& picture);

/// The net effect of several decisions in order, one write a row. nullopt: a row was deleted and inserted again,
/// which a set of statements cannot do in one pass.
[[nodiscard]] std::optional<Decision> combine(std::vector<Decision> decisions);

/// True for a bill status that closes its items: paid, cancelled.
[[nodiscard]] bool is_closed_status(const Json& status);

}  // namespace vetchart::sync
