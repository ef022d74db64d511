#include "edge/store/file/backup.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

#include "edge/store/file/database.h"
#include "edge/store/file/files.h"

namespace vetchart::edge {
namespace {

constexpr int kBusyMs = 5000;
constexpr int kAllPages = -1;

Error corrupt(const std::filesystem::path& file, const std::string& what) {
    return Error{Errc::corrupt, file.filename().string() + ": " + what, "corrupt"};
}

void copy_pages(const std::filesystem::path& source, const std::filesystem::path& target) {
    SQLite::Database from(source.string(), SQLite::OPEN_READONLY, kBusyMs);
    SQLite::Database to(target.string(), SQLite::OPEN_READWRITE, kBusyMs);
    {
        // All pages in one step: the step reads one snapshot beside the writers. Smaller steps would begin anew
        // after every commit of another connection, and never end on a busy node.
        SQLite::Backup backup(to, from);
        backup.executeStep(kAllPages);
    }
    to.exec("PRAGMA journal_mode = DELETE");
}

Status verify_open(const std::filesystem::path& file) {
    SQLite::Database database(file.string(), SQLite::OPEN_READONLY, kBusyMs);
    database.exec("PRAGMA temp_store = FILE");
    SQLite::Statement version(database, "PRAGMA user_version");
    const int found = version.executeStep() ? version.getColumn(0).getInt() : 0;
    if (found < 1 || found > edge_schema_version()) {
        return corrupt(file, "no VetChart database of a known version (schema " + std::to_string(found) + ")");
    }
    SQLite::Statement tables(database, "SELECT count(*) FROM sqlite_schema WHERE name IN ('node_state', 'change_log')");
    if (!tables.executeStep() || tables.getColumn(0).getInt() != 2) return corrupt(file, "no VetChart database");
    SQLite::Statement integrity(database, "PRAGMA integrity_check(1)");
    if (!integrity.executeStep() || integrity.getColumn(0).getString() != "ok") {
        return corrupt(file, "the integrity check fails");
    }
    SQLite::Statement keys(database, "PRAGMA foreign_key_check");
    if (keys.executeStep()) return corrupt(file, "a foreign key of table " + keys.getColumn(0).getString() + " fails");
    return Done{};
}

}  // namespace

Status copy_database(const std::filesystem::path& source, const std::filesystem::path& target,
                     const std::filesystem::path& home) {
    VC_TRY(make_private_file(target, home));
    try {
        copy_pages(source, target);
        return Done{};
    } catch (...) {
        const Error error = error_from_current_exception("copy the database");
        std::error_code ignored;
        std::filesystem::remove(target, ignored);
        return error;
    }
}

Status fold_wal(const std::filesystem::path& file) {
    try {
        SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, kBusyMs);
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        return Done{};
    } catch (...) {
        return error_from_current_exception("checkpoint " + file.filename().string());
    }
}

Status verify_database_file(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        return Error{Errc::not_found, file.string() + " is not a file", "not_found"};
    }
    try {
        return verify_open(file);
    } catch (...) {
        return error_from_current_exception("verify " + file.filename().string());
    }
}

}  // namespace vetchart::edge
