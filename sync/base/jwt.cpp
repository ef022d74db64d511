#include "sync/base/jwt.h"

#include <sodium.h>

#include "sync/base/hmac.h"
#include "sync/base/json.h"

namespace vetchart {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kTokenBytesMax = 7000;  // Under what HTTP servers take as a header line.

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string base64url(const unsigned char* bytes, std::size_t size) {
    std::string text(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
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

std::string signature_of(std::string_view text, std::string_view key) {
    const Digest digest = hmac_sha256(key, text);
    return base64url(digest.data(), digest.size());
}

}  // namespace

std::string sign_jwt(std::string_view payload, std::string_view key) {
    constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
    const std::string head =
        base64url(bytes_of(kHeader), kHeader.size()) + "." + base64url(bytes_of(payload), payload.size());
    return head + "." + signature_of(head, key);
}

std::optional<std::string> verify_jwt(std::string_view token, std::string_view key, JwtFault& fault) {
    fault = JwtFault::malformed;
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (token.size() > kTokenBytesMax || first == std::string_view::npos || last == first) return std::nullopt;
    const auto header_text = from_base64url(token.substr(0, first));
    auto payload = from_base64url(token.substr(first + 1, last - first - 1));
    if (!header_text || !payload) return std::nullopt;
    const Json header = Json::parse(*header_text, nullptr, false);
    if (!header.is_object() || header.value("alg", Json()) != "HS256") return std::nullopt;
    const std::string expected = signature_of(token.substr(0, last), key);
    const std::string_view given = token.substr(last + 1);
    if (given.size() != expected.size() || sodium_memcmp(given.data(), expected.data(), given.size()) != 0) {
        fault = JwtFault::bad_signature;
        return std::nullopt;
    }
    return payload;
}

}  // namespace vetchart
