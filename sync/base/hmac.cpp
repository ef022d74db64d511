#include "sync/base/hmac.h"

#include <sodium.h>

namespace vetchart {

Digest hmac_sha256(std::string_view key, std::string_view text) {
    const auto bytes = [](std::string_view of) { return reinterpret_cast<const unsigned char*>(of.data()); };
    crypto_auth_hmacsha256_state state;
    Digest digest{};
    static_assert(digest.size() == crypto_auth_hmacsha256_BYTES);
    crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(text), text.size());
    crypto_auth_hmacsha256_final(&state, digest.data());
    return digest;
}

}  // namespace vetchart
