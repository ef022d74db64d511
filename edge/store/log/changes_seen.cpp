#include "edge/store/log/changes_seen.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/file/bind.h"

namespace vetchart::edge {
namespace {

constexpr std::string_view kMark =
    "SELECT coalesce((SELECT max(seq) FROM change_log),0),"
    "(SELECT coalesce(group_concat(clinic_id||':'||version||':'||state||':'||loading),'') FROM sync_cursor)";
constexpr std::string_view kTablesSince = "SELECT DISTINCT table_name FROM change_log WHERE seq>?1 AND seq<=?2";

}  // namespace

Result<TableSet> tables_written(Database& database, ChangeMark& mark) {
    TableSet written;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        ChangeMark now;
        {
            SQLite::Statement& row = connection.statement(kMark);
            const ResetGuard guard(row);
            if (row.executeStep()) now = {row.getColumn(0).getInt64(), row.getColumn(1).getString()};
        }
        if (mark.last_seq >= 0 && now.applied != mark.applied) written.set();
        if (mark.last_seq >= 0 && now.last_seq > mark.last_seq && !written.all()) {
            SQLite::Statement& tables = connection.statement(kTablesSince);
            const ResetGuard guard(tables);
            tables.bind(1, mark.last_seq);
            tables.bind(2, now.last_seq);
            while (tables.executeStep()) {
                if (const auto index = sync::table_index(tables.getColumn(0).getString())) written.set(*index);
            }
        }
        mark = std::move(now);
        return Done{};
    });
    if (!status) return status.error();
    return written;
}

}  // namespace vetchart::edge
