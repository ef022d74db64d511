#include "central/store/report_logins.h"

#include <algorithm>

#include "central/store/audit.h"
#include "central/store/scram.h"
#include "sync/model/change.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kNameMax = 63;
constexpr std::size_t kPasswordMin = 8, kPasswordMax = 128;

/// Central's own logins: whoever may write the audit, and whoever runs this, though it is a member of each login made.
#define VC_REPORT_LOGINS                                                                                      \
    "WITH login AS (SELECT r.* FROM pg_roles g JOIN pg_roles r ON pg_has_role(r.oid, g.oid, 'MEMBER') "       \
    "WHERE g.rolname = 'vetchart_report' AND r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> current_user " \
    "AND NOT coalesce(has_table_privilege(r.oid, to_regclass('public.audit_log'), 'INSERT'), false)) "

constexpr const char* kLogins = VC_REPORT_LOGINS R"(
SELECT l.rolname, l.rolconnlimit, (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = l.oid),
       coalesce((SELECT jsonb_agg(x ORDER BY x) FROM pg_db_role_setting s, unnest(s.setconfig) x
                  WHERE s.setrole = l.oid
                    AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))), '[]')
           ::text,
       l.rolcreaterole OR l.rolcreatedb OR l.rolreplication OR l.rolbypassrls,
       coalesce((SELECT string_agg(quote_ident(m.rolname), ', ' ORDER BY m.rolname) FROM pg_auth_members x
                  JOIN pg_roles m ON m.oid = x.roleid WHERE x.member = l.oid AND m.rolname <> 'vetchart_report'), ''),
       pg_has_role(l.oid, 'USAGE') OR (pg_has_role('pg_signal_backend', 'USAGE') AND
                                       pg_has_role('pg_read_all_stats', 'USAGE')),
       quote_ident(l.rolname), quote_ident(current_user)
  FROM login l ORDER BY l.rolname COLLATE "C")";

/// $1: seconds. A session that this role may not signal shows no state either: it is NULL.
constexpr const char* kEndLong = VC_REPORT_LOGINS R"(,
session AS MATERIALIZED (
    SELECT a.pid, l.rolname, a.state IS NULL OR NOT (pg_has_role(l.oid, 'USAGE') OR
               pg_has_role('pg_signal_backend', 'USAGE')) AS unreachable,
           a.state = 'active' AND a.query_start < clock_timestamp() - $1 * interval '1 second' AS is_long,
           a.xact_start < clock_timestamp() - 2 * $1 * interval '1 second' AS is_stuck
      FROM pg_stat_activity a JOIN login l ON l.oid = a.usesysid
     WHERE a.datname = current_database() AND a.pid <> pg_backend_pid())
SELECT rolname, pid, CASE WHEN unreachable THEN 'unreachable'
            WHEN is_stuck THEN CASE WHEN pg_terminate_backend(pid) THEN 'terminated' ELSE 'gone' END
            WHEN pg_cancel_backend(pid) THEN 'cancelled' ELSE 'gone' END
  FROM session WHERE unreachable OR is_stuck OR is_long)";

constexpr const char* kExists = "SELECT FROM pg_roles WHERE rolname = $1";
constexpr const char* kReportRole = "SELECT FROM pg_roles WHERE rolname = 'vetchart_report'";
constexpr const char* kIsLogin = VC_REPORT_LOGINS "SELECT FROM login WHERE rolname = $1";
constexpr const char* kEndAll = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1";
constexpr const char* kMayGrant = "SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user";
constexpr const char* kTempFiles = "1GB";

Error denied() {
    return Error{Errc::forbidden,
                 "central's login at the database may not make or drop roles: run this with --database-url of one that "
                 "may (CREATEROLE, or a superuser)",
                 "role_denied"};
}

Status check_new(const NewReportLogin& login, const std::string& password) {
    const std::string_view name(login.name);
    const bool well_formed = !name.empty() && name.size() <= kNameMax && !name.starts_with("pg_") &&
                             name != "vetchart_report" && (name.front() < '0' || name.front() > '9') &&
                             name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
    if (!well_formed) {
        return Error{Errc::invalid_input, "a login's name is 1 to 63 of a-z, 0-9 and _, and does not begin with pg_",
                     "bad_login_name"};
    }
    const bool is_plain = std::all_of(password.begin(), password.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!is_plain || password.size() < kPasswordMin || password.size() > kPasswordMax) {
        return Error{Errc::invalid_input, "the password of a report login is 8 to 128 printable ASCII characters",
                     "bad_password"};
    }
    return Done{};
}

std::string setting_of(const ReportLogin& login, const std::string& name) {
    for (const auto& setting : login.settings) {
        if (setting.starts_with(name + "=")) return setting.substr(name.size() + 1);
    }
    return {};
}

/// True when a setting is no bound: it is not there, or is 0 or off.
void check_setting(ReportLogin& login, const std::string& quoted, const char* name, const char* value,
                   const char* what) {
    const std::string set = setting_of(login, name);
    const bool is_open = set.empty() || set == "off" || set == "-1" ||
                         set.find_first_not_of('0') == std::string::npos || set.starts_with("0m") || set == "0s";
    if (!is_open) return;
    login.faults.push_back(
        {"the login " + login.name + " " + what,
         std::string("ALTER ROLE ").append(quoted).append(" SET ").append(name) + " = '" + value + "'"});
}

ReportLogin login_of(const pqxx::row& row) {
    ReportLogin login;
    login.name = row[0].c_str();
    login.connections_max = row[1].as<int>();
    login.connections = row[2].as<int>();
    login.settings = sync::Json::parse(row[3].c_str()).get<std::vector<std::string>>();
    const std::string quoted = row[7].c_str();
    const auto fault = [&](const std::string& what, const std::string& statement) {
        login.faults.push_back({"the login " + login.name + " " + what, statement});
    };
    if (login.connections_max < 0) {
        fault("may take all connections of the server",
              "ALTER ROLE " + quoted + " CONNECTION LIMIT " + std::to_string(kReportConnections));
    }
    check_setting(login, quoted, "statement_timeout", "30s", "has no bound on the time of a statement");
    check_setting(login, quoted, "idle_in_transaction_session_timeout", "60s",
                  "may leave a transaction open, and with it a lock");
    check_setting(login, quoted, "temp_file_limit", kTempFiles, "may fill the disk with temporary files");
    if (row[4].as<bool>()) {
        fault("may more than a reader (roles, databases, replication or row security)",
              "ALTER ROLE " + quoted + " NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS");
    }
    if (const std::string others = row[5].c_str(); !others.empty()) {
        fault("is a member of " + others + " too", "REVOKE " + others + " FROM " + quoted);
    }
    if (!row[6].as<bool>()) {
        fault("cannot be stopped by central: it may not end its sessions",
              "GRANT " + quoted + " TO " + std::string(row[8].c_str()));
    }
    return login;
}

/// Gives what only a superuser may give, and what PUBLIC's rights may make needless.
void set_if_allowed(pqxx::work& transaction, const std::string& statement) {
    try {
        pqxx::subtransaction savepoint(transaction);
        savepoint.exec(statement);
        savepoint.commit();
    } catch (const pqxx::sql_error&) {
        return;  // The list of faults tells that it is missing.
    }
}

void make_role(pqxx::work& transaction, const NewReportLogin& login, const std::string& verifier) {
    const std::string name = transaction.quote_name(login.name);
    const std::string alter = "ALTER ROLE " + name + " SET ";
    transaction.exec("CREATE ROLE " + name + " LOGIN INHERIT CONNECTION LIMIT " + std::to_string(login.connections) +
                     " PASSWORD " + transaction.quote(verifier));
    transaction.exec("GRANT vetchart_report TO " + name);
    transaction.exec(alter + "statement_timeout = '" + std::to_string(login.time.count()) + "s'");
    transaction.exec(alter + "idle_in_transaction_session_timeout = '60s'");
    transaction.exec(alter + "default_transaction_read_only = on");
    if (transaction.exec1(kMayGrant)[0].as<bool>()) transaction.exec("GRANT " + name + " TO CURRENT_USER");
    set_if_allowed(transaction, alter + "temp_file_limit = '" + kTempFiles + "'");
    set_if_allowed(transaction, "GRANT CONNECT ON DATABASE " +
                                    transaction.quote_name(transaction.exec1("SELECT current_database()")[0].c_str()) +
                                    " TO " + name);
}

}  // namespace

Result<std::vector<LoginFault>> add_report_login(Pool& pool, const std::string& actor, const NewReportLogin& login,
                                                 const std::string& password) {
    VC_TRY(check_new(login, password));
    std::vector<LoginFault> faults;
    VC_TRY(pool.transact("report-login add", [&](pqxx::work& transaction) -> Status {
        if (transaction.exec(kReportRole).empty()) {
            return Error{Errc::conflict,
                         "the role vetchart_report is not there: `migrate --status` says how to make it",
                         "report_role_missing"};
        }
        if (!transaction.exec_params(kExists, login.name).empty()) {
            return Error{Errc::conflict, "a role of this name exists already", "login_exists"};
        }
        try {
            make_role(transaction, login, scram_verifier(pool.rng(), password));
        } catch (const pqxx::insufficient_privilege&) {
            return denied();
        }
        audit(transaction, actor, "report-login add", login.name,
              {{"connections", login.connections}, {"seconds", login.time.count()}});
        for (const auto& made : read_report_logins(transaction)) {
            if (made.name == login.name) faults = made.faults;
        }
        return Done{};
    }));
    return faults;
}

Status remove_report_login(Pool& pool, const std::string& actor, const std::string& name) {
    return pool.transact("report-login remove", [&](pqxx::work& transaction) -> Status {
        if (transaction.exec_params(kIsLogin, name).empty()) {
            return Error{Errc::not_found, "no report login is called " + name, "login_not_found"};
        }
        const std::string quoted = transaction.quote_name(name);
        const std::string database = transaction.quote_name(transaction.exec1("SELECT current_database()")[0].c_str());
        try {
            transaction.exec_params(kEndAll, name);
            transaction.exec("REVOKE ALL ON DATABASE " + database + " FROM " + quoted);
            transaction.exec("DROP ROLE " + quoted);
        } catch (const pqxx::insufficient_privilege&) {
            return denied();
        } catch (const pqxx::sql_error& e) {
            if (e.sqlstate() != "2BP01") throw;
            return Error{Errc::conflict, "the login owns something, or has rights in another database of the cluster",
                         "login_owns"};
        }
        audit(transaction, actor, "report-login remove", name, sync::Json::object());
        return Done{};
    });
}

std::vector<ReportLogin> read_report_logins(pqxx::dbtransaction& transaction) {
    std::vector<ReportLogin> logins;
    for (const auto& row : transaction.exec(kLogins)) logins.push_back(login_of(row));
    return logins;
}

Result<std::vector<ReportLogin>> list_report_logins(Pool& pool) {
    std::vector<ReportLogin> logins;
    VC_TRY(pool.read("report-login list", [&](pqxx::dbtransaction& transaction) -> Status {
        logins = read_report_logins(transaction);
        return Done{};
    }));
    return logins;
}

Result<std::vector<EndedSession>> end_long_report_sessions(Pool& pool, std::chrono::milliseconds time_max) {
    std::vector<EndedSession> sessions;
    const double seconds = static_cast<double>(time_max.count()) / 1000;
    VC_TRY(pool.read("report sessions", [&](pqxx::dbtransaction& transaction) -> Status {
        for (const auto& row : transaction.exec_params(kEndLong, seconds)) {
            const std::string_view outcome(row[2].c_str());
            if (outcome == "gone") continue;
            using Outcome = EndedSession::Outcome;
            sessions.push_back({row[0].c_str(), row[1].as<int>(),
                                outcome == "cancelled"    ? Outcome::cancelled
                                : outcome == "terminated" ? Outcome::terminated
                                                          : Outcome::unreachable});
        }
        return Done{};
    }));
    return sessions;
}

}  // namespace vetchart::central
