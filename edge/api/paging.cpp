#include "edge/api/paging.h"

#include <sodium.h>

#include <charconv>

#include "edge/api/errors.h"

namespace vetchart::edge {
namespace {

// Opaque to callers: base64url of a JSON array of the keys.
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string encode_cursor(const ListKey& key) {
    const std::string bytes = dump(Json{key.first, key.second, key.id});
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      kVariant);
    text.resize(text.size() - 1);
    return text;
}

std::optional<ListKey> decode_cursor(const std::string& text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(),
                          nullptr, &size, &end, kVariant) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(size);
    const Json keys = Json::parse(bytes, nullptr, false);
    if (!keys.is_array() || keys.size() != 3) return std::nullopt;
    for (const Json& key : keys) {
        if (!key.is_string()) return std::nullopt;
    }
    return ListKey{keys[0].get<std::string>(), keys[1].get<std::string>(), keys[2].get<std::string>()};
}

std::string percent_encoded(const std::string& text) {
    constexpr char kHex[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        const auto byte = static_cast<unsigned char>(c);
        if (plain) {
            encoded.push_back(c);
        } else {
            encoded += {'%', kHex[byte >> 4], kHex[byte & 0x0f]};
        }
    }
    return encoded;
}

}  // namespace

std::optional<Response> read_paging(const Request& request, Paging& paging) {
    if (request.query.contains("limit")) {
        const std::string text = request.query_value("limit");
        int limit = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > kLimitMax) {
            return error_response(400, "bad_limit", "limit must be a number from 1 to 500.");
        }
        paging.limit = limit;
    }
    if (request.query.contains("cursor")) {
        paging.after = decode_cursor(request.query_value("cursor"));
        if (!paging.after) return error_response(400, "bad_cursor", "This cursor was not given by this server.");
        if (!paging.limit) paging.limit = kLimitDefault;
    }
    return std::nullopt;
}

std::string next_link(const Request& request, int limit, const ListKey& next) {
    std::string link = "<" + request.path + "?limit=" + std::to_string(limit) + "&cursor=" + encode_cursor(next);
    for (const auto& [name, value] : request.query) {
        if (name != "limit" && name != "cursor") link += "&" + percent_encoded(name) + "=" + percent_encoded(value);
    }
    return link + ">; rel=\"next\"";
}

}  // namespace vetchart::edge
