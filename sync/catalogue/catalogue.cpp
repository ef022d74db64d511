#include "sync/catalogue/catalogue.h"

#include <algorithm>

#include "sync/base/result.h"

namespace vetchart::sync {

std::optional<std::size_t> table_index(std::string_view name) {
    const auto all = tables();
    const auto found = std::find_if(all.begin(), all.end(), [name](const Table& table) { return table.name == name; });
    if (found == all.end()) return std::nullopt;
    return static_cast<std::size_t>(found - all.begin());
}

const Table* find_table(std::string_view name) {
    const auto index = table_index(name);
    return index ? &tables()[*index] : nullptr;
}

const Table& table_of(std::string_view name) {
    const Table* table = find_table(name);
    VC_ASSERT(table != nullptr);
    return *table;
}

const Column* Table::find(std::string_view column) const {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [column](const Column& known) { return known.name == column; });
    return found == columns.end() ? nullptr : &*found;
}

const Column* find_column(std::string_view table, std::string_view column) {
    const Table* found = find_table(table);
    return found == nullptr ? nullptr : found->find(column);
}

std::vector<std::string_view> choices_of(const Column& column) {
    std::vector<std::string_view> list;
    for (std::string_view rest = column.choices; !rest.empty();) {
        const std::size_t end = std::min(rest.find('|'), rest.size());
        list.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return list;
}

Writer writer_of(std::string_view table, std::string_view column) {
    const Column* found = find_column(table, column);
    return found == nullptr ? Writer::person : found->writer;
}

}  // namespace vetchart::sync
