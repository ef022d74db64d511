#pragma once

#include <cstddef>
#include <string_view>

namespace vetchart {

/// What a stored password hash is, and whether checking a password against it stays within bounds: a hash names its
/// own cost, and it may come from an import, another node or a shell. Whatever is none of these opens nothing until a
/// password is set.
enum class PasswordForm {
    none,
    argon2id,  ///< `$argon2id$v=19$m=..,t=..,p=1$salt$hash` within kArgon*Max.
    bcrypt,    ///< `$2a$`, `$2b$` or `$2y$`, two digits of cost, 22 of salt, 31 of hash.
};
[[nodiscard]] PasswordForm password_form(std::string_view hash);

inline constexpr int kBcryptCostMin = 4;
inline constexpr int kBcryptCostMax = 14;                ///< About a second.
inline constexpr std::size_t kBcryptPasswordBytes = 72;  ///< bcrypt reads no further.
inline constexpr int kArgonKibibytesMax = 131072;
inline constexpr int kArgonPassesMax = 10;

}  // namespace vetchart
