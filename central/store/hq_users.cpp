#include "central/store/hq_users.h"

#include <pqxx/pqxx>

#include "central/store/audit.h"
#include "central/store/password.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

constexpr const char* kInsert =
    "INSERT INTO hq_user (id, email, role, password_hash, active) VALUES ($1::uuid, $2, $3, $4, true)";
constexpr const char* kList =
    "SELECT id, email, role, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), active "
    "FROM hq_user ORDER BY email COLLATE \"C\", id";
constexpr const char* kSetPassword = "UPDATE hq_user SET password_hash = $2 WHERE email = $1 RETURNING id";
constexpr const char* kSetActive = "UPDATE hq_user SET active = $2::boolean WHERE email = $1 RETURNING id";

Status change(Pool& pool, const std::string& actor, const char* action, const char* sql, const std::string& email,
              const std::string& value) {
    return pool.transact(action, [&](pqxx::work& transaction) -> Status {
        const auto rows = transaction.exec_params(sql, ascii_lower(email), value);
        if (rows.empty()) return Error{Errc::not_found, "no HQ user has that e-mail", "hq_user_not_found"};
        audit(transaction, actor, action, rows[0][0].c_str(), sync::Json::object());
        return Done{};
    });
}

}  // namespace

Result<std::string> add_hq_user(Pool& pool, const std::string& actor, const std::string& email, const std::string& role,
                                const std::string& password, UtcMillis now) {
    if (role != "admin" && role != "analyst") {
        return Error{Errc::invalid_input, "no such role: " + role + " (admin, analyst)", "unknown_role"};
    }
    VC_TRY_ASSIGN(const std::string hash, hash_password(password));
    const std::string id = new_row_id(now);
    VC_TRY(pool.transact("hq-user add", [&](pqxx::work& transaction) -> Status {
        transaction.exec_params(kInsert, id, ascii_lower(trim_blanks(email)), role, hash);
        audit(transaction, actor, "hq-user add", id, {{"role", role}});
        return Done{};
    }));
    return id;
}

Result<std::vector<HqUser>> list_hq_users(Pool& pool) {
    std::vector<HqUser> users;
    VC_TRY(pool.read("hq-user list", [&](pqxx::dbtransaction& transaction) -> Status {
        for (const auto& row : transaction.exec(kList)) {
            users.push_back(HqUser{row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str(), row[4].as<bool>()});
        }
        return Done{};
    }));
    return users;
}

Status set_hq_password(Pool& pool, const std::string& actor, const std::string& email, const std::string& password) {
    VC_TRY_ASSIGN(const std::string hash, hash_password(password));
    return change(pool, actor, "hq-user set-password", kSetPassword, email, hash);
}

Status deactivate_hq_user(Pool& pool, const std::string& actor, const std::string& email) {
    return change(pool, actor, "hq-user deactivate", kSetActive, email, "false");
}

}  // namespace vetchart::central
