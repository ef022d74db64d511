#pragma once

#include <span>
#include <string_view>

/// The numbered SQL files of schema/, embedded at build time (cmake/EmbedSql.cmake).
namespace vetchart::schema {

struct SqlFile {
    int number;             ///< From the file name: 0003_join_table.sql is 3. Ascending, without gaps, from 1.
    std::string_view name;  ///< File name without folder.
    std::string_view text;  ///< Byte for byte the file.
};

[[nodiscard]] std::span<const SqlFile> sqlite_files();
[[nodiscard]] std::span<const SqlFile> postgres_files();

}  // namespace vetchart::schema
