#include "sync/base/digest.h"

#include <sodium.h>

#include <vector>

namespace vetchart {

Digest sha256(std::string_view bytes) {
    Digest digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return digest;
}

Digest chain_digest(const Digest& previous, std::string_view bytes) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, previous.data(), previous.size());
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    Digest digest{};
    crypto_hash_sha256_final(&state, digest.data());
    return digest;
}

std::string to_hex(const Digest& digest) {
    std::string text(digest.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
    text.pop_back();
    return text;
}

std::optional<Digest> digest_from_hex(std::string_view text) {
    Digest digest{};
    std::size_t size = 0;
    if (text.size() != digest.size() * 2) return std::nullopt;
    if (sodium_hex2bin(digest.data(), digest.size(), text.data(), text.size(), nullptr, &size, nullptr) != 0 ||
        size != digest.size()) {
        return std::nullopt;
    }
    return digest;
}

std::string random_token(Rng& rng, std::size_t size) {
    if (size == 0) return {};  // libsodium takes no null pointer, not even for nothing
    std::vector<std::uint8_t> bytes(size);
    rng.fill(bytes);
    std::string text(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.resize(text.find('\0'));
    return text;
}

}  // namespace vetchart
