#pragma once

#include <string_view>

#include "sync/base/digest.h"

namespace vetchart {

/// HMAC-SHA256 (RFC 2104) of `text` under a key of any length.
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view text);

}  // namespace vetchart
