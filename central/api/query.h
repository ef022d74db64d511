#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vetchart::central {

/// The parameters after the `?`: percent and plus decoded, the last of equal names counts. nullopt: broken escapes,
/// no clean UTF-8, or more than 32 of them.
[[nodiscard]] std::optional<std::map<std::string, std::string>> parse_query(std::string_view query);

/// A whole number of least..most; `fallback` for empty text; nullopt for anything else.
[[nodiscard]] std::optional<int> parse_number(std::string_view text, int fallback, int least, int most);

/// Reads a number as the old server did: beyond a bound it is that bound, and what is no number is `fallback`.
[[nodiscard]] int clamped_number(const std::string& text, int fallback, int least, int most);

}  // namespace vetchart::central
