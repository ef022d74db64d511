#include "edge/store/log/erase.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "edge/store/file/search_index.h"

namespace vetchart::edge {
namespace {

// erasure_state.file_dirty
constexpr int kClean = 0;
constexpr int kOnlyWal = 3;

constexpr int kBusyTimeoutMs = 2000;  // A reader that is in the way now will be gone at the next pull.

constexpr const char* kNoteNotices = R"(
INSERT INTO erased_row (table_name, row_id, at, until_seq)
SELECT e.value ->> 0, e.value ->> 1, i.image ->> '$.at', (SELECT coalesce(max(seq), 0) FROM change_log)
FROM sync_inbox i, json_each(i.image ->> '$.mine', '$.erased') e
WHERE i.clinic_id = ?1 AND i.table_name = 'sync_item' AND i.image ->> '$.code' = 'owner_erased'
  AND e.value ->> 0 IN ('owner', 'patient', 'medical_record')
ON CONFLICT (table_name, row_id) DO UPDATE SET at = excluded.at, until_seq = excluded.until_seq
WHERE excluded.at > at)";

// Patients that only this node's log knows as an erased owner's: not sent yet, or made and deleted again.
constexpr const char* kNoteLinks = R"(
INSERT INTO erased_row (table_name, row_id, at, until_seq)
SELECT DISTINCT 'patient', l.row_id, '', (SELECT max(seq) FROM change_log) FROM change_log l
WHERE l.table_name = 'patient'
  AND EXISTS (SELECT 1 FROM erased_row e WHERE e.table_name = 'owner'
              AND e.row_id IN (l.new ->> '$.owner_id', l.old ->> '$.owner_id'))
ON CONFLICT (table_name, row_id) DO NOTHING)";

// Records that this node did not know yet when their owner was erased.
constexpr const char* kNoteRecords = R"(
INSERT INTO erased_row (table_name, row_id, at)
SELECT 'medical_record', i.row_id, i.image ->> '$.updated_at' FROM sync_inbox i
WHERE i.clinic_id = ?1 AND i.table_name = 'medical_record' AND i.image ->> '$.owner_name_snapshot' = '(erased)'
ON CONFLICT (table_name, row_id) DO NOTHING)";

constexpr const char* kBeginAgain = "UPDATE erasure_state SET purged_seq = 0, file_dirty = 1";

/// From where to where the log can be gone through: sealed, and acknowledged by central.
constexpr const char* kRange = R"(
SELECT s.purged_seq, coalesce((SELECT min(first_seq) - 1 FROM sync_txn WHERE state IN ('local', 'sent')), n.sealed_seq)
FROM erasure_state s, node_state n WHERE EXISTS (SELECT 1 FROM erased_row))";

// A name that somebody typed into an erased owner's row after the node knew of it, in what can be gone through now:
// from where on their patients' records may carry it.
constexpr const char* kTypedSince = R"(
SELECT min(until_seq) FROM erased_row WHERE table_name <> 'medical_record' AND EXISTS (
    SELECT 1 FROM erased_change e JOIN change_log l ON l.seq = e.seq AND l.table_name = 'owner'
    JOIN erased_row o ON o.table_name = 'owner' AND o.row_id = l.row_id
    WHERE e.seq > ?1 AND e.seq <= ?2 AND e.seq > o.until_seq AND (e.old, e.new) IS NOT (l.old, l.new)))";

// Whose patient a record was then, the log alone does not tell; the owner's row itself is overwritten by now.
constexpr const char* kAllUntilNow = R"(
UPDATE erased_row SET until_seq = (SELECT max(seq) FROM change_log) WHERE table_name <> 'medical_record')";

constexpr const char* kMarkTransactions = R"(
UPDATE sync_txn SET erased = 1, sealed = NULL WHERE erased = 0 AND last_seq > ?1 AND first_seq <= ?2
  AND EXISTS (SELECT 1 FROM change_log l JOIN erased_change e ON e.seq = l.seq
              WHERE l.seq BETWEEN first_seq AND sync_txn.last_seq AND (e.old, e.new) IS NOT (l.old, l.new)))";

constexpr const char* kOverwriteLog = R"(
UPDATE change_log SET old = e.old, new = e.new FROM erased_change e
WHERE e.seq = change_log.seq AND e.seq > ?1 AND e.seq <= ?2
  AND (e.old, e.new) IS NOT (change_log.old, change_log.new))";

constexpr const char* kOverwriteOwners = R"(
UPDATE owner SET first_name = '(erased)', last_name = '(erased)', email = NULL, phone = NULL, address = '', notes = NULL
WHERE id IN (SELECT row_id FROM erased_row WHERE table_name = 'owner')
  AND (first_name, last_name, email, phone, address, notes) IS NOT ('(erased)', '(erased)', NULL, NULL, '', NULL))";

// Those that central has not confirmed. What it has came with the feed as it is to be: a patient's later owner may have
// written some of them.
constexpr const char* kOverwriteRecords = R"(
UPDATE medical_record
SET owner_name_snapshot = iif(owner_name_snapshot IS NULL, NULL, '(erased)'), owner_phone_snapshot = NULL
WHERE id IN (SELECT r.id FROM sync_base b CROSS JOIN medical_record r ON r.id = b.row_id
                               CROSS JOIN erased_row e ON e.table_name = 'patient' AND e.row_id = r.patient_id
             WHERE b.table_name = 'medical_record' AND b.image IS NULL
               AND (e.until_seq >= b.first_seq OR e.at > r.created_at))
  AND (owner_name_snapshot <> '(erased)' OR owner_phone_snapshot IS NOT NULL))";

constexpr const char* kOverwriteBases = R"(
UPDATE sync_base SET image = json_replace(image, '$.first_name', '(erased)', '$.last_name', '(erased)', '$.email', NULL,
                                          '$.phone', NULL, '$.address', '', '$.notes', NULL)
WHERE table_name = 'owner' AND row_id IN (SELECT row_id FROM erased_row WHERE table_name = 'owner'))";

// An answer that names the owner, one of the patients or records may carry the name. Its row's id stays, so that the
// same POST makes no second row; what was asked goes with its digest, from which a short name could be guessed.
constexpr const char* kForgetAnswers = R"(
UPDATE idempotency SET body = json_object('id', body ->> '$.id'), body_digest = ''
WHERE body_digest <> ''
  AND EXISTS (SELECT 1 FROM json_tree(iif(json_valid(body), body, '[]')) j
              WHERE j.atom IN (SELECT row_id FROM erased_row)))";

constexpr const char* kHasSearch =
    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'search_index')";

int run(Connection& connection, const char* sql, std::int64_t low, std::int64_t high) {
    SQLite::Statement& statement = connection.statement(sql);
    statement.bind(1, low);
    statement.bind(2, high);
    return statement.exec();
}

int run(Connection& connection, const char* sql) { return connection.statement(sql).exec(); }

/// erasure_state.file_dirty; 0 also when it cannot be read now.
int dirt_of(Database& database) {
    int dirt = 0;
    const Status read = database.snapshot([&dirt](Connection& connection) -> Status {
        SQLite::Statement& query = connection.statement("SELECT file_dirty FROM erasure_state");
        if (query.executeStep()) dirt = query.getColumn(0).getInt();
        return Done{};
    });
    return read ? dirt : 0;
}

/// Refuses to begin without room for a copy of the file and a WAL of its size: breaking off at every pull is worse.
Status check_room(const std::filesystem::path& path) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    if (failed) return Done{};  // VACUUM itself says what is wrong
    const auto space = std::filesystem::space(path.parent_path(), failed);
    if (failed || space.available / 2 >= size) return Done{};
    return Error{
        Errc::out_of_space,
        "no room to rewrite the file after an erasure: " + std::to_string(2 * (size >> 20U) + 1) + " MB must be free",
        "out_of_space"};
}

/// Moves the flag on, unless somebody found more to overwrite meanwhile.
void rewrite(SQLite::Database& file) {
    file.exec("UPDATE erasure_state SET file_dirty = 2");
    // The search index keeps the words of deleted documents until its parts are merged.
    if (file.execAndGet(kHasSearch).getInt() != 0) {
        file.exec("INSERT INTO search_index (search_index) VALUES ('optimize')");
    }
    // secure_delete clears what is freed, but not what a split page left behind: only a new file is without it.
    file.exec("VACUUM");
    file.exec("UPDATE erasure_state SET file_dirty = 3 WHERE file_dirty = 2");
}

/// Moves `low` back to where a typed name may be; see kTypedSince.
void look_for_typed_names(Connection& connection, std::int64_t& low, std::int64_t high) {
    SQLite::Statement typed(connection.raw(), kTypedSince);
    typed.bind(1, low);
    typed.bind(2, high);
    if (!typed.executeStep() || typed.getColumn(0).isNull()) return;
    low = std::min(low, typed.getColumn(0).getInt64());
    typed.reset();
    run(connection, kAllUntilNow);
    run(connection, kNoteLinks);
}

}  // namespace

void note_erasures(Connection& connection, const std::string& clinic_id) {
    int noted = 0;
    for (const char* sql : {kNoteNotices, kNoteRecords}) {
        SQLite::Statement& statement = connection.statement(sql);
        statement.bind(1, clinic_id);
        noted += statement.exec();
    }
    if (noted == 0) return;
    run(connection, kNoteLinks);
    run(connection, kBeginAgain);
}

void overwrite_erased(Connection& connection) {
    SQLite::Statement range(connection.raw(), kRange);
    if (!range.executeStep()) return;
    std::int64_t low = range.getColumn(0).getInt64();
    const std::int64_t high = range.getColumn(1).getInt64();
    if (high > low) look_for_typed_names(connection, low, high);
    run(connection, kOverwriteOwners);
    run(connection, kOverwriteRecords);
    run(connection, kOverwriteBases);
    if (high <= low) return;
    run(connection, kMarkTransactions, low, high);
    const bool found = run(connection, kOverwriteLog, low, high) > 0;
    // All stored answers are read for it, once: a later answer has such a value only where the log has it too.
    if (found || low == 0) run(connection, kForgetAnswers);
    SQLite::Statement& done =
        connection.statement("UPDATE erasure_state SET purged_seq = ?1, file_dirty = iif(?2, 1, file_dirty)");
    done.bind(1, high);
    done.bind(2, found ? 1 : 0);
    done.exec();
}

Status rewrite_after_erasure(Database& database) {
    const int dirt = dirt_of(database);
    if (dirt == kClean) return Done{};
    if (dirt != kOnlyWal) VC_TRY(check_room(database.file()));
    // A document that is only marked still holds the old words, so the marked ones are folded now.
    for (bool behind = dirt != kOnlyWal; behind;) {
        VC_TRY(database.maintain([&behind](Connection& connection) -> Status {
            behind = is_search_behind(connection) && step_search(connection, kFoldInWrite);
            return Done{};
        }));
    }
    try {
        // This is a connection of its own: neither statement may run inside a transaction of the writer's.
        SQLite::Database file(database.file().string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
        // The copy that VACUUM makes is as large as the file.
        file.exec("PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = FILE");
        if (dirt != kOnlyWal) rewrite(file);
        if (file.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() != 0) {
            return Error{Errc::busy, "readers hold the WAL: it is emptied later", "database_busy"};
        }
        file.exec("UPDATE erasure_state SET file_dirty = 0 WHERE file_dirty = 3");
        return Done{};
    } catch (...) {
        Error error = error_from_current_exception("rewrite after an erasure");
        // An index that cannot be put in order is made anew, and the rewriting is done after the next pull.
        (void)database.mend_after(std::current_exception());
        return error;
    }
}

}  // namespace vetchart::edge
