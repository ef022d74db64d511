#include "edge/store/people/sessions.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string_view>

#include "edge/store/file/bind.h"
#include "sync/base/json.h"
#include "sync/engine/clock_offset.h"

namespace vetchart::edge {
namespace {

#define VC_STILL_FITS                                                                                             \
    "SELECT 1 FROM staff s WHERE s.id=login_session.staff_id AND s.active=1 AND s.email=login_session.email AND " \
    "substr(s.password_hash,-32)=login_session.mark"

// Sessions begun ahead of now come from a wrong clock: they would outlive all others, and push new ones out.
constexpr std::string_view kForgetExpired = "DELETE FROM login_session WHERE expires_at<=?1 OR created_at>?2";
// The row must be as it was when its password was checked: anyone may have changed it between the two.
constexpr std::string_view kBegin =
    "INSERT INTO login_session(id,staff_id,email,mark,created_at,expires_at)"
    " SELECT ?1,id,email,substr(password_hash,-32),?4,?5 FROM staff WHERE id=?2 AND active=1 AND password_hash=?3";
constexpr std::string_view kEndOldest =
    "DELETE FROM login_session WHERE id IN (SELECT id FROM login_session WHERE staff_id=?1"
    " ORDER BY created_at DESC,id LIMIT -1 OFFSET ?2)";
constexpr std::string_view kEnd = "DELETE FROM login_session WHERE id=?1";
constexpr std::string_view kEndOf =
    "DELETE FROM login_session WHERE id IN (SELECT id FROM login_session WHERE staff_id IN"
    " (SELECT value FROM json_each(?1)))";
constexpr std::string_view kEndOfStaff = "DELETE FROM login_session WHERE staff_id=?1";
constexpr std::string_view kEndOutdated = "DELETE FROM login_session WHERE NOT EXISTS (" VC_STILL_FITS ")";

Status maintain_with(Database& database, std::string_view sql, const std::string& parameter) {
    return database.maintain([&](Connection& connection) -> Status {
        SQLite::Statement& statement = connection.statement(sql);
        Bind(statement).at(1, parameter);
        statement.exec();
        return Done{};
    });
}

}  // namespace

Status begin_session(Database& database, const std::string& id, const std::vector<StaffLogin>& staff, UtcMillis now,
                     UtcMillis expires) {
    return database.maintain([&](Connection& connection) -> Status {
        SQLite::Statement& forget = connection.statement(kForgetExpired);
        Bind limits(forget);
        limits.at(1, format_utc(now));
        limits.at(2, format_utc(now + sync::kClockTolerance));
        forget.exec();
        for (const StaffLogin& row : staff) {
            SQLite::Statement& begin = connection.statement(kBegin);
            Bind bind(begin);
            bind.at(1, id);
            bind.at(2, row.id);
            bind.at(3, row.password_hash);
            bind.at(4, format_utc(now));
            bind.at(5, format_utc(expires));
            begin.exec();
            SQLite::Statement& oldest = connection.statement(kEndOldest);
            Bind limit(oldest);
            limit.at(1, row.id);
            limit.at(2, std::int64_t{kSessionsPerPersonMax});
            oldest.exec();
        }
        return Done{};
    });
}

Status end_session(Database& database, const std::string& id) { return maintain_with(database, kEnd, id); }

Status end_sessions_of(Database& database, const std::vector<std::string>& staff_ids) {
    return maintain_with(database, kEndOf, nlohmann::json(staff_ids).dump());
}

void end_staff_sessions(Connection& connection, const std::string& staff_id) {
    SQLite::Statement& statement = connection.statement(kEndOfStaff);
    Bind(statement).at(1, staff_id);
    statement.exec();
}

void end_all_sessions(Connection& connection) { connection.exec("DELETE FROM login_session"); }

void end_outdated_sessions(Connection& connection) { connection.statement(kEndOutdated).exec(); }

}  // namespace vetchart::edge
