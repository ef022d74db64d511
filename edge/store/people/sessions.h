#pragma once

#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/people/accounts.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

/// The sessions of a node: a token is good while its session stands here. A session opens the staff rows it was begun
/// with, each for as long as that row stays active and keeps its e-mail and its password. Nothing is written per
/// request, nothing is logged, nothing is synced.
namespace vetchart::edge {

/// So many sessions one person may have; the oldest ends when one more begins.
inline constexpr int kSessionsPerPersonMax = 200;

/// Begins the session `id` for those of `staff` that are still as the login found them; forgets expired ones.
[[nodiscard]] Status begin_session(Database& database, const std::string& id, const std::vector<StaffLogin>& staff,
                                   UtcMillis now, UtcMillis expires);

/// The staff rows the session opens now, by clinic code; empty: it has ended. One indexed read.
[[nodiscard]] Result<std::vector<StaffLogin>> find_session(Database& database, const std::string& id);

[[nodiscard]] Status end_session(Database& database, const std::string& id);
/// Ends every session that opens one of `staff_ids`, as a whole.
[[nodiscard]] Status end_sessions_of(Database& database, const std::vector<std::string>& staff_ids);
/// Ends what sessions may do as this one staff row; a session that also opens other clinics goes on there.
void end_staff_sessions(Connection& connection, const std::string& staff_id);
/// Ends all sessions: a file that came from an old copy of itself may hold some that were ended since.
void end_all_sessions(Connection& connection);
/// Ends what no longer fits its staff row. Call it in an apply, when the rows are as the pull leaves them.
void end_outdated_sessions(Connection& connection);

}  // namespace vetchart::edge
