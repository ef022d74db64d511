#include <array>
#include <map>

#include "central/reports/format.h"
#include "sync/base/decimal.h"
#include "sync/base/text.h"

namespace vetchart::central {
namespace {

using Line = std::vector<std::string>;

constexpr std::array<const char*, 7> kWeekdays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                               "Friday", "Saturday", "Sunday"};

bool is_left(ColumnKind kind) {
    return kind == ColumnKind::text || kind == ColumnKind::day || kind == ColumnKind::month ||
           kind == ColumnKind::instant || kind == ColumnKind::weekday;
}

std::string cell_of(const Column& column, const std::optional<std::string>& cell) {
    if (!cell) return "-";
    if (column.kind == ColumnKind::money) return format_decimal(std::stoll(*cell), 2);
    if (column.kind == ColumnKind::weekday) return kWeekdays.at(static_cast<std::size_t>(std::stoi(*cell) - 1));
    if (column.kind != ColumnKind::text) return *cell;
    // A control character in a name must not steer the terminal.
    std::string clean;
    for (const char letter : *cell) clean += static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f ? ' ' : letter;
    return clean;
}

/// Pads each cell to its column's width; numbers to the right.
std::string aligned(const std::vector<Line>& lines, const std::vector<bool>& left) {
    std::vector<std::size_t> widths(left.size(), 0);
    for (const Line& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], code_point_count(line[i]));
    }
    std::string text;
    for (const Line& line : lines) {
        std::string out;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string gap(widths[i] - code_point_count(line[i]), ' ');
            out += (i > 0 ? "  " : "") + (left[i] ? line[i] + gap : gap + line[i]);
        }
        text += out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

/// Totals of counts and amounts, per currency where the report has amounts: currencies are never added up.
class Totals {
public:
    explicit Totals(const Report& report) : report_(report) {
        for (std::size_t i = 0; i < report.columns.size(); ++i) {
            if (report.columns[i].name == "currency") currency_ = i;
        }
    }

    void add(const std::vector<std::optional<std::string>>& row) {
        auto& sums = sums_[currency_ ? row[*currency_].value_or("") : ""];
        sums.resize(row.size(), 0);
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (is_summed(i) && row[i]) sums[i] += std::stoll(*row[i]);
        }
    }

    [[nodiscard]] std::vector<Line> lines(const std::vector<std::size_t>& shown) const {
        std::vector<Line> lines;
        for (const auto& [currency, sums] : sums_) {
            Line& line = lines.emplace_back();
            for (const std::size_t i : shown) {
                if (i == 0) {
                    line.emplace_back("total");
                } else if (currency_ && i == *currency_) {
                    line.push_back(currency);
                } else {
                    line.push_back(is_summed(i) ? cell_of(report_.columns[i], std::to_string(sums[i])) : "");
                }
            }
        }
        return lines;
    }

private:
    [[nodiscard]] bool is_summed(std::size_t i) const {
        return report_.columns[i].kind == ColumnKind::count || report_.columns[i].kind == ColumnKind::money;
    }

    const Report& report_;
    std::optional<std::size_t> currency_;
    std::map<std::string, std::vector<std::int64_t>> sums_;
};

std::string heading(const ReportResult& result) {
    std::string text = std::string(result.report->name) + ": " + std::string(result.report->title);
    if (result.from) text += ", " + *result.from + " to " + *result.to;
    if (result.as_of) text += ", as of " + *result.as_of;
    return text + "\n\n";
}

std::string freshness_lines(const ReportResult& result) {
    std::vector<Line> lines{{"clinic", "data as of", "waiting", "oldest waiting", "conflicts", "quarantined"}};
    for (const auto& clinic : result.clinics) {
        lines.push_back({clinic.code, clinic.data_as_of, std::to_string(clinic.pending_changes),
                         clinic.oldest_pending_at.value_or("-"), std::to_string(clinic.conflicts),
                         std::to_string(clinic.quarantined)});
    }
    return aligned(lines, {true, true, false, true, false, false});
}

}  // namespace

std::string to_table(const ReportResult& result) {
    std::vector<std::size_t> shown;
    std::vector<bool> left;
    Line header;
    for (std::size_t i = 0; i < result.report->columns.size(); ++i) {
        const Column& column = result.report->columns[i];
        if (!column.in_table) continue;
        shown.push_back(i);
        left.push_back(is_left(column.kind));
        header.push_back(csv_name(column.name));
    }
    std::vector<Line> lines{header};
    Totals totals(*result.report);
    for (const auto& row : result.rows) {
        Line& line = lines.emplace_back();
        for (const std::size_t i : shown) line.push_back(cell_of(result.report->columns[i], row[i]));
        totals.add(row);
    }
    if (result.report->range != Range::now && result.rows.size() > 1) {
        for (Line& line : totals.lines(shown)) lines.push_back(std::move(line));
    }
    return heading(result) + aligned(lines, left) + (result.rows.empty() ? "(no rows)\n" : "") + "\n" +
           freshness_lines(result);
}

}  // namespace vetchart::central
