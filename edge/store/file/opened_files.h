#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"

namespace vetchart::edge {

/// Tells what lies at a database's name without opening it: closing a descriptor of a file that this process has open
/// through SQLite would give up SQLite's locks.
enum class DatabaseFile { absent, empty, present };
/// Errors: corrupt (no regular file; `wal_left`: no database, but a WAL with the work of one); internal (no right to
/// look).
[[nodiscard]] Result<DatabaseFile> look_at_database(const std::filesystem::path& file);

/// Errors: corrupt `wal_foreign` when the WAL beside `file` cannot be that database's own: SQLite knows no such
/// difference and would write another database's pages into it. Opens the file, so never call it where that is open.
[[nodiscard]] Status check_wal(const std::filesystem::path& file);

/// The files of an open database, by which it is noticed when others stand at their names: what is committed then
/// would go into files that nobody finds again. trouble() belongs to the writer's lock; the rest is thread-safe.
class OpenedFiles {
public:
    /// Remembers the files of `connection`, which has just been opened for writing. Errors: corrupt `database_moved`.
    [[nodiscard]] static Result<std::unique_ptr<OpenedFiles>> of(Connection& connection,
                                                                 const std::filesystem::path& file);

    /// A sentence when the database or its WAL or its index was removed, replaced or overwritten, or cannot be looked
    /// at. Costs four system calls; after a checkpoint it also looks into the file.
    [[nodiscard]] std::optional<std::string> trouble(Connection& connection);
    /// Tells the same of files that were removed or replaced, which needs no connection.
    [[nodiscard]] std::optional<std::string> moved() const;

private:
    struct File {
        std::filesystem::path path;
        dev_t device = 0;
        ino_t inode = 0;
    };
    [[nodiscard]] bool lacks_wal_frames(Connection& connection) const;
    [[nodiscard]] bool is_anothers(Connection& connection);

    std::vector<File> files_;
    std::string former_life_;  ///< The life in the file itself at the last look; a new one is in the WAL first.
    std::string stamp_;        ///< Size and times of the database's file when its content was last looked at.
    std::uint32_t page_size_ = 0;
    std::uint32_t changes_ = 0;  ///< The header's change counter; it never goes back.
};

}  // namespace vetchart::edge
