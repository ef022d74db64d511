#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vetchart::edge {

/// `text` with every NaN, Infinity, -Infinity and every number beyond a double (1e400), outside of strings, replaced
/// by a string literal of `mark` (the digest of `text`, which it cannot contain). nullopt when there is none.
[[nodiscard]] std::optional<std::string> replace_non_finite(std::string_view text, std::string& mark);

}  // namespace vetchart::edge
