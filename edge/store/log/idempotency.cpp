#include "edge/store/log/idempotency.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string_view>

#include "edge/store/file/bind.h"

namespace vetchart::edge {
namespace {

constexpr std::string_view kFind =
    "SELECT method,path,body_digest,status,body FROM idempotency WHERE key=?1 AND staff_email=?2";
constexpr std::string_view kInsert =
    "INSERT INTO idempotency(key,staff_email,method,path,body_digest,status,body,created_at)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8)";
// The age of an answer that a clock ahead has dated is unknown: it goes once it lies as far ahead as others live.
constexpr std::string_view kForget = "DELETE FROM idempotency WHERE created_at<?1 OR created_at>?2";

}  // namespace

std::optional<StoredAnswer> find_answer(Connection& connection, const IdempotentCall& call) {
    SQLite::Statement& row = connection.statement(kFind);
    const ResetGuard guard(row);
    Bind bind(row);
    bind.at(1, call.key);
    bind.at(2, call.staff_email);
    if (!row.executeStep()) return std::nullopt;
    StoredAnswer answer;
    const std::string digest = row.getColumn(2).getString();
    answer.erased = digest.empty();
    answer.same_call = row.getColumn(0).getString() == call.method && row.getColumn(1).getString() == call.path &&

                       (answer.erased || digest == call.body_digest || digest == call.plain_digest);
    answer.status = row.getColumn(3).getInt();
    answer.body = row.getColumn(4).getString();
    return answer;
}

void keep_answer(Connection& connection, const IdempotentCall& call, int status, const std::string& body,
                 UtcMillis now) {
    SQLite::Statement& forget = connection.statement(kForget);
    Bind limits(forget);
    limits.at(1, format_utc(now - std::chrono::days(kIdempotencyDays)));
    limits.at(2, format_utc(now + std::chrono::days(kIdempotencyDays)));
    forget.exec();
    SQLite::Statement& insert = connection.statement(kInsert);
    Bind bind(insert);
    bind.at(1, call.key);
    bind.at(2, call.staff_email);
    bind.at(3, call.method);
    bind.at(4, call.path);
    bind.at(5, call.body_digest);
    bind.at(6, std::int64_t{status});
    bind.at(7, body);
    bind.at(8, format_utc(now));
    insert.exec();
}

}  // namespace vetchart::edge
