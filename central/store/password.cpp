#include "central/store/password.h"

#include <sodium.h>

#include <array>

#include "sync/base/text.h"
#include "sync/base/text_fold.h"

namespace vetchart::central {

Result<std::string> hash_password(std::string_view given) {
    const std::string password = nfc(given);
    if (!is_clean_utf8(password))
        return Error{Errc::invalid_input, "the password is not UTF-8 text", "password_invalid"};
    if (code_point_count(password) < kPasswordLengthMin) {
        return Error{Errc::invalid_input,
                     "the password must have at least " + std::to_string(kPasswordLengthMin) + " characters",
                     "password_too_short"};
    }
    if (password.size() > kPasswordBytesMax) {
        return Error{Errc::invalid_input, "the password is too long", "password_too_long"};
    }
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str(text.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return Error{Errc::out_of_space, "no memory to hash a password"};
    }
    return std::string(text.data());
}

}  // namespace vetchart::central
