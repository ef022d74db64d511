#include "central/reports/run_report.h"

#include <charconv>
#include <cstdlib>
#include <pqxx/pqxx>
#include <utility>

#include "sync/base/text.h"
#include "sync/base/time.h"

namespace vetchart::central {
namespace {

constexpr int kTimeMaxMin = 1, kTimeMaxMax = 3600;

// Compiling a query costs more than it saves here; a report sorts and hashes more than a node's request.
constexpr const char* kSettings = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = '";
// A login without its rights, or a database that is no central, is said as what it is.
constexpr const char* kReadable = R"(
SELECT to_regnamespace('report') IS NOT NULL, has_schema_privilege(to_regnamespace('report')::oid, 'USAGE'))";
/// (greatest() passes over NULL: without a last day it would give the year 1.)
constexpr const char* kRange = R"(
SELECT coalesce(nullif($1, '')::date,
                CASE WHEN $2 <> '' THEN greatest(date_trunc('month', nullif($2, '')::date) - interval '12 months',
                                                 '0001-01-01')::date END,
                report.default_from()),
       coalesce(nullif($2, '')::date, report.default_to()))";
constexpr const char* kClinic = "SELECT clinic_id FROM report.fact_clinic WHERE clinic_code = $1";
constexpr const char* kFreshness = R"(
SELECT clinic_code, clinic_name, currency, timezone,
       to_char(data_as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), pending_changes,
       to_char(oldest_pending_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), conflicts, quarantined
FROM report.freshness WHERE $1 = '' OR clinic_code = $1 ORDER BY clinic_code COLLATE "C")";

std::optional<std::string> text_or_null(const pqxx::field& field) {
    return field.is_null() ? std::nullopt : std::optional<std::string>(field.c_str());
}

/// The statement of a report: its columns in order, one row more than may be. Only names of the catalogue are in it.
std::string statement_of(const Report& report) {
    std::string sql;
    for (const Column& column : report.columns) {
        sql += sql.empty() ? "SELECT " : ", ";
        if (column.kind == ColumnKind::instant) {
            sql.append("to_char(r.")
                .append(column.name)
                .append(R"( AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))");
        } else if (column.kind == ColumnKind::month) {
            sql.append("to_char(r.").append(column.name).append(", 'YYYY-MM')");
        } else {
            sql.append("r.").append(column.name);
        }
    }
    sql.append(" FROM report.").append(report.source).append(" ORDER BY ").append(report.order);
    sql.append(" LIMIT ").append(std::to_string(kReportRowsMax + 1));
    return sql;
}

Status check_day(const char* what, const std::string& day) {
    if (day.empty() || is_day(day)) return Done{};
    return Error{Errc::invalid_input, std::string(what) + " must be a day such as 2026-03-31", "bad_range"};
}

Status check_range(const ReportResult& result) {
    if (!result.from || *result.from <= *result.to) return Done{};
    return Error{Errc::invalid_input, "from (" + *result.from + ") is after to (" + *result.to + ")", "bad_range"};
}

/// The day of a report as of a day: --as-of, or --to. A range before it is none; its beginning is not looked at.
Status check_as_of(const ReportQuery& query, ReportResult& result) {
    const std::string& day = query.as_of.empty() ? query.to : query.as_of;
    if (!query.to.empty() && query.to != day) {
        return Error{Errc::invalid_input, "as-of (" + day + ") and to (" + query.to + ") are two days: give one",
                     "bad_range"};
    }
    if (!query.from.empty() && !day.empty() && query.from > day) {
        return Error{Errc::invalid_input, "from (" + query.from + ") is after to (" + day + ")", "bad_range"};
    }
    if (!day.empty()) result.as_of = day;
    return Done{};
}

Status check_readable(pqxx::dbtransaction& transaction) {
    const auto readable = transaction.exec(kReadable);
    if (!readable[0][0].as<bool>()) {
        return Error{Errc::internal, "the database has no schema report: run `vetchart-central migrate` on central's",
                     "report_schema_missing"};
    }
    if (readable[0][1].as<bool>()) return Done{};
    return Error{Errc::forbidden,
                 "the login may not read schema report: make it a member of vetchart_report (docs/reports.md)",
                 "report_schema_closed"};
}

void read_freshness(pqxx::dbtransaction& transaction, const std::string& clinic, ReportResult& result) {
    for (const auto& row : transaction.exec_params(kFreshness, clinic)) {
        result.clinics.push_back(ClinicFreshness{row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str(),
                                                 row[4].c_str(), row[5].as<std::int64_t>(), text_or_null(row[6]),
                                                 row[7].as<std::int64_t>(), row[8].as<std::int64_t>()});
    }
}

pqxx::result execute(pqxx::dbtransaction& transaction, const ReportResult& range,
                     const std::optional<std::string>& clinic_id) {
    std::vector<std::optional<std::string>> parameters{clinic_id};
    if (range.report->range == Range::period) parameters.insert(parameters.end(), {range.from, range.to});
    if (range.report->range == Range::as_of) parameters.push_back(range.as_of);
    return transaction.exec_params(statement_of(*range.report), pqxx::prepare::make_dynamic_params(parameters));
}

Status read_rows(pqxx::dbtransaction& transaction, const ReportQuery& query, ReportResult& result) {
    const Report& report = *result.report;
    VC_TRY(check_readable(transaction));
    std::optional<std::string> clinic_id;
    if (!query.clinic.empty()) {
        if (!is_clean_utf8(query.clinic)) {
            return Error{Errc::not_found, "no clinic has a code like that", "clinic_not_found"};
        }
        const auto found = transaction.exec_params(kClinic, query.clinic);
        if (found.empty()) return Error{Errc::not_found, "no clinic has the code " + query.clinic, "clinic_not_found"};
        clinic_id = found[0][0].c_str();
    }
    if (report.range == Range::period) {
        const auto days = transaction.exec_params(kRange, query.from, query.to);
        result.from = days[0][0].c_str();
        result.to = days[0][1].c_str();
        VC_TRY(check_range(result));
    } else if (report.range == Range::as_of) {
        VC_TRY(check_as_of(query, result));
    }
    read_freshness(transaction, query.clinic, result);
    const auto rows = execute(transaction, result, clinic_id);
    if (rows.size() > kReportRowsMax) {
        return Error{
            Errc::busy,
            "the report has more than " + std::to_string(kReportRowsMax) + " rows: name a clinic or a shorter range",
            "report_too_large"};
    }
    result.rows.reserve(rows.size());
    for (const auto& row : rows) {
        auto& cells = result.rows.emplace_back();
        cells.reserve(report.columns.size());
        for (const auto& field : row) cells.push_back(text_or_null(field));
    }
    return Done{};
}

}  // namespace

Result<ReportSource> report_source_from_environment(PoolOptions main, std::size_t connections) {
    ReportSource source{std::move(main)};
    source.pool.size_max = connections;
    source.pool.application_name = "vetchart-reports";
    if (const char* url = std::getenv("VETCHART_REPORT_URL"); url != nullptr && *url != '\0') {
        source.pool.url = url;
        source.is_apart = true;
    }
    const char* given = std::getenv("VETCHART_REPORT_TIMEOUT");
    if (given == nullptr || *given == '\0') return source;
    const std::string_view text(given);
    int seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec != std::errc{} || end != text.data() + text.size() || seconds < kTimeMaxMin || seconds > kTimeMaxMax) {
        return Error{Errc::invalid_input, "VETCHART_REPORT_TIMEOUT: must be whole seconds from 1 to 3600"};
    }
    source.time_max = std::chrono::seconds(seconds);
    return source;
}

Result<ReportResult> run_report(Pool& pool, std::chrono::seconds time_max, const ReportQuery& query) {
    ReportResult result;
    result.report = find_report(query.name);
    if (result.report == nullptr) {
        return Error{Errc::not_found, "there is no report of that name; there are: " + report_names(),
                     "report_not_found"};
    }
    VC_TRY(check_day("from", query.from));
    VC_TRY(check_day("to", query.to));
    VC_TRY(check_day("as-of", query.as_of));
    if (!query.as_of.empty() && result.report->range != Range::as_of) {
        return Error{Errc::invalid_input, "as-of is for the report receivables alone", "bad_range"};
    }
    const std::string settings = kSettings + std::to_string(time_max.count()) + "s'";
    const auto status = pool.read("report", [&](pqxx::dbtransaction& transaction) {
        transaction.exec(settings);
        return read_rows(transaction, query, result);
    });
    if (status) return result;
    if (status.error().context.find("SQLSTATE 57014") != std::string::npos) {
        return Error{
            Errc::busy,
            "the report took longer than " + std::to_string(time_max.count()) + " s: name a clinic or a shorter range",
            "report_timeout"};
    }
    return status.error();
}

Result<int> refresh_time_zones(Pool& pool) {
    int count = 0;
    VC_TRY(pool.transact("time zones", [&](pqxx::work& transaction) -> Status {
        count = transaction.exec("SELECT refresh_report_time_zones()")[0][0].as<int>();
        return Done{};
    }));
    return count;
}

}  // namespace vetchart::central
