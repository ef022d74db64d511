#include "edge/store/file/capture.h"

#include "edge/store/file/row_sql.h"

namespace vetchart::edge {
namespace {

// Never before what was logged since the last contact: what was written before it may lie ahead.
constexpr std::string_view kAt =
    "max((SELECT instant FROM clock),\n"
    "            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), ''))";

/// `row` is NEW, OLD or the alias of a row read again; so it is below.
std::string clinic_id(const TableShape& table, const std::string& row) {
    return row + "." + std::string(sync::table_of(table.name).clinic_column());
}

std::string same_row(const TableShape& table) {
    std::string condition;
    for (const std::string& column : table.key) {
        condition += (condition.empty() ? "r." : " AND r.") + column + " = NEW." + column;
    }
    return condition;
}

std::string json_of(const TableShape& table, const std::string& row, bool with_version) {
    std::string members;
    for (const auto& [column, nullable] : table.columns) {
        if (column == "version" && !with_version) continue;
        members += (members.empty() ? "'" : ", '") + column + "', " + row + "." + column;
    }
    return "json_object(" + members + ")";
}

/// A JSON object of those columns whose value is another now: `side` is o (old) or n (new).
std::string json_of_changed(const TableShape& table, const std::string& side) {
    std::string pairs;
    for (const auto& [column, nullable] : table.columns) {
        if (column == "version") continue;
        pairs += pairs.empty() ? "" : "\n            UNION ALL ";
        pairs += "SELECT '" + column + "' AS k, OLD." + column + " AS o, r." + column + " AS n";
    }
    return "(SELECT json_group_object(k, " + side + ") FROM (\n            " + pairs + ") WHERE o IS NOT n)";
}

/// The staff id of whoever the daemon writes for, in the row's clinic. A shell sets none.
std::string actor(const TableShape& table, const std::string& row) {
    return "CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$.\"' || " + clinic_id(table, row) +
           " || '\"') END";
}

std::string log_row(const TableShape& table, const std::string& row, const std::string& op,
                    const std::string& old_values, const std::string& new_values, const std::string& version,
                    const std::string& from) {
    return "INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, "
           "row_version, incarnation)\n        SELECT c.txn, " +
           actor(table, row) + ",\n            " + std::string(kAt) + ",\n            " +
           std::to_string(edge_schema_version()) + ", '" + table.name + "', " + row_id_expression(table.name, row) +
           ", " + clinic_id(table, row) + ", '" + op + "',\n        " + old_values + ",\n        " + new_values +
           ",\n        " + version + ", (SELECT incarnation FROM node_state)\n        FROM sync_control c" + from +
           ";\n    ";
}

/// The image before the first local touch stays; only the end of the range moves.
std::string keep_base(const TableShape& table, const std::string& row, const std::string& image) {
    return "INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)\n        VALUES ('" +
           table.name + "', " + row_id_expression(table.name, row) + ", " + clinic_id(table, row) + ",\n        " +
           image +
           ",\n        last_insert_rowid(), last_insert_rowid())\n"
           "        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;";
}

}  // namespace

std::string capture_statements(const TableShape& table, RowEvent event) {
    // After an insert or update the row is read again, not taken from NEW: the stamps of the same trigger are in it.
    const std::string reread = ", " + table.name + " r WHERE " + same_row(table);
    switch (event) {
        case RowEvent::insert:
            return log_row(table, "r", "insert", "NULL", json_of(table, "r", false), "r.version", reread) +
                   keep_base(table, "NEW", "NULL");
        case RowEvent::update:
            return log_row(table, "r", "update", json_of_changed(table, "o"), json_of_changed(table, "n"),
                           "OLD.version", reread) +
                   keep_base(table, "NEW", json_of(table, "OLD", true));
        case RowEvent::remove: break;
    }
    return log_row(table, "OLD", "delete", json_of(table, "OLD", false), "NULL", "OLD.version", "") +
           keep_base(table, "OLD", json_of(table, "OLD", true));
}

}  // namespace vetchart::edge
