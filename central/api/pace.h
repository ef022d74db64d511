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

/// Bytes that a connection has moved either way, as this machine's kernel counts them: what was acknowledged and what
/// arrived. What stands in a socket's buffer has not moved, a half TLS record has.
[[nodiscard]] std::uint64_t bytes_moved(int socket);

/// How fast a body moves. Not thread-safe.
class Pace {
public:
    using Time = std::chrono::steady_clock::time_point;

    void begin(std::uint64_t moved, Time now);
    /// False: in a whole window too little has moved.
    [[nodiscard]] bool holds(const LowestSpeed& lowest, std::uint64_t moved, Time now);
    /// On average since begin(), or over the last window when that is less.
    [[nodiscard]] std::uint64_t bytes_per_second(std::uint64_t moved, Time now) const;
    [[nodiscard]] std::chrono::milliseconds age(Time now) const;

private:
    Time begun_{}, window_begun_{};
    std::uint64_t from_ = 0, window_from_ = 0;
};

}  // namespace vetchart::central
