#pragma once

#include <cstddef>

namespace vetchart::edge {

/// What one connection to the node may hold (guarded_server.h says why).
struct ConnectionLimits {
    int head_ms = 10000;              ///< From the first byte of a request to the end of its head.
    std::size_t head_bytes = 65536;   ///< All lines of the head.
    int grace_ms = 10000;             ///< Of a body, and of each piece of an answer, beside its time by the speed.
    std::size_t bytes_per_s = 16384;  ///< Lowest speed.
    int idle_ms = 8000;               ///< Between two requests; what is announced is less (announced_idle_s).
    int per_address_max = 32;
};

/// What `Keep-Alive: timeout=` says: so much less than what is held that a request sent at its last moment, over a
/// slow line, still finds the connection open.
[[nodiscard]] constexpr int announced_idle_s(const ConnectionLimits& limits) {
    return limits.idle_ms >= 4000 ? limits.idle_ms / 1000 - 3 : 1;
}

}  // namespace vetchart::edge
