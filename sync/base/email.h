#pragma once

#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart {

/// True when a stored address (trimmed, lower case) is something, one @ and something, with nothing invisible, in at
/// most 254 bytes. That finds a slip of the hand; the mail server knows the rest.
[[nodiscard]] bool is_email(std::string_view text);

/// Brings a typed e-mail or user name into the form that is compared, and in which an e-mail is stored: trimmed, in
/// normal form C, in ASCII lower case.
[[nodiscard]] std::string normal_email(std::string_view given);

/// Reads a typed e-mail into the form that is stored. Errors: invalid_input `bad_email`.
[[nodiscard]] Result<std::string> read_email(std::string_view given);

}  // namespace vetchart
