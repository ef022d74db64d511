#pragma once

#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart {

/// Something, one @, something, and nothing invisible, in at most 254 bytes: a slip of the hand is told, the mail
/// server knows the rest. Of an address as it is stored (trimmed, lower case).
[[nodiscard]] bool is_email(std::string_view text);

/// What a person gave as an e-mail or user name, as it is compared and (an e-mail) stored: trimmed, normal form C,
/// ASCII lower case.
[[nodiscard]] std::string normal_email(std::string_view given);

/// What a person gave, as it is stored. Errors: invalid_input `bad_email`.
[[nodiscard]] Result<std::string> read_email(std::string_view given);

}  // namespace vetchart
