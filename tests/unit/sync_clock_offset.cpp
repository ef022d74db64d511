#include <catch2/catch.hpp>

#include "sync/engine/clock_offset.h"

using namespace vetchart;
using namespace vetchart::sync;
using namespace std::chrono_literals;

namespace {

const UtcMillis kAt = *parse_utc("2026-11-22T08:00:00.000Z");

}  // namespace

TEST_CASE("clock: the measure is central's time against the middle of the call, as good as half the call", "[sync]") {
    const auto slow = measure_clock("2026-11-22T08:00:05.000Z", kAt, kAt + 2s, 2s);
    REQUIRE(slow);
    CHECK(slow->offset_ms == 4000);
    CHECK(slow->error_ms == 1001);
    CHECK(measure_clock("2026-11-22T07:59:59.000Z", kAt, kAt, 0ms)->offset_ms == -1000);
    CHECK_FALSE(measure_clock("yesterday", kAt, kAt, 0ms));
}

TEST_CASE("clock: a call in which the clock was set, or the computer slept, measures nothing", "[sync]") {
    CHECK_FALSE(measure_clock("2026-11-22T08:00:00.000Z", kAt, kAt + 1h, 1s));
    CHECK_FALSE(measure_clock("2026-11-22T08:00:00.000Z", kAt, kAt - 1h, 1s));
}

TEST_CASE("clock: slow calls do not jitter the offset, and a clock that is off is found by any call", "[sync]") {
    // The true offset is 0; central's stamp lies anywhere within a call of up to 20 s.
    std::int64_t offset = 0;
    for (int i = 1; i <= 20; ++i) {
        const auto took = std::chrono::milliseconds(i * 1000);
        const auto stamp = kAt + (i % 2 == 0 ? took : 0ms);
        offset = settle_offset(offset, *measure_clock(format_utc(stamp), kAt, kAt + took, took));
        CHECK(offset == 0);
    }
    const auto wrong = settle_offset(0, *measure_clock(format_utc(kAt - 24h), kAt, kAt + 10s, 10s));
    CHECK(wrong < -86'390'000);
    // A quick call afterwards settles it.
    CHECK(settle_offset(wrong, *measure_clock(format_utc(kAt - 24h), kAt, kAt + 10ms, 10ms)) <= -86'399'980);
}

TEST_CASE("clock: being set is seen against a clock that nobody sets, drift is not", "[sync]") {
    ClockSteps steps;
    CHECK(steps.step_ms(kAt, 1000s) == 0);
    CHECK(steps.step_ms(kAt + 60s + 300ms, 1060s) == 0);
    CHECK(steps.step_ms(kAt + 61s + 300ms - 1h, 1061s) == -3'600'000);
    CHECK(steps.step_ms(kAt + 62s + 300ms - 1h, 1062s) == 0);
}

TEST_CASE("clock: a step towards the corrected time is a repair, any other is believed", "[sync]") {
    constexpr std::int64_t kHour = 3'600'000;
    CHECK(offset_after_step(-kHour, -kHour) == 0);  // it was an hour ahead and is set back
    CHECK(offset_after_step(kHour, kHour) == 0);
    CHECK(offset_after_step(0, 5 * kHour) == 0);
    CHECK(offset_after_step(-kHour, kHour) == -kHour);
}
