#include "edge/api/tokens.h"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <array>

#include "edge/store/file/files.h"
#include "sync/base/hmac.h"
#include "sync/base/json.h"
#include "sync/base/jwt.h"
#include "sync/engine/clock_offset.h"

namespace vetchart::edge {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSuffixSize = 8;

Result<std::string> read_key(const std::filesystem::path& path) {
    VC_TRY_ASSIGN(std::string key, read_small_file(path, kKeyBytes));
    if (key.size() != kKeyBytes) return Error{Errc::invalid_input, path.string() + " is no key of this program"};
    return key;
}

Status make_key(const std::filesystem::path& path, Rng& rng) {
    std::array<std::uint8_t, kKeyBytes> key{};
    rng.fill(key);
    return write_file_durably(path, std::string(key.begin(), key.end()));
}

std::optional<TokenClaims> read_claims(const Json& payload, UtcMillis now, TokenFault& fault) {
    const auto expires = payload.find("exp");
    const auto email = payload.find("sub");
    const auto session = payload.find("jti");
    if (expires == payload.end() || !expires->is_number_integer() || email == payload.end() || !email->is_string() ||
        session == payload.end() || !session->is_string()) {
        return std::nullopt;
    }
    const auto ends = std::chrono::seconds(expires->get<std::int64_t>());
    const auto left = ends - now.time_since_epoch();
    // It ends later than any token lives: the clock was ahead when it was made.
    if (left <= std::chrono::seconds(0) || left > kTokenLife + sync::kClockTolerance) {
        fault = TokenFault::expired;
        return std::nullopt;
    }
    return TokenClaims{email->get<std::string>(), session->get<std::string>()};
}

}  // namespace

Tokens::Tokens(std::string key) : key_(std::move(key)), cookie_suffix_(keyed("cookie", "").substr(0, kSuffixSize)) {}

Result<Tokens> Tokens::load(const std::filesystem::path& key_file, Rng& rng) {
    if (sodium_init() < 0) return Error{Errc::internal, "no random numbers"};
    auto key = read_key(key_file);
    if (!key && key.error().code == Errc::invalid_input) {
        // A key file that a power cut left empty is made anew: tokens signed by the lost key could hold no longer.
        spdlog::warn("{}: a new one is made, everybody has to log in again", key.error().context);
    }
    if (!key && (key.error().code == Errc::invalid_input || key.error().code == Errc::not_found)) {
        VC_TRY(make_key(key_file, rng));
        key = read_key(key_file);
    }
    if (!key) return Error{Errc::internal, "the key of the tokens: " + key.error().context};
    return Tokens(std::move(*key));
}

std::string Tokens::issue(const TokenClaims& claims, UtcMillis now) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    const Json payload{{"sub", claims.email},
                       {"jti", claims.session},
                       {"iat", seconds.count()},
                       {"exp", (seconds + kTokenLife).count()}};
    return sign_jwt(payload.dump(), key_);
}

std::optional<TokenClaims> Tokens::verify(std::string_view token, UtcMillis now, TokenFault& fault) const {
    JwtFault jwt_fault{};
    const auto payload_text = verify_jwt(token, key_, jwt_fault);
    fault = jwt_fault == JwtFault::bad_signature ? TokenFault::bad_signature : TokenFault::malformed;
    if (!payload_text) return std::nullopt;
    const Json payload = Json::parse(*payload_text, nullptr, false);
    if (!payload.is_object()) return std::nullopt;
    return read_claims(payload, now, fault);
}

// A line break can be in no token, so what is signed here can never be taken for one.
std::string Tokens::keyed(std::string_view purpose, std::string_view text) const {
    return to_hex(hmac_sha256(key_, std::string(purpose) + "\n" + std::string(text)));
}

}  // namespace vetchart::edge
