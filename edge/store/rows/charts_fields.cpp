#include "edge/store/rows/charts_fields.h"

#include <algorithm>
#include <array>
#include <vector>

#include "sync/base/result.h"

namespace vetchart::edge {
namespace {

/// In the order of ChartTable.
constexpr std::array<std::string_view, kChartTables> kNames = {"owner", "patient",      "medical_record", "appointment",
                                                               "bill",  "service_item", "staff",          "clinic"};

std::array<std::vector<sync::Column>, kChartTables> all_fields() {
    std::array<std::vector<sync::Column>, kChartTables> all;
    for (std::size_t i = 0; i < kChartTables; ++i) {
        for (const sync::Column& column : sync::table_of(kNames[i]).columns) {
            if (column.writer == sync::Writer::person) all[i].push_back(column);
        }
    }
    return all;
}

}  // namespace

const sync::Table& catalogue_of(ChartTable table) { return sync::table_of(table_name(table)); }

ChartTable chart_table(std::string_view name) {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    VC_ASSERT(found != kNames.end());
    return static_cast<ChartTable>(found - kNames.begin());
}

std::span<const sync::Column> fields_of(ChartTable table) {
    static const auto all = all_fields();
    return all[static_cast<std::size_t>(table)];
}

std::string_view table_name(ChartTable table) { return kNames[static_cast<std::size_t>(table)]; }

std::string_view table_label(ChartTable table) { return catalogue_of(table).label; }

std::size_t field_index(ChartTable table, std::string_view column) {
    const auto fields = fields_of(table);
    std::size_t index = 0;
    while (index < fields.size() && fields[index].name != column) ++index;
    VC_ASSERT(index < fields.size());
    return index;
}

}  // namespace vetchart::edge
