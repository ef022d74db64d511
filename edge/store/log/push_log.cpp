#include "edge/store/log/push_log.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "edge/store/file/bind.h"
#include "edge/store/log/seal.h"
#include "edge/store/log/sync_status.h"

namespace vetchart::edge {
namespace {

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
    Bind(statement).at(5, result.code);
    Bind(statement).at(6, result.reason);
    statement.bind(7, now);
    statement.exec();
}

std::int64_t read_number(Connection& connection, const char* sql, const std::string& clinic_id) {
    SQLite::Statement query(connection.raw(), sql);
    if (query.getBindParameterCount() > 0) query.bind(1, clinic_id);
    VC_ASSERT(query.executeStep());
    return query.getColumn(0).getInt64();
}

}  // namespace

Result<int> PushLog::seal() {
    int count = 0;
    VC_TRY(database_.maintain([&count](Connection& connection) -> Status {
        count = seal_log(connection);
        return Done{};
    }));
    return count;
}

Result<sync::PushRequest> PushLog::next_push(std::size_t bytes_max, std::size_t count_max) {
    VC_TRY_ASSIGN(const SyncStatus current, read_sync_status(database_));
    sync::PushRequest request;
    request.node_code = current.node_code;
    request.incarnation = current.incarnation;
    request.health.pending_changes = current.pending_changes;
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

Status PushLog::not_sent() {
    return database_.maintain([](Connection& connection) -> Status {
        connection.exec("UPDATE sync_txn SET state = 'local' WHERE state = 'sent'");
        return Done{};
    });
}

Status PushLog::acknowledge(const std::string& incarnation, const sync::PushReply& reply, UtcMillis now) {
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

void PushLog::note_numbers(Connection& connection, const std::string& clinic_id) {
    if (highest_number_ < 0) return;
    highest_number_ = std::max(highest_number_.load(), read_number(connection, kHighestInInbox, clinic_id));
}

}  // namespace vetchart::edge
