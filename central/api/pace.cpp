#include "central/api/pace.h"

#include <algorithm>

#include "host/tcp_counts.h"

namespace vetchart::central {
namespace {

using std::chrono::milliseconds;

milliseconds between(Pace::Time from, Pace::Time to) { return std::chrono::duration_cast<milliseconds>(to - from); }

std::uint64_t speed(std::uint64_t bytes, milliseconds time) {
    return bytes * 1000 / static_cast<std::uint64_t>(std::max<milliseconds::rep>(time.count(), 1));
}

}  // namespace

std::uint64_t bytes_moved(int socket) {
    const host::TcpCounts counts = host::tcp_counts(socket);
    return counts.sent + counts.received;
}

void Pace::begin(std::uint64_t moved, Time now) {
    begun_ = window_begun_ = now;
    from_ = window_from_ = moved;
}

bool Pace::holds(const LowestSpeed& lowest, std::uint64_t moved, Time now) {
    const auto enough = lowest.bytes_per_second_min * static_cast<std::uint64_t>(lowest.window.count()) / 1000;
    if (moved >= window_from_ + enough) {
        window_begun_ = now;
        window_from_ = moved;
        return true;
    }
    return now - window_begun_ <= lowest.window;
}

std::uint64_t Pace::bytes_per_second(std::uint64_t moved, Time now) const {
    const auto whole = speed(moved - std::min(moved, from_), between(begun_, now));
    // A window that has just begun says nothing yet.
    const auto window = between(window_begun_, now);
    if (window < milliseconds(1000)) return whole;
    return std::min(whole, speed(moved - std::min(moved, window_from_), window));
}

milliseconds Pace::age(Time now) const { return between(begun_, now); }

}  // namespace vetchart::central
