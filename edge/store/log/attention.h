#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/rows/charts.h"
#include "sync/base/result.h"

/// What a person has to look at: open items of central's feed, and local transactions that central holds or that
/// cannot stand beside what it sent (waiting), as long as no item speaks of them.
namespace vetchart::edge {

inline constexpr int kAttentionMax = 500;
inline constexpr int kAttentionChangesMax = 20;

/// Which items, and for whom.
struct AttentionView {
    enum class Status { open, resolved, all };
    Status status = Status::open;
    /// The viewer's staff ids. Of what they decided, what came late or was refused within the last day is told among
    /// the open items, though the item may be resolved.
    std::vector<std::string> staff = {};
    std::vector<std::string> admin_clinics = {};  ///< Where the viewer may give work up (discard).
    UtcMillis now = {};
};

/// JSON array of docs/api.md's attention items, newest first, at most kAttentionMax. Each also has `changes`: what the
/// transaction held, in order, as `{table, rowId, op, mine, base}`, the first kAttentionChangesMax of `changeCount`;
/// empty and null where this node's log has nothing of it (a conflict, a notice, another node's transaction).
[[nodiscard]] Result<std::string> list_attention(Database& database, const Reach& reach,
                                                 const AttentionView& view = {});

/// One item in whatever status, as the list has it; nullopt: there is none of that id within reach. Throws
/// SQLite::Exception, as charts.h.
[[nodiscard]] std::optional<std::string> find_attention(Connection& connection, const Reach& reach,
                                                        const AttentionView& view, const std::string& id);

/// A person's decision on an item.
struct NewDecision {
    std::string id, clinic_id, item_id;
    std::int64_t item_version = 0;  ///< Of the item as the person saw it.
    std::string action;
    std::optional<std::string> value;  ///< JSON text.
    std::string actor;                 ///< The person's staff id in the item's clinic.
};

/// Inserts the decision, which central carries out when it has arrived there. Call inside Database::write for the same
/// person. Throws as find_attention.
void insert_decision(Connection& connection, const NewDecision& decision, UtcMillis now);

}  // namespace vetchart::edge
