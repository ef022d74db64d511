#pragma once

#include <optional>
#include <string>

#include "edge/store/accounts.h"

namespace vetchart::edge {

/// What checking a password found.
struct PasswordCheck {
    bool right = false;
    bool legacy = false;  ///< Right by a bcrypt hash: worth a rehash (keep_local_hash).
};

/// argon2id, or bcrypt ($2a$, $2b$, $2y$) of an imported user; any other hash is never right. Blocks about 60 ms; at
/// most kHashersMax run at once (64 MiB each), others wait their turn. Thread-safe.
[[nodiscard]] PasswordCheck check_password(const StaffLogin& staff, const std::string& password);

/// Costs as much as a check, so that an unknown name cannot be told by the clock.
void check_nobody(const std::string& password);

/// hash_password, waiting for its turn like the checks.
[[nodiscard]] std::optional<std::string> hash_in_turn(const std::string& password);

inline constexpr int kHashersMax = 2;

}  // namespace vetchart::edge
