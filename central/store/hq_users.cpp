#include "central/store/hq_users.h"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <pqxx/pqxx>

#include "central/store/audit.h"
#include "central/store/password.h"
#include "sync/base/digest.h"
#include "sync/base/email.h"
#include "sync/base/password_form.h"
#include "sync/base/text_fold.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

// A deactivated user may come back, perhaps in another role; the new password ends all earlier tokens.
constexpr const char* kInsert = R"(
INSERT INTO hq_user (id, email, role, password_hash, active) VALUES ($1::uuid, $2, $3, $4, true)
ON CONFLICT (email) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash, active = true
WHERE NOT hq_user.active RETURNING id)";
constexpr const char* kList =
    "SELECT id, email, role, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), active "
    "FROM hq_user ORDER BY email COLLATE \"C\", id";
constexpr const char* kSetPassword = "UPDATE hq_user SET password_hash = $2 WHERE email = $1 RETURNING id";
constexpr const char* kSetActive = "UPDATE hq_user SET active = $2::boolean WHERE email = $1 RETURNING id";
constexpr const char* kByEmail = "SELECT id, email, role, password_hash FROM hq_user WHERE email = $1 AND active";
constexpr const char* kBySession =
    "SELECT u.id, u.email, u.role, '' FROM hq_session s JOIN hq_user u ON u.id = s.hq_user_id "
    "WHERE s.id = $1 AND u.active";
constexpr const char* kForgetExpired = "DELETE FROM hq_session WHERE expires_at <= $1::timestamptz";
// Locks the user against a new password until the session is in: the trigger then sees it.
constexpr const char* kStillHolds =
    "SELECT FROM hq_user WHERE id = $1::uuid AND active AND password_hash = $2 FOR SHARE";
constexpr const char* kBeginSession =
    "INSERT INTO hq_session (id, hq_user_id, created_at, expires_at) "
    "VALUES ($1, $2::uuid, $3::timestamptz, $4::timestamptz)";
constexpr const char* kEndOldest = R"(
DELETE FROM hq_session WHERE id IN (
    SELECT id FROM hq_session WHERE hq_user_id = $1::uuid ORDER BY created_at DESC, id OFFSET $2))";
constexpr const char* kEndSession = "DELETE FROM hq_session WHERE id = $1";
constexpr const char* kEndSessions = "DELETE FROM hq_session WHERE hq_user_id = $1::uuid";
constexpr const char* kJwtKey = "SELECT encode(jwt_key, 'hex') FROM central_state";

constexpr std::size_t kJwtKeyBytesMin = 32;
constexpr std::size_t kSessionIdBytes = 16;
/// A hash that is nobody's, against which a password is checked when the e-mail is unknown. It was made of a password
/// that was thrown away, with the costs of hash_password().
constexpr const char* kNobody =
    "$argon2id$v=19$m=65536,t=2,p=1$cGuWQyAg/PEXFn87vJhDcA$FnT6QNn6oBOlIpnb0V2npKY3O8Y8KUU6ImagEUat+iU";

bool is_password_of(const std::string& hash, const std::string& password) {
    if (password.size() > kPasswordBytesMax) return false;
    std::array<char, crypto_pwhash_STRBYTES> text{};  // libsodium reads a buffer of this size.
    std::memcpy(text.data(), hash.data(), hash.size());
    return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

/// Checks a password in normal form C, then as it was typed, for a hash that is older than this rule.
bool password_matches(const std::string& hash, const std::string& given) {
    const std::string password = nfc(given);
    return is_password_of(hash, password) || (password != given && is_password_of(hash, given));
}

/// The one user that `sql` finds, and its password hash.
Result<std::optional<std::pair<HqUser, std::string>>> find(Pool& pool, const char* sql, const std::string& key) {
    std::optional<std::pair<HqUser, std::string>> found;
    VC_TRY(pool.read("hq-user", [&](pqxx::dbtransaction& transaction) -> Status {
        const auto rows = transaction.exec_params(sql, key);
        if (rows.empty()) return Done{};
        found.emplace(HqUser{rows[0][0].c_str(), rows[0][1].c_str(), rows[0][2].c_str(), {}, true}, rows[0][3].c_str());
        return Done{};
    }));
    return found;
}

Status change(Pool& pool, const std::string& actor, const char* action, const char* sql, const std::string& email,
              const std::string& value) {
    return pool.transact(action, [&](pqxx::work& transaction) -> Status {
        const auto rows = transaction.exec_params(sql, normal_email(email), value);
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
    VC_TRY_ASSIGN(const std::string stored, read_email(email));
    VC_TRY_ASSIGN(const std::string hash, hash_password(password));
    std::string id = new_row_id(pool.rng(), now);
    VC_TRY(pool.transact("hq-user add", [&](pqxx::work& transaction) -> Status {
        const auto rows = transaction.exec_params(kInsert, id, stored, role, hash);
        if (rows.empty()) return Error{Errc::conflict, "an active HQ user has this e-mail", "hq_user_email_key"};
        id = rows[0][0].c_str();
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

Result<std::optional<HqLogin>> check_hq_login(Pool& pool, const std::string& email, const std::string& password) {
    VC_TRY_ASSIGN(const auto found, find(pool, kByEmail, normal_email(email)));
    const bool is_usable = found && password_form(found->second) == PasswordForm::argon2id;
    const bool right = password_matches(is_usable ? found->second : std::string(kNobody), password);
    return is_usable && right ? std::optional<HqLogin>(HqLogin{found->first, found->second}) : std::nullopt;
}

Result<std::string> begin_hq_session(Pool& pool, const HqLogin& login, UtcMillis now, UtcMillis expires) {
    const std::string id = random_token(pool.rng(), kSessionIdBytes);
    VC_TRY(pool.transact("hq session", [&](pqxx::work& transaction) -> Status {
        if (transaction.exec_params(kStillHolds, login.user.id, login.password_hash).empty()) {
            return Error{Errc::not_found, "the HQ user changed during the login", "hq_user_not_found"};
        }
        transaction.exec_params(kForgetExpired, format_utc(now));
        transaction.exec_params(kBeginSession, id, login.user.id, format_utc(now), format_utc(expires));
        transaction.exec_params(kEndOldest, login.user.id, kHqSessionsPerUserMax);
        return Done{};
    }));
    return id;
}

Result<std::optional<HqUser>> find_hq_session(Pool& pool, const std::string& session) {
    VC_TRY_ASSIGN(const auto found, find(pool, kBySession, session));
    return found ? std::optional<HqUser>(found->first) : std::nullopt;
}

Status end_hq_session(Pool& pool, const std::string& session) {
    return pool.transact("hq logout", [&](pqxx::work& transaction) -> Status {
        transaction.exec_params(kEndSession, session);
        return Done{};
    });
}

Status end_hq_sessions(Pool& pool, const std::string& user_id) {
    return pool.transact("hq logout", [&](pqxx::work& transaction) -> Status {
        transaction.exec_params(kEndSessions, user_id);
        return Done{};
    });
}

Result<std::string> read_jwt_key(Pool& pool) {
    if (const char* given = std::getenv("VETCHART_JWT_KEY"); given != nullptr && *given != '\0') {
        if (std::strlen(given) >= kJwtKeyBytesMin) return std::string(given);
        return Error{Errc::invalid_input, "VETCHART_JWT_KEY: must have at least 32 characters"};
    }
    std::string key;
    VC_TRY(pool.read("jwt key", [&](pqxx::dbtransaction& transaction) -> Status {
        key = transaction.exec(kJwtKey)[0][0].c_str();
        return Done{};
    }));
    return key;
}

}  // namespace vetchart::central
