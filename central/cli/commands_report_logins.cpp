#include <iostream>
#include <memory>

#include "central/cli/context.h"
#include "central/store/report_logins.h"

namespace vetchart::central {
namespace {

using sync::Json;

struct LoginArguments {
    NewReportLogin login;
    int seconds = static_cast<int>(kReportStatementTime.count());
    bool json = false;
};

Json faults_json(const std::vector<LoginFault>& faults) {
    Json list = Json::array();
    for (const auto& fault : faults) list.push_back({{"what", fault.what}, {"statement", fault.statement}});
    return list;
}

int add_command(const Context& context, LoginArguments given) {
    given.login.time = std::chrono::seconds(given.seconds);
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto password, read_password());
        VC_TRY_ASSIGN(const auto faults, add_report_login(pool, context.actor, given.login, password));
        const Json made{{"name", given.login.name},
                        {"connections", given.login.connections},
                        {"seconds", given.seconds},
                        {"open", faults_json(faults)}};
        if (given.json) {
            std::cout << made.dump(2) << '\n';
            return Done{};
        }
        print_made(made, {"name", "connections", "seconds"}, false);
        for (const auto& fault : faults) std::cout << "open: " << fault.what << "\n  " << fault.statement << ";\n";
        return Done{};
    });
}

int list_command(const Context& context, bool as_json) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto logins, list_report_logins(pool));
        Json rows = Json::array();
        for (const auto& login : logins) {
            rows.push_back({{"name", login.name},
                            {"connections", login.connections},
                            {"connectionsMax", login.connections_max},
                            {"settings", login.settings},
                            {"open", faults_json(login.faults)}});
        }
        if (as_json) {
            std::cout << rows.dump(2) << '\n';
            return Done{};
        }
        print_rows(rows, {"name", "connections", "connectionsMax", "settings"}, false);
        for (const auto& login : logins) {
            for (const auto& fault : login.faults) {
                std::cout << "open: " << fault.what << "\n  " << fault.statement << ";\n";
            }
        }
        return Done{};
    });
}

}  // namespace

void add_report_login_commands(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("report-login", "logins that read schema report, for BI tools (docs/reports.md)")
                        ->require_subcommand(1);
    const auto given = std::make_shared<LoginArguments>();
    auto* add = command->add_subcommand("add", "makes one, with its bounds; the password is read from standard input");
    add->add_option("NAME", given->login.name, "a-z, 0-9 and _")->required();
    add->add_option("--connections", given->login.connections, "at a time")
        ->check(CLI::Range(1, kReportConnectionsMax))
        ->capture_default_str();
    add->add_option("--timeout", given->seconds, "seconds a statement may take")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    add->add_flag("--json", given->json, "print JSON");
    add->callback([&context, given] { context.action = [&context, given] { return add_command(context, *given); }; });
    auto* list = command->add_subcommand("list", "all of them, and what bounds they lack");
    list->add_flag("--json", given->json, "print JSON");
    list->callback(
        [&context, given] { context.action = [&context, given] { return list_command(context, given->json); }; });
    auto* remove = command->add_subcommand("remove", "ends its sessions and drops it");
    remove->add_option("NAME", given->login.name, "which")->required();
    remove->callback([&context, given] {
        context.action = [&context, given] {
            return with_pool(context,
                             [&](Pool& pool) { return remove_report_login(pool, context.actor, given->login.name); });
        };
    });
}

}  // namespace vetchart::central
