#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "sync/base/decimal.h"

namespace vetchart {

TEST_CASE("decimal: text becomes an exact integer of the scale", "[base][decimal]") {
    CHECK(parse_decimal("12.34", 2) == 1234);
    CHECK(parse_decimal("12", 2) == 1200);
    CHECK(parse_decimal("12.", 2) == 1200);
    CHECK(parse_decimal(".5", 2) == 50);
    CHECK(parse_decimal("+0.01", 2) == 1);
    CHECK(parse_decimal("-0.01", 2) == -1);
    CHECK(parse_decimal("1.25e3", 2) == 125000);
    CHECK(parse_decimal("125E-2", 2) == 125);
    CHECK(parse_decimal("1e+2", 0) == 100);
    CHECK(parse_decimal("000012.5", 3) == 12500);
    CHECK(parse_decimal("10000000000.00", 2) == 1'000'000'000'000);
}

TEST_CASE("decimal: a half is rounded up, away from zero for negative values", "[base][decimal]") {
    CHECK(parse_decimal("0.005", 2) == 1);
    CHECK(parse_decimal("0.00499999999999999999", 2) == 0);
    CHECK(parse_decimal("-0.005", 2) == -1);
    CHECK(parse_decimal("1.005", 2) == 101);
    CHECK(parse_decimal("9.995", 2) == 1000);
    CHECK(parse_decimal("0.0004999", 3) == 0);
    CHECK(parse_decimal("5e-3", 2) == 1);
    CHECK(parse_decimal("5e-4", 2) == 0);
    CHECK(parse_decimal("1e-400", 2) == 0);
}

TEST_CASE("decimal: what is no number, or too large, is refused", "[base][decimal]") {
    const auto text = GENERATE(as<std::string>{}, "", ".", "-", "+.", "e5", "1e", "1e+", "1e+-5", "1e--5", "1 ", " 1",
                               "1,5", "0x10", "NaN", "inf", "1.2.3", "12abc", "9223372036854775808", "1e400", "1e401",
                               "1e-2147483648", "92233720368547758.08");
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text, 2));
}

TEST_CASE("decimal: the largest integer is kept and one more is refused", "[base][decimal]") {
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    CHECK(parse_decimal("9223372036854775807", 0) == kMax);
    CHECK(parse_decimal("-9223372036854775807", 0) == -kMax);
    CHECK_FALSE(parse_decimal("9223372036854775807.5", 0));
    CHECK_FALSE(parse_decimal("9223372036854775808", 0));
}

TEST_CASE("decimal: the binary noise of a JSON number does not reach the cents", "[base][decimal]") {
    CHECK(decimal_from_double(0.1 + 0.2, 2) == 30);
    CHECK(decimal_from_double(19.999999999999996, 2) == 2000);
    CHECK(decimal_from_double(1.005, 2) == 101);
    CHECK(decimal_from_double(2.675, 2) == 268);
    CHECK(decimal_from_double(-0.005, 2) == -1);
    CHECK(decimal_from_double(40.54, 3) == 40540);
    CHECK(decimal_from_double(10'000'000'000.0, 2) == 1'000'000'000'000);
    CHECK(decimal_from_double(9'999'999'999.99, 2) == 999'999'999'999);
    CHECK_FALSE(decimal_from_double(std::numeric_limits<double>::quiet_NaN(), 2));
    CHECK_FALSE(decimal_from_double(std::numeric_limits<double>::infinity(), 2));
    CHECK_FALSE(decimal_from_double(1e300, 2));
    CHECK(decimal_from_double(1e-300, 2) == 0);
}

TEST_CASE("decimal: money always shows its cents", "[base][decimal]") {
    CHECK(format_decimal(1234, 2) == "12.34");
    CHECK(format_decimal(5, 2) == "0.05");
    CHECK(format_decimal(0, 2) == "0.00");
    CHECK(format_decimal(-5, 2) == "-0.05");
    CHECK(format_decimal(-1234567, 3) == "-1234.567");
    CHECK(format_decimal(42, 0) == "42");
    CHECK(format_decimal(std::numeric_limits<std::int64_t>::min(), 0) == "-9223372036854775808");
}

TEST_CASE("decimal: every amount survives text and JSON number and back", "[base][decimal]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::int64_t> cents(0, 1'000'000'000'000);
    for (int i = 0; i < 20'000; ++i) {
        const auto amount = cents(random);
        CHECK(parse_decimal(format_decimal(amount, 2), 2) == amount);
        CHECK(decimal_from_double(decimal_to_double(amount, 2), 2) == amount);
    }
}

}  // namespace vetchart
