#include "central/store/staff.h"

#include <pqxx/pqxx>
#include <set>

#include "central/store/audit.h"
#include "central/store/clinics.h"
#include "central/store/password.h"
#include "sync/base/email.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

constexpr const char* kInsert =
    "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles, active) "
    "VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8, true)";
constexpr const char* kList =
    "SELECT s.id, c.code, s.email, s.username, s.first_name, s.last_name, s.roles, s.active FROM staff s "
    "JOIN clinic c ON c.id = s.clinic_id WHERE $1 = '' OR c.code = $1 ORDER BY c.code COLLATE \"C\", s.email, s.id";
constexpr const char* kSetPassword =
    "UPDATE staff SET password_hash = $3 WHERE clinic_id = $1::uuid AND email = $2 RETURNING id";
constexpr const char* kSetRoles = "UPDATE staff SET roles = $3 WHERE clinic_id = $1::uuid AND email = $2 RETURNING id";
constexpr const char* kDeactivate =
    "UPDATE staff SET active = $3::boolean WHERE clinic_id = $1::uuid AND email = $2 RETURNING id";

/// Names the hand in row_meta: a change made here is an edit of now, by this person.
void set_actor(pqxx::work& transaction, const std::string& actor) {
    transaction.exec_params("SELECT set_config('vetchart.actor', $1, true)", actor);
}

/// One change of one person, with its trace. `value` is never logged: it may be a password's hash.
Status change(Pool& pool, const std::string& actor, const char* action, const char* sql, const std::string& clinic_code,
              const std::string& email, const std::string& value, const sync::Json& detail) {
    return pool.transact(action, [&](pqxx::work& transaction) -> Status {
        VC_TRY_ASSIGN(const std::string clinic_id, clinic_id_of(transaction, clinic_code));
        set_actor(transaction, actor);
        auto rows = transaction.exec_params(sql, clinic_id, normal_email(email), value);
        // The row is older than the normal form.
        if (rows.empty()) rows = transaction.exec_params(sql, clinic_id, ascii_lower(email), value);
        if (rows.empty()) {
            return Error{Errc::not_found, "nobody in clinic " + clinic_code + " has that e-mail", "staff_not_found"};
        }
        sync::Json traced = detail;
        traced["clinic"] = clinic_code;
        audit(transaction, actor, action, rows[0][0].c_str(), traced);
        return Done{};
    });
}

}  // namespace

Result<std::string> canonical_roles(const std::vector<std::string>& roles) {
    std::string text;
    for (const std::string& role : std::set<std::string>(roles.begin(), roles.end())) {
        if (role != "admin" && role != "staff" && role != "veterinarian") {
            return Error{Errc::invalid_input, "no such role: " + role + " (admin, staff, veterinarian)",
                         "unknown_role"};
        }
        text += (text.empty() ? "[\"" : ",\"") + role + "\"";
    }
    if (text.empty()) return Error{Errc::invalid_input, "at least one role is needed", "role_missing"};
    return text + "]";
}

Result<std::string> add_staff(Pool& pool, const std::string& actor, const NewStaff& staff, UtcMillis now) {
    VC_TRY_ASSIGN(const std::string roles, canonical_roles(staff.roles));
    VC_TRY_ASSIGN(const std::string email, read_email(staff.email));
    VC_TRY_ASSIGN(const std::string hash, hash_password(staff.password));
    const std::string username = staff.username.empty() ? email.substr(0, email.find('@')) : staff.username;
    const std::string id = new_row_id(pool.rng(), now);
    VC_TRY(pool.transact("staff add", [&](pqxx::work& transaction) -> Status {
        VC_TRY_ASSIGN(const std::string clinic_id, clinic_id_of(transaction, staff.clinic_code));
        transaction.exec_params(kInsert, id, clinic_id, email, username, staff.first_name, staff.last_name, hash,
                                roles);
        audit(transaction, actor, "staff add", id, {{"clinic", staff.clinic_code}, {"roles", roles}});
        return Done{};
    }));
    return id;
}

Result<std::vector<StaffMember>> list_staff(Pool& pool, const std::string& clinic_code) {
    std::vector<StaffMember> staff;
    VC_TRY(pool.read("staff list", [&](pqxx::dbtransaction& transaction) -> Status {
        if (!clinic_code.empty()) {
            if (const auto clinic = clinic_id_of(transaction, clinic_code); !clinic) return clinic.error();
        }
        for (const auto& row : transaction.exec_params(kList, clinic_code)) {
            staff.push_back(StaffMember{row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str(), row[4].c_str(),
                                        row[5].c_str(), row[6].c_str(), row[7].as<bool>()});
        }
        return Done{};
    }));
    return staff;
}

Status set_staff_password(Pool& pool, const std::string& actor, const std::string& clinic_code,
                          const std::string& email, const std::string& password) {
    VC_TRY_ASSIGN(const std::string hash, hash_password(password));
    return change(pool, actor, "staff set-password", kSetPassword, clinic_code, email, hash, sync::Json::object());
}

Status set_staff_roles(Pool& pool, const std::string& actor, const std::string& clinic_code, const std::string& email,
                       const std::vector<std::string>& roles) {
    VC_TRY_ASSIGN(const std::string text, canonical_roles(roles));
    return change(pool, actor, "staff set-roles", kSetRoles, clinic_code, email, text, {{"roles", text}});
}

Status deactivate_staff(Pool& pool, const std::string& actor, const std::string& clinic_code,
                        const std::string& email) {
    return change(pool, actor, "staff deactivate", kDeactivate, clinic_code, email, "false", sync::Json::object());
}

}  // namespace vetchart::central
