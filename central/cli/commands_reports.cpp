#include <iostream>
#include <memory>

#include "central/cli/context.h"
#include "central/reports/audited.h"
#include "central/reports/format.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kConnections = 1;

struct ReportArguments {
    ReportQuery query;
    std::string format = "table";
    bool json = false;
};

std::string range_of(const Report& report) {
    switch (report.range) {
        case Range::period: return "--from, --to";
        case Range::as_of: return "--as-of";
        case Range::now: return "";
    }
    return "";
}

int list_command(bool as_json) {
    sync::Json rows = sync::Json::array();
    for (const Report& report : reports()) {
        rows.push_back({{"name", report.name}, {"title", report.title}, {"range", range_of(report)}});
    }
    print_rows(rows, {"name", "title", "range"}, as_json);
    return kExitDone;
}

/// Says which database failed, where there are two.
Error with_place(Error error, const ReportSource& source) {
    const bool about_database =
        error.code == Errc::unavailable || error.code == Errc::internal || error.code == Errc::forbidden;
    if (source.is_apart && about_database) error.context = "VETCHART_REPORT_URL: " + error.context;
    return error;
}

/// Audits a report. Where only the replica or only reading is allowed it says so, and the report comes all the same.
void audit_command(const Context& context, const PoolOptions& primary, const ReportSource& source, Pool& reports,
                   const ReportArguments& given, const ReportResult& result) {
    const std::string format = given.json ? "json" : given.format;
    Status written = Error{Errc::unavailable, "the primary is not named"};
    if (!source.is_apart) {
        written = audit_export(reports, {context.actor, {}, format}, given.query, result);
    } else if (!primary.url.empty()) {
        Pool pool(primary, context.environment.rng);
        written = audit_export(pool, {context.actor, {}, format}, given.query, result);
    }
    if (written) return;
    std::cerr << "vetchart-central: this export is not in the audit: " << written.error().context << '\n';
}

int report_command(const Context& context, const ReportArguments& given) {
    if (given.query.name == "list") return list_command(given.json || given.format == "json");
    if (find_report(given.query.name) == nullptr) {
        return report(kExitUsage, "there is no report " + given.query.name + "; there are: " + report_names());
    }
    auto options = pool_options_from_environment(context.database_url);
    if (!options) return report(kExitConfiguration, options.error().context);
    const auto source = report_source_from_environment(*options, kConnections);
    if (!source) return report(kExitConfiguration, source.error().context);
    Pool pool(source->pool, context.environment.rng);
    const auto result = run_report(pool, source->time_max, given.query);
    if (!result) return report(with_place(result.error(), *source));
    audit_command(context, *options, *source, pool, given, *result);
    if (given.json || given.format == "json") {
        std::cout << to_json(*result) << '\n';
    } else {
        std::cout << (given.format == "csv" ? to_csv(*result) : to_table(*result));
    }
    std::cout.flush();
    return std::cout ? kExitDone : report(kExitFailed, "the report could not be written to standard output");
}

}  // namespace

void add_report_commands(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("report", "HQ's reports: `report list` names them (docs/reports.md)");
    const auto given = std::make_shared<ReportArguments>();
    command->add_option("NAME", given->query.name, "a report's name, or list")->required();
    command->add_option("--from", given->query.from,
                        "first day, YYYY-MM-DD; else twelve months before the month of --to");
    command->add_option("--to", given->query.to, "last day; else the end of this month");
    command->add_option("--as-of", given->query.as_of, "receivables: as of the end of this day (--to is the same)");
    command->add_option("--clinic", given->query.clinic, "code of one clinic");
    command->add_option("--format", given->format, "table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->capture_default_str();
    command->add_flag("--json", given->json, "the same as --format json");
    command->callback(
        [&context, given] { context.action = [&context, given] { return report_command(context, *given); }; });
}

}  // namespace vetchart::central
