#include "edge/store/file/row_sql.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <mutex>
#include <set>

namespace vetchart::edge {
namespace {

std::mutex intern_lock;
std::mutex columns_lock;

bool is_join(std::string_view table) { return table == "bill_medical_record"; }

/// A WHERE condition for the row whose row id is the parameter `parameter`.
std::string row_condition(std::string_view table, const std::string& parameter) {
    if (!is_join(table)) return "id = " + parameter;
    return "bill_id = substr(" + parameter + ", 1, 36) AND medical_record_id = substr(" + parameter + ", 38)";
}

std::string conflict_target(std::string_view table) { return is_join(table) ? "bill_id, medical_record_id" : "id"; }

bool is_key(std::string_view table, const std::string& column) {
    return is_join(table) ? column == "bill_id" || column == "medical_record_id" : column == "id";
}

std::string quoted(const std::string& name) { return '"' + name + '"'; }

/// `INSERT INTO t(..) SELECT .. <tail> ON CONFLICT .. DO UPDATE SET ..`, `version` left out when its text is empty.
std::string insert_text(Connection& connection, std::string_view table, const std::string& image,
                        const std::string& tail, const std::string& version) {
    std::string names;
    std::string values;
    std::string sets;
    for (const std::string& column : columns_of(connection, table)) {
        const bool is_version = column == "version";
        if (is_version && version.empty()) continue;
        names += (names.empty() ? "" : ", ") + quoted(column);
        values +=
            (values.empty() ? "" : ", ") + (is_version ? version : "json_extract(" + image + ", '$." + column + "')");
        if (is_key(table, column)) continue;
        sets += (sets.empty() ? "" : ", ") + quoted(column) + " = excluded." + quoted(column);
    }
    return "INSERT INTO " + std::string(table) + " (" + names + ") SELECT " + values + " " + tail + " ON CONFLICT (" +
           conflict_target(table) + ") DO UPDATE SET " + sets;
}

}  // namespace

std::string_view intern(std::string text) {
    static std::set<std::string> texts;
    const std::lock_guard guard(intern_lock);
    return *texts.insert(std::move(text)).first;
}

const std::vector<std::string>& columns_of(Connection& connection, std::string_view table) {
    static std::map<std::string, std::vector<std::string>, std::less<>> known;
    const std::lock_guard guard(columns_lock);
    if (const auto found = known.find(table); found != known.end()) return found->second;
    std::vector<std::string> columns;
    SQLite::Statement query(connection.raw(), "SELECT name FROM pragma_table_info(?) ORDER BY cid");
    query.bind(1, std::string(table));
    while (query.executeStep()) columns.push_back(query.getColumn(0).getString());
    return known.emplace(std::string(table), std::move(columns)).first->second;
}

std::string_view upsert_sql(Connection& connection, std::string_view table, std::string_view from,
                            std::string_view version) {
    return intern(insert_text(connection, table, "image", std::string(from), std::string(version)));
}

std::string_view replay_insert_sql(Connection& connection, std::string_view table) {
    return intern(insert_text(connection, table, "?1", "WHERE true", ""));
}

std::string_view replay_update_sql(Connection& connection, std::string_view table) {
    std::string sets;
    for (const std::string& column : columns_of(connection, table)) {
        if (is_key(table, column) || column == "version") continue;
        const std::string name = quoted(column);
        const std::string path = "'$." + column + "'";
        sets += (sets.empty() ? "" : ", ") + name + " = CASE WHEN json_type(?1, " + path + ") IS NULL THEN " + name +
                " ELSE json_extract(?1, " + path + ") END";
    }
    return intern("UPDATE " + std::string(table) + " SET " + sets + " WHERE " + row_condition(table, "?2"));
}

std::string_view delete_sql(std::string_view table) {
    return intern("DELETE FROM " + std::string(table) + " WHERE " + row_condition(table, "?1"));
}

std::string image_expression(Connection& connection, std::string_view table, std::string_view alias) {
    std::string members;
    for (const std::string& column : columns_of(connection, table)) {
        members += (members.empty() ? "" : ", ") + ("'" + column + "', ") + std::string(alias) + "." + quoted(column);
    }
    return "json_object(" + members + ")";
}

std::string row_id_expression(std::string_view table, std::string_view alias) {
    const std::string name(alias);
    return is_join(table) ? name + ".bill_id || '/' || " + name + ".medical_record_id" : name + ".id";
}

}  // namespace vetchart::edge
