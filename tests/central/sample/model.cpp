#include <catch2/catch.hpp>
#include <map>
#include <numeric>
#include <set>

#include "central/sample/chart_maker.h"

namespace vetchart::central {
namespace {

SampleOptions options_of(std::int64_t patients, int years, std::uint64_t seed) {
    SampleOptions options;
    options.clinics = 4;
    options.patients = patients;
    options.years = years;
    options.seed = seed;
    options.until = *parse_day("2026-06-30");
    return options;
}

std::multiset<std::string> ids_of(const Charts& charts) {
    std::multiset<std::string> ids;
    for (const auto& row : charts.owners) ids.insert(to_string(row.id));
    for (const auto& row : charts.records) ids.insert(to_string(row.id));
    for (const auto& row : charts.items) ids.insert(to_string(row.id));
    return ids;
}

}  // namespace

TEST_CASE("sample: chance is SplitMix64, for ever the same", "[sample]") {
    Random random(1234567);
    REQUIRE(random.next() == 6457827717110365317ULL);
    REQUIRE(random.next() == 3203168211198807973ULL);
    Random again(7);
    const Random untouched = again;
    again.next();
    REQUIRE(untouched.fork("a").next() == Random(7).fork("a").next());
    REQUIRE(untouched.fork("a").next() != untouched.fork("b").next());
    REQUIRE(untouched.fork("a", 1).next() != untouched.fork("a", 2).next());
}

TEST_CASE("sample: draws stay in their bounds and reach both ends", "[sample]") {
    Random random(5);
    std::set<std::int64_t> seen;
    for (int i = 0; i < 500; ++i) seen.insert(random.between(-2, 3));
    REQUIRE(seen == std::set<std::int64_t>{-2, -1, 0, 1, 2, 3});
    const std::array<int, 4> weights{0, 1, 0, 3};
    int last = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto at = random.weighted(weights);
        REQUIRE((at == 1 || at == 3));
        last += at == 3 ? 1 : 0;
    }
    REQUIRE(last > 650);
    REQUIRE(last < 850);
}

TEST_CASE("sample: lines and taxes are rounded half up to the cent", "[sample]") {
    REQUIRE(line_cents(500, 101) == 51);
    REQUIRE(line_cents(499, 101) == 50);
    REQUIRE(line_cents(1000, 2850) == 2850);
    REQUIRE(line_cents(250, 4780) == 1195);
    REQUIRE(tax_cents(1000, 825) == 83);
    REQUIRE(tax_cents(1000, 824) == 82);
    REQUIRE(tax_cents(0, 1900) == 0);
}

TEST_CASE("sample: an animal grows, stays, and gets lighter in old age", "[sample]") {
    Random random(11);
    for (int i = 0; i < 200; ++i) {
        const Build build = draw_build(random, i % 2 == 0);
        INFO(build.species->name << ' ' << build.breed->name);
        const auto newborn = grams_at(build, 1, random);
        const auto half = grams_at(build, build.species->adult_months * 12, random);
        const auto grown = grams_at(build, build.species->adult_months * 35, random);
        REQUIRE(newborn >= 1);
        REQUIRE(newborn < half);
        REQUIRE(half < grown);
        REQUIRE(grown > build.breed->adult_grams * 6 / 10);
        REQUIRE(grown < build.breed->adult_grams * 16 / 10);
        REQUIRE(monthly_mortality(build, 400) < monthly_mortality(build, build.breed->life_years * 365));
        for (const std::string_view unit : {"kg", "lbs"}) REQUIRE(weight_milli(grown, unit) > 0);
    }
    REQUIRE(weight_milli(4536, "lbs") == 10000);
    REQUIRE(weight_milli(31234, "kg") == 31200);
}

TEST_CASE("sample: no visit is before the registration or after the end of a life", "[sample]") {
    const Day last = *parse_day("2026-06-30");
    int deaths = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        const Day registered = last - days(static_cast<int>(i % 1500));
        const AnimalLife life = draw_life(Random(3).fork("test", i), registered, i % 2 == 0, last, last + days(45));
        REQUIRE(life.born < life.registered);
        deaths += life.died ? 1 : 0;
        for (const WantedVisit& visit : life.visits) {
            REQUIRE(visit.day >= life.registered);
            REQUIRE((!life.died || visit.day <= *life.died));
            REQUIRE((!visit.farewell || visit.day == *life.died));
        }
    }
    REQUIRE(deaths > 100);
    REQUIRE(deaths < 600);
}

TEST_CASE("sample: patients are split over the clinics and add up", "[sample]") {
    for (const std::int64_t patients : {4, 5, 17, 1000, 123457}) {
        const auto split = split_patients(options_of(patients, 3, 9));
        REQUIRE(split.size() == 4);
        REQUIRE(std::accumulate(split.begin(), split.end(), std::int64_t{0}) == patients);
        for (const std::int64_t one : split) REQUIRE(one >= 1);
    }
}

TEST_CASE("sample: the size of a portion does not change the rows", "[sample]") {
    const SampleOptions options = options_of(400, 2, 21);
    const ClinicPlan plan = plan_clinic(options, 2, 100);
    ChartMaker whole(plan);
    const auto at_once = ids_of(whole.next(1000));
    REQUIRE(whole.next(1000).owners.empty());
    ChartMaker maker(plan);
    std::multiset<std::string> portions;
    for (Charts charts = maker.next(7); !charts.owners.empty(); charts = maker.next(7)) portions.merge(ids_of(charts));
    REQUIRE(portions == at_once);
    REQUIRE(std::set<std::string>(portions.begin(), portions.end()).size() == portions.size());
}

TEST_CASE("sample: no half hour has more animals than vets, and none is outside the opening hours", "[sample]") {
    const SampleOptions options = options_of(4000, 3, 2);
    const ClinicPlan plan = plan_clinic(options, 0, 1000);
    ChartMaker maker(plan);
    std::map<std::pair<Day, int>, int> busy;
    for (const AppointmentRow& row : maker.next(5000).appointments) {
        REQUIRE(weekday_of(row.date) != 0);
        REQUIRE(row.minute >= plan.opens_minute);
        REQUIRE(row.minute + 30 <= (weekday_of(row.date) == 6 ? plan.saturday_closes_minute : plan.closes_minute));
        REQUIRE(++busy[{row.date, row.minute}] <= plan.vets);
    }
    REQUIRE(busy.size() > 1000);
}

TEST_CASE("sample: options out of bounds are refused by name", "[sample]") {
    const auto refusal = [](auto change) {
        SampleOptions options = options_of(40, 1, 1);
        change(options);
        const auto checked = check_options(options);
        return checked ? std::string() : checked.error().context;
    };
    REQUIRE(refusal([](SampleOptions&) {}).empty());
    REQUIRE(refusal([](SampleOptions& o) { o.clinics = 0; }).find("--clinics") == 0);
    REQUIRE(refusal([](SampleOptions& o) { o.patients = 3; }).find("--patients") == 0);
    REQUIRE(refusal([](SampleOptions& o) { o.years = 31; }).find("--years") == 0);
    REQUIRE(refusal([](SampleOptions& o) { o.until = *parse_day("1969-12-31"); }).find("--until") == 0);
    for (const char* prefix : {"", "small", "A-B", "ABCDEFGHIJKL"}) {
        REQUIRE(refusal([&](SampleOptions& o) { o.prefix = prefix; }).find("--prefix") == 0);
    }
    REQUIRE(refusal([](SampleOptions& o) { o.code = "SOUTH"; }).find("--code") == 0);
    REQUIRE(refusal([](SampleOptions& o) { o.clinics = 1, o.code = "south"; }).find("--code") == 0);
    REQUIRE(refusal([](SampleOptions& o) { o.clinics = 1, o.code = "SOUTH"; }).empty());
    REQUIRE_FALSE(parse_day("2026-02-29").ok());
    REQUIRE_FALSE(parse_day("yesterday").ok());
    REQUIRE(day_text(years_before(*parse_day("2024-02-29"), 1)) == "2023-02-28");
}

}  // namespace vetchart::central
