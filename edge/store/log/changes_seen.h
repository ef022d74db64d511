#pragma once

#include <bitset>
#include <cstdint>
#include <string>

#include "edge/store/file/database.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {

/// Some of sync::tables(), by index.
using TableSet = std::bitset<sync::kTablesMax>;

/// Remembers how far the file was seen, so that what was written since can be told.
struct ChangeMark {
    std::int64_t last_seq = -1;  ///< The log's last number, which any local write moves. -1: nothing was seen yet.
    std::string applied;         ///< The cursors' state, which moves with what pulls bring.
};

/// Moves `mark` to the file's present state and returns the tables written in between; after a pull that may be any,
/// so all of them. The first look returns none.
[[nodiscard]] Result<TableSet> tables_written(Database& database, ChangeMark& mark);

}  // namespace vetchart::edge
