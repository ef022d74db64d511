#include "edge/store/log/inbox.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/log/apply.h"
#include "edge/store/log/erase.h"
#include "edge/store/log/seal.h"

namespace vetchart::edge {
namespace {

constexpr const char* kInboxRow = R"(
INSERT INTO sync_inbox (clinic_id, table_name, row_id, version, image) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (clinic_id, table_name, row_id) DO UPDATE SET version = excluded.version, image = excluded.image)";

constexpr const char* kNextPage =
    "UPDATE sync_cursor SET page_version = ?2, page_table = ?3, page_id = ?4, page_rows = page_rows + ?5, "
    "feed_rows = coalesce(?6, feed_rows) WHERE clinic_id = ?1";

constexpr const char* kCursors = R"(
SELECT clinic_id, version, token, page_version, page_table, page_id, state FROM sync_cursor ORDER BY clinic_id)";

void store_inbox(Connection& connection, const sync::PullReply& page) {
    for (const sync::FeedRow& row : page.rows) {
        SQLite::Statement& statement = connection.statement(kInboxRow);
        statement.bind(1, page.clinic);
        statement.bind(2, row.table);
        statement.bind(3, row.id);
        statement.bind(4, row.version);
        if (row.image.is_null())
            statement.bind(5);
        else
            statement.bind(5, row.image.dump());
        statement.exec();
    }
}

void store_next_page(Connection& connection, const sync::PullReply& page) {
    if (page.rows.empty()) return;
    SQLite::Statement& statement = connection.statement(kNextPage);
    statement.bind(1, page.clinic);
    statement.bind(2, page.rows.back().version);
    statement.bind(3, page.rows.back().table);
    statement.bind(4, page.rows.back().id);
    statement.bind(5, static_cast<std::int64_t>(page.rows.size()));
    if (page.feed_rows)
        statement.bind(6, *page.feed_rows);
    else
        statement.bind(6);
    statement.exec();
}

}  // namespace

Result<std::vector<ClinicCursor>> Inbox::cursors() {
    std::vector<ClinicCursor> cursors;
    VC_TRY(database_.snapshot([&cursors](Connection& connection) -> Status {
        SQLite::Statement& query = connection.statement(kCursors);
        while (query.executeStep()) {
            ClinicCursor cursor;
            cursor.clinic_id = query.getColumn(0).getString();
            if (!query.getColumn(2).isNull()) {
                cursor.position = sync::Position{query.getColumn(1).getInt64(), query.getColumn(2).getString()};
            }
            if (!query.getColumn(3).isNull()) {
                cursor.after = sync::PageKey{query.getColumn(3).getInt64(), query.getColumn(4).getString(),
                                             query.getColumn(5).getString()};
            }
            cursor.state = query.getColumn(6).getString();
            cursors.push_back(std::move(cursor));
        }
        return Done{};
    }));
    return cursors;
}

Status Inbox::store_page(const sync::PullReply& page, UtcMillis now) {
    const std::string at = format_utc(now);
    const auto work = [&](Connection& connection) -> Status {
        store_inbox(connection, page);
        if (page.more) {
            store_next_page(connection, page);
        } else {
            log_.note_numbers(connection, page.clinic);
            seal_log(connection);
            apply_inbox(connection, page.clinic, *page.position, at);
            SQLite::Statement& statement =
                connection.statement("UPDATE node_state SET last_pull_at = ?1, last_contact_at = ?1");
            statement.bind(1, at);
            statement.exec();
        }
        return Done{};
    };
    if (page.more) return database_.maintain(work);
    VC_TRY(database_.apply(work));
    // An erasure that fails now is done after a later pull; the pull itself is done.
    if (const Status rewritten = rewrite_after_erasure(database_); !rewritten)
        return link_.note_failure(rewritten.error(), now);
    return Done{};
}

}  // namespace vetchart::edge
