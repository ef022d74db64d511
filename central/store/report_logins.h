#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

inline constexpr int kReportConnections = 5;  ///< So many connections one login may have at a time.
inline constexpr int kReportConnectionsMax = 100;
inline constexpr std::chrono::seconds kReportStatementTime{30};

/// A bound that a login lacks, and the statement that gives it.
struct LoginFault {
    std::string what, statement;
};

/// A login of PostgreSQL that is a member of vetchart_report and no more: neither a superuser nor central itself.
struct ReportLogin {
    std::string name;
    int connections_max = -1;           ///< -1: as many as the server has.
    int connections = 0;                ///< Open now.
    std::vector<std::string> settings;  ///< As pg_db_role_setting has them: `statement_timeout=30s`.
    std::vector<LoginFault> faults;
};

struct NewReportLogin {
    std::string name;  ///< a-z, 0-9 and _; 1 to 63, no digit first, not pg_...
    int connections = kReportConnections;
    std::chrono::seconds time = kReportStatementTime;
};

/// Makes a login for a BI tool: member of vetchart_report, with a number of connections, a time a statement may take,
/// read-only and idle-transaction settings, and where the server lets it a bound on temporary files. The password (8
/// to 128 printable ASCII characters) leaves this program as a SCRAM verifier only. Central's own role becomes a member
/// of the login, so that it may end its sessions. Returns what could not be set, as faults. Errors: invalid_input
/// (`bad_login_name`, `bad_password`), conflict (`login_exists`, `report_role_missing`), forbidden (`role_denied`).
[[nodiscard]] Result<std::vector<LoginFault>> add_report_login(Pool& pool, const std::string& actor,
                                                               const NewReportLogin& login,
                                                               const std::string& password);

/// Ends the login's sessions and drops it. Errors: not_found (`login_not_found`: none, or one that may more than read
/// reports), forbidden (`role_denied`), conflict (`login_owns`: it owns things, here or in another database).
[[nodiscard]] Status remove_report_login(Pool& pool, const std::string& actor, const std::string& name);

[[nodiscard]] Result<std::vector<ReportLogin>> list_report_logins(Pool& pool);
/// The same inside of a transaction; throws what libpqxx throws.
[[nodiscard]] std::vector<ReportLogin> read_report_logins(pqxx::dbtransaction& transaction);

/// A session of a report login that went over its bound, or that central cannot look into.
struct EndedSession {
    std::string login;
    int pid = 0;
    enum class Outcome { cancelled, terminated, unreachable } outcome = Outcome::unreachable;
};

/// Cancels statements of report logins in this database that run longer than `time_max`, whatever the session has set
/// for itself; ends sessions whose transaction is open for twice as long, running or idle. What central's role may not
/// signal is returned as unreachable. Blocking, thread-safe.
[[nodiscard]] Result<std::vector<EndedSession>> end_long_report_sessions(Pool& pool,
                                                                         std::chrono::milliseconds time_max);

}  // namespace vetchart::central
