#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vetchart {

/// `12.345` with scale 2 is 1235: rounded half up (away from zero for negative values) in decimal, so the
/// binary noise of a JSON number does not count once it was printed in its shortest form. Accepts a sign,
/// digits, a fraction and an exponent. nullopt: not a number, or out of int64.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text, int scale);

/// The shortest decimal text of a finite double, through parse_decimal. nullopt for NaN and infinity.
/// A relative noise below 1e-12 is dropped first (19.999999999999996 is 20).
[[nodiscard]] std::optional<std::int64_t> decimal_from_double(double value, int scale);

/// 1235 with scale 2 is `12.35`; trailing zeros are kept, so money always shows its cents.
[[nodiscard]] std::string format_decimal(std::int64_t value, int scale);

/// value / 10^scale as the double nearest to it, for JSON: exact for amounts up to 10^12 cents.
[[nodiscard]] double decimal_to_double(std::int64_t value, int scale);

}  // namespace vetchart
