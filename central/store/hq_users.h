#pragma once

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

/// Thread-safe. Errors: conflict (e-mail taken), not_found, invalid_input (role, password).
[[nodiscard]] Result<std::string> add_hq_user(Pool& pool, const std::string& actor, const std::string& email,
                                              const std::string& role, const std::string& password, UtcMillis now);
[[nodiscard]] Result<std::vector<HqUser>> list_hq_users(Pool& pool);
[[nodiscard]] Status set_hq_password(Pool& pool, const std::string& actor, const std::string& email,
                                     const std::string& password);
[[nodiscard]] Status deactivate_hq_user(Pool& pool, const std::string& actor, const std::string& email);

}  // namespace vetchart::central
