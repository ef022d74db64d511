#include "edge/store/file/row_sql.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <vector>

#include "sync/base/result.h"
#include "sync/catalogue/row_key.h"

namespace vetchart::edge {
namespace {

using sync::Column;
using sync::Table;

std::mutex intern_lock;

bool is_key(const Table& table, std::string_view column) {
    return std::find(table.key.begin(), table.key.end(), column) != table.key.end();
}

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string path_of(std::string_view column) { return "'$." + std::string(column) + "'"; }

void add(std::string& list, const std::string& item, const char* separator = ", ") {
    if (!list.empty()) list += separator;
    list += item;
}

std::vector<const Column*> columns_of(const Table& table, bool with_version = true) {
    std::vector<const Column*> columns;
    for (const Column& column : table.columns) {
        if (!column.only_central && (with_version || column.name != "version")) columns.push_back(&column);
    }
    return columns;
}

/// The i-th of the key's values that the row id `id` is made of.
std::string key_part(const Table& table, std::size_t index, const std::string& id) {
    if (table.key.size() == 1) return id;
    const std::size_t start = index * (sync::kKeyPartSize + 1) + 1;
    return "substr(" + id + ", " + std::to_string(start) + ", " + std::to_string(sync::kKeyPartSize) + ")";
}

/// The values joined as a row id has them; `value` gives the SQL of a key column.
template <class Value>
std::string joined_key(const Table& table, const Value& value) {
    std::string id;
    for (const std::string_view column : table.key) add(id, value(column), " || '/' || ");
    return id;
}
static_assert(sync::kKeySeparator == '/');

std::string key_list(const Table& table) {
    std::string list;
    for (const std::string_view column : table.key) add(list, std::string(column));
    return list;
}

/// `INSERT INTO t(..) SELECT .. <tail> ON CONFLICT .. DO UPDATE SET ..`, `version` left out when its text is empty.
std::string insert_text(const Table& table, const std::string& image, const std::string& tail,
                        const std::string& version) {
    std::string names, values, sets;
    for (const Column* column : columns_of(table, !version.empty())) {
        const std::string name = quoted(column->name);
        add(names, name);
        add(values, column->name == "version" ? version : "json_extract(" + image + ", " + path_of(column->name) + ")");
        if (!is_key(table, column->name)) add(sets, name + " = excluded." + name);
    }
    return "INSERT INTO " + std::string(table.name) + " (" + names + ") SELECT " + values + " " + tail +
           " ON CONFLICT (" + key_list(table) + ") DO UPDATE SET " + sets;
}

std::string image_text(const Table& table, std::string_view alias, bool with_version) {
    std::string members;
    for (const Column* column : columns_of(table, with_version)) {
        add(members, "'" + std::string(column->name) + "', " + std::string(alias) + "." + quoted(column->name));
    }
    return "json_object(" + members + ")";
}

std::string replay_update_text(const Table& table) {
    std::string sets;
    for (const Column* column : columns_of(table, false)) {
        if (is_key(table, column->name)) continue;
        const std::string name = quoted(column->name);
        const std::string path = path_of(column->name);
        add(sets, name + " = CASE WHEN json_type(?1, " + path + ") IS NULL THEN " + name + " ELSE json_extract(?1, " +
                      path + ") END");
    }
    return "UPDATE " + std::string(table.name) + " SET " + sets + " WHERE " +
           row_condition(table.name, table.name, "?2");
}

}  // namespace

std::string_view intern(std::string text) {
    static std::set<std::string> texts;
    const std::lock_guard guard(intern_lock);
    return *texts.insert(std::move(text)).first;
}

std::string_view upsert_sql(const Table& table, std::string_view from, std::string_view version) {
    return intern(insert_text(table, "image", std::string(from), std::string(version)));
}

TableTexts::TableTexts(std::string (*make)(const Table& table)) {
    for (const Table& table : sync::tables()) texts_.push_back(make(table));
}

std::string_view TableTexts::of(std::string_view table) const {
    const auto index = sync::table_index(table);
    VC_ASSERT(index.has_value());
    return texts_[*index];
}

std::string_view replay_insert_sql(std::string_view table) {
    static const TableTexts texts([](const Table& known) { return insert_text(known, "?1", "WHERE true", ""); });
    return texts.of(table);
}

std::string_view replay_update_sql(std::string_view table) {
    static const TableTexts texts(&replay_update_text);
    return texts.of(table);
}

std::string_view delete_sql(std::string_view table) {
    static const TableTexts texts([](const Table& known) {
        return "DELETE FROM " + std::string(known.name) + " WHERE " + row_condition(known.name, known.name, "?1");
    });
    return texts.of(table);
}

std::string_view image_sql(std::string_view table) {
    static const TableTexts texts([](const Table& known) {
        return "SELECT " + image_text(known, "t", true) + " FROM " + std::string(known.name) + " t WHERE " +
               row_condition(known.name, "t", "?1");
    });
    return texts.of(table);
}

std::string image_expression(std::string_view table, std::string_view alias) {
    return image_text(sync::table_of(table), alias, true);
}

std::string logged_image_expression(const Table& table, std::string_view alias) {
    return image_text(table, alias, false);
}

std::string row_id_expression(std::string_view table, std::string_view alias) {
    return joined_key(sync::table_of(table),
                      [alias](std::string_view column) { return std::string(alias) + "." + std::string(column); });
}

std::string row_id_of_image(std::string_view table_name, std::string_view image) {
    std::string cases;
    for (const Table& table : sync::tables()) {
        const std::string id = joined_key(table, [image](std::string_view column) {
            return "(" + std::string(image) + " ->> " + path_of(column) + ")";
        });
        cases += " WHEN '" + std::string(table.name) + "' THEN " + id;
    }
    return "CASE " + std::string(table_name) + cases + " END";
}

std::string row_condition(std::string_view table, std::string_view alias, const std::string& id) {
    const Table& known = sync::table_of(table);
    std::string condition;
    for (std::size_t i = 0; i < known.key.size(); ++i) {
        add(condition, std::string(alias) + "." + std::string(known.key[i]) + " = " + key_part(known, i, id), " AND ");
    }
    return condition;
}

std::string rows_condition(const Table& table, const std::string& ids) {
    if (table.key.size() == 1) return key_list(table) + " IN (" + ids + ")";
    std::string parts;
    for (std::size_t i = 0; i < table.key.size(); ++i) add(parts, key_part(table, i, "row_id"));
    return "(" + key_list(table) + ") IN (SELECT " + parts + " FROM (" + ids + "))";
}

}  // namespace vetchart::edge
