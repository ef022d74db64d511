#include "tests/exchange/pair_kinds.h"

#include <algorithm>
#include <optional>

#include "sync/engine/bill_group.h"

namespace vetchart::test {

using sync::Column;
using sync::ColumnKind;
using sync::Table;
using sync::Writer;

namespace {

/// A row that the test cannot make for each case: the clinic is one, a decision needs an item (exchange_decisions.cpp).
bool is_covered(const Table& table) { return table.name != "clinic" && table.name != "item_decision"; }

/// The SQL of a row's id, but for the case's number at its end.
std::string id_head(std::string_view table, int row) {
    return "00000000-0000-7000-8" + std::to_string(row) + digits(static_cast<int>(*sync::table_index(table)), 2) + "-";
}

std::string id_of(std::string_view table, int row, int number) { return id_head(table, row) + digits(number, 12); }
std::string quoted(const std::string& text) { return "'" + text + "'"; }

/// The row that a new row of number `row` names by `column`. A second join of a bill is with the second record.
int named_row(const Table& table, const Column& column, int row) {
    const Column* bill = sync::bill_reference(table);
    if (bill != nullptr && bill->name == column.name) return row == kNamed ? kNamed : kSubject;
    return is_join(table) && row == kNew ? kSubject : kNamed;
}

/// Of every kind of column a value that a new row may have; nullopt: left out.
std::optional<std::string> first_value(const Table& table, const Column& column, int row, const std::string& number) {
    if (column.kind == ColumnKind::id) return id_head(table.name, row) + number;
    if (column.name == "deleted_at" && row == kDeleted) return "2026-01-01T00:00:00.000Z";
    if (column.writer != Writer::person && column.writer != Writer::key && column.writer != Writer::number &&
        (column.writer != Writer::action || column.nullable)) {
        return std::nullopt;
    }
    switch (column.kind) {
        case ColumnKind::reference: {
            if (column.nullable) return std::nullopt;
            return id_head(column.parent, named_row(table, column, row)) + number;
        }
        case ColumnKind::name: return "r" + std::to_string(row) + "n" + number;
        case ColumnKind::email: return "r" + std::to_string(row) + "n" + number + "@mail.example";
        case ColumnKind::choice:
        case ColumnKind::any_case:
            return column.nullable ? std::nullopt : std::optional(std::string(choices_of(column)[0]));
        case ColumnKind::roles: return R"(["staff"])";
        case ColumnKind::day: return column.nullable ? std::nullopt : std::optional<std::string>("2026-01-01");
        case ColumnKind::time: return std::nullopt;
        case ColumnKind::flag: return "1";
        case ColumnKind::integer:
        case ColumnKind::milli:
        case ColumnKind::cents: return column.nullable ? std::nullopt : std::optional<std::string>("100");
        case ColumnKind::instant: return std::nullopt;
        case ColumnKind::id:
        case ColumnKind::text:
        case ColumnKind::secret: return column.nullable ? std::nullopt : std::optional<std::string>("t");
    }
    return std::nullopt;
}

std::string where(const Table& table, int row, int number) {
    if (!is_join(table)) return " WHERE id = " + quoted(id_of(table.name, row, number)) + ";";
    std::string condition;
    for (const std::string_view key : table.key) {
        const Column& column = *table.find(key);
        condition += (condition.empty() ? " WHERE " : " AND ") + std::string(key) + " = " +
                     quoted(id_of(column.parent, named_row(table, column, row), number));
    }
    return condition + ";";
}

std::vector<Kind> kinds_of(const Table& table) {
    std::vector<Kind> kinds;
    if (is_join(table)) return {{What::hard, &table, nullptr, {}}, {What::join_add, &table, nullptr, {}}};
    for (const Column& column : table.columns) {
        if (column.writer != Writer::person) continue;
        if (table.name == "bill" && column.name == "status") continue;
        kinds.push_back({column.kind == ColumnKind::reference ? What::reference : What::column, &table, &column, {}});
    }
    if (table.name == "bill") {
        for (const char* status : {"sent", "overdue", "cancelled", "paid"})
            kinds.push_back({What::status, &table, nullptr, status});
    }
    if (table.find("deleted_at") != nullptr) {
        kinds.push_back({What::soft, &table, nullptr, {}});
        kinds.push_back({What::restore, &table, nullptr, {}});
    }
    if (table.find("merged_into") != nullptr) kinds.push_back({What::merge, &table, nullptr, {}});
    kinds.push_back({What::hard, &table, nullptr, {}});
    return kinds;
}

/// Whether the two kinds can meet. Of columns of one row each is tried against itself and the next one.
bool meets(const Kind& a, const Kind& b) {
    if (a.table == b.table) {
        if (is_structural(a) || is_structural(b)) return true;
        const auto apart = a.column > b.column ? a.column - b.column : b.column - a.column;
        return apart <= 1 || (a.is_in_group() && b.is_in_group());
    }
    if (a.is_in_group() && b.is_in_group()) return true;
    const bool bill_a = a.table->name == "bill" || a.is_in_group(), bill_b = b.table->name == "bill" || b.is_in_group();
    if (bill_a && bill_b && (a.what == What::status || b.what == What::status)) return true;
    const auto names = [](const Kind& child, const Kind& parent) {
        return child.column != nullptr && child.column->parent == parent.table->name && is_structural(parent) &&
               parent.what != What::restore && parent.what != What::insert;
    };
    return names(a, b) || names(b, a);
}

}  // namespace

std::string Kind::name() const {
    const std::string table_name(table->name);
    switch (what) {
        case What::column: return "update " + table_name + "." + std::string(column->name);
        case What::reference: return "refer " + table_name + "." + std::string(column->name);
        case What::status: return "status to " + value;
        case What::soft: return "soft delete " + table_name;
        case What::restore: return "restore " + table_name;
        case What::hard: return "hard delete " + table_name;
        case What::insert: return "insert " + table_name;
        case What::merge: return "merge owner";
        case What::join_add: return "insert " + table_name;
    }
    return {};
}

bool Kind::is_in_group() const {
    if (table->name == "bill") return what == What::hard || (column != nullptr && column->group == sync::Group::bill);
    return sync::bill_reference(*table) != nullptr;
}

bool is_join(const Table& table) { return table.key.size() > 1; }

std::string digits(int number, std::size_t size) {
    std::string text = std::to_string(number);
    return text.insert(0, size - text.size(), '0');
}

std::string insert_text(const Table& table, int row, const std::string& clinic, const std::string& number) {
    std::string columns = "clinic_id", values = quoted(clinic);
    for (const Column& column : table.columns) {
        if (column.name == "clinic_id") continue;
        const auto value = first_value(table, column, row, number);
        if (!value) continue;
        columns += ", " + std::string(column.name);
        values += ", " + quoted(*value);
    }
    return "INSERT INTO " + std::string(table.name) + " (" + columns + ") VALUES (" + values + ");";
}

/// What the hand `side` (A arrives first, B second) writes: text that names the side and the case, wherever the column
/// takes text.
std::string written_value(const Column& column, char side, int number) {
    const bool is_a = side == 'A';
    switch (column.kind) {
        case ColumnKind::reference: return id_of(column.parent, kSubject, number);
        case ColumnKind::email: return std::string(is_a ? "a" : "b") + "x" + digits(number, 6) + "@mail.example";
        case ColumnKind::choice:
        case ColumnKind::any_case: {
            const auto choices = choices_of(column);
            return std::string(choices[is_a ? 1 : choices.size() - 1]);
        }
        case ColumnKind::roles: return is_a ? R"(["admin","staff"])" : R"(["staff","veterinarian"])";
        case ColumnKind::day: return is_a ? "2026-02-01" : "2026-02-02";
        case ColumnKind::instant: return is_a ? "2026-02-01T10:00:00.000Z" : "2026-02-02T10:00:00.000Z";
        case ColumnKind::time: return is_a ? "10:01" : "10:02";
        case ColumnKind::flag: return "0";
        case ColumnKind::integer:
        case ColumnKind::milli:
        case ColumnKind::cents: return is_a ? "11" : "12";
        case ColumnKind::id:
        case ColumnKind::name:
        case ColumnKind::text:
        case ColumnKind::secret: break;
    }
    return std::string(1, side) + "x" + digits(number, 6);
}

std::vector<const Table*> parts_of_bills() {
    std::vector<const Table*> parts;
    for (const Table& table : sync::tables()) {
        if (sync::bill_reference(table) != nullptr) parts.push_back(&table);
    }
    return parts;
}

/// The kind's statements on row `row` of the case, for both engines.
std::string sql_of(const Kind& kind, const std::string& clinic, int row, char side, int number) {
    const std::string table(kind.table->name);
    const auto set = [&](const std::string& what) {
        return "UPDATE " + table + " SET " + what + where(*kind.table, row, number);
    };
    switch (kind.what) {
        case What::column:
            return set(std::string(kind.column->name) + " = " + quoted(written_value(*kind.column, side, number)));
        case What::reference: {
            // What is a part of bill 2 moves to bill 1; everything else names row 2.
            const int named = kind.column == sync::bill_reference(*kind.table) ? kNamed : kSubject;
            return set(std::string(kind.column->name) + " = " + quoted(id_of(kind.column->parent, named, number)));
        }
        case What::status: return set("status = " + quoted(kind.value) + ", cancel_reason = 'r'");
        case What::soft:
            return set("deleted_at = " + quoted(side == 'A' ? "2026-02-01T10:00:00.000Z" : "2026-02-02T10:00:00.000Z"));
        case What::restore: return set("deleted_at = NULL");
        case What::hard: {
            std::string sql;
            for (const Table* part : parts_of_bills()) {
                if (table != "bill") break;
                sql += "DELETE FROM " + std::string(part->name) + where(*part, row, number);
            }
            return sql + "DELETE FROM " + table + where(*kind.table, row, number);
        }
        case What::insert: {
            // Two nodes insert rows of different ids.
            std::string sql = insert_text(*kind.table, side == 'A' ? 5 : 6, clinic, digits(number, 12));
            if (kind.column == nullptr) return sql;
            return sql + "UPDATE " + table + " SET " + std::string(kind.column->name) + " = " +
                   quoted(id_of(kind.column->parent, kSubject, number)) +
                   where(*kind.table, side == 'A' ? 5 : 6, number);
        }
        case What::merge: {
            const std::string into = quoted(id_of("owner", side == 'A' ? kNamed : kSubject, number));
            const int from = side == 'A' ? kSubject : kNamed;
            return "UPDATE owner SET merged_into = " + into + ", deleted_at = '2026-02-01T10:00:00.000Z'" +
                   where(*kind.table, from, number);
        }
        case What::join_add: return insert_text(*kind.table, kNew, clinic, digits(number, 12));
    }
    return {};
}

bool is_structural(const Kind& kind) { return kind.what != What::column && kind.what != What::reference; }

std::vector<Case> all_cases() {
    std::vector<Kind> kinds;
    for (const Table& table : sync::tables()) {
        if (!is_covered(table)) continue;
        for (Kind& kind : kinds_of(table)) kinds.push_back(kind);
        // An insert is about the row that it names.
        for (const Column& column : table.columns) {
            if (column.kind == ColumnKind::reference && column.parent != "clinic" && !is_join(table)) {
                kinds.push_back({What::insert, &table, &column, {}});
            }
        }
    }
    std::vector<Case> cases;
    int met = 0;
    for (const Kind& a : kinds) {
        for (const Kind& b : kinds) {
            if (!meets(a, b)) continue;
            for (const Stage stage : kStages) {
                if (++met % kCaseStride != 0) continue;
                Case& next = cases.emplace_back();
                next.number = static_cast<int>(cases.size());
                next.a = a;
                next.b = b;
                next.stage = stage;
            }
        }
    }
    return cases;
}

}  // namespace vetchart::test
