#pragma once

#include <array>
#include <string>
#include <string_view>

#include "edge/store/rows/charts_fields.h"

/// Pieces of SQL that several queries of store/rows and store/people share: a row is always `x`. What they say of
/// columns is the catalogue's.
///
/// Parameters mean the same in every query: ?1 clinic ids (JSON array; in lists of one clinic the only id), ?2 object
/// of clinic id to present day, ?3 deleted rows too, ?4 LIMIT (-1: none), ?5 ?6 ?7 keys of the last row given, ?8 the
/// id filtered by or the words of the search index, ?9..?12 LIKE patterns that must all match.
namespace vetchart::edge {

inline constexpr std::string_view kScopeMany = "x.clinic_id IN (SELECT value FROM json_each(?1))";
inline constexpr std::string_view kScopeOne = "x.clinic_id=?1";

/// Puts texts together.
template <class... Parts>
[[nodiscard]] std::string joined(const Parts&... parts) {
    std::string text;
    (text.append(parts), ...);
    return text;
}

/// What `make` gives for each ChartTable, in their order.
template <class Make>
auto for_each_table(const Make& make) {
    std::array<decltype(make(ChartTable{})), kChartTables> made;
    for (std::size_t i = 0; i < kChartTables; ++i) made[i] = make(static_cast<ChartTable>(i));
    return made;
}

/// The row `alias` as pairs for JsonRow (json_row.h): the catalogue's columns, each as people are shown it. A patient's
/// weight needs what from_of() joins.
[[nodiscard]] std::string members_of(std::string_view table, std::string_view alias);
/// A bill's item `alias`, as it stands inside of its bill.
[[nodiscard]] std::string item_members(std::string_view alias);
/// The whole row that a GET answers, as pairs for JsonRow: with what it embeds and its sync state. Of a bill ChartRows
/// (chart_rows.h) adds items and records.
[[nodiscard]] const std::string& row_of(ChartTable table);
/// What row_of() reads: the table as `x` and what it embeds.
[[nodiscard]] const std::string& from_of(ChartTable table);
/// A condition: the row is there, or deleted ones are asked for.
[[nodiscard]] std::string_view live_of(ChartTable table);

/// A stored integer of cents as the exact decimal number of the JSON.
[[nodiscard]] std::string cents_of(std::string_view amount);
/// What `q` looks at in the owner `alias`; the phone also without its blanks and dashes, as people type it.
[[nodiscard]] std::string owner_text(std::string_view alias);
/// " AND ..": the text is folded as the search index is (Connection knows the function). The first pattern always; an
/// unused one is not even compared, since making the text is what costs.
[[nodiscard]] std::string like_condition(std::string_view text);

}  // namespace vetchart::edge
