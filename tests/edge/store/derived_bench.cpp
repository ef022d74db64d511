// The figures of docs/testing.md: what finding costs a large clinic. VETCHART_ROWS patients (100,000), with an owner
// each.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "edge/store/file/derived.h"
#include "edge/store/file/search_index.h"
#include "edge/store/rows/charts_find.h"
#include "tests/edge/store/chart_fixture.h"

using namespace vetchart;
using namespace vetchart::edge;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;

namespace {

double seconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string rows(const std::string& count) {
    return " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + count + ")";
}

double longest_step(ChartFile& file, double& all) {
    double longest = 0;
    for (bool behind = true; behind;) {
        const double took = seconds([&] {
            REQUIRE(file.database().maintain([&](Connection& connection) -> Status {
                behind = step_search(connection, kSearchStep);
                return Done{};
            }));
        });
        longest = std::max(longest, took);
        all += took;
    }
    return longest;
}

}  // namespace

TEST_CASE("bench: finding in a large clinic", "[.bench]") {
    const char* given = std::getenv("VETCHART_ROWS");
    const std::string count = given == nullptr ? "100000" : given;
    ChartFile file;
    const std::string clinic = "'" + row_uuid(1, 1) + "'";
    const std::string id = "printf('%08x-0001-7000-8000-%012x',i,i)";
    const double applied = seconds([&] {
        REQUIRE(file.database().apply([&](Connection& connection) -> Status {
            connection.exec(("INSERT INTO owner(id,clinic_id,first_name,last_name,email,phone)" + rows(count) +
                             " SELECT " + id + "," + clinic +
                             ",iif(i%10=0,'Zoë','First'||(i%977)),'Last'||(i%30011),'o'||i||'@mail.example','020 "
                             "'||(79460000+i) FROM n")
                                .c_str());
            connection.exec(("INSERT INTO patient(id,clinic_id,owner_id,name,species,gender,microchip)" + rows(count) +
                             " SELECT " + id + "," + clinic + "," + id +
                             ",'Pet'||(i%5003),'dog','male',941000010000000+i FROM n")
                                .c_str());
            return Done{};
        }));
    });
    std::printf("apply %.2f s\n", applied);
    double all = 0;
    double longest = longest_step(file, all);
    std::printf("fold the rest %.2f s, longest step %.0f ms\n", all, longest * 1000);
    const Reach reach{{row_uuid(1, 1)}, "{}", false};
    for (const char* text : {"last17", "first9", "zoe", "79461234", "1234", "last29999", "lasst29999", "pet50 last1"}) {
        std::vector<double> took;
        for (int i = 0; i < 20; ++i)
            took.push_back(seconds([&] { REQUIRE(search_charts(file.database(), text, reach, 12).ok()); }));
        std::sort(took.begin(), took.end());
        std::printf("search %-14s p50 %7.2f ms  p95 %7.2f ms\n", text, took[10] * 1000, took[18] * 1000);
    }
    std::size_t faults = 1;
    const double audit = seconds([&] { faults = find_derived_faults(file.file(), 10).size(); });
    std::printf("proof of everything %.2f s, %zu faults\n", audit, faults);
    file.shell("UPDATE search_index_data SET block=x'ff' WHERE id>10");
    const double mended =
        seconds([&] { CHECK(file.write("UPDATE owner SET last_name='New' WHERE id='" + row_uuid(2, 1) + "'").ok()); });
    std::printf("the write that finds damage and mends %.2f s\n", mended);
    all = 0;
    longest = longest_step(file, all);
    std::printf("make the search anew %.2f s in steps, the longest %.0f ms\n", all, longest * 1000);
}
