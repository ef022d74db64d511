#include <catch2/catch.hpp>
#include <memory>

#include "sync/base/result.h"

namespace vetchart {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return Error{Errc::invalid_input, "odd", "odd"};
    return value / 2;
}

Result<int> quarter(int value) {
    VC_TRY_ASSIGN(const int first, half(value));
    VC_TRY_ASSIGN(const int second, half(first));
    return second;
}

Status both_even(int a, int b, int& steps) {
    VC_TRY(half(a));
    ++steps;
    VC_TRY(half(b));
    ++steps;
    return Done{};
}

}  // namespace

TEST_CASE("result: holds a value or an error, never both", "[base][result]") {
    const auto good = half(4);
    REQUIRE(good.ok());
    CHECK(*good == 2);
    const auto bad = half(3);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == Errc::invalid_input);
    CHECK(bad.error().slug == "odd");
}

TEST_CASE("result: a step that fails leaves the function with its error", "[base][result]") {
    CHECK(quarter(8).value() == 2);
    CHECK(quarter(6).error().context == "odd");
    int steps = 0;
    CHECK_FALSE(both_even(2, 3, steps).ok());
    CHECK(steps == 1);
    CHECK(both_even(2, 4, steps).ok());
    CHECK(steps == 3);
}

TEST_CASE("result: a value that can only be moved comes out whole", "[base][result]") {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
    const auto value = std::move(result).value();
    REQUIRE(value);
    CHECK(*value == 7);
}

TEST_CASE("result: every kind of error has its own name", "[base][result]") {
    CHECK(std::string(to_string(Errc::outcome_unknown)) == "outcome_unknown");
    CHECK(std::string(to_string(Errc::out_of_space)) == "out_of_space");
    CHECK(std::string(to_string(Errc::internal)) == "internal");
}

}  // namespace vetchart
