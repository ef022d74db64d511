#include <catch2/catch.hpp>
#include <string>

#include "sync/base/attempts.h"

using vetchart::AttemptCounter;

namespace {

const AttemptCounter::Time kStart{};

}  // namespace

TEST_CASE("attempts: a name is counted at its address alone, until the window ends", "[base][attempts]") {
    AttemptCounter counter;
    for (int i = 0; i < AttemptCounter::kPerNameMax; ++i) REQUIRE(counter.begin("a", "1", kStart));
    CHECK_FALSE(counter.begin("a", "1", kStart));
    CHECK(counter.begin("a", "2", kStart));
    CHECK(counter.begin("b", "1", kStart));
    CHECK(counter.begin("a", "1", kStart + AttemptCounter::kWindow));
}

TEST_CASE("attempts: an address is counted over all names, and forgets too", "[base][attempts]") {
    AttemptCounter counter;
    for (int i = 0; i < AttemptCounter::kPerAddressMax; ++i) {
        REQUIRE(counter.begin("u" + std::to_string(i), "a", kStart));
    }
    CHECK_FALSE(counter.begin("fresh", "a", kStart));
    CHECK(counter.begin("fresh", "a", kStart + AttemptCounter::kWindow));
}

TEST_CASE("attempts: who was right starts anew", "[base][attempts]") {
    AttemptCounter counter;
    for (int i = 0; i < 3 * AttemptCounter::kPerAddressMax; ++i) {
        REQUIRE(counter.begin("a", "1", kStart));
        counter.succeeded("a", "1");
    }
}

TEST_CASE("attempts: the table is bounded, the newest stay", "[base][attempts]") {
    AttemptCounter counter;
    for (std::size_t i = 0; i < AttemptCounter::kEntriesMax * 2; ++i) {
        const std::string n = std::to_string(i);
        REQUIRE(counter.begin("name " + n, "address " + n, kStart + std::chrono::milliseconds(i)));
    }
    for (int i = 0; i < AttemptCounter::kPerNameMax; ++i)
        (void)counter.begin("last", "here", kStart + std::chrono::minutes(1));
    CHECK_FALSE(counter.begin("last", "here", kStart + std::chrono::minutes(1)));
}
