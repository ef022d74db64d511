#include <catch2/catch.hpp>
#include <string>

#include "sync/base/attempts.h"

using vetchart::AttemptCounter;
using vetchart::LoginAttempt;

namespace {

const AttemptCounter::Time kStart{std::chrono::hours(1)};

LoginAttempt attempt(const std::string& name, const std::string& address, const std::string& device = {}) {
    LoginAttempt made;
    made.name = name;
    made.address = address;
    made.device = device;
    return made;
}

bool may(AttemptCounter& counter, LoginAttempt tried, AttemptCounter::Time now = kStart) {
    return !counter.begin(tried, now);
}

}  // namespace

TEST_CASE("attempts: a name is counted at its address alone, until the window ends", "[base][attempts]") {
    AttemptCounter counter;
    for (int i = 0; i < AttemptCounter::kPerNameMax; ++i) REQUIRE(may(counter, attempt("a", "1")));
    CHECK_FALSE(may(counter, attempt("a", "1")));
    auto refused = attempt("a", "1");
    CHECK(counter.begin(refused, kStart + std::chrono::minutes(2)) == std::chrono::minutes(3));
    CHECK(may(counter, attempt("a", "2")));
    CHECK(may(counter, attempt("b", "1")));
    CHECK(may(counter, attempt("a", "1"), kStart + AttemptCounter::kWindow));
}

TEST_CASE("attempts: an address is counted over all names unless many stand behind it", "[base][attempts]") {
    AttemptCounter counter;
    auto shared = attempt("", "proxy");
    shared.is_shared = true;
    for (int i = 0; i < AttemptCounter::kPerAddressMax; ++i) {
        REQUIRE(may(counter, attempt("u" + std::to_string(i), "a")));
        shared.name = "u" + std::to_string(i);
        REQUIRE(may(counter, shared));
    }
    CHECK_FALSE(may(counter, attempt("fresh", "a")));
    CHECK(may(counter, attempt("fresh", "a"), kStart + AttemptCounter::kWindow));
    shared.name = "fresh";
    CHECK(may(counter, shared));
}

TEST_CASE("attempts: who was right starts anew, and what was not looked at does not count", "[base][attempts]") {
    AttemptCounter counter;
    for (int i = 0; i < 3 * AttemptCounter::kPerAddressMax; ++i) {
        auto right = attempt("a", "1");
        REQUIRE_FALSE(counter.begin(right, kStart));
        counter.succeeded(right, kStart);
        auto busy = attempt("b", "1", "pc");
        REQUIRE_FALSE(counter.begin(busy, kStart));
        counter.cancelled(busy, kStart);
    }
}

TEST_CASE("attempts: a known browser passes where strangers are locked out, and is no free pass", "[base][attempts]") {
    AttemptCounter counter;
    for (int i = 0; i < 3 * AttemptCounter::kPerAddressMax; ++i) (void)may(counter, attempt("a", "1"));
    CHECK_FALSE(may(counter, attempt("a", "1")));
    for (int i = 0; i < AttemptCounter::kPerDeviceMax; ++i) {
        INFO(i);
        REQUIRE(may(counter, attempt("a", "1", "pc")));
    }
    // From here on it is a stranger like others.
    CHECK_FALSE(may(counter, attempt("a", "1", "pc")));
    CHECK(may(counter, attempt("a", "1", "other pc")));
}

TEST_CASE("attempts: guessing at one name from many addresses is slowed down too", "[base][attempts]") {
    AttemptCounter counter;
    int tried = 0;
    for (int i = 0; i < 1000; ++i) tried += may(counter, attempt("a", "address " + std::to_string(i))) ? 1 : 0;
    CHECK(tried == AttemptCounter::kPerNameAnywhereMax);
    CHECK(may(counter, attempt("b", "address 1")));
    CHECK(may(counter, attempt("a", "address 1", "pc")));
    CHECK(may(counter, attempt("a", "address 2000"), kStart + AttemptCounter::kAnywhereWindow));
}

TEST_CASE("attempts: a flood of other names makes nobody's count forgotten, and locks nobody", "[base][attempts]") {
    AttemptCounter counter("a secret of this test");
    for (int i = 0; i < AttemptCounter::kPerNameMax; ++i) REQUIRE(may(counter, attempt("a", "here")));
    // More than the node's turns at passwords let through in a window.
    for (int i = 0; i < 10'000; ++i) {
        const std::string n = std::to_string(i);
        (void)may(counter, attempt("name " + n, "address " + n));
    }
    CHECK_FALSE(may(counter, attempt("a", "here")));
    CHECK(may(counter, attempt("b", "there")));
}
