#include "edge/store/log/apply.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/Savepoint.h>
#include <sqlite3.h>

#include <vector>

#include "edge/store/file/derived.h"
#include "edge/store/file/row_sql.h"
#include "edge/store/log/erase.h"
#include "edge/store/people/sessions.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {
namespace {

// A held transaction is settled by the decision on its item, whose rows came in the same snapshot.
constexpr const char* kSettle = R"(
UPDATE sync_txn SET state = 'settled', settled_at = ?1, waiting = 0
WHERE state = 'acknowledged'
  AND (outcome IN ('applied', 'merged')
       AND NOT EXISTS (SELECT 1 FROM json_each(ack_versions) a
                       LEFT JOIN sync_cursor c ON c.clinic_id = a.key
                       WHERE c.clinic_id IS NOT NULL AND c.state <> 'revoked' AND c.version < a.value)
       OR outcome = 'held' AND EXISTS (
           SELECT 1 FROM sync_item i WHERE i.incarnation = sync_txn.incarnation AND i.first_seq = sync_txn.first_seq
                                       AND i.kind = 'quarantine' AND i.status = 'resolved')))";

constexpr const char* kAnythingToDo = R"(
SELECT EXISTS (SELECT 1 FROM sync_inbox WHERE clinic_id = ?1)
    OR EXISTS (SELECT 1 FROM sync_txn WHERE state = 'acknowledged' AND outcome IN ('applied', 'merged'))
    OR EXISTS (SELECT 1 FROM sync_txn t JOIN sync_item i ON i.incarnation = t.incarnation AND i.first_seq = t.first_seq
               WHERE t.state = 'acknowledged' AND t.outcome = 'held' AND i.kind = 'quarantine'
                 AND i.status = 'resolved'))";

constexpr const char* kMoveCursor = R"(
UPDATE sync_cursor SET version = ?2, token = ?3, loading = 0, page_version = NULL, page_table = NULL, page_id = NULL,
       page_rows = 0, feed_rows = NULL, schema_version = ?4
WHERE clinic_id = ?1)";

constexpr const char* kRememberPosition = R"(
INSERT INTO sync_position (clinic_id, version, token, applied_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (clinic_id, version) DO UPDATE SET token = excluded.token, applied_at = excluded.applied_at
WHERE token <> excluded.token)";

// Of those before the last 1,000 the last one of each day stays.
constexpr const char* kForgetPositions = R"(
DELETE FROM sync_position AS p
WHERE clinic_id = ?1
  AND version < (SELECT version FROM sync_position WHERE clinic_id = ?1 ORDER BY version DESC LIMIT 1 OFFSET 999)
  AND substr(applied_at, 1, 10) = (SELECT substr(n.applied_at, 1, 10) FROM sync_position n
                                   WHERE n.clinic_id = ?1 AND n.version > p.version ORDER BY n.version LIMIT 1))";

constexpr const char* kRememberTombstones = R"(
INSERT INTO sync_tombstone (table_name, row_id, clinic_id, version, applied_at)
SELECT table_name, row_id, clinic_id, version, ?2 FROM sync_inbox WHERE clinic_id = ?1 AND image IS NULL
ON CONFLICT (table_name, row_id) DO UPDATE SET version = excluded.version, delete_group = NULL,
                                               applied_at = excluded.applied_at)";

constexpr const char* kForgetTombstones = R"(
DELETE FROM sync_tombstone AS t
WHERE clinic_id = ?1 AND EXISTS (SELECT 1 FROM sync_inbox i WHERE i.clinic_id = ?1 AND i.table_name = t.table_name
                                                            AND i.row_id = t.row_id AND i.image IS NOT NULL))";

// Rows of unsettled transactions, and of what is not sealed yet, in the order they were written.
constexpr const char* kUnsettledChanges = R"(
SELECT l.seq, l.table_name, l.row_id, l.op, l.new, coalesce(t.first_seq, -1)
FROM change_log l LEFT JOIN sync_txn t ON t.first_seq = (SELECT max(first_seq) FROM sync_txn WHERE first_seq <= l.seq)
     AND l.seq <= t.last_seq
WHERE l.seq >= ?2 AND l.clinic_id = ?1 AND (t.first_seq IS NULL OR t.state <> 'settled')
ORDER BY l.seq)";

constexpr const char* kFirstUnsettled = R"(
SELECT min(seq) FROM (SELECT min(first_seq) AS seq FROM sync_txn WHERE state <> 'settled'
                      UNION ALL SELECT sealed_seq + 1 FROM node_state))";

constexpr const char* kUpsertItems = R"(
INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, column_name, code, title, reason, mine, theirs, base,
                       actor, node, at, opened_at, status, incarnation, first_seq, actions, version,
                       theirs_actor, theirs_at, theirs_node, action, decided_by, decided_at)
SELECT row_id, clinic_id, image ->> '$.kind', image ->> '$.table_name', image ->> '$.row_id', image ->> '$.column_name',
       coalesce(image ->> '$.code', ''), coalesce(image ->> '$.title', ''), coalesce(image ->> '$.reason', ''),
       image ->> '$.mine', image ->> '$.theirs', image ->> '$.base',
       image ->> '$.actor', image ->> '$.node', image ->> '$.at', image ->> '$.opened_at', image ->> '$.status',
       image ->> '$.incarnation', image ->> '$.first_seq', coalesce(image ->> '$.actions', '[]'), version,
       image ->> '$.theirs_actor', image ->> '$.theirs_at', image ->> '$.theirs_node',
       image ->> '$.action', image ->> '$.decided_by', image ->> '$.decided_at'
FROM sync_inbox WHERE clinic_id = ?1 AND table_name = 'sync_item' AND image IS NOT NULL
ON CONFLICT (id) DO UPDATE SET status = excluded.status, code = excluded.code, title = excluded.title,
       reason = excluded.reason, action = excluded.action, decided_by = excluded.decided_by,
       decided_at = excluded.decided_at,
       mine = excluded.mine, theirs = excluded.theirs, base = excluded.base, actions = excluded.actions,
       version = excluded.version)";

struct Change {
    std::string table, row_id, op, values;
};

void run(Connection& connection, std::string_view sql, const std::string& clinic_id) {
    SQLite::Statement& statement = connection.statement(sql);
    statement.bind(1, clinic_id);
    statement.exec();
}

/// Deletes the rows of `table` that `source` (sync_base or sync_inbox) says are not there.
void delete_absent(Connection& connection, std::string_view source, const sync::Table& table,
                   const std::string& clinic_id) {
    const std::string name(table.name);
    const std::string ids = "SELECT row_id FROM " + std::string(source) + " WHERE clinic_id = ?1 AND table_name = '" +
                            name + "' AND image IS NULL";
    run(connection, intern("DELETE FROM " + name + " WHERE " + rows_condition(table, ids)), clinic_id);
}

/// Unique values may change hands between rows of one source: the rows to be written give theirs up first.
void park_unique_values(Connection& connection, std::string_view source, const std::string& clinic_id) {
    const auto rows_of = [&source](const char* table) {
        return " WHERE id IN (SELECT row_id FROM " + std::string(source) + " WHERE clinic_id = ?1 AND table_name = '" +
               table + "')";
    };
    run(connection, intern("UPDATE owner SET email = NULL" + rows_of("owner")), clinic_id);
    run(connection,
        intern("UPDATE staff SET email = 'parked-' || id || '@parked', username = 'parked-' || id" + rows_of("staff")),
        clinic_id);
    run(connection, intern("UPDATE clinic SET code = substr(upper(replace(id, '-', '')), 17, 16)" + rows_of("clinic")),
        clinic_id);
}

/// Puts every row of `source` in its place: upserts parents first, then deletes children first, since RESTRICT is
/// immediate even when foreign keys are deferred, and a child may have moved to another parent.
void put_rows(Connection& connection, std::string_view source, std::string_view version, const std::string& clinic_id) {
    park_unique_values(connection, source, clinic_id);
    const auto tables = sync::tables();
    for (const sync::Table& table : tables) {
        const std::string from = "FROM " + std::string(source) + " WHERE clinic_id = ?1 AND table_name = '" +
                                 std::string(table.name) + "' AND image IS NOT NULL";
        run(connection, upsert_sql(table, from, version), clinic_id);
    }
    for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
        delete_absent(connection, source, *table, clinic_id);
    }
}

/// Keeps what central has of a row as its base image, before the first unsettled change of it is replayed.
void keep_base(Connection& connection, const Change& change, std::int64_t seq, const std::string& clinic_id) {
    static const TableTexts texts([](const sync::Table& table) {
        return "INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq) VALUES ('" +
               std::string(table.name) + "', ?1, ?2, (" + std::string(image_sql(table.name)) +
               "), ?3, ?3) "
               "ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq";
    });
    SQLite::Statement& statement = connection.statement(texts.of(change.table));
    statement.bind(1, change.row_id);
    statement.bind(2, clinic_id);
    statement.bind(3, seq);
    statement.exec();
}

/// False when the row an update is about is not there.
bool replay_change(Connection& connection, const Change& change) {
    if (change.op == "delete") {
        SQLite::Statement& statement = connection.statement(delete_sql(change.table));
        statement.bind(1, change.row_id);
        statement.exec();
        return true;
    }
    const bool is_insert = change.op == "insert";
    SQLite::Statement& statement =
        connection.statement(is_insert ? replay_insert_sql(change.table) : replay_update_sql(change.table));
    statement.bind(1, change.values);
    if (!is_insert) statement.bind(2, change.row_id);
    return statement.exec() > 0 || is_insert;
}

void set_waiting(Connection& connection, std::int64_t first_seq, bool waiting, const std::string& reason) {
    SQLite::Statement& statement = connection.statement(
        "UPDATE sync_txn SET waiting = ?2, reason = CASE WHEN outcome IS NULL THEN ?3 ELSE reason END WHERE first_seq "
        "= ?1");
    statement.bind(1, first_seq);
    statement.bind(2, waiting ? 1 : 0);
    if (waiting)
        statement.bind(3, reason);
    else
        statement.bind(3);
    statement.exec();
}

/// Replays one transaction's changes on this clinic; all or nothing.
void replay_transaction(Connection& connection, std::int64_t first_seq, const std::vector<Change>& changes) {
    std::string reason;
    try {
        SQLite::Savepoint savepoint(connection.raw(), "replay");
        bool stands = true;
        for (const Change& change : changes) stands = stands && replay_change(connection, change);
        if (stands) {
            savepoint.release();
        } else {
            reason = "A row this change is about is not there any more; central will decide.";
        }
    } catch (const SQLite::Exception& e) {
        // A refusal that names no rule is the search index's own trouble, and no verdict on the data.
        if (e.getErrorCode() != SQLITE_CONSTRAINT || is_nameless_constraint(e.what())) throw;
        reason = "It does not fit what others did meanwhile; central will decide.";
    }
    if (first_seq >= 0) set_waiting(connection, first_seq, !reason.empty(), reason);
}

void replay_unsettled(Connection& connection, const std::string& clinic_id) {
    SQLite::Statement first(connection.raw(), kFirstUnsettled);
    first.executeStep();
    SQLite::Statement query(connection.raw(), kUnsettledChanges);
    query.bind(1, clinic_id);
    query.bind(2, first.getColumn(0).getInt64());
    std::vector<Change> changes;
    std::int64_t current = -2;
    while (query.executeStep()) {
        const std::int64_t transaction = query.getColumn(5).getInt64();
        if (transaction != current && !changes.empty()) {
            replay_transaction(connection, current, changes);
            changes.clear();
        }
        current = transaction;
        changes.push_back({query.getColumn(1).getString(), query.getColumn(2).getString(),
                           query.getColumn(3).getString(), query.getColumn(4).getString()});
        keep_base(connection, changes.back(), query.getColumn(0).getInt64(), clinic_id);
    }
    if (!changes.empty()) replay_transaction(connection, current, changes);
}

void move_cursor(Connection& connection, const std::string& clinic_id, const sync::Position& position) {
    SQLite::Statement& statement = connection.statement(kMoveCursor);
    statement.bind(1, clinic_id);
    statement.bind(2, position.version);
    statement.bind(3, position.token);
    statement.bind(4, edge_schema_version());
    statement.exec();
}

/// What a central that lost its last hours is told from (docs/data-rules.md).
void remember_applied(Connection& connection, const std::string& clinic_id, const sync::Position& position,
                      const std::string& now) {
    SQLite::Statement& remember = connection.statement(kRememberPosition);
    remember.bind(1, clinic_id);
    remember.bind(2, position.version);
    remember.bind(3, position.token);
    remember.bind(4, now);
    remember.exec();
    run(connection, kForgetPositions, clinic_id);
    run(connection, kForgetTombstones, clinic_id);
    SQLite::Statement& tombstones = connection.statement(kRememberTombstones);
    tombstones.bind(1, clinic_id);
    tombstones.bind(2, now);
    tombstones.exec();
}

/// Puts rows with unsettled work back to what central has of them. A base image that its table refuses is damage and
/// stops no pull: all of them are then made anew.
void put_bases_back(Connection& connection, const std::string& clinic_id) {
    constexpr const char* kVersion = "json_extract(image, '$.version')";
    mend_bases_before_apply(connection);
    try {
        SQLite::Savepoint savepoint(connection.raw(), "bases");
        put_rows(connection, "sync_base", kVersion, clinic_id);
        savepoint.release();
        return;
    } catch (const SQLite::Exception& e) {
        const int code = e.getErrorCode() & 0xff;
        if (code != SQLITE_CONSTRAINT && code != SQLITE_ERROR && code != SQLITE_MISMATCH) throw;
    }
    remake_bases(connection, clinic_id);
    put_rows(connection, "sync_base", kVersion, clinic_id);
}

}  // namespace

void apply_inbox(Connection& connection, const std::string& clinic_id, const sync::Position& position,
                 const std::string& now) {
    SQLite::Statement check(connection.raw(), kAnythingToDo);
    check.bind(1, clinic_id);
    check.executeStep();
    const bool anything = check.getColumn(0).getInt() != 0;
    move_cursor(connection, clinic_id, position);
    remember_applied(connection, clinic_id, position, now);
    if (!anything) return;
    put_bases_back(connection, clinic_id);
    put_rows(connection, "sync_inbox", "version", clinic_id);
    run(connection, kUpsertItems, clinic_id);
    note_erasures(connection, clinic_id);
    run(connection, "DELETE FROM sync_inbox WHERE clinic_id = ?1", clinic_id);
    run(connection, "DELETE FROM sync_base WHERE clinic_id = ?1", clinic_id);
    SQLite::Statement settle(connection.raw(), kSettle);
    settle.bind(1, now);
    settle.exec();
    // From here a statement that breaks a foreign key fails by itself, so that a savepoint can take it back.
    connection.exec("PRAGMA defer_foreign_keys = OFF");
    replay_unsettled(connection, clinic_id);
    overwrite_erased(connection);
    end_outdated_sessions(connection);
}

}  // namespace vetchart::edge
