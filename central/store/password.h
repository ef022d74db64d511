#pragma once

#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart::central {

inline constexpr std::size_t kPasswordLengthMin = 8;  ///< Code points.
inline constexpr std::size_t kPasswordBytesMax = 1024;

/// The argon2id string that staff.password_hash and hq_user.password_hash hold. About 60 ms and 64 MiB.
/// Errors: invalid_input (too short, too long, not UTF-8), out_of_space (no memory).
[[nodiscard]] Result<std::string> hash_password(std::string_view password);

}  // namespace vetchart::central
