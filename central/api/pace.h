#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace vetchart::central {

/// The lowest speed of a body, in a request or an answer.
struct LowestSpeed {
    std::size_t bytes_per_second_min = 256;  ///< Over each `window`. A line of 16 kbit/s has 2,000.
    std::chrono::milliseconds window{20000};
};

/// Counts the bytes that a connection has moved either way, by this machine's kernel: those acknowledged and those that
/// arrived. Bytes in a socket's buffer have not moved, half of a TLS record has.
[[nodiscard]] std::uint64_t bytes_moved(int socket);

/// How fast a body moves. Not thread-safe.
class Pace {
public:
    using Time = std::chrono::steady_clock::time_point;

    void begin(std::uint64_t moved, Time now);
    /// False when too little has moved in a whole window.
    [[nodiscard]] bool holds(const LowestSpeed& lowest, std::uint64_t moved, Time now);
    /// The speed since begin(), or over the last window when that is lower.
    [[nodiscard]] std::uint64_t bytes_per_second(std::uint64_t moved, Time now) const;
    [[nodiscard]] std::chrono::milliseconds age(Time now) const;

private:
    Time begun_{}, window_begun_{};
    std::uint64_t from_ = 0, window_from_ = 0;
};

}  // namespace vetchart::central
