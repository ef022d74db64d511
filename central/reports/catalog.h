#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vetchart::central {

/// What a column holds: how it is read, shown and added up.
enum class ColumnKind {
    text,
    count,    ///< Whole number; totals make sense.
    number,   ///< Whole number that is not added up.
    money,    ///< Cents of the row's currency, shown with two decimals.
    percent,  ///< One decimal.
    weekday,  ///< 1 Monday to 7 Sunday.
    day,
    month,    ///< The first day of a month, shown as YYYY-MM.
    instant,  ///< ISO 8601, UTC.
};

struct Column {
    std::string_view name;  ///< In the views of schema `report`.
    ColumnKind kind = ColumnKind::text;
    bool in_table = true;  ///< Narrow enough in meaning to be shown on a terminal.
};

/// What a report can be asked for.
enum class Range {
    period,  ///< From a day to a day.
    as_of,   ///< How it was at the end of a day.
    now,     ///< As it is; days are not looked at.
};

/// One report: a function or view of schema `report` (docs/reports.md) and its columns in order.
struct Report {
    std::string_view name;    ///< As people write it: `sync-lag`.
    std::string_view source;  ///< In SQL, after `report.`, called r; $1 is the clinic's id or NULL, then the days.
    std::string_view title;
    Range range = Range::period;
    std::string_view order;
    std::span<const Column> columns;
};

/// All reports, in the order of docs/reports.md.
[[nodiscard]] std::span<const Report> reports();
/// nullptr: there is none of that name.
[[nodiscard]] const Report* find_report(std::string_view name);
/// `revenue, receivables, ...` for a sentence.
[[nodiscard]] std::string report_names();

/// The name in JSON: camelCase, an amount without its unit (`issued_total_cents` is `issuedTotal`).
[[nodiscard]] std::string json_name(std::string_view column);
/// The name in a CSV header: as in the view, an amount without its unit, since it is shown in whole units.
[[nodiscard]] std::string csv_name(std::string_view column);

}  // namespace vetchart::central
