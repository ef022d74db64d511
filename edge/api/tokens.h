#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/base/time.h"

namespace vetchart::edge {

inline constexpr std::chrono::hours kTokenLife{24};

/// Who a token speaks for, in which session (edge/store/people/sessions.h).
struct TokenClaims {
    std::string email, session;
};

enum class TokenFault { malformed, bad_signature, expired };

/// JSON Web Tokens, HS256 and nothing else: a token whose header names another algorithm is refused before its
/// signature is looked at. Immutable after load(), thread-safe.
class Tokens {
public:
    /// Reads the key, or makes one (32 random bytes, file mode 0600). Errors: internal.
    [[nodiscard]] static Result<Tokens> load(const std::filesystem::path& key_file, Rng& rng);

    [[nodiscard]] std::string issue(const TokenClaims& claims, UtcMillis now) const;
    /// Reads a token. nullopt: it does not hold, and `fault` says why.
    [[nodiscard]] std::optional<TokenClaims> verify(std::string_view token, UtcMillis now, TokenFault& fault) const;

    /// Signs something else of the node's with its key: HMAC-SHA256 in hex. `purpose` keeps the uses apart.
    [[nodiscard]] std::string keyed(std::string_view purpose, std::string_view text) const;
    /// The end of this node's cookie names: browsers tell cookies apart by host alone, and a host may have two nodes.
    [[nodiscard]] const std::string& cookie_suffix() const { return cookie_suffix_; }

private:
    explicit Tokens(std::string key);
    std::string key_;
    std::string cookie_suffix_;
};

}  // namespace vetchart::edge
