#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart::sync {

/// RFC 1952. Pure, thread-safe.
[[nodiscard]] std::string gzip(std::string_view bytes);

/// Inflates at most `bytes_max`; more is invalid_input with slug too_large; a broken or cut stream is
/// invalid_input with slug malformed.
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max);

}  // namespace vetchart::sync
