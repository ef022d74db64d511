#include "edge/store/log/sync_store.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "edge/store/file/search_index.h"
#include "edge/store/log/apply.h"
#include "edge/store/log/erase.h"
#include "edge/store/log/seal.h"

namespace vetchart::edge {
namespace {

constexpr const char* kState = R"(
SELECT node_id, node_name, node_code, incarnation, central_url, last_push_at, last_pull_at, last_contact_at, last_error,
       (SELECT clock_offset_ms FROM sync_control) AS clock_offset_ms, link_state, link_state_since, clock_wrong_since
FROM node_state)";

constexpr const char* kAheadSince = "SELECT ahead_since FROM node_state";

constexpr const char* kPending = R"(
SELECT coalesce((SELECT sum(last_seq - first_seq + 1) FROM sync_txn WHERE state IN ('local', 'sent')), 0)
         + (SELECT count(*) FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state)),
       (SELECT count(*) FROM sync_txn WHERE state IN ('local', 'sent'))
         + (SELECT count(DISTINCT coalesce(txn, '')) FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state)),
       coalesce((SELECT at FROM sync_txn WHERE state IN ('local', 'sent') ORDER BY first_seq LIMIT 1),
                (SELECT min(at) FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state))))";

constexpr const char* kItems = R"(
SELECT count(*) FILTER (WHERE kind = 'conflict'), count(*) FILTER (WHERE kind = 'quarantine'),
       count(*) FILTER (WHERE kind = 'notice') FROM sync_item WHERE status = 'open')";

constexpr const char* kClinics = R"(
SELECT k.id, coalesce(c.code, ''), coalesce(c.name, ''), coalesce(s.state, 'active'), coalesce(s.version, 0),
       coalesce(s.loading, 0), coalesce(s.page_rows, 0), s.feed_rows
FROM (SELECT clinic_id AS id FROM sync_cursor UNION SELECT id FROM clinic) k
LEFT JOIN clinic c ON c.id = k.id LEFT JOIN sync_cursor s ON s.clinic_id = k.id ORDER BY c.code, k.id)";

constexpr const char* kHighestNumber = R"(
SELECT coalesce(max(CAST(substr(bill_number, 6) AS INTEGER)), 0) FROM bill WHERE bill_number GLOB 'BILL-[0-9]*')";

constexpr const char* kHighestInInbox = R"(
SELECT coalesce(max(CAST(substr(image ->> '$.bill_number', 6) AS INTEGER)), 0) FROM sync_inbox
WHERE clinic_id = ?1 AND table_name = 'bill' AND image ->> '$.bill_number' GLOB 'BILL-[0-9]*')";

constexpr const char* kNextTransactions = R"(
SELECT first_seq, last_seq, incarnation, actor, at, schema_version, digest, bytes, adopted
FROM sync_txn WHERE state IN ('local', 'sent') ORDER BY first_seq LIMIT ?1)";

constexpr const char* kAcknowledge = R"(
UPDATE sync_txn SET state = 'acknowledged', outcome = ?3, ack_versions = ?4, code = ?5, reason = ?6,
       acknowledged_at = ?7
WHERE first_seq = ?1 AND incarnation = ?2 AND state IN ('local', 'sent'))";

constexpr const char* kInboxRow = R"(
INSERT INTO sync_inbox (clinic_id, table_name, row_id, version, image) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (clinic_id, table_name, row_id) DO UPDATE SET version = excluded.version, image = excluded.image)";

constexpr const char* kNextPage =
    "UPDATE sync_cursor SET page_version = ?2, page_table = ?3, page_id = ?4, page_rows = page_rows + ?5, "
    "feed_rows = coalesce(?6, feed_rows) WHERE clinic_id = ?1";

constexpr const char* kCursors = R"(
SELECT clinic_id, version, token, page_version, page_table, page_id, state FROM sync_cursor ORDER BY clinic_id)";

std::optional<std::string> optional_text(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getString());
}

std::optional<std::string> read_text(Connection& connection, const char* sql) {
    SQLite::Statement& query = connection.statement(sql);
    VC_ASSERT(query.executeStep());
    return optional_text(query.getColumn(0));
}

void bind_optional(SQLite::Statement& statement, int index, const std::optional<std::string>& value) {
    if (value)
        statement.bind(index, *value);
    else
        statement.bind(index);
}

/// Since when a state lasts: a lost line since the last success, a refusal (central's, a file's) since it was seen.
std::optional<std::string> since_of(const SyncStatus& status, const std::optional<std::string>& noted) {
    if (status.state == sync::LinkState::clock && status.clock_wrong_since) return status.clock_wrong_since;
    if (!sync::is_lost_line(status.state)) return noted;
    const auto success = last_success(status);
    return success ? success : noted;
}

/// Chooses the state to show: first what does not heal by waiting, then a wrong clock, whether or not there is a line.
void read_link(SQLite::Statement& query, SyncStatus& status) {
    status.clock_wrong_since = optional_text(query.getColumn("clock_wrong_since"));
    status.state = sync::parse_link_state(query.getColumn("link_state").getString());
    if (sync::heals_by_waiting(status.state) && status.clock_wrong_since) status.state = sync::LinkState::clock;
    if (status.node_id.empty()) status.state = sync::LinkState::alone;
    status.state_since = since_of(status, optional_text(query.getColumn("link_state_since")));
}

void read_state(Connection& connection, SyncStatus& status) {
    SQLite::Statement& query = connection.statement(kState);
    VC_ASSERT(query.executeStep());
    status.node_id = query.getColumn(0).getString();
    status.node_name = query.getColumn(1).getString();
    status.node_code = query.getColumn(2).getString();
    status.incarnation = query.getColumn(3).getString();
    status.central_url = query.getColumn(4).getString();
    status.last_push_at = optional_text(query.getColumn(5));
    status.last_pull_at = optional_text(query.getColumn(6));
    status.last_contact_at = optional_text(query.getColumn(7));
    status.last_error = optional_text(query.getColumn(8));
    status.clock_offset_ms = query.getColumn(9).getInt64();
    status.schema_version = edge_schema_version();
    read_link(query, status);
}

void read_counts(Connection& connection, SyncStatus& status) {
    SQLite::Statement& pending = connection.statement(kPending);
    VC_ASSERT(pending.executeStep());
    status.pending_changes = pending.getColumn(0).getInt64();
    status.pending_transactions = pending.getColumn(1).getInt64();
    status.oldest_pending_at = optional_text(pending.getColumn(2));
    if (const auto ahead = read_text(connection, kAheadSince); ahead && status.oldest_pending_at) {
        status.oldest_pending_at = std::min(*ahead, *status.oldest_pending_at);
    }
    SQLite::Statement& items = connection.statement(kItems);
    VC_ASSERT(items.executeStep());
    status.conflicts = items.getColumn(0).getInt64();
    status.quarantined = items.getColumn(1).getInt64();
    status.notices = items.getColumn(2).getInt64();
}

void read_clinics(Connection& connection, SyncStatus& status) {
    SQLite::Statement& query = connection.statement(kClinics);
    while (query.executeStep()) {
        SyncStatus::Clinic clinic{query.getColumn(0).getString(), query.getColumn(1).getString(),
                                  query.getColumn(2).getString(), query.getColumn(3).getString(),
                                  query.getColumn(4).getInt64(),  query.getColumn(5).getInt() != 0,
                                  query.getColumn(6).getInt64(),  std::nullopt};
        if (!query.getColumn(7).isNull()) clinic.feed_rows = query.getColumn(7).getInt64();
        status.clinics.push_back(std::move(clinic));
    }
}

sync::Transaction read_transaction(Connection& connection, SQLite::Statement& row) {
    sync::Transaction transaction;
    transaction.first_seq = row.getColumn(0).getInt64();
    transaction.last_seq = row.getColumn(1).getInt64();
    transaction.actor = optional_text(row.getColumn(3));
    transaction.adopted = row.getColumn(8).getInt() != 0;
    transaction.at = row.getColumn(4).getString();
    transaction.schema_version = row.getColumn(5).getInt();
    const auto digest = digest_from_hex(row.getColumn(6).getString());
    VC_ASSERT(digest.has_value());
    transaction.digest = *digest;
    transaction.changes = read_changes(connection, transaction.first_seq, transaction.last_seq);
    return transaction;
}

void gather_push(Connection& connection, std::size_t bytes_max, std::size_t count_max, sync::PushRequest& request) {
    SQLite::Statement query(connection.raw(), kNextTransactions);
    query.bind(1, static_cast<std::int64_t>(count_max));
    std::size_t bytes = 0;
    while (query.executeStep()) {
        const std::string incarnation = query.getColumn(2).getString();
        const auto size = static_cast<std::size_t>(query.getColumn(7).getInt64());
        const bool first = request.transactions.empty();
        if (!first && (incarnation != request.incarnation || bytes + size > bytes_max)) break;
        request.incarnation = incarnation;
        request.transactions.push_back(read_transaction(connection, query));
        bytes += size;
        if (bytes > bytes_max) break;
    }
}

void mark_sent(Connection& connection, const sync::PushRequest& request) {
    SQLite::Statement& statement = connection.statement(
        "UPDATE sync_txn SET state = 'sent' WHERE state = 'local' AND first_seq BETWEEN ?1 AND ?2");
    statement.bind(1, request.transactions.front().first_seq);
    statement.bind(2, request.transactions.back().first_seq);
    statement.exec();
}

void acknowledge_one(Connection& connection, const std::string& incarnation, const sync::TransactionResult& result,
                     const std::string& now) {
    const sync::Json versions(result.versions);
    SQLite::Statement& statement = connection.statement(kAcknowledge);
    statement.bind(1, result.first_seq);
    statement.bind(2, incarnation);
    statement.bind(3, std::string(sync::to_string(result.outcome)));
    statement.bind(4, versions.is_object() ? versions.dump() : std::string("{}"));
    bind_optional(statement, 5, result.code);
    bind_optional(statement, 6, result.reason);
    statement.bind(7, now);
    statement.exec();
}

std::int64_t read_number(Connection& connection, const char* sql, const std::string& clinic_id) {
    SQLite::Statement query(connection.raw(), sql);
    if (query.getBindParameterCount() > 0) query.bind(1, clinic_id);
    VC_ASSERT(query.executeStep());
    return query.getColumn(0).getInt64();
}

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

SyncStore::SyncStore(Database& database) : database_(database) {}

std::optional<std::string> last_success(const SyncStatus& status) {
    return std::max({status.last_push_at, status.last_pull_at, status.last_contact_at});
}

Result<SyncStatus> SyncStore::status() {
    SyncStatus status;
    VC_TRY(database_.snapshot([&status](Connection& connection) -> Status {
        read_state(connection, status);
        read_counts(connection, status);
        read_clinics(connection, status);
        status.rebuilds = read_rebuilds(connection);
        return Done{};
    }));
    // The search is asked apart from the rest, so that one that is gone keeps nobody from the status.
    const Status searched = database_.snapshot([&status](Connection& connection) -> Status {
        status.search_complete = !is_search_behind(connection);
        return Done{};
    });
    if (!searched) status.search_complete = false;
    // Damage comes before any trouble with central, and cannot be noted in the damaged file.
    if (const auto damage = database_.damage()) {
        status.damaged = true;
        status.state = sync::LinkState::damaged;
        status.last_error = damage->slug + ": " + damage->context;
    }
    return status;
}

Result<std::vector<ClinicCursor>> SyncStore::cursors() {
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

Result<int> SyncStore::seal() {
    int count = 0;
    VC_TRY(database_.maintain([&count](Connection& connection) -> Status {
        count = seal_log(connection);
        return Done{};
    }));
    return count;
}

Result<sync::PushRequest> SyncStore::next_push(std::size_t bytes_max, std::size_t count_max) {
    VC_TRY_ASSIGN(const SyncStatus current, status());
    sync::PushRequest request;
    request.node_code = current.node_code;
    request.incarnation = current.incarnation;
    request.health.pending_changes = current.pending_changes;
    request.health.pending_transactions = current.pending_transactions;
    request.health.oldest_pending_at = current.oldest_pending_at;
    VC_TRY(database_.maintain([&](Connection& connection) -> Status {
        if (highest_number_ < 0) highest_number_ = read_number(connection, kHighestNumber, "");
        request.health.highest_bill_number = highest_number_;
        gather_push(connection, bytes_max, count_max, request);
        if (!request.transactions.empty()) mark_sent(connection, request);
        return Done{};
    }));
    return request;
}

Status SyncStore::not_sent() {
    return database_.maintain([](Connection& connection) -> Status {
        connection.exec("UPDATE sync_txn SET state = 'local' WHERE state = 'sent'");
        return Done{};
    });
}

Status SyncStore::acknowledge(const std::string& incarnation, const sync::PushReply& reply, UtcMillis now) {
    return database_.maintain([&](Connection& connection) -> Status {
        const std::string at = format_utc(now);
        for (const sync::TransactionResult& result : reply.results)
            acknowledge_one(connection, incarnation, result, at);
        SQLite::Statement& statement =
            connection.statement("UPDATE node_state SET last_push_at = ?1, last_contact_at = ?1");
        statement.bind(1, at);
        statement.exec();
        return Done{};
    });
}

Status SyncStore::take_page(const sync::PullReply& page, UtcMillis now) {
    const std::string at = format_utc(now);
    const auto work = [&](Connection& connection) -> Status {
        store_inbox(connection, page);
        if (page.more) {
            store_next_page(connection, page);
        } else {
            if (highest_number_ >= 0) {
                highest_number_ =
                    std::max(highest_number_.load(), read_number(connection, kHighestInInbox, page.clinic));
            }
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
        return note_failure(rewritten.error(), now);
    return Done{};
}

}  // namespace vetchart::edge
