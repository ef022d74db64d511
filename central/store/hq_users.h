#pragma once

#include <optional>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::central {

/// Someone of HQ. Not a synced row: nodes never see them.
struct HqUser {
    std::string id, email, role, created_at;
    bool active = true;
};

/// Thread-safe. E-mails are trimmed and in lower case. Errors: conflict (an active user has the e-mail), not_found,
/// invalid_input (e-mail, role, password). Who was deactivated comes back by being added again, under the old id.
[[nodiscard]] Result<std::string> add_hq_user(Pool& pool, const std::string& actor, const std::string& email,
                                              const std::string& role, const std::string& password, UtcMillis now);
[[nodiscard]] Result<std::vector<HqUser>> list_hq_users(Pool& pool);
[[nodiscard]] Status set_hq_password(Pool& pool, const std::string& actor, const std::string& email,
                                     const std::string& password);
[[nodiscard]] Status deactivate_hq_user(Pool& pool, const std::string& actor, const std::string& email);

/// An active user, and the hash that the password fitted.
struct HqLogin {
    HqUser user;
    std::string password_hash;
};
/// The active user with this e-mail and password; nullopt: there is none. Costs the same either way (one argon2id
/// check, about 60 ms and 64 MiB), with no database connection held meanwhile. A hash that is no argon2id within the
/// bounds of password_form() opens nothing.
[[nodiscard]] Result<std::optional<HqLogin>> check_hq_login(Pool& pool, const std::string& email,
                                                            const std::string& password);

inline constexpr int kHqSessionsPerUserMax = 200;  ///< The oldest ends when one more begins.

/// Begins a session, good at every central, and returns its id; forgets expired ones. A new password, another role and
/// a deactivation end all sessions of the user, by trigger: also when a DBA writes them. Errors: not_found (the user
/// is no longer as check_hq_login found it).
[[nodiscard]] Result<std::string> begin_hq_session(Pool& pool, const HqLogin& login, UtcMillis now, UtcMillis expires);
/// Whose session it is; nullopt: it has ended. One read by key.
[[nodiscard]] Result<std::optional<HqUser>> find_hq_session(Pool& pool, const std::string& session);
[[nodiscard]] Status end_hq_session(Pool& pool, const std::string& session);
/// Ends all sessions of one user.
[[nodiscard]] Status end_hq_sessions(Pool& pool, const std::string& user_id);

/// The key that signs HQ's tokens: VETCHART_JWT_KEY (at least 32 bytes) or central_state.jwt_key. Errors:
/// invalid_input (the variable is too short).
[[nodiscard]] Result<std::string> read_jwt_key(Pool& pool);

}  // namespace vetchart::central
