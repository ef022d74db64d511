#include <cctype>
#include <iostream>
#include <string>

#include "sync/catalogue/catalogue.h"

/// Prints the app's types of the synced tables: what members the JSON of a row has, and which columns two versions of a
/// row are compared in.
namespace vetchart::sync {
namespace {

/// medicalRecord -> MedicalRecord
std::string type_name(const Table& table) {
    std::string name(table.json);
    name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
    return name + "Columns";
}

std::string choice_type(const Column& column) {
    std::string type;
    for (const std::string_view choice : choices_of(column)) {
        type += (type.empty() ? "'" : " | '") + std::string(choice) + "'";
    }
    return type;
}

std::string type_of(const Column& column) {
    switch (column.kind) {
        case ColumnKind::integer:
        case ColumnKind::milli:
        case ColumnKind::cents: return "number";
        case ColumnKind::flag: return "boolean";
        case ColumnKind::choice: return choice_type(column);
        case ColumnKind::roles: return "(" + choice_type(column) + ")[]";
        case ColumnKind::any_case:  // Shown with a capital letter.
        case ColumnKind::id:
        case ColumnKind::reference:
        case ColumnKind::name:
        case ColumnKind::text:
        case ColumnKind::email:
        case ColumnKind::secret:
        case ColumnKind::day:
        case ColumnKind::instant:
        case ColumnKind::time: break;
    }
    return "string";
}

/// What every row has stands in the app's Row.
bool is_of_every_row(const Column& column) {
    return column.kind == ColumnKind::id || column.name == "clinic_id" || column.name == "deleted_at" ||
           column.writer == Writer::bookkeeping;
}

void print_type(const Table& table) {
    std::cout << "\nexport interface " << type_name(table) << " {\n";
    for (const Column& column : table.columns) {
        if (column.json.empty() || is_of_every_row(column)) continue;
        const bool may_be_null = column.nullable && !column.null_is_empty;
        std::cout << "    " << column.json << ": " << type_of(column) << (may_be_null ? " | null" : "") << ";\n";
    }
    std::cout << "}\n";
}

/// An id, a place in a list and the node's own stamps tell a person nothing.
bool is_compared(const Column& column) {
    return !column.json.empty() && column.kind != ColumnKind::id && column.kind != ColumnKind::reference &&
           column.writer != Writer::bookkeeping && column.name != "position";
}

void print_fields(const Table& table) {
    std::cout << "    " << table.name << ": {";
    bool is_first = true;
    for (const Column& column : table.columns) {
        std::cout << (is_first ? " " : ", ") << column.name << ": ";
        if (is_compared(column)) {
            std::cout << "'" << column.json << "'";
        } else {
            std::cout << "null";
        }
        is_first = false;
    }
    std::cout << " },\n";
}

void print() {
    std::cout << "/// Printed from sync/catalogue by scripts/print_rows.sh: the members that the JSON of a row has.\n";
    for (const Table& table : tables()) print_type(table);
    std::cout << "\n/// The columns of each table, and the member of each that a person compares.\n"
                 "export const COLUMNS: Record<string, Record<string, string | null>> = {\n";
    for (const Table& table : tables()) print_fields(table);
    std::cout << "};\n";
}

}  // namespace
}  // namespace vetchart::sync

int main() {
    vetchart::sync::print();
    return 0;
}
