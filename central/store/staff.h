#pragma once

#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::central {

struct StaffMember {
    std::string id, clinic_code, email, username, first_name, last_name, roles;
    bool active = true;
};

struct NewStaff {
    std::string clinic_code, email, username, first_name, last_name;  ///< Empty username: the e-mail's local part.
    std::vector<std::string> roles;
    std::string password;
};

/// `roles` as the one canonical JSON array that the schema takes: alphabetical, no blanks, no repeats.
/// Errors: invalid_input names a role that does not exist, or says that one is needed.
[[nodiscard]] Result<std::string> canonical_roles(const std::vector<std::string>& roles);

/// The staff commands of HQ's operator. Staff rows are rows of the clinic's feed: they reach its nodes by the next
/// pull. Thread-safe. Errors: not_found (clinic, person), conflict (e-mail or username taken, a rule), invalid_input.
[[nodiscard]] Result<std::string> add_staff(Pool& pool, const std::string& actor, const NewStaff& staff, UtcMillis now);
/// Lists the staff of a clinic; with an empty `clinic_code` of all clinics.
[[nodiscard]] Result<std::vector<StaffMember>> list_staff(Pool& pool, const std::string& clinic_code);
[[nodiscard]] Status set_staff_password(Pool& pool, const std::string& actor, const std::string& clinic_code,
                                        const std::string& email, const std::string& password);
[[nodiscard]] Status set_staff_roles(Pool& pool, const std::string& actor, const std::string& clinic_code,
                                     const std::string& email, const std::vector<std::string>& roles);
[[nodiscard]] Status deactivate_staff(Pool& pool, const std::string& actor, const std::string& clinic_code,
                                      const std::string& email);

}  // namespace vetchart::central
