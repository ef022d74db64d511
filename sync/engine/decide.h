#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
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

/// The rows a batch touches, as central has them; moves on as transactions are taken.
class Picture {
public:
    void set(const RowKey& key, RowState state) { rows_[key] = std::move(state); }
    /// The state of `key`; a row never heard of does not exist.
    [[nodiscard]] const RowState& at(const RowKey& key) const;

private:
    std::map<RowKey, RowState> rows_;
};

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

/// Why a transaction cannot be taken as it is.
struct Hold {
    std::string code;
    std::string reason;  ///< A sentence for a person.
};

struct Decision {
    std::optional<Hold> hold;  ///< Set: nothing of it is applied.
    std::vector<RowWrite> writes;
    std::vector<ColumnConflict> conflicts;
    std::set<std::string> reopened_bills;  ///< Closed bills that the transaction itself opened before it wrote items.
};

/// Decides one transaction against `picture`, which stays as it is. Precondition: every table is one of kTables.
[[nodiscard]] Decision decide(const Transaction& transaction, const Picture& picture);

/// Moves the picture on by what was decided and applied.
void take(const Decision& decision, Picture& picture);

/// The net effect of several decisions in order, one write a row. nullopt: a row was deleted and inserted again,
/// which a set of statements cannot do in one pass.
[[nodiscard]] std::optional<Decision> combine(const std::vector<Decision>& decisions);

/// True for a bill status that closes its items: paid, cancelled.
[[nodiscard]] bool is_closed_status(const Json& status);

}  // namespace vetchart::sync
