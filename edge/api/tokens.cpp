#include "edge/api/tokens.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "sync/base/digest.h"

namespace vetchart::edge {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kTokenBytesMax = 7000;  // the HTTP library takes 8 KiB a header line

std::string base64url(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.resize(text.size() - 1);
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(),
                          nullptr, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

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
    const auto staff = payload.find("staff");
    if (expires == payload.end() || !expires->is_number_integer() || email == payload.end() || !email->is_string() ||
        staff == payload.end() || !staff->is_object()) {
        return std::nullopt;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (expires->get<std::int64_t>() <= seconds) {
        fault = TokenFault::expired;
        return std::nullopt;
    }
    TokenClaims claims{email->get<std::string>(), {}};
    for (const auto& [id, mark] : staff->items()) {
        if (mark.is_string()) claims.staff[id] = mark.get<std::string>();
    }
    return claims;
}

}  // namespace

Tokens::Tokens(std::string key) : key_(std::move(key)) {}

Result<Tokens> Tokens::load(const std::filesystem::path& key_file) {
    if (sodium_init() < 0) return Error{Errc::internal, "no random numbers"};
    std::error_code error;
    if (!std::filesystem::exists(key_file, error)) VC_TRY(make_key(key_file));
    VC_TRY_ASSIGN(std::string key, read_key(key_file));
    return Tokens(std::move(key));
}

std::string Tokens::sign(std::string_view text) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const unsigned char* made =
        HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    VC_ASSERT(made != nullptr);
    return base64url(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

std::string Tokens::issue(const TokenClaims& claims, UtcMillis now) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    const Json payload{{"sub", claims.email},
                       {"staff", claims.staff},
                       {"iat", seconds.count()},
                       {"exp", (seconds + kTokenLife).count()}};
    const std::string head = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(payload.dump());
    return head + "." + sign(head);
}

std::optional<TokenClaims> Tokens::verify(std::string_view token, UtcMillis now, TokenFault& fault) const {
    fault = TokenFault::malformed;
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (token.size() > kTokenBytesMax || first == std::string_view::npos || last == first) return std::nullopt;
    const auto header_text = from_base64url(token.substr(0, first));
    const auto payload_text = from_base64url(token.substr(first + 1, last - first - 1));
    if (!header_text || !payload_text) return std::nullopt;
    const Json header = Json::parse(*header_text, nullptr, false);
    if (!header.is_object() || header.value("alg", Json()) != "HS256") return std::nullopt;
    const std::string expected = sign(token.substr(0, last));
    const std::string_view given = token.substr(last + 1);
    fault = TokenFault::bad_signature;
    if (given.size() != expected.size() || CRYPTO_memcmp(given.data(), expected.data(), given.size()) != 0) {
        return std::nullopt;
    }
    fault = TokenFault::malformed;
    const Json payload = Json::parse(*payload_text, nullptr, false);
    if (!payload.is_object()) return std::nullopt;
    return read_claims(payload, now, fault);
}

}  // namespace vetchart::edge
