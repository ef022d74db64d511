#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"

/// A synced table as its own definition in the file says it: what capture and guards are generated from.
namespace vetchart::edge {

struct ColumnShape {
    std::string name;
    bool nullable = false;
};

struct UniqueKey {
    std::vector<std::string> columns;
    std::string while_null;  ///< The key holds among rows whose column of this name is NULL; empty: among all.
};

/// Columns of a child that name a row of `parent`; where there are two, the first is clinic_id in both.
struct Reference {
    std::vector<std::string> columns;
    std::string parent;
    std::vector<std::string> parent_columns;
    /// The parent's deletion makes the column NULL instead of being refused. Said by the catalogue: the foreign key's
    /// SET NULL of two columns would clear clinic_id too.
    bool released = false;

    [[nodiscard]] const std::string& column() const { return columns.back(); }
};

struct TableShape {
    std::string name;
    std::vector<ColumnShape> columns;
    std::vector<std::string> key;
    std::vector<UniqueKey> uniques;  ///< Without the key, and without what only repeats it.
    std::vector<Reference> references;

    [[nodiscard]] bool has(std::string_view column) const;
    [[nodiscard]] bool is_key(std::string_view column) const;
    [[nodiscard]] bool is_nullable(std::string_view column) const;
    /// A table of pairs: its key is made of references.
    [[nodiscard]] bool is_join() const { return key.size() > 1; }
};

/// Reads the catalog. Throws SQLite::Exception; also when a unique key has a condition that is not `column IS NULL`.
[[nodiscard]] TableShape read_shape(Connection& connection, std::string_view table);

}  // namespace vetchart::edge
