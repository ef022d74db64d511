#pragma once

#include <bitset>
#include <cstdint>
#include <string>

#include "edge/store/file/database.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {

/// Some of sync::tables(), by index.
using TableSet = std::bitset<sync::kTablesMax>;

/// Where the file stands, for one who wants to know what was written since.
struct ChangeMark {
    std::int64_t last_seq = -1;  ///< Of the log: local writes, the shell's too. -1: nothing was looked at yet.
    std::string applied;         ///< Of the cursors: what pulls brought.
};

/// Moves `mark` to the file's present state and returns the tables written in between; after a pull that may be any,
/// so all of them. The first look returns none.
[[nodiscard]] Result<TableSet> tables_written(Database& database, ChangeMark& mark);

}  // namespace vetchart::edge
