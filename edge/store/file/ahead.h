#pragma once

#include <cstdint>
#include <string>

namespace vetchart::edge {

class Connection;

/// Brings back what this node itself remembers of times more than five minutes ahead of `now`, which a clock that was
/// ahead has left: the last successes, and since when something waits (node_state.ahead_since, where the time of the
/// waiting work lies ahead).
void bring_back_node_times(Connection& connection, const std::string& now);

/// Brings back rows written since the last contact whose log is not sealed: the instants of row and log are moved
/// together by `shift_ms`, at most to `now`. Sealed changes stay as they are; central counts them as now
/// (sync::decide). Call it in a transaction of its own, which is not captured.
void bring_back_rows(Connection& connection, const std::string& now, std::int64_t shift_ms);

}  // namespace vetchart::edge
