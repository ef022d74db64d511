#include "central/accept/key_sql.h"

#include <functional>

#include "sync/catalogue/row_key.h"

namespace vetchart::central {
namespace {

/// What `term` says of each key column and its place in a row id (from 1), with `separator` between them.
std::string each_key(const sync::Table& table, const std::string& separator,
                     const std::function<std::string(const std::string&, std::size_t)>& term) {
    std::string text;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        text += (i == 0 ? "" : separator) + term(std::string(table.key[i]), i + 1);
    }
    return text;
}

std::string key_part_sql(const std::string& row_id, std::size_t place) {
    return "split_part(" + row_id + ", '" + sync::kKeySeparator + "', " + std::to_string(place) + ")::uuid";
}

std::string columns_sql(const sync::Table& table, const std::string& alias) {
    return "(" + each_key(table, ", ", [&](const std::string& column, std::size_t) { return alias + "." + column; }) +
           ")";
}

}  // namespace

std::string row_id_sql(const sync::Table& table, const std::string& alias) {
    return each_key(table, std::string(" || '") + sync::kKeySeparator + "' || ",
                    [&](const std::string& column, std::size_t) { return alias + "." + column + "::text"; });
}

std::string key_among_sql(const sync::Table& table, const std::string& alias) {
    if (table.key.size() == 1) return alias + "." + std::string(table.key.front()) + " = ANY($1::uuid[])";
    const auto part = [](const std::string&, std::size_t place) { return key_part_sql("k", place); };
    return columns_sql(table, alias) + " IN (SELECT " + each_key(table, ", ", part) + " FROM unnest($1::text[]) k)";
}

std::string key_equals_sql(const sync::Table& table, const std::string& alias, const std::string& row_id,
                           const std::string& condition) {
    const auto part = [&](const std::string&, std::size_t place) {
        return "CASE WHEN " + condition + " THEN " + key_part_sql(row_id, place) + " END";
    };
    return columns_sql(table, alias) + " = (" + each_key(table, ", ", part) + ")";
}

std::string same_key_sql(const sync::Table& table, const std::string& alias, const std::string& other) {
    return each_key(table, " AND ", [&](const std::string& column, std::size_t) {
        return alias + "." + column + " = " + other + "." + column;
    });
}

}  // namespace vetchart::central
