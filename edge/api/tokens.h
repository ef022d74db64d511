#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::edge {

inline constexpr std::chrono::hours kTokenLife{24};

/// Who a token speaks for.
struct TokenClaims {
    std::string email;
    std::map<std::string, std::string> staff;  ///< Staff id to a fingerprint of the password hash it was opened with.
};

enum class TokenFault { malformed, bad_signature, expired };

/// JSON Web Tokens, HS256 and nothing else: a token whose header names another algorithm is refused before its
/// signature is looked at. Immutable after load(), thread-safe.
class Tokens {
public:
    /// Reads the key, or makes one (32 random bytes, file mode 0600). Errors: internal.
    [[nodiscard]] static Result<Tokens> load(const std::filesystem::path& key_file);

    [[nodiscard]] std::string issue(const TokenClaims& claims, UtcMillis now) const;
    /// nullopt: `fault` says why.
    [[nodiscard]] std::optional<TokenClaims> verify(std::string_view token, UtcMillis now, TokenFault& fault) const;

private:
    explicit Tokens(std::string key);
    std::string key_;
};

}  // namespace vetchart::edge
