#include "edge/store/file/ahead.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string_view>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/file/row_sql.h"
#include "sync/catalogue/catalogue.h"
#include "sync/engine/ahead.h"
#include "sync/engine/clock_offset.h"

namespace vetchart::edge {
namespace {

constexpr const char* kUnsealedAhead = R"(
SELECT 1 FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state) AND at > ?1 LIMIT 1)";

constexpr const char* kBringBackNode = R"(
UPDATE node_state SET last_push_at = min(last_push_at, ?1), last_pull_at = min(last_pull_at, ?1),
       last_contact_at = min(last_contact_at, ?1), link_state_since = min(link_state_since, ?1),
       clock_wrong_since = min(clock_wrong_since, ?1)
WHERE max(coalesce(last_push_at, ''), coalesce(last_pull_at, ''), coalesce(last_contact_at, ''),
          coalesce(link_state_since, ''), coalesce(clock_wrong_since, '')) > ?2)";

// The time of the oldest waiting work is in sealed bytes and stays; since when it lies ahead is kept beside it.
constexpr const char* kAheadSince = R"(
UPDATE node_state SET ahead_since =
    CASE WHEN coalesce((SELECT at FROM sync_txn WHERE state IN ('local', 'sent') ORDER BY first_seq LIMIT 1),
                       (SELECT at FROM change_log WHERE seq > sealed_seq ORDER BY seq LIMIT 1)) > ?2
         THEN CASE WHEN ahead_since <= ?2 THEN ahead_since ELSE ?1 END END
WHERE ahead_since IS NOT NULL
   OR coalesce((SELECT at FROM sync_txn WHERE state IN ('local', 'sent') ORDER BY first_seq LIMIT 1),
               (SELECT at FROM change_log WHERE seq > sealed_seq ORDER BY seq LIMIT 1)) > ?2)";

std::string limit_of(const std::string& now) {
    const auto moment = parse_utc(now);
    return moment ? format_utc(*moment + sync::kClockTolerance) : now;
}

void run(Connection& connection, const std::string& sql, const std::string& now, const std::string& shift) {
    SQLite::Statement statement(connection.raw(), sql);
    statement.bind(1, now);
    statement.bind(2, limit_of(now));
    if (statement.getBindParameterCount() > 2) statement.bind(3, shift);
    statement.exec();
}

/// SQL of `instant` brought back: ?1 now, ?3 the shift.
std::string brought_back(const std::string& instant) {
    return "min(?1, coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', " + instant + ", ?3), ?1))";
}

void bring_back_table(Connection& connection, std::string_view table, std::string_view clock_column,
                      const std::string& now, const std::string& shift) {
    const std::string name(table);
    const std::string column(clock_column);
    run(connection,
        "UPDATE " + name + " AS t SET " + column + " = " + brought_back("t." + column) + " WHERE t." + column +
            " > ?2 AND " + row_id_expression(table, "t") + " IN (SELECT row_id FROM change_log WHERE table_name = '" +
            name + "' AND seq > (SELECT sealed_seq FROM node_state))",
        now, shift);
}

void bring_back_log(Connection& connection, const std::string& side, const std::string& column, const std::string& now,
                    const std::string& shift) {
    const std::string value = side + " ->> '$." + column + "'";
    run(connection,
        "UPDATE change_log SET " + side + " = json_set(" + side + ", '$." + column + "', " + brought_back(value) +
            ") WHERE seq > (SELECT sealed_seq FROM node_state) AND " + side + " IS NOT NULL AND " + value + " > ?2",
        now, shift);
}

}  // namespace

void bring_back_node_times(Connection& connection, const std::string& now) {
    run(connection, kBringBackNode, now, {});
    run(connection, kAheadSince, now, {});
}

void bring_back_rows(Connection& connection, const std::string& now, std::int64_t shift_ms) {
    SQLite::Statement& ahead = connection.statement(kUnsealedAhead);
    ahead.bind(1, limit_of(now));
    const bool none = !ahead.executeStep();
    ahead.reset();
    if (none) return;
    const std::string shift = std::to_string(static_cast<double>(shift_ms) / 1000.0) + " seconds";
    connection.exec("UPDATE sync_control SET applying = 1");
    for (const sync::Table& table : sync::tables()) {
        for (const sync::Column& column : table.columns) {
            if (sync::is_from_clock(column)) bring_back_table(connection, table.name, column.name, now, shift);
        }
    }
    connection.exec("UPDATE sync_control SET applying = 0");
    for (const std::string_view column : sync::clock_columns()) {
        for (const char* side : {"new", "old"}) bring_back_log(connection, side, std::string(column), now, shift);
    }
    run(connection,
        "UPDATE change_log SET at = " + brought_back("at") +
            " WHERE seq > (SELECT sealed_seq FROM node_state) AND at > ?2",
        now, shift);
}

}  // namespace vetchart::edge
