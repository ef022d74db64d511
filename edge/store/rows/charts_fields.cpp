#include "edge/store/rows/charts_fields.h"

#include <algorithm>
#include <array>
#include <vector>

#include "sync/base/result.h"

namespace vetchart::edge {
namespace {

std::array<std::vector<sync::Column>, kChartTables> all_fields() {
    std::array<std::vector<sync::Column>, kChartTables> all;
    for (std::size_t i = 0; i < kChartTables; ++i) {
        for (const sync::Column& column : sync::table_of(kChartNames[i]).columns) {
            if (column.writer == sync::Writer::person) all[i].push_back(column);
        }
    }
    return all;
}

}  // namespace

const sync::Table& catalogue_of(ChartTable table) { return sync::table_of(table_name(table)); }

ChartTable chart_table(std::string_view name) {
    const auto found = std::find(kChartNames.begin(), kChartNames.end(), name);
    VC_ASSERT(found != kChartNames.end());
    return static_cast<ChartTable>(found - kChartNames.begin());
}

std::span<const sync::Column> fields_of(ChartTable table) {
    static const auto all = all_fields();
    return all[static_cast<std::size_t>(table)];
}

std::string_view table_name(ChartTable table) { return kChartNames[static_cast<std::size_t>(table)]; }

std::string_view table_label(ChartTable table) { return catalogue_of(table).label; }

std::size_t field_index(ChartTable table, std::string_view column) {
    const auto fields = fields_of(table);
    std::size_t index = 0;
    while (index < fields.size() && fields[index].name != column) ++index;
    VC_ASSERT(index < fields.size());
    return index;
}

}  // namespace vetchart::edge
