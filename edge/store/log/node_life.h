#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/base/result.h"

namespace vetchart::edge {

/// The head of the sealed log. Kept in the database and in DIR/life.json: a database behind the file is an old copy
/// (docs/data-rules.md, "Scope and lives").
struct LifeMark {
    std::string incarnation;
    std::int64_t sealed_seq = 0;
    std::string digest;  ///< Lower-case hex; empty while nothing was sealed.
    bool operator==(const LifeMark&) const = default;
};

/// The head of this file's log, and the node code that goes with it.
struct NodeLife {
    LifeMark mark;
    std::string node_code;
    bool enrolled = false;
};

[[nodiscard]] Result<NodeLife> read_node_life(Database& database);

/// The clinics whose row this file has.
[[nodiscard]] Result<std::vector<std::string>> clinic_ids(Database& database);

/// True when the log of this file holds what `mark` says: the same incarnation, sealed at least as far, and at
/// that place the same digest. False: the file is a copy of a past (or of another node), and must not go on
/// under its old incarnation.
[[nodiscard]] Result<bool> log_continues(Database& database, const LifeMark& mark);

}  // namespace vetchart::edge
