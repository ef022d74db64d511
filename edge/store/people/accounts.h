#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

/// Who may use the node: staff rows, their passwords, the clinics they belong to.
namespace vetchart::edge {

inline constexpr std::size_t kPasswordLengthMin = 8;
inline constexpr std::size_t kPasswordBytesMax = 1024;

/// What the first administrator and the clinic of a node that works alone are made of.
struct FirstAdmin {
    std::string email;  ///< Stored in ASCII lower case, trimmed.
    std::string password;
    std::string clinic_name = "Clinic";
    std::string clinic_code = "MAIN";
    std::string timezone = "UTC";
    std::string currency = "USD";
    std::string first_name = "Clinic";
    std::string last_name = "Admin";
};

/// Refuses what would be refused later, before anything is made. Errors: invalid_input `weak_password`, `bad_email`,
/// or the name of the schema's check (`clinic_code_check`).
[[nodiscard]] Status check_first_admin(const FirstAdmin& admin);

/// Makes the clinic and its first administrator in one captured transaction; returns the clinic's id.
/// Errors: conflict `already_set_up` when any staff exists; those of check_first_admin; the schema's own refusals.
[[nodiscard]] Result<std::string> create_first_admin(Database& database, const FirstAdmin& admin, UtcMillis now);

/// Gives every active staff row of `email` a new password; returns how many there were. On an enrolled node it counts
/// here alone (local_password), until central tells another password of that row; on a node that works alone it is a
/// change like any other, by nobody's hand. Errors: not_found; invalid_input `weak_password`.
[[nodiscard]] Result<int> set_password(Database& database, const std::string& email, const std::string& password);

/// True while the file has no staff at all, so that the node waits to be set up or enrolled.
[[nodiscard]] Result<bool> needs_setup(Database& database);

/// Codes of the clinics that have arrived from central without anybody who could log in (a change-over from the old
/// server); empty while one can, before the first load is done, and on a node that works alone.
[[nodiscard]] Result<std::vector<std::string>> clinics_without_login(Database& database);

/// Hashes the password in normal form C by argon2id (libsodium, INTERACTIVE). nullopt: out of memory. Takes about 60
/// ms and 64 MiB.
[[nodiscard]] std::optional<std::string> hash_password(std::string_view password);

/// True when a new password is long enough.
[[nodiscard]] Status check_new_password(std::string_view password);

/// One staff row with what a request needs to know of it.
struct StaffLogin {
    std::string id, clinic_id, email, username, first_name, last_name, created_at;
    std::string roles;          ///< Canonical JSON array.
    std::string password_hash;  ///< Never leaves the process.
    std::string local_hash;     ///< argon2id of a legacy password; empty when there is none for this password_hash.
    std::string clinic_code, clinic_name, timezone;
};

/// Active staff rows a person may mean by `name`: those with that e-mail; if none, those that share the e-mail of a
/// row with that username. At most 64.
[[nodiscard]] Result<std::vector<StaffLogin>> find_staff_by_name(Database& database, const std::string& name);

/// Keeps the argon2id hash of a legacy password beside the row, valid while the row's own hash stays as it is. A hash
/// that set_password put there is not replaced.
[[nodiscard]] Status keep_local_hash(Database& database, const StaffLogin& staff, const std::string& hash);

}  // namespace vetchart::edge
