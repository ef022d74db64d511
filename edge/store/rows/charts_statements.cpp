#include "edge/store/rows/charts_statements.h"

#include "edge/store/rows/charts_sql.h"

namespace vetchart::edge {
namespace {

using sync::Column;
using sync::Table;

/// What tells that a row is deleted, as SQL; a price is, when it is no longer offered.
std::string gone(const Table& table, const std::string& prefix) {
    if (table.find("deleted_at") != nullptr) return prefix + "deleted_at IS NOT NULL";
    return table.name == "service_item" ? prefix + "active=0" : "0";
}

std::string load_text(const Table& table, const std::string& names) {
    const std::string clinic = "x." + std::string(table.clinic_column());
    std::string text = "SELECT " + clinic + "," + gone(table, "x.") + "," + names + " FROM " + std::string(table.name) +
                       " x WHERE x.id=?8 AND " + clinic + " IN (SELECT value FROM json_each(?1))";
    // A price that is not offered can still be found and edited.
    if (table.find("deleted_at") != nullptr) text += " AND (?3 OR x.deleted_at IS NULL)";
    return text;
}

std::string insert_text(const Table& table, const std::string& names, int count) {
    if (table.name == "clinic") return {};
    std::string columns = "id,clinic_id,created_at,updated_at," + names;
    for (const Column& column : table.columns) {
        if (column.writer != sync::Writer::number && column.kind != sync::ColumnKind::secret) continue;
        columns += "," + std::string(column.name);
        ++count;
    }
    std::string values = "?1,?2,?3,?3";
    for (int i = 0; i < count; ++i) values += ",?" + std::to_string(4 + i);
    return "INSERT INTO " + std::string(table.name) + "(" + columns + ") VALUES(" + values + ")";
}

std::string set_deleted_text(const Table& table) {
    const std::string update = "UPDATE " + std::string(table.name) + " SET ";
    if (table.name == "service_item") return update + "active=1-?3,updated_at=?2 WHERE id=?1";
    if (table.find("deleted_at") == nullptr) return {};
    // Restoring an owner also clears merged_into.
    const std::string merged = table.find("merged_into") == nullptr ? "" : "merged_into=iif(?3,merged_into,NULL),";
    return update + "deleted_at=iif(?3,?2,NULL)," + merged + "updated_at=?2 WHERE id=?1";
}

ChartStatements make(ChartTable chart) {
    const Table& table = catalogue_of(chart);
    const std::string name(table.name);
    std::string names;
    std::string sets = "updated_at=?2";
    int count = 0;
    for (const Column& field : fields_of(chart)) {
        const std::string column(field.name);
        names += (names.empty() ? "" : ",") + column;
        sets += "," + column + "=?" + std::to_string(3 + count++);
    }
    return {.load = load_text(table, names),
            .insert = insert_text(table, names, count),
            .update = "UPDATE " + name + " SET " + sets + " WHERE id=?1",
            .remove = "DELETE FROM " + name + " WHERE id=?1",
            .set_deleted = set_deleted_text(table),
            .state = "SELECT " + std::string(table.clinic_column()) + "," + gone(table, "") + " FROM " + name +
                     " WHERE id=?1"};
}

}  // namespace

const ChartStatements& statements_of(ChartTable table) {
    static const auto all = for_each_table(&make);
    return all[static_cast<std::size_t>(table)];
}

}  // namespace vetchart::edge
