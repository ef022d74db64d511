#include "central/reports/format.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sync/base/decimal.h"
#include "sync/base/json.h"

namespace vetchart::central {
namespace {

using Json = nlohmann::json;
using Cell = std::optional<std::string>;

std::int64_t number_of(const std::string& digits) {
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

bool is_text(ColumnKind kind) {
    switch (kind) {
        case ColumnKind::text:
        case ColumnKind::day:
        case ColumnKind::month:
        case ColumnKind::instant: return true;
        case ColumnKind::count:
        case ColumnKind::number:
        case ColumnKind::money:
        case ColumnKind::percent:
        case ColumnKind::weekday: return false;
    }
    return true;
}

/// A cell as CSV and JSON show it: cents with their two decimals.
std::string shown(const Column& column, const std::string& cell) {
    return column.kind == ColumnKind::money ? format_decimal(number_of(cell), 2) : cell;
}

bool is_plain_number(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const auto dot = text.find('.');
    return digits(text.substr(0, dot)) && (dot == std::string_view::npos || digits(text.substr(dot + 1)));
}

std::string json_text(const std::string& text) {
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_or_null(const Cell& text) { return text ? json_text(*text) : "null"; }

std::string json_of(const ClinicFreshness& clinic) {
    return "{\"code\":" + json_text(clinic.code) + ",\"name\":" + json_text(clinic.name) +
           ",\"currency\":" + json_text(clinic.currency) + ",\"timezone\":" + json_text(clinic.timezone) +
           ",\"dataAsOf\":" + json_text(clinic.data_as_of) +
           ",\"pendingChanges\":" + std::to_string(clinic.pending_changes) +
           ",\"oldestPendingAt\":" + json_or_null(clinic.oldest_pending_at) +
           ",\"conflicts\":" + std::to_string(clinic.conflicts) +
           ",\"quarantined\":" + std::to_string(clinic.quarantined) + "}";
}

const ClinicFreshness* clinic_of(const ReportResult& result, const Cell& code) {
    const auto at =
        std::lower_bound(result.clinics.begin(), result.clinics.end(), code.value_or(""),
                         [](const ClinicFreshness& c, const std::string& sought) { return c.code < sought; });
    return at == result.clinics.end() || at->code != code ? nullptr : &*at;
}

/// The freshness columns of a CSV, but those the report has itself.
constexpr std::array<std::string_view, 5> kFreshness{"data_as_of", "pending_changes", "oldest_pending_at", "conflicts",
                                                     "quarantined"};

bool has_column(const Report& report, std::string_view name) {
    return std::any_of(report.columns.begin(), report.columns.end(), [&](const Column& c) { return c.name == name; });
}

std::string freshness_cell(const ClinicFreshness& clinic, std::string_view name) {
    if (name == "data_as_of") return clinic.data_as_of;
    if (name == "pending_changes") return std::to_string(clinic.pending_changes);
    if (name == "oldest_pending_at") return clinic.oldest_pending_at.value_or("");
    return std::to_string(name == "conflicts" ? clinic.conflicts : clinic.quarantined);
}

std::string csv_row(const ReportResult& result, const std::vector<Cell>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const Column& column = result.report->columns[i];
        if (i > 0) line += ',';
        if (row[i]) line += is_text(column.kind) ? csv_cell(*row[i]) : shown(column, *row[i]);
    }
    const ClinicFreshness* clinic = clinic_of(result, row.front());
    for (const auto name : kFreshness) {
        if (has_column(*result.report, name)) continue;
        line += ',';
        if (clinic != nullptr) line += freshness_cell(*clinic, name);
    }
    return line + "\r\n";
}

}  // namespace

std::string csv_cell(std::string_view text) {
    constexpr std::string_view kFormula = "=+-@\t\r\n";
    std::string cell(text);
    const bool risky = !cell.empty() && kFormula.find(cell.front()) != std::string_view::npos;
    if (risky && !is_plain_number(cell)) cell.insert(cell.begin(), '\'');
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char letter : cell) {
        if (letter == '"') quoted += '"';
        quoted += letter;
    }
    return quoted + '"';
}

std::string to_csv(const ReportResult& result) {
    std::string text;
    for (const Column& column : result.report->columns)
        text.append(text.empty() ? "" : ",").append(csv_name(column.name));
    for (const auto name : kFreshness) {
        if (!has_column(*result.report, name)) text.append(",").append(name);
    }
    text += "\r\n";
    for (const auto& row : result.rows) text += csv_row(result, row);
    return text;
}

std::string to_json(const ReportResult& result) {
    const auto columns = result.report->columns;
    std::vector<std::string> keys;
    for (const Column& column : columns) keys.push_back(json_text(json_name(column.name)) + ":");
    std::string text = "{\"report\":" + json_text(std::string(result.report->name)) +
                       ",\"title\":" + json_text(std::string(result.report->title)) +
                       ",\"from\":" + json_or_null(result.from) + ",\"to\":" + json_or_null(result.to) +
                       ",\"asOf\":" + json_or_null(result.as_of) + ",\"clinics\":[";
    for (const auto& clinic : result.clinics) text += (text.ends_with('[') ? "" : ",") + json_of(clinic);
    text += "],\"rows\":[";
    for (const auto& row : result.rows) {
        text += text.ends_with('[') ? "{" : ",{";
        for (std::size_t i = 0; i < row.size(); ++i) {
            text.append(i > 0 ? "," : "").append(keys[i]);
            if (!row[i]) {
                text += "null";
            } else {
                text += is_text(columns[i].kind) ? json_text(*row[i]) : shown(columns[i], *row[i]);
            }
        }
        text += '}';
    }
    return text + "]}";
}

std::string file_name(const ReportResult& result, std::string_view extension) {
    std::string name(result.report->name);
    for (const auto& day : {result.from, result.to, result.as_of}) {
        if (day) name += "_" + *day;
    }
    return name.append(".").append(extension);
}

}  // namespace vetchart::central
