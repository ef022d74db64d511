#pragma once

#include <optional>
#include <string>

#include "edge/store/file/database.h"
#include "edge/store/rows/charts.h"
#include "sync/base/result.h"

/// What a person has to look at: open items of central's feed, and local transactions that central holds or that
/// cannot stand beside what it sent (waiting), as long as no item speaks of them.
namespace vetchart::edge {

inline constexpr int kAttentionMax = 500;
inline constexpr int kAttentionChangesMax = 20;

/// JSON array of docs/api.md's attention items, newest first, at most kAttentionMax. Each also has `changes`: what the
/// transaction held, in order, as `{table, rowId, op, mine, base}`, the first kAttentionChangesMax of `changeCount`;
/// empty and null where this node's log has nothing of it (a conflict, a notice, another node's transaction).
[[nodiscard]] Result<std::string> list_attention(Database& database, const Reach& reach);

/// True when the list has an item of that id.
[[nodiscard]] Result<bool> has_attention(Database& database, const Reach& reach, const std::string& id);

}  // namespace vetchart::edge
