#include "edge/store/people/accounts.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "edge/store/file/bind.h"
#include "edge/store/people/sessions.h"
#include "sync/base/digest.h"
#include "sync/base/email.h"
#include "sync/base/text.h"
#include "sync/base/text_fold.h"
#include "sync/base/uuid.h"

namespace vetchart::edge {
namespace {

// The clinics of a node whose first load is done and where nobody's password can be checked.
constexpr const char* kWithoutLogin =
    "SELECT code FROM clinic WHERE EXISTS (SELECT 1 FROM sync_cursor) AND NOT EXISTS (SELECT 1 FROM sync_cursor WHERE "
    "loading = 1) AND NOT EXISTS (SELECT 1 FROM staff s WHERE s.active = 1 AND (s.password_hash <> '' OR EXISTS "
    "(SELECT 1 FROM local_password l WHERE l.staff_id = s.id))) ORDER BY code";
constexpr std::string_view kAnyStaff = "SELECT EXISTS(SELECT 1 FROM staff)";
constexpr std::string_view kInsertClinic =
    "INSERT INTO clinic(id,code,name,timezone,currency,address,phone,created_at,updated_at)"
    " VALUES(?1,?2,?3,?4,?5,'','',?6,?6)";
constexpr std::string_view kInsertAdmin =
    "INSERT INTO staff(id,clinic_id,email,username,first_name,last_name,password_hash,roles,active,created_at,"
    "updated_at) VALUES(?1,?2,?3,?4,?5,?6,?7,'[\"admin\"]',1,?8,?8)";
constexpr std::string_view kSetPassword = "UPDATE staff SET password_hash=?2 WHERE email=?1 AND active=1";
constexpr std::string_view kEndSessions = "DELETE FROM login_session WHERE email=?1";
constexpr std::string_view kKeepLocal =
    "INSERT INTO local_password(staff_id,based_on,hash) VALUES(?1,?2,?3)"
    " ON CONFLICT(staff_id) DO UPDATE SET based_on=excluded.based_on,hash=excluded.hash,set_here=0"
    " WHERE set_here=0 OR based_on<>excluded.based_on";
constexpr std::string_view kSetHere =
    "INSERT INTO local_password(staff_id,based_on,hash,set_here) VALUES(?1,?2,?3,1)"
    " ON CONFLICT(staff_id) DO UPDATE SET based_on=excluded.based_on,hash=excluded.hash,set_here=1";
constexpr std::string_view kIsEnrolled = "SELECT enrolled_at IS NOT NULL FROM node_state";

#define VC_LOGIN                                                                                                \
    "SELECT x.id,x.clinic_id,x.email,x.username,x.first_name,x.last_name,x.created_at,x.roles,x.password_hash," \
    "coalesce(l.based_on,''),coalesce(l.hash,''),c.code,c.name,c.timezone FROM staff x"                         \
    " JOIN clinic c ON c.id=x.clinic_id LEFT JOIN local_password l ON l.staff_id=x.id WHERE x.active=1"
constexpr std::string_view kByEmail = VC_LOGIN " AND x.email=?1 ORDER BY c.code,x.id LIMIT 64";
constexpr std::string_view kByUsername =
    VC_LOGIN " AND x.email IN (SELECT email FROM staff WHERE username=?1 AND active=1) ORDER BY c.code,x.id LIMIT 64";
constexpr std::string_view kBySession = VC_LOGIN
    " AND x.id IN (SELECT staff_id FROM login_session WHERE id=?1) AND EXISTS (SELECT 1 FROM login_session s"
    " WHERE s.id=?1 AND s.staff_id=x.id AND s.email=x.email AND s.mark=substr(x.password_hash,-32))"
    " ORDER BY c.code,x.id LIMIT 64";

/// A local hash counts only beside the very hash it was made for: a changed password makes it worthless.
std::string fingerprint(const std::string& password_hash) { return to_hex(sha256(password_hash)); }

StaffLogin read_login(SQLite::Statement& row) {
    StaffLogin login;
    const std::array<std::string*, 9> head = {&login.id,         &login.clinic_id,  &login.email,
                                              &login.username,   &login.first_name, &login.last_name,
                                              &login.created_at, &login.roles,      &login.password_hash};
    for (std::size_t i = 0; i < head.size(); ++i) *head[i] = row.getColumn(static_cast<int>(i)).getString();
    if (row.getColumn(9).getString() == fingerprint(login.password_hash))
        login.local_hash = row.getColumn(10).getString();
    login.clinic_code = row.getColumn(11).getString();
    login.clinic_name = row.getColumn(12).getString();
    login.timezone = row.getColumn(13).getString();
    return login;
}

std::vector<StaffLogin> query_logins(Connection& connection, std::string_view sql, const std::string& parameter) {
    std::vector<StaffLogin> logins;
    SQLite::Statement& rows = connection.statement(sql);
    const ResetGuard guard(rows);
    Bind(rows).at(1, parameter);
    while (rows.executeStep()) logins.push_back(read_login(rows));
    return logins;
}

bool any_staff(Connection& connection) {
    SQLite::Statement& row = connection.statement(kAnyStaff);
    const ResetGuard guard(row);
    return row.executeStep() && row.getColumn(0).getInt() != 0;
}

struct FirstIds {
    std::string clinic, staff;
};

void insert_first(Connection& connection, const FirstAdmin& admin, const FirstIds& ids, const std::string& email,
                  const std::string& hash, UtcMillis now) {
    const std::string at = format_utc(now);
    SQLite::Statement& clinic = connection.statement(kInsertClinic);
    Bind bind_clinic(clinic);
    bind_clinic.at(1, ids.clinic);
    bind_clinic.at(2, admin.clinic_code);
    bind_clinic.at(3, admin.clinic_name);
    bind_clinic.at(4, admin.timezone);
    bind_clinic.at(5, admin.currency);
    bind_clinic.at(6, at);
    clinic.exec();
    SQLite::Statement& staff = connection.statement(kInsertAdmin);
    Bind bind_staff(staff);
    bind_staff.at(1, ids.staff);
    bind_staff.at(2, ids.clinic);
    bind_staff.at(3, email);
    bind_staff.at(4, email.substr(0, std::min<std::size_t>(email.find('@'), 100)));
    bind_staff.at(5, admin.first_name);
    bind_staff.at(6, admin.last_name);
    bind_staff.at(7, hash);
    bind_staff.at(8, at);
    staff.exec();
}

bool is_enrolled(Connection& connection) {
    SQLite::Statement& row = connection.statement(kIsEnrolled);
    const ResetGuard guard(row);
    return row.executeStep() && row.getColumn(0).getInt() != 0;
}

/// Sets the password in a table beside the rows, since central would hold a change of these by nobody's hand.
int set_password_here(Connection& connection, const std::string& email, const std::string& hash) {
    const auto logins = query_logins(connection, kByEmail, email);
    for (const StaffLogin& login : logins) {
        SQLite::Statement& statement = connection.statement(kSetHere);
        Bind bind(statement);
        bind.at(1, login.id);
        bind.at(2, fingerprint(login.password_hash));
        bind.at(3, hash);
        statement.exec();
    }
    return static_cast<int>(logins.size());
}

int change_password(Connection& connection, const std::string& email, const std::string& hash) {
    SQLite::Statement& statement = connection.statement(kSetPassword);
    Bind bind(statement);
    bind.at(1, email);
    bind.at(2, hash);
    return statement.exec();
}

/// Finds an address as the rows have it: in normal form C, or as it was typed in a row older than that rule.
std::string stored_form(Connection& connection, const std::string& given) {
    std::string normal = normal_email(given);
    std::string typed = ascii_lower(trim_blanks(given));
    if (typed == normal || !query_logins(connection, kByEmail, normal).empty()) return normal;
    return typed;
}

}  // namespace

Status check_first_admin(const FirstAdmin& admin) {
    const auto all_of = [](const std::string& text, std::string_view allowed) {
        return text.find_first_not_of(allowed) == std::string::npos;
    };
    constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const std::string& code = admin.clinic_code;
    const std::size_t name_length = code_point_count(trim_blanks(admin.clinic_name));
    if (!is_email(normal_email(admin.email))) {
        return Error{Errc::invalid_input, "the administrator's e-mail is no e-mail address", "bad_email"};
    }
    if (code.size() < 2 || code.size() > 16 || !all_of(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")) {
        return Error{Errc::invalid_input, "a clinic's code is 2 to 16 of A-Z and 0-9", "clinic_code_check"};
    }
    if (name_length < 1 || name_length > 200 || !is_clean_utf8(admin.clinic_name)) {
        return Error{Errc::invalid_input, "a clinic's name has 1 to 200 characters", "clinic_name_check"};
    }
    if (admin.currency.size() != 3 || !all_of(admin.currency, kCapitals)) {
        return Error{Errc::invalid_input, "a currency is three letters, as EUR", "clinic_currency_check"};
    }
    return check_new_password(admin.password);
}

Result<std::string> create_first_admin(Database& database, const FirstAdmin& admin, UtcMillis now) {
    VC_TRY(check_first_admin(admin));
    const std::string email = normal_email(admin.email);
    const auto hash = hash_password(admin.password);
    if (!hash) return Error{Errc::internal, "no memory to hash a password"};
    const FirstIds ids{new_row_id(database.rng(), now), new_row_id(database.rng(), now)};
    auto status = database.write({{ids.clinic, ids.staff}}, [&](Connection& connection) -> Status {
        if (any_staff(connection)) return Error{Errc::conflict, "the node has staff already", "already_set_up"};
        insert_first(connection, admin, ids, email, *hash, now);
        return Done{};
    });
    if (!status) return status.error();
    return ids.clinic;
}

Result<int> set_password(Database& database, const std::string& email, const std::string& password) {
    VC_TRY(check_new_password(password));
    const auto hash = hash_password(password);
    if (!hash) return Error{Errc::internal, "no memory to hash a password"};
    int count = 0;
    auto status = database.write({}, [&](Connection& connection) -> Status {
        const std::string name = stored_form(connection, email);
        count = is_enrolled(connection) ? set_password_here(connection, name, *hash)
                                        : change_password(connection, name, *hash);
        SQLite::Statement& end = connection.statement(kEndSessions);
        Bind(end).at(1, name);
        end.exec();
        if (count == 0) return Error{Errc::not_found, "no active staff with that e-mail", "not_found"};
        return Done{};
    });
    if (!status) return status.error();
    return count;
}

Result<bool> needs_setup(Database& database) {
    bool empty = false;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        empty = !any_staff(connection);
        return Done{};
    });
    if (!status) return status.error();
    return empty;
}

Result<std::vector<std::string>> clinics_without_login(Database& database) {
    std::vector<std::string> codes;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& rows = connection.statement(kWithoutLogin);
        while (rows.executeStep()) codes.push_back(rows.getColumn(0).getString());
        rows.reset();
        return Done{};
    });
    if (!status) return status.error();
    return codes;
}

std::optional<std::string> hash_password(std::string_view given) {
    const std::string password = nfc(given);
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (sodium_init() < 0 ||
        crypto_pwhash_str(text.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return std::nullopt;
    }
    return std::string(text.data());
}

Status check_new_password(std::string_view given) {
    const std::string password = nfc(given);
    if (code_point_count(password) < kPasswordLengthMin || password.size() > kPasswordBytesMax ||
        !is_clean_utf8(password)) {
        return Error{Errc::invalid_input, "a password has at least 8 characters", "weak_password"};
    }
    return Done{};
}

Result<std::vector<StaffLogin>> find_staff_by_name(Database& database, const std::string& name) {
    std::vector<StaffLogin> logins;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        logins = query_logins(connection, kByEmail, stored_form(connection, name));
        if (logins.empty()) logins = query_logins(connection, kByUsername, name);
        if (logins.empty()) logins = query_logins(connection, kByUsername, nfc(name));
        return Done{};
    });
    if (!status) return status.error();
    return logins;
}

Result<std::vector<StaffLogin>> find_session(Database& database, const std::string& id) {
    std::vector<StaffLogin> logins;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        logins = query_logins(connection, kBySession, id);
        return Done{};
    });
    if (!status) return status.error();
    return logins;
}

Status keep_local_hash(Database& database, const StaffLogin& staff, const std::string& hash) {
    return database.maintain([&](Connection& connection) -> Status {
        SQLite::Statement& statement = connection.statement(kKeepLocal);
        Bind bind(statement);
        bind.at(1, staff.id);
        bind.at(2, fingerprint(staff.password_hash));
        bind.at(3, hash);
        statement.exec();
        return Done{};
    });
}

}  // namespace vetchart::edge
