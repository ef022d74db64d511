#include "edge/api/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <sodium.h>

#include <array>
#include <cstring>
#include <memory>
#include <semaphore>

namespace vetchart::edge {
namespace {

std::counting_semaphore<kHashersMax>& hashers() {
    static std::counting_semaphore<kHashersMax> turns(kHashersMax);
    return turns;
}

/// One of the kHashersMax turns, for the life of the object.
class Turn {
public:
    Turn() { hashers().acquire(); }
    ~Turn() { hashers().release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
};

bool is_argon2(const std::string& hash) {
    return hash.starts_with("$argon2id$") && hash.size() < crypto_pwhash_STRBYTES;
}

bool is_bcrypt(const std::string& hash) {
    return hash.size() == 60 && (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$"));
}

bool argon2_matches(const std::string& hash, const std::string& password) {
    // libsodium reads a fixed-size buffer.
    std::array<char, crypto_pwhash_STRBYTES> text{};
    std::memcpy(text.data(), hash.data(), hash.size());
    return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

bool bcrypt_matches(const std::string& hash, const std::string& password) {
    const auto data = std::make_unique<crypt_data>();
    const char* made = crypt_r(password.c_str(), hash.c_str(), data.get());
    return made != nullptr && std::strlen(made) == hash.size() && CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
}

}  // namespace

PasswordCheck check_password(const StaffLogin& staff, const std::string& password) {
    const Turn turn;
    const std::string& hash = staff.local_hash.empty() ? staff.password_hash : staff.local_hash;
    if (is_argon2(hash)) return {argon2_matches(hash, password), false};
    if (is_bcrypt(hash)) return {bcrypt_matches(hash, password), true};
    return {};
}

std::optional<std::string> hash_in_turn(const std::string& password) {
    const Turn turn;
    return hash_password(password);
}

void check_nobody(const std::string& password) {
    static const std::string hash = hash_password("nobody's password").value_or("");
    StaffLogin nobody;
    nobody.password_hash = hash;
    [[maybe_unused]] const PasswordCheck check = check_password(nobody, password);
}

}  // namespace vetchart::edge
