#pragma once

#include <string>
#include <string_view>

#include "central/reports/run_report.h"

namespace vetchart::central {

/// RFC 4180, UTF-8, header, CRLF. Money with two decimals, days and instants ISO. Each row ends with its clinic's
/// freshness. A text that a spreadsheet would take for a formula gets a leading apostrophe.
[[nodiscard]] std::string to_csv(const ReportResult& result);

/// {report, title, from, to, asOf, clinics: [freshness], rows: [...]}; amounts are exact decimal numbers.
[[nodiscard]] std::string to_json(const ReportResult& result);

/// For a terminal: aligned columns, totals per currency, the clinics' freshness below.
[[nodiscard]] std::string to_table(const ReportResult& result);

/// One cell of a CSV, quoted where needed. A text that starts with = + - @, tab, CR or LF and is no plain number
/// gets a leading apostrophe.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// `revenue_2026-01-01_2026-03-31.csv`: letters, digits, dots, dashes and underscores alone.
[[nodiscard]] std::string file_name(const ReportResult& result, std::string_view extension);

}  // namespace vetchart::central
