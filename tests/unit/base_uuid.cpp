#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "sync/base/uuid.h"
#include "tests/support/chance.h"

namespace vetchart {
namespace {

UtcMillis at(std::int64_t ms) { return UtcMillis{std::chrono::milliseconds{ms}}; }

}  // namespace

TEST_CASE("uuid: the text form is lower-case and comes back as the same bytes", "[base][uuid]") {
    const std::string text = "0192f0c1-8b5e-7abc-9def-0123456789ab";
    const auto id = parse_uuid(text);
    REQUIRE(id);
    CHECK(id->bytes.front() == 0x01);
    CHECK(id->bytes.back() == 0xab);
    CHECK(to_string(*id) == text);
    for (int i = 0; i < 100; ++i) {
        const Uuid random = random_uuid_v4(test::chance());
        CHECK(parse_uuid(to_string(random)) == random);
    }
}

TEST_CASE("uuid: any form but the canonical one is refused", "[base][uuid]") {
    const auto text = GENERATE(as<std::string>{}, "", "0192f0c1", "0192F0C1-8B5E-7ABC-9DEF-0123456789AB",
                               "{0192f0c1-8b5e-7abc-9def-0123456789ab}", "0192f0c18b5e7abc9def0123456789ab",
                               "0192f0c1-8b5e-7abc-9def-0123456789a", "0192f0c1-8b5e-7abc-9def-0123456789abc",
                               "0192f0c1-8b5e-7abc-9def-0123456789ag", "0192f0c1-8b5e-7abc-9def_0123456789ab",
                               "0192f0c18-b5e-7abc-9def-0123456789ab", " 192f0c1-8b5e-7abc-9def-0123456789ab");
    CAPTURE(text);
    CHECK_FALSE(parse_uuid(text));
}

TEST_CASE("uuid: version 7 carries the time in its first 48 bits, version and variant in theirs", "[base][uuid]") {
    const std::array<std::uint8_t, 10> random{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const Uuid id = make_uuid_v7(at(0x0192f0c18b5e), random);
    CHECK(to_string(id) == "0192f0c1-8b5e-7fff-bfff-ffffffffffff");
    const std::array<std::uint8_t, 10> zeros{};
    CHECK(to_string(make_uuid_v7(at(0), zeros)) == "00000000-0000-7000-8000-000000000000");
    CHECK(to_string(random_uuid_v4(test::chance()))[14] == '4');
}

TEST_CASE("uuid: new row ids sort by the time they were made and never repeat", "[base][uuid]") {
    std::vector<std::string> ids;
    for (std::int64_t ms = 0; ms < 1000; ++ms)
        ids.push_back(new_row_id(test::chance(), at(1'795'000'000'000 + ms * 977)));
    CHECK(std::is_sorted(ids.begin(), ids.end()));
    std::set<std::string> unique;
    for (int i = 0; i < 10'000; ++i) unique.insert(new_row_id(test::chance(), at(1'795'000'000'000)));
    CHECK(unique.size() == 10'000);
}

}  // namespace vetchart
