#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "edge/store/file/value.h"
#include "sync/catalogue/catalogue.h"

/// What a person may write of each table, as the catalogue has it. The rules themselves are the schema's; with the
/// catalogue's kinds and bounds the API can say which field is wrong, and all of them at once.
namespace vetchart::edge {

/// The tables that have lists and rows of their own in the API, and their names in this order.
enum class ChartTable { owner, patient, medical_record, appointment, bill, service_item, staff, clinic };
inline constexpr std::array kChartNames = std::to_array<std::string_view>(
    {"owner", "patient", "medical_record", "appointment", "bill", "service_item", "staff", "clinic"});
inline constexpr std::size_t kChartTables = kChartNames.size();

using sync::kCentsMax;
using sync::kMilliMax;

[[nodiscard]] const sync::Table& catalogue_of(ChartTable table);
/// Precondition: the name is that of a ChartTable.
[[nodiscard]] ChartTable chart_table(std::string_view name);

/// The columns that a person writes by a form, in the catalogue's order.
[[nodiscard]] std::span<const sync::Column> fields_of(ChartTable table);
[[nodiscard]] std::string_view table_name(ChartTable table);
/// The table's name in sentences: "owner", "medical record".
[[nodiscard]] std::string_view table_label(ChartTable table);
/// Position in fields_of(table). Precondition: the column is one of them.
[[nodiscard]] std::size_t field_index(ChartTable table, std::string_view column);

}  // namespace vetchart::edge
