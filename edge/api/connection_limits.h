#pragma once

#include <cstddef>

namespace vetchart::edge {

/// What one connection to the node may hold (guarded_server.h says why).
struct ConnectionLimits {
    int head_ms = 10000;              ///< From the first byte of a request to the end of its head.
    std::size_t head_bytes = 65536;   ///< All lines of the head.
    int grace_ms = 10000;             ///< Of a body, and of each piece of an answer, beside its time by the speed.
    std::size_t bytes_per_s = 16384;  ///< Lowest speed.
    int idle_ms = 2000;               ///< Between two requests.
    int per_address_max = 32;
};

}  // namespace vetchart::edge
