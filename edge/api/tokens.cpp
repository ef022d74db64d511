#include "edge/api/tokens.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "sync/base/hmac.h"
#include "sync/base/jwt.h"

namespace vetchart::edge {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSuffixSize = 8;

class File {
public:
    File(const std::filesystem::path& path, int flags) : handle_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~File() {
        if (handle_ >= 0) ::close(handle_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const { return handle_; }

private:
    int handle_;
};

Error key_error(const char* step) {
    return Error{Errc::internal, std::string("the key of the tokens: ") + step + ": " + std::strerror(errno)};
}

Result<std::string> read_key(const std::filesystem::path& path) {
    const File file(path, O_RDONLY);
    std::array<char, kKeyBytes> key{};
    if (file.get() < 0 || ::read(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
        return key_error("reading");
    }
    return std::string(key.data(), key.size());
}

/// Beside the final name first, so that a power cut leaves no half key behind.
Status make_key(const std::filesystem::path& path) {
    const std::filesystem::path draft = path.string() + ".new";
    std::array<char, kKeyBytes> key{};
    randombytes_buf(key.data(), key.size());
    const File file(draft, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0 || ::write(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
        ::fsync(file.get()) != 0 || ::rename(draft.c_str(), path.c_str()) != 0) {
        return key_error("writing");
    }
    return Done{};
}

std::optional<TokenClaims> read_claims(const Json& payload, UtcMillis now, TokenFault& fault) {
    const auto expires = payload.find("exp");
    const auto email = payload.find("sub");
    const auto session = payload.find("jti");
    if (expires == payload.end() || !expires->is_number_integer() || email == payload.end() || !email->is_string() ||
        session == payload.end() || !session->is_string()) {
        return std::nullopt;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (expires->get<std::int64_t>() <= seconds) {
        fault = TokenFault::expired;
        return std::nullopt;
    }
    return TokenClaims{email->get<std::string>(), session->get<std::string>()};
}

}  // namespace

Tokens::Tokens(std::string key) : key_(std::move(key)), cookie_suffix_(keyed("cookie", "").substr(0, kSuffixSize)) {}

Result<Tokens> Tokens::load(const std::filesystem::path& key_file) {
    if (sodium_init() < 0) return Error{Errc::internal, "no random numbers"};
    std::error_code error;
    if (!std::filesystem::exists(key_file, error)) VC_TRY(make_key(key_file));
    VC_TRY_ASSIGN(std::string key, read_key(key_file));
    return Tokens(std::move(key));
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
