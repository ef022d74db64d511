#include "edge/api/zone_rule.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "edge/api/clinic_day.h"
#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;

namespace {

std::int64_t at(const std::string& text) {
    return std::chrono::floor<std::chrono::seconds>(*parse_utc(text)).time_since_epoch().count();
}

/// Hours east of UTC.
double hours(const std::string& rule, const std::string& moment) {
    const auto parsed = ZoneRule::parse(rule);
    REQUIRE(parsed.has_value());
    return static_cast<double>(parsed->offset_at(at(moment))) / 3600;
}

/// Zone files of the test's own, while it lives.
struct ZoneFolder {
    ZoneFolder() : before(std::getenv("TZDIR") == nullptr ? "" : std::getenv("TZDIR")) {
        ::setenv("TZDIR", folder.path().c_str(), 1);
    }
    ~ZoneFolder() { before.empty() ? ::unsetenv("TZDIR") : ::setenv("TZDIR", before.c_str(), 1); }
    ZoneFolder(const ZoneFolder&) = delete;
    ZoneFolder& operator=(const ZoneFolder&) = delete;

    /// A file as slim as can be: one type, no transition, `footer` at its end.
    void write(const std::string& name, const std::string& footer) const {
        const auto header = [](char types, char chars) {
            std::string text = "TZif2";
            text.append(15, '\0');
            for (const char count : {'\0', '\0', '\0', '\0', types, chars}) text += std::string(3, '\0') + count;
            return text;
        };
        const std::string block = std::string("\xff\xff\xb9\xb0\x00\x00", 6) + std::string("EST\0", 4);
        std::ofstream file(folder / name, std::ios::binary);
        file << header(1, 4) << block << header(1, 4) << block << footer;
    }

    test::TempDir folder;
    std::string before;
};

}  // namespace

TEST_CASE("zone rule: summer time begins and ends to the second, north and south of the equator", "[edge][zone]") {
    const char* const berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
    CHECK(hours(berlin, "2060-03-28T00:59:59.000Z") == 1);
    CHECK(hours(berlin, "2060-03-28T01:00:00.000Z") == 2);
    CHECK(hours(berlin, "2060-10-31T00:59:59.000Z") == 2);
    CHECK(hours(berlin, "2060-10-31T01:00:00.000Z") == 1);
    const char* const sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
    CHECK(hours(sydney, "2050-01-01T00:00:00.000Z") == 11);
    CHECK(hours(sydney, "2050-07-01T00:00:00.000Z") == 10);
    CHECK(hours(sydney, "2050-10-01T15:59:59.000Z") == 10);
    CHECK(hours(sydney, "2050-10-01T16:00:00.000Z") == 11);
}

TEST_CASE("zone rule: every form of the standard is read", "[edge][zone]") {
    CHECK(hours("<+0545>-5:45", "2050-01-01T00:00:00.000Z") == 5.75);
    CHECK(hours("UTC0", "2050-01-01T00:00:00.000Z") == 0);
    CHECK(hours("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-01-01T00:00:00.000Z") == 0);  // Dublin: winter is the odd one
    CHECK(hours("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-07-01T00:00:00.000Z") == 1);
    CHECK(hours("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-07-01T00:00:00.000Z") == -1);  // Nuuk
    CHECK(hours("EST5EDT,J60/2,300", "2052-03-01T06:59:59.000Z") == -5);
    CHECK(hours("EST5EDT,J60/2,300", "2052-03-01T07:00:00.000Z") == -4);
    for (const char* const wrong :
         {"", "C", "CET", "CET-1CEST,", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
          "CET-1CEST,M3.5.7,M10.5.0", "<CET-1", "CET-200", "CET-1CEST,M3.5.0,M10.5.0x"}) {
        INFO(wrong);
        CHECK_FALSE(ZoneRule::parse(wrong).has_value());
    }
}

TEST_CASE("clinic day: a slim zone file's rule is read, also beyond its last transition", "[edge][zone]") {
    const ZoneFolder zones;
    zones.write("Slim_East", "\nEST5EDT,M3.2.0,M11.1.0\n");
    CHECK(clinic_day("Slim_East", *parse_utc("2026-07-01T03:30:00.000Z")) == "2026-06-30");
    CHECK(clinic_day("Slim_East", *parse_utc("2026-07-01T04:30:00.000Z")) == "2026-07-01");
    CHECK(clinic_day("Slim_East", *parse_utc("2026-12-01T04:30:00.000Z")) == "2026-11-30");
    zones.write("Slim_None", "\n\n");
    CHECK(clinic_day("Slim_None", *parse_utc("2026-07-01T04:30:00.000Z")) == "2026-06-30");
    zones.write("Slim_Broken", "\nnonsense\n");
    CHECK_FALSE(is_known_zone("Slim_Broken"));
}

TEST_CASE("clinic day: the system's own files and their rules agree", "[edge][zone]") {
    if (!has_zone_data()) return;
    for (const char* const zone : {"America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata"}) {
        const test::TempDir folder;
        const std::string rule = [&] {
            std::ifstream file(std::string("/usr/share/zoneinfo/") + zone, std::ios::binary);
            std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
            if (!text.empty()) text.pop_back();
            return text.substr(text.find_last_of('\n') + 1);
        }();
        INFO(zone << " " << rule);
        const auto parsed = ZoneRule::parse(rule);
        REQUIRE(parsed.has_value());
        for (std::int64_t seconds = at("2020-01-01T00:00:00.000Z"); seconds < at("2036-01-01T00:00:00.000Z");
             seconds += 7919 * 3) {
            const UtcMillis moment{std::chrono::seconds{seconds}};
            const auto day = format_utc(moment + std::chrono::seconds{parsed->offset_at(seconds)}).substr(0, 10);
            if (clinic_day(zone, moment) != day) FAIL("they differ at " << seconds);
        }
    }
}

TEST_CASE("clinic day: without any zone files the system is known to have none", "[edge][zone]") {
    const ZoneFolder zones;
    CHECK_FALSE(has_zone_data());
    CHECK_FALSE(is_known_zone("America/New_York"));
    zones.write("UTC", "\nUTC0\n");
    CHECK(has_zone_data());
}
