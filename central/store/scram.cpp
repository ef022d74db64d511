#include "central/store/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>

#include "sync/base/digest.h"
#include "sync/base/result.h"

namespace vetchart::central {
namespace {

constexpr int kIterations = 4096;  // PostgreSQL's own.

Digest hmac(const Digest& key, std::string_view message) {
    Digest result{};
    unsigned int size = 0;
    const auto* const text = reinterpret_cast<const unsigned char*>(message.data());
    VC_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text, message.size(), result.data(),
                   &size) != nullptr);
    return result;
}

template <class Bytes>
std::string base64(const Bytes& bytes) {
    std::array<char, sodium_base64_ENCODED_LEN(sizeof(Digest), sodium_base64_VARIANT_ORIGINAL)> text{};
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    return text.data();
}

}  // namespace

std::string scram_verifier(Rng& rng, std::string_view password) {
    ScramSalt salt{};
    rng.fill(salt);
    return scram_verifier(password, salt);
}

std::string scram_verifier(std::string_view password, const ScramSalt& salt) {
    Digest salted{};
    VC_ASSERT(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                                static_cast<int>(salt.size()), kIterations, EVP_sha256(),
                                static_cast<int>(salted.size()), salted.data()) == 1);
    const Digest client_key = hmac(salted, "Client Key");
    const Digest stored_key =
        sha256(std::string_view(reinterpret_cast<const char*>(client_key.data()), client_key.size()));
    return "SCRAM-SHA-256$" + std::to_string(kIterations) + ":" + base64(salt) + "$" + base64(stored_key) + ":" +
           base64(hmac(salted, "Server Key"));
}

}  // namespace vetchart::central
