#include <algorithm>
#include <string>
#include <vector>

#include "sync/catalogue/catalogue.h"
#include "tests/parity/catalog.h"

namespace vetchart::test {
namespace {

using sync::Column;
using sync::ColumnKind;

bool is_number(ColumnKind kind) {
    return kind == ColumnKind::integer || kind == ColumnKind::milli || kind == ColumnKind::cents ||
           kind == ColumnKind::flag;
}

std::string sorted_choices(const Column& column) {
    std::vector<std::string_view> values = sync::choices_of(column);
    std::sort(values.begin(), values.end());
    std::string text;
    for (const std::string_view value : values) text.append(text.empty() ? "" : ",").append(value);
    return text;
}

/// A bound or a form that a CHECK holds in both engines. A text without a bound has a CHECK in SQLite alone, for NUL.
bool has_check(const Column& column) {
    switch (column.kind) {
        case ColumnKind::name:
        case ColumnKind::email:
        case ColumnKind::roles:
        case ColumnKind::day:
        case ColumnKind::instant:
        case ColumnKind::time:
        case ColumnKind::integer:
        case ColumnKind::milli:
        case ColumnKind::cents: return true;
        case ColumnKind::text: return column.most > 0;
        case ColumnKind::id:
        case ColumnKind::reference:
        case ColumnKind::secret:
        case ColumnKind::choice:
        case ColumnKind::any_case:
        case ColumnKind::flag: return false;
    }
    return false;
}

std::string key_line(const std::string& table, const Column& column) {
    const std::string name(column.name), parent(column.parent);
    const bool is_clinic = parent == "clinic";
    return table + " key " + table + "_" + name + "_fkey (" + (is_clinic ? "" : "clinic_id, ") + name + ") to " +
           parent + (is_clinic ? " (id)" : " (clinic_id, id)") + " on delete " +
           (column.on_delete == sync::OnDelete::set_null ? "null" : "refused");
}

std::string unique_line(const std::string& table, const sync::Unique& unique) {
    const std::string first(unique.first), second(unique.second);
    return table + " unique " + table + "_" + first + (second.empty() ? "" : "_" + second) + "_key (" + first +
           (second.empty() ? "" : ", " + second) + ")" + (unique.among_live ? " where deleted_at IS NULL" : "");
}

void say_column(const std::string& table, const Column& column, Catalog& lines) {
    const std::string name(column.name);
    lines.insert(table + "." + name + (is_number(column.kind) ? " integer" : " text") +
                 (column.nullable ? " null" : " not null"));
    if (has_check(column)) lines.insert(table + " check " + table + "_" + name + "_check");
    if (column.kind == ColumnKind::choice || column.kind == ColumnKind::any_case) {
        lines.insert(table + " enum " + name + " " + sorted_choices(column));
    }
    if (column.parent.empty()) return;
    lines.insert(key_line(table, column));
    if (column.parent != "clinic") lines.insert(unique_line(std::string(column.parent), {"clinic_id", "id"}));
}

}  // namespace

Catalog said_catalog() {
    Catalog lines;
    for (const sync::Table& table : sync::tables()) {
        const std::string name(table.name);
        for (const Column& column : table.columns) {
            if (!column.only_central) say_column(name, column, lines);
        }
        std::string key;
        for (const std::string_view column : table.key) key += (key.empty() ? "" : ", ") + std::string(column);
        lines.insert(name + " primary key (" + key + ")");
        for (const sync::Unique& unique : table.uniques) lines.insert(unique_line(name, unique));
    }
    return lines;
}

}  // namespace vetchart::test
