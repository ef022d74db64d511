#include "edge/store/file/capture.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/model/tables.h"

namespace vetchart::edge {
namespace {

constexpr std::string_view kMark = "/*capture*/";
constexpr std::string_view kEndMark = "/*end capture*/";

constexpr const char* kColumns = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
constexpr const char* kTrigger = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?1";

// The daemon's 'now' is corrected by the offset measured at the last contact (NodeClock); a shell's is here. Never
// before what was logged since that contact: what was written before it may lie ahead. An offset that leads out of the
// calendar gives NULL and counts as none: a write must not fail for it.
constexpr std::string_view kAt =
    "max(coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', 'now',\n"
    "                CASE WHEN c.txn IS NULL THEN (c.clock_offset_ms / 1000.0) || ' seconds' ELSE '+0 seconds' END),\n"
    "            strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),\n"
    "            coalesce((SELECT at FROM change_log WHERE seq > c.contact_seq ORDER BY seq DESC LIMIT 1), ''))";

struct Table {
    std::string name;
    std::vector<std::string> columns;
    bool is_join() const { return name == "bill_medical_record"; }
};

std::vector<std::string> column_names(Connection& connection, const std::string& table) {
    SQLite::Statement query(connection.raw(), kColumns);
    query.bind(1, table);
    std::vector<std::string> names;
    while (query.executeStep()) names.push_back(query.getColumn(0).getString());
    return names;
}

/// `row` is NEW, OLD or the alias of a row read again.
std::string row_id(const Table& table, const std::string& row) {
    if (table.is_join()) return row + ".bill_id || '/' || " + row + ".medical_record_id";
    return row + ".id";
}

std::string clinic_id(const Table& table, const std::string& row) {
    return row + (table.name == "clinic" ? ".id" : ".clinic_id");
}

std::string same_row(const Table& table) {
    if (table.is_join()) return "r.bill_id = NEW.bill_id AND r.medical_record_id = NEW.medical_record_id";
    return "r.id = NEW.id";
}

std::string json_of(const Table& table, const std::string& row, bool with_version) {
    std::string members;
    for (const std::string& column : table.columns) {
        if (column == "version" && !with_version) continue;
        members += (members.empty() ? "'" : ", '") + column + "', " + row + "." + column;
    }
    return "json_object(" + members + ")";
}

/// A JSON object of those columns whose value is another now: `side` is o (old) or n (new).
std::string json_of_changed(const Table& table, const std::string& side) {
    std::string pairs;
    for (const std::string& column : table.columns) {
        if (column == "version") continue;
        pairs += pairs.empty() ? "" : "\n            UNION ALL ";
        pairs += "SELECT '" + column + "' AS k, OLD." + column + " AS o, r." + column + " AS n";
    }
    return "(SELECT json_group_object(k, " + side + ") FROM (\n            " + pairs + ") WHERE o IS NOT n)";
}

/// The staff id of whoever the daemon writes for, in the row's clinic. A shell sets none.
std::string actor(const Table& table, const std::string& row) {
    return "CASE WHEN json_valid(c.actor) THEN json_extract(c.actor, '$.\"' || " + clinic_id(table, row) +
           " || '\"') END";
}

std::string log_row(const Table& table, const std::string& row, const std::string& op, const std::string& old_values,
                    const std::string& new_values, const std::string& version, const std::string& from) {
    return "INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, "
           "row_version)\n        SELECT c.txn, " +
           actor(table, row) + ",\n            " + std::string(kAt) + ",\n            " +
           std::to_string(edge_schema_version()) + ", '" + table.name + "', " + row_id(table, row) + ", " +
           clinic_id(table, row) + ", '" + op + "',\n        " + old_values + ",\n        " + new_values +
           ",\n        " + version + "\n        FROM sync_control c" + from + ";\n    ";
}

/// The image before the first local touch stays; only the end of the range moves.
std::string keep_base(const Table& table, const std::string& row, const std::string& image) {
    return "INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq)\n        VALUES ('" +
           table.name + "', " + row_id(table, row) + ", " + clinic_id(table, row) + ",\n        " + image +
           ",\n        last_insert_rowid(), last_insert_rowid())\n"
           "        ON CONFLICT (table_name, row_id) DO UPDATE SET last_seq = excluded.last_seq;\n    ";
}

/// After an insert or update the row is read again, not taken from NEW: the stamps of the same trigger are in it.
std::string capture_statements(const Table& table, std::string_view event) {
    const std::string reread = ", " + table.name + " r WHERE " + same_row(table);
    if (event == "insert") {
        return log_row(table, "r", "insert", "NULL", json_of(table, "r", false), "r.version", reread) +
               keep_base(table, "NEW", "NULL");
    }
    if (event == "update") {
        return log_row(table, "r", "update", json_of_changed(table, "o"), json_of_changed(table, "n"), "OLD.version",
                       reread) +
               keep_base(table, "NEW", json_of(table, "OLD", true));
    }
    return log_row(table, "OLD", "delete", json_of(table, "OLD", false), "NULL", "OLD.version", "") +
           keep_base(table, "OLD", json_of(table, "OLD", true));
}

struct Trigger {
    std::string name;
    std::string current;
    std::string wanted;
};

Trigger read_trigger(Connection& connection, const Table& table, const std::string& event) {
    Trigger trigger{table.name + "_after_" + event, {}, {}};
    SQLite::Statement query(connection.raw(), kTrigger);
    query.bind(1, trigger.name);
    if (!query.executeStep()) throw SQLite::Exception("no trigger " + trigger.name, SQLITE_CORRUPT);
    trigger.current = query.getColumn(0).getString();
    const auto start = trigger.current.find(kMark);
    const auto end = trigger.current.find(kEndMark);
    if (start == std::string::npos || end == std::string::npos || end < start) {
        throw SQLite::Exception("no capture marks in trigger " + trigger.name, SQLITE_CORRUPT);
    }
    trigger.wanted = trigger.current.substr(0, start + kMark.size()) + "\n    " + capture_statements(table, event) +
                     trigger.current.substr(end);
    return trigger;
}

std::vector<Trigger> stale_triggers(Connection& connection) {
    std::vector<Trigger> stale;
    for (const std::string_view name : sync::kTables) {
        const Table table{std::string(name), column_names(connection, std::string(name))};
        for (const char* event : {"insert", "update", "delete"}) {
            Trigger trigger = read_trigger(connection, table, event);
            if (trigger.current != trigger.wanted) stale.push_back(std::move(trigger));
        }
    }
    return stale;
}

}  // namespace

void refresh_capture(Connection& connection) {
    for (const Trigger& trigger : stale_triggers(connection)) {
        connection.exec(("DROP TRIGGER " + trigger.name).c_str());
        connection.exec(trigger.wanted.c_str());
    }
}

bool capture_is_stale(Connection& connection) { return !stale_triggers(connection).empty(); }

}  // namespace vetchart::edge
