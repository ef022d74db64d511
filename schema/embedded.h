#pragma once

#include <span>
#include <string_view>

/// The SQL files of schema/, embedded at build time (cmake/EmbedSql.cmake), each folder in the order of its names.
/// What is in tables/ is migrated once, by its number; what is in the other folders is replaced whole when it differs.
namespace vetchart::schema {

struct SqlFile {
    int number;  ///< From the file name: 0003_join_table.sql is 3. Ascending, without gaps, from 1. Of no meaning
                 ///< outside tables/.
    std::string_view name;  ///< File name without folder.
    std::string_view text;  ///< Byte for byte the file.
};

[[nodiscard]] std::span<const SqlFile> sqlite_tables();
[[nodiscard]] std::span<const SqlFile> sqlite_views();
[[nodiscard]] std::span<const SqlFile> sqlite_rules();
[[nodiscard]] std::span<const SqlFile> postgres_tables();
[[nodiscard]] std::span<const SqlFile> postgres_rules();
[[nodiscard]] std::span<const SqlFile> postgres_views();
[[nodiscard]] std::span<const SqlFile> postgres_reports();

/// The schema version that a node tells central: the number of the last file of sqlite/tables.
[[nodiscard]] inline int sqlite_schema_version() { return sqlite_tables().back().number; }

}  // namespace vetchart::schema
