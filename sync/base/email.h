#pragma once

#include <string_view>

namespace vetchart {

/// Something, one @, something, and nothing invisible, in at most 254 bytes: a slip of the hand is told, the mail
/// server knows the rest. Of an address as it is stored (trimmed, lower case).
[[nodiscard]] bool is_email(std::string_view text);

}  // namespace vetchart
