#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sync/engine/decide.h"
#include "sync/engine/net_change.h"
#include "sync/model/row_values.h"

/// A decision in the making, and the steps that make it; for decide() alone.
namespace vetchart::sync {

/// The row that `column` names in `image`, where it names one.
[[nodiscard]] std::optional<RowKey> named_by(const Column& column, const Json& image);
/// A reference that keeps the row it names from being deleted: neither SET NULL nor beside a printed text.
[[nodiscard]] bool is_binding(const Column& column);
/// True for columns that name a row of another synced table than the clinic.
[[nodiscard]] bool is_reference(const Table& table, const Column& column);

/// A hold that a step comes to: thrown, since nothing of the transaction is applied then.
struct HeldBy {
    Hold why;
};

class Draft {
public:
    /// `refused_before`: rows whose delete was found impossible by an earlier draft of the same transaction.
    Draft(const Transaction& decided, const Picture& known, Reads* lacking, const std::set<RowKey>& refused_before);
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    const Transaction& transaction;
    const Picture& picture;
    Reads* const missing;
    const std::set<RowKey>& refused;
    std::vector<NetChange> nets;    ///< What is not decided away yet.
    bool rows_are_written = false;  ///< Since write_changes(): what the transaction does to a row is in its write.
    Decision decision;

    [[nodiscard]] const RowState& at(const RowKey& key) const { return picture.at(key, missing); }
    /// The row as it is after what is decided so far; nullptr: it is not there.
    [[nodiscard]] const Json* now(const RowKey& key) const;
    /// The net change of a row that is still to be decided, or was; nullptr: the transaction has none, or it was
    /// dropped.
    [[nodiscard]] NetChange* net_of(const RowKey& key);
    [[nodiscard]] const NetChange* net_of(const RowKey& key) const;
    /// What the transaction does with the row is left out.
    void drop(const NetChange& net) { dropped_.insert(net.key); }
    [[nodiscard]] bool is_dropped(const RowKey& key) const { return dropped_.contains(key); }
    [[nodiscard]] bool is_open(const NetChange& net) const { return !net.gone && !is_dropped(net.key); }
    /// True when the transaction itself says something about this row.
    [[nodiscard]] bool touches(const RowKey& key) const { return place_.contains(key); }

    /// The write of a row: the one there is, or a new update of what central has. Precondition: now(key).
    RowWrite& write_of(const RowKey& key);
    RowWrite& add(RowWrite write);
    [[nodiscard]] RowWrite* find_write(const RowKey& key);

    void note(const RowKey& key, const std::string& clinic_id, const char* code, Json mine = nullptr,
              Json theirs = nullptr, Json base = nullptr);
    [[noreturn]] void hold(const char* code, std::string reason) const { throw HeldBy{{code, std::move(reason)}}; }

private:
    std::map<RowKey, std::size_t> place_;
    std::map<RowKey, std::size_t> written_;
    std::set<RowKey> dropped_;
    std::set<std::pair<RowKey, std::string>> noted_;
};

// The steps, in their order.

/// What belongs together in a bill is decided as one: where it moved, or may not be changed any more, all of it is left
/// out and becomes one conflict.
void set_aside_moved_bills(Draft& draft);
/// Deletes that may not be: of rows that were edited, or that others name. With what hangs on them.
void set_aside_refused_deletes(Draft& draft);
/// Rows that were deleted for good and that the transaction needs come back, with what went with them.
void bring_back(Draft& draft);
/// Inserts, updates (column by column) and deletes, as far as they are left.
void write_changes(Draft& draft);
/// Owners merged away: whom into, and what goes with them.
void follow_merges(Draft& draft);
/// What the written references name: survivors of a merge, nobody where the row is gone.
void settle_references(Draft& draft);
/// What names a row that is deleted names nobody; deletes that cannot be after all are added to `refused`.
void cut_links(Draft& draft, std::set<RowKey>& refused);
/// No two rows have what only one may have.
void settle_uniques(Draft& draft);
/// What a person has to know about work on rows that somebody had deleted.
void tell_work_on_deleted(Draft& draft);
/// Stamps and reasons of bills, and which of them were opened again.
void finish_bills(Draft& draft);

}  // namespace vetchart::sync
