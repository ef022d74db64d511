#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/model/change.h"

namespace vetchart::edge {

/// Begins the log's mark of a row that was written while the node worked alone, and that its enrolment brings.
inline constexpr std::string_view kAdoptedMark = "adopt:";

/// Seals what the log holds unsealed (SyncStore::seal). Inside a write; throws SQLite::Exception. Returns how many
/// transactions were sealed.
int seal_log(Connection& connection);

/// The changes of the log from `first_seq` to `last_seq`, as they go over the wire.
[[nodiscard]] std::vector<sync::Change> read_changes(Connection& connection, std::int64_t first_seq,
                                                     std::int64_t last_seq);

}  // namespace vetchart::edge
