#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sync/base/time.h"

namespace vetchart::sync {

/// The difference from which a clock is called wrong and a time counts as ahead.
inline constexpr std::chrono::milliseconds kClockTolerance{std::chrono::minutes(5)};

/// What one answer says of this computer's clock: central's minus its own, known up to `error_ms`.
struct ClockMeasure {
    std::int64_t offset_ms = 0;
    std::int64_t error_ms = 0;
};

/// `asked`, `answered`: this computer's clock around the call; `took`: the call by a clock that nobody sets. The server
/// wrote its time somewhere between the two, so half of the call is how far the measure may be off. nullopt: the
/// server's time is unreadable, or this clock was set (or the computer slept) while the call went on.
[[nodiscard]] std::optional<ClockMeasure> measure_clock(std::string_view server_time, UtcMillis asked,
                                                        UtcMillis answered, std::chrono::milliseconds took);

/// The offset to go on with: the one so far, as long as the measure allows it, else the nearest that it allows. So the
/// times of rows do not jump with every slow call.
[[nodiscard]] std::int64_t settle_offset(std::int64_t so_far_ms, const ClockMeasure& measure);

/// Notices that this computer's clock was set while the program runs: a node that is offline sees the repair too.
class ClockSteps {
public:
    /// By how much the clock was set since the last call; 0 for what is no more than drift. `steady` goes on while the
    /// computer sleeps (CLOCK_BOOTTIME).
    [[nodiscard]] std::int64_t step_ms(UtcMillis wall, std::chrono::milliseconds steady);

private:
    std::optional<std::int64_t> apart_ms_;
};

/// The offset after the clock was set by `step_ms`. A step towards the corrected time is the repair of a clock that was
/// known to be wrong; any other is believed.
[[nodiscard]] std::int64_t offset_after_step(std::int64_t offset_ms, std::int64_t step_ms);

}  // namespace vetchart::sync
