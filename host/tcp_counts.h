#pragma once

#include <cstdint>

namespace vetchart::host {

/// What the kernel counted of a TCP connection; all zero where it does not say.
struct TcpCounts {
    std::uint64_t sent = 0;  ///< Bytes that the other side's kernel has acknowledged.
    std::uint64_t received = 0;
    bool unacknowledged = false;  ///< Something is on its way.
};

[[nodiscard]] TcpCounts tcp_counts(int socket);

}  // namespace vetchart::host
