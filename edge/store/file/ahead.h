#pragma once

#include <cstdint>
#include <string>

namespace vetchart::edge {

class Connection;

/// Brings back what this node itself remembers of times more than five minutes ahead of `now`, which a clock that was
/// ahead has left: the last successes, and since when something waits (node_state.ahead_since, where the time of the
/// waiting work lies ahead).
void bring_back_node_times(Connection& connection, const std::string& now);

/// The same of rows written since the last contact whose log is not sealed: the instants of row and log together, moved
/// by `shift_ms`, at most to `now`. What is sealed stays as it is; central counts it as now (sync::decide). Call it in
/// a write of its own transaction, not captured.
void bring_back_rows(Connection& connection, const std::string& now, std::int64_t shift_ms);

}  // namespace vetchart::edge
