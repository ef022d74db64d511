#include "edge/store/file/table_shape.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <algorithm>

#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {
namespace {

constexpr const char* kColumns = "SELECT name, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid";
constexpr const char* kKey = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
// Both lists are given latest first.
constexpr const char* kUniques =
    "SELECT l.name, s.sql FROM pragma_index_list(?1) l JOIN sqlite_schema s ON s.name = l.name "
    "WHERE l.\"unique\" = 1 AND l.origin = 'c' ORDER BY l.seq DESC";
constexpr const char* kReferences =
    "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id DESC, seq";

std::vector<std::string> names(Connection& connection, const char* sql, const std::string& argument) {
    SQLite::Statement query(connection.raw(), sql);
    query.bind(1, argument);
    std::vector<std::string> all;
    while (query.executeStep()) all.push_back(query.getColumn(0).getString());
    return all;
}

/// "deleted_at" of "CREATE UNIQUE INDEX .. WHERE deleted_at IS NULL"; empty: no condition.
std::string null_condition(const std::string& index, const std::string& sql) {
    constexpr std::string_view kWhere = "WHERE ";
    constexpr std::string_view kIsNull = " IS NULL";
    const auto where = sql.find(kWhere);
    if (where == std::string::npos) return {};
    std::string condition = sql.substr(where + kWhere.size());
    if (!condition.ends_with(kIsNull) || condition.find(' ') != condition.size() - kIsNull.size()) {
        throw SQLite::Exception("the condition of " + index + " is not of a known form", SQLITE_CORRUPT);
    }
    condition.resize(condition.size() - kIsNull.size());
    return condition;
}

void read_uniques(Connection& connection, TableShape& shape) {
    SQLite::Statement query(connection.raw(), kUniques);
    query.bind(1, shape.name);
    while (query.executeStep()) {
        const std::string index = query.getColumn(0).getString();
        UniqueKey unique{names(connection, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index),
                         null_condition(index, query.getColumn(1).getString())};
        // (clinic_id, id) exists to be the target of foreign keys.
        const bool repeats_key = std::all_of(shape.key.begin(), shape.key.end(), [&](const std::string& column) {
            return std::find(unique.columns.begin(), unique.columns.end(), column) != unique.columns.end();
        });
        if (!repeats_key) shape.uniques.push_back(std::move(unique));
    }
}

void read_references(Connection& connection, TableShape& shape) {
    SQLite::Statement query(connection.raw(), kReferences);
    query.bind(1, shape.name);
    int current = -1;
    while (query.executeStep()) {
        if (query.getColumn(0).getInt() != current) {
            current = query.getColumn(0).getInt();
            shape.references.push_back({{}, query.getColumn(1).getString(), {}, false});
        }
        shape.references.back().columns.push_back(query.getColumn(2).getString());
        shape.references.back().parent_columns.push_back(query.getColumn(3).getString());
    }
    for (Reference& reference : shape.references) {
        const sync::Column* column = sync::find_column(shape.name, reference.column());
        reference.released = column != nullptr && column->on_delete == sync::OnDelete::set_null;
    }
}

}  // namespace

bool TableShape::has(std::string_view column) const {
    return std::any_of(columns.begin(), columns.end(), [&](const ColumnShape& each) { return each.name == column; });
}

bool TableShape::is_key(std::string_view column) const {
    return std::find(key.begin(), key.end(), column) != key.end();
}

bool TableShape::is_nullable(std::string_view column) const {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const ColumnShape& each) { return each.name == column && each.nullable; });
}

TableShape read_shape(Connection& connection, std::string_view table) {
    TableShape shape;
    shape.name = table;
    SQLite::Statement query(connection.raw(), kColumns);
    query.bind(1, shape.name);
    while (query.executeStep()) {
        shape.columns.push_back({query.getColumn(0).getString(), query.getColumn(1).getInt() == 0});
    }
    shape.key = names(connection, kKey, shape.name);
    read_uniques(connection, shape);
    read_references(connection, shape);
    return shape;
}

}  // namespace vetchart::edge
