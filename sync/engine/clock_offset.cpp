#include "sync/engine/clock_offset.h"

#include <algorithm>
#include <cstdlib>

namespace vetchart::sync {
namespace {

constexpr std::int64_t kDriftMs = 2000;
/// The largest offset that the node's file can hold (sync_control).
constexpr std::int64_t kOffsetMaxMs = 10'000'000'000'000;

}  // namespace

std::optional<ClockMeasure> measure_clock(std::string_view server_time, UtcMillis asked, UtcMillis answered,
                                          std::chrono::milliseconds took) {
    const auto server = parse_utc(server_time);
    if (!server || std::abs(((answered - asked) - took).count()) > kDriftMs) return std::nullopt;
    const std::int64_t half = std::max<std::int64_t>(took.count() / 2, 0);
    const std::int64_t offset = (*server - answered).count() + half;
    return ClockMeasure{std::clamp(offset, -kOffsetMaxMs, kOffsetMaxMs), half + 1};
}

std::int64_t settle_offset(std::int64_t so_far_ms, const ClockMeasure& measure) {
    return std::clamp(so_far_ms, measure.offset_ms - measure.error_ms, measure.offset_ms + measure.error_ms);
}

std::int64_t ClockSteps::step_ms(UtcMillis wall, std::chrono::milliseconds steady) {
    const std::int64_t apart = (wall.time_since_epoch() - steady).count();
    const std::int64_t step = apart - apart_ms_.value_or(apart);
    apart_ms_ = apart;
    return std::abs(step) > kDriftMs ? step : 0;
}

std::int64_t offset_after_step(std::int64_t offset_ms, std::int64_t step_ms) {
    const std::int64_t left = offset_ms - step_ms;
    return std::abs(left) < std::abs(offset_ms) ? left : offset_ms;
}

}  // namespace vetchart::sync
