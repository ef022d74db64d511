#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vetchart {

enum class JwtFault { malformed, bad_signature };

/// A JSON Web Token, HS256, over `payload` (JSON text).
[[nodiscard]] std::string sign_jwt(std::string_view payload, std::string_view key);

/// The payload of a token that `key` signed; nullopt: `fault` says why. A header that names any other algorithm is
/// malformed, before its signature is looked at. What the payload says (its expiry too) is the caller's matter.
/// Source: RFC 7519.
[[nodiscard]] std::optional<std::string> verify_jwt(std::string_view token, std::string_view key, JwtFault& fault);

}  // namespace vetchart
