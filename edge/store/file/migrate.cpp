#include "edge/store/file/migrate.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <spdlog/spdlog.h>

#include <string>

#include "edge/store/file/derived.h"
#include "edge/store/file/files.h"
#include "edge/store/file/rules.h"
#include "schema/embedded.h"

namespace vetchart::edge {
namespace {

constexpr int kApplicationId = 0x56455443;  // "VETC"
constexpr int kBackupPages = 1024;
// Two marks that no earlier schema had: a file that lost one of them is damaged, and still nobody's past.
constexpr const char* kIsReleased = R"(
SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_rule')
    OR EXISTS (SELECT 1 FROM pragma_table_info('sync_control') WHERE name = 'clock_set_to'))";

struct FileState {
    int application_id = 0;
    int version = 0;
    bool empty = false;
    bool is_released = false;  ///< Of the schemas from the first release on.
};

FileState read_state(Connection& connection) {
    SQLite::Database& database = connection.raw();
    return {database.execAndGet("PRAGMA application_id").getInt(), database.execAndGet("PRAGMA user_version").getInt(),
            database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0,
            database.execAndGet(kIsReleased).getInt() != 0};
}

Status judge(const FileState& state, Past past) {
    if (state.empty && state.version == 0 && past == Past::none) return Done{};
    if (state.empty) return Error{Errc::corrupt, "the database is empty", "database_missing"};
    if (state.application_id != kApplicationId || state.version < 1) {
        return Error{Errc::corrupt, "the file is not a VetChart database", "schema_unknown"};
    }
    // Nothing of those schemas was released, and their numbers mean something else here.
    if (!state.is_released) {
        return Error{Errc::corrupt,
                     "the file was made by a program of before the first release, which this one does not upgrade: "
                     "begin with an empty folder",
                     "schema_before_release"};
    }
    if (state.version > edge_schema_version()) {
        return Error{Errc::corrupt,
                     "the file has schema " + std::to_string(state.version) + ", this program knows up to " +
                         std::to_string(edge_schema_version()),
                     "schema_newer"};
    }
    return Done{};
}

/// Under another name first, so that a copy by its right name is always a whole one.
Status keep_copy(Connection& connection, const std::filesystem::path& file) {
    std::filesystem::path kept = file;
    kept += ".before-" + std::to_string(edge_schema_version());
    std::filesystem::path unfinished = kept;
    unfinished += ".part";
    std::filesystem::remove(unfinished);
    VC_TRY(make_private_file(unfinished, file.parent_path()));
    {
        SQLite::Database copy(unfinished.string(), SQLite::OPEN_READWRITE);
        SQLite::Backup backup(copy, connection.raw());
        while (backup.executeStep(kBackupPages) == SQLite::OK) {
        }
        copy.exec("PRAGMA journal_mode = DELETE");
    }
    VC_TRY(sync_file(unfinished));
    return move_file(unfinished, kept);
}

void apply_pending(Connection& connection, int from) {
    if (from > 0) drop_rules(connection);
    for (const schema::SqlFile& file : schema::sqlite_tables()) {
        if (file.number > from) connection.exec(std::string(file.text).c_str());
    }
    connection.exec(("PRAGMA user_version = " + std::to_string(edge_schema_version())).c_str());
    connection.exec(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
}

/// A process that was killed leaves no marker behind (they live inside one transaction); a file restored from a copy
/// of any age might.
void clear_control(Connection& connection) {
    connection.exec(
        "UPDATE sync_control SET applying = 0, txn = NULL, actor = NULL "
        "WHERE applying <> 0 OR txn IS NOT NULL OR actor IS NOT NULL");
}

void migrate_in_transaction(Connection& connection) {
    SQLite::Transaction transaction(connection.raw(), SQLite::TransactionBehavior::IMMEDIATE);
    // Read again under the lock: another process may have done it meanwhile.
    const int from = read_state(connection).version;
    if (from < edge_schema_version()) apply_pending(connection, from);
    const auto damaged = put_rules(connection, SearchRules::leave_damaged);
    for (const std::string& sentence : damaged) spdlog::warn("made anew: rules ({})", sentence);
    if (!damaged.empty()) note_rebuild(connection, "rules");
    clear_control(connection);
    transaction.commit();
}

}  // namespace

int edge_schema_version() { return schema::sqlite_schema_version(); }

Status migrate(Connection& connection, const std::filesystem::path& file) {
    try {
        const FileState state = read_state(connection);
        VC_TRY(judge(state, Past::none));
        if (!state.empty && state.version < edge_schema_version()) VC_TRY(keep_copy(connection, file));
        migrate_in_transaction(connection);
        return Done{};
    } catch (...) {
        return error_from_current_exception("migrate");
    }
}

Status check_is_ours(Connection& connection, Past past) {
    try {
        return judge(read_state(connection), past);
    } catch (...) {
        return error_from_current_exception("look at the database");
    }
}

Status check_schema(Connection& connection) {
    try {
        const FileState state = read_state(connection);
        VC_TRY(judge(state, Past::proven));
        if (state.version == edge_schema_version()) return Done{};
        return Error{Errc::corrupt,
                     "the file has schema " + std::to_string(state.version) + ", this program reads " +
                         std::to_string(edge_schema_version()) + "; start the daemon once to upgrade it",
                     "schema_older"};
    } catch (...) {
        return error_from_current_exception("check schema");
    }
}

}  // namespace vetchart::edge
