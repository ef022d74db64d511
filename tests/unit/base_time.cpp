#include <catch2/catch.hpp>
#include <random>

#include "sync/base/time.h"

namespace vetchart {
namespace {

std::string again(std::string_view text) {
    const auto t = parse_utc(text);
    return t ? format_utc(*t) : "refused";
}

}  // namespace

TEST_CASE("time: an instant is written with milliseconds and Z, and read back as it was", "[base][time]") {
    CHECK(format_utc(UtcMillis{}) == "1970-01-01T00:00:00.000Z");
    CHECK(again("2026-11-22T08:30:00.123Z") == "2026-11-22T08:30:00.123Z");
    CHECK(again("0001-01-01T00:00:00.000Z") == "0001-01-01T00:00:00.000Z");
    CHECK(again("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z");
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::int64_t> any(-62'135'596'800'000, 253'402'300'799'999);
    for (int i = 0; i < 5000; ++i) {
        const UtcMillis t{std::chrono::milliseconds{any(random)}};
        CHECK(parse_utc(format_utc(t)) == t);
    }
}

TEST_CASE("time: digits after the millisecond are cut, never rounded", "[base][time]") {
    CHECK(again("2026-11-22T08:30:00.999999Z") == "2026-11-22T08:30:00.999Z");
    CHECK(again("2026-11-22T08:30:00.1Z") == "2026-11-22T08:30:00.100Z");
    CHECK(again("2026-11-22T08:30:00Z") == "2026-11-22T08:30:00.000Z");
    CHECK(again("1969-12-31T23:59:59.9999Z") == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("time: an offset is brought to UTC", "[base][time]") {
    CHECK(again("2026-11-22T01:30:00.000+02:00") == "2026-11-21T23:30:00.000Z");
    CHECK(again("2026-12-31T22:30:00-05:30") == "2027-01-01T04:00:00.000Z");
    CHECK(again("2024-02-29T23:59:59.5-00:01") == "2024-03-01T00:00:59.500Z");
}

TEST_CASE("time: what is not an instant of the years 0001 to 9999 is refused", "[base][time]") {
    const auto text = GENERATE(
        as<std::string>{}, "", "2026-11-22", "2026-11-22T08:30:00", "2026-11-22 08:30:00Z", "2026-11-22T08:30Z",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-11-31T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T08:60:00Z", "2026-11-22T08:30:60Z", "2026-11-22T08:30:00.Z",
        "2026-11-22T08:30:00z", "2026-11-22T08:30:00+2:00", "2026-11-22T08:30:00+0200", "2026-11-22T08:30:00+15:00",
        "2026-11-22T08:30:00Z ", "+026-11-22T08:30:00Z", "0000-12-31T00:00:00Z", "2026-11-22T08:30:00.12a4Z",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00");
    CAPTURE(text);
    CHECK_FALSE(parse_utc(text));
}

TEST_CASE("time: a day is one that exists, as YYYY-MM-DD", "[base][time]") {
    const auto good = GENERATE(as<std::string>{}, "0001-01-01", "2024-02-29", "2000-02-29", "9999-12-31");
    CHECK(is_day(good));
    const auto bad = GENERATE(as<std::string>{}, "", "2026-2-9", "2026-02-29", "1900-02-29", "0000-01-01", "2026-04-31",
                              "2026/04/30", "2026-04-30T00:00:00Z", "2026-04-30 ", "26-04-30", "2026-0a-30");
    CAPTURE(bad);
    CHECK_FALSE(is_day(bad));
}

TEST_CASE("time: a time of day is HH:MM from 00:00 to 23:59", "[base][time]") {
    const auto good = GENERATE(as<std::string>{}, "00:00", "09:05", "23:59");
    CHECK(is_time_of_day(good));
    const auto bad = GENERATE(as<std::string>{}, "", "24:00", "23:60", "9:05", "09:05:00", "09.05", " 9:05", "-1:00");
    CAPTURE(bad);
    CHECK_FALSE(is_time_of_day(bad));
}

}  // namespace vetchart
