#include "edge/store/file/guards.h"

#include <algorithm>

namespace vetchart::edge {
namespace {

constexpr std::string_view kUnsaid = "'0001-01-01T00:00:00.000Z'";  // The default of created_at and updated_at.
constexpr std::string_view kNow = "(SELECT instant FROM clock)";
constexpr std::size_t kLineMax = 116;

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? std::string() : std::string(separator)) + part;
    return text;
}

/// "id = NEW.id AND ..": the columns named on the left have what the row has in those on the right.
std::string equals(const std::vector<std::string>& left, const std::string& row,
                   const std::vector<std::string>& right) {
    std::vector<std::string> parts;
    parts.reserve(left.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        parts.push_back(left[i] + " = " + row + "." + right[i]);
    }
    return joined(parts, " AND ");
}

std::string same(const std::vector<std::string>& columns, const std::string& row) {
    return equals(columns, row, columns);
}

/// Refusals that are tried in their order.
class Refusals {
public:
    void add(const std::string& condition, const std::string& message) {
        text_ += "        WHEN " + condition + "\n        THEN RAISE(ABORT, '" + message + "')\n";
    }
    [[nodiscard]] std::string statement() const { return text_.empty() ? "" : "SELECT CASE\n" + text_ + "    END;"; }

private:
    std::string text_;
};

std::string exists(const std::string& table, const std::string& where) {
    return "EXISTS (SELECT 1 FROM " + table + " WHERE " + where + ")";
}

std::string qualified(const TableShape& table, const std::vector<std::string>& columns) {
    std::vector<std::string> parts;
    parts.reserve(columns.size());
    for (const std::string& column : columns) parts.push_back(table.name + "." + column);
    return joined(parts, ",");
}

void refuse_taken_uniques(const TableShape& table, const std::string& other_row, Refusals& refusals) {
    for (const UniqueKey& unique : table.uniques) {
        const bool partial = !unique.while_null.empty();
        refusals.add((partial ? "NEW." + unique.while_null + " IS NULL AND " : "") +
                         exists(table.name, same(unique.columns, "NEW") +
                                                (partial ? " AND " + unique.while_null + " IS NULL" : "") + other_row),
                     "replace_refused: " + qualified(table, unique.columns) + " is taken");
    }
}

std::string refuse_taken_keys(const TableShape& table) {
    Refusals refusals;
    refusals.add(exists(table.name, same(table.key, "NEW")),
                 "replace_refused: " + qualified(table, table.key) + " is taken");
    // In a BEFORE INSERT trigger -1 stands for "not given".
    refusals.add("NEW.rowid > 0 AND " + exists(table.name, "rowid = NEW.rowid"),
                 "replace_refused: " + table.name + ".rowid is taken");
    refuse_taken_uniques(table, "", refusals);
    return refusals.statement();
}

std::string refuse_moved_keys(const TableShape& table) {
    std::vector<std::string> fixed = table.key;
    if (table.has("clinic_id") && !table.is_key("clinic_id")) fixed.emplace_back("clinic_id");
    fixed.emplace_back("rowid");
    Refusals refusals;
    for (const std::string& column : fixed) {
        refusals.add("NEW." + column + " IS NOT OLD." + column,
                     "immutable: " + table.name + "." + column + " never changes");
    }
    return refusals.statement();
}

std::string another_row(const TableShape& table) {
    if (table.key.size() == 1) return " AND " + table.key.front() + " <> NEW." + table.key.front();
    return " AND NOT (" + same(table.key, "NEW") + ")";
}

void refuse_orphans(const TableShape& table, bool is_update, Refusals& refusals) {
    for (const Reference& reference : table.references) {
        const std::string& column = reference.column();
        if (is_update && (table.is_key(column) || column == "clinic_id")) continue;  // It never changes.
        const std::string row = "NEW." + column;
        refusals.add((is_update ? row + " IS NOT OLD." + column + " AND " : "") +
                         (table.is_nullable(column) ? row + " IS NOT NULL AND " : "") + "NOT " +
                         exists(reference.parent, equals(reference.parent_columns, "NEW", reference.columns)),
                     "orphan: " + table.name + "." + column + " names no " + reference.parent +
                         (reference.columns.size() > 1 ? " of this clinic" : ""));
    }
}

std::string words(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string with_article(const std::string& noun) {
    const bool vowel = std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + noun;
}

/// What a person is told of the child that keeps the parent from going.
std::string referenced_by(const TableShape& child, const Reference& reference) {
    const std::string this_parent = " this " + words(reference.parent);
    if (reference.parent == "clinic") return child.name + " rows belong to" + this_parent;
    if (child.is_join()) {
        for (const Reference& other : child.references) {
            if (other.parent != reference.parent && other.parent != "clinic") {
                return with_article(words(other.parent)) + " is joined to" + this_parent;
            }
        }
    }
    if (child.name.starts_with(reference.parent + "_")) {
        return with_article(words(child.name.substr(reference.parent.size() + 1))) + " belongs to" + this_parent;
    }
    return with_article(words(child.name)) + " names" + this_parent;
}

std::string guard_deletion(const TableShape& table, const std::vector<TableShape>& tables) {
    Refusals refusals;
    std::string releases;
    for (const TableShape& child : tables) {
        for (const Reference& reference : child.references) {
            if (reference.parent != table.name) continue;
            const std::string where = equals(reference.columns, "OLD", reference.parent_columns);
            if (reference.released) {
                releases += "\n    UPDATE " + child.name + " SET " + reference.column() + " = NULL WHERE " + where +
                            (child.name == table.name ? " AND NOT (" + same(table.key, "OLD") + ")" : "") + ";";
            } else {
                refusals.add(exists(child.name, where), "still_referenced: " + referenced_by(child, reference));
            }
        }
    }
    std::string text = refusals.statement() + releases;
    if (text.starts_with('\n')) text.erase(0, text.find_first_not_of("\n "));
    return text;
}

std::string stamp_of(const std::string& column) {
    return column + " = iif(" + column + " = " + std::string(kUnsaid) + ", " + std::string(kNow) + ", " + column + ")";
}

/// `statement` with the triggers asleep, if `condition` holds; otherwise nothing is written.
std::string asleep(const std::string& statement, const std::string& condition) {
    return "UPDATE sync_control SET applying = 1 WHERE " + condition + ";\n    " + statement + condition +
           ";\n    UPDATE sync_control SET applying = 0 WHERE " + condition + ";";
}

}  // namespace

std::string_view name_of(RowEvent event) {
    switch (event) {
        case RowEvent::insert: return "insert";
        case RowEvent::update: return "update";
        case RowEvent::remove: break;
    }
    return "delete";
}

std::string key_guards(const TableShape& table, RowEvent event) {
    if (event == RowEvent::insert) return refuse_taken_keys(table);
    return event == RowEvent::update ? refuse_moved_keys(table) : "";
}

std::string reference_guards(const TableShape& table, RowEvent event, const std::vector<TableShape>& tables) {
    if (event == RowEvent::remove) return guard_deletion(table, tables);
    Refusals refusals;
    if (event == RowEvent::update) refuse_taken_uniques(table, another_row(table), refusals);
    refuse_orphans(table, event == RowEvent::update, refusals);
    return refusals.statement();
}

std::string stamps(const TableShape& table, RowEvent event) {
    if (event == RowEvent::remove) return {};
    if (event == RowEvent::update) {
        return asleep("UPDATE " + table.name + " SET updated_at = " + std::string(kNow) + " WHERE " +
                          same(table.key, "NEW") + " AND ",
                      "NEW.updated_at IS OLD.updated_at");
    }
    return "SELECT RAISE(ABORT, 'replace_refused: " + table.name + ".rowid starts at 1') WHERE NEW.rowid < 1;\n    " +
           asleep("UPDATE " + table.name + " SET\n        " + stamp_of("created_at") + ",\n        " +
                      stamp_of("updated_at") + "\n    WHERE " + same(table.key, "NEW") + " AND ",
                  "(NEW.created_at = " + std::string(kUnsaid) + " OR NEW.updated_at = " + std::string(kUnsaid) + ")");
}

std::string changed_condition(const TableShape& table) {
    const auto row = [&table](const std::string& name) {
        std::string text = "(";
        std::size_t line = 9;
        for (const ColumnShape& column : table.columns) {
            if (column.name == "version") continue;
            std::string part = (text.size() > 1 ? ", " : "") + name + "." + column.name;
            if (line + part.size() > kLineMax) {
                text += ",\n         ";
                part.erase(0, 2);
                line = 9;
            }
            text += part;
            line += part.size();
        }
        return text + ")";
    };
    return row("NEW") + "\n        IS NOT\n        " + row("OLD");
}

}  // namespace vetchart::edge
