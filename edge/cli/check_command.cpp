#include <iostream>

#include "edge/cli/commands.h"
#include "edge/link/compare.h"
#include "edge/link/enroll.h"

namespace vetchart::edge {
namespace {

Status compare(const Command& command, Database& database, CheckReport& report) {
    SyncStore store(database);
    VC_TRY_ASSIGN(auto options,
                  client_options(command.settings.folder, store, command.settings.central_url, command.settings.proxy));
    const auto line = command.open_line(options.line);
    CentralClient client(*line, options);
    return compare_with_central(database, store, client, report);
}

void print_report(const Command& command, const CheckReport& report, bool against_central) {
    if (command.json) {
        sync::Json json{{"damage", report.damage},
                        {"differences", report.differences},
                        {"changes", report.changes},
                        {"transactions", report.transactions}};
        if (against_central) {
            json["rowsCompared"] = report.rows_compared;
            json["rowsNewerAtCentral"] = report.rows_newer;
        }
        std::cout << json.dump(-1, ' ', false, sync::Json::error_handler_t::replace) << "\n";
        return;
    }
    for (const auto& sentence : report.damage) std::cout << "damaged: " << sentence << "\n";
    for (const auto& sentence : report.differences) std::cout << "differs: " << sentence << "\n";
    std::cout << "checked " << report.changes << " changes in the log and the digests of " << report.transactions
              << " transactions\n";
    if (against_central) {
        std::cout << "compared " << report.rows_compared << " rows with central (" << report.rows_newer
                  << " newer there, not pulled yet)\n";
        if (!report.differences.empty()) {
            std::cout << "rows that differ from central are named only; this version does not repair them\n";
        }
    }
}

}  // namespace

int run_check(const Command& command, bool against_central) {
    if (const auto there = require_node(command.settings.folder); !there) return fail(there.error());
    const auto database = Database::open_read_only(command.settings.folder.database());
    if (!database) return fail(database.error());
    auto report = check_database(**database);
    if (!report) return fail(report.error());
    Status compared = Done{};
    if (against_central && report->damage.empty()) compared = compare(command, **database, *report);
    print_report(command, *report, against_central && compared.ok());
    if (!report->damage.empty()) return 4;
    if (!compared) return fail(compared.error());
    return report->differences.empty() ? 0 : 1;
}

}  // namespace vetchart::edge
