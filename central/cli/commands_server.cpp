#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>

#include "central/cli/context.h"
#include "central/store/migrate.h"
#include "sync/base/central_url.h"

namespace vetchart::central {
namespace {

using sync::Json;

struct MigrateArguments {
    MigrateOptions options;
    std::string report;
    bool status = false, json = false;
};

struct ServeArguments {
    ServeCommand command;
    std::string listen, tls_cert, tls_key;
    bool plain = false;
};

Json json_of(const std::vector<OpenDoor>& doors) {
    Json list = Json::array();
    for (const auto& door : doors) list.push_back({{"what", door.what}, {"statement", door.statement}});
    return list;
}

/// What an administrator of the server has to do by hand, since this login may not.
void print_open(const std::vector<OpenDoor>& doors) {
    for (const auto& door : doors) std::cout << "open: " << door.what << "\n  " << door.statement << ";\n";
}

int print_status(const MigrationStatus& status, bool as_json) {
    Json applied = Json::array();
    for (const auto& file : status.applied) {
        applied.push_back({{"number", file.number}, {"name", file.name}, {"appliedAt", file.applied_at}});
    }
    if (as_json) {
        std::cout << Json{{"current", status.current}, {"latest", status.latest},   {"legacy", status.is_legacy},
                          {"applied", applied},        {"pending", status.pending}, {"open", json_of(status.open)}}
                         .dump(2)
                  << '\n';
        return kExitDone;
    }
    std::cout << "schema " << status.current << " of " << status.latest
              << (status.is_legacy ? ", a legacy database not migrated yet" : "") << '\n';
    for (const auto& name : status.pending) std::cout << "pending  " << name << '\n';
    print_open(status.open);
    return kExitDone;
}

/// The commands that make those who cannot log in yet able to.
std::vector<std::string> first_logins(const LoginCount& logins) {
    std::vector<std::string> commands;
    if (!logins.clinic.empty() && logins.admins == 0) {
        commands.push_back("vetchart-central staff add --clinic " + logins.clinic +
                           " --email E --first F --last L --role admin");
    }
    if (logins.hq_admins == 0) commands.emplace_back("vetchart-central hq-user add --email E --role admin");
    return commands;
}

/// One line: who can log in, and how to make the first administrators.
std::string login_line(const LoginCount& logins) {
    std::string line = "log in: ";
    if (!logins.clinic.empty()) {
        line += std::to_string(logins.with_login) + " of " + std::to_string(logins.staff) + " staff of clinic " +
                logins.clinic + " (" + std::to_string(logins.admins) + " as administrator), ";
    }
    line +=
        std::to_string(logins.hq_admins) + (logins.hq_admins == 1 ? " administrator" : " administrators") + " at HQ";
    std::string how;
    for (const auto& command : first_logins(logins)) how += (how.empty() ? "; make the first: " : "; ") + command;
    return line + how;
}

Json logins_json(const LoginCount& logins) {
    return {{"clinic", logins.clinic}, {"staff", logins.staff},        {"withLogin", logins.with_login},
            {"admins", logins.admins}, {"hqAdmins", logins.hq_admins}, {"next", first_logins(logins)}};
}

int print_result(const MigrateResult& result, bool dry_run, bool as_json) {
    Json repairs = Json::array(), arrived = Json::array();
    for (const auto& repair : result.repairs) {
        repairs.push_back(
            {{"table", repair.table}, {"column", repair.column}, {"outcome", repair.outcome}, {"count", repair.count}});
    }
    for (const auto& table : result.arrived) arrived.push_back({{"table", table.table}, {"count", table.count}});
    if (as_json) {
        std::cout
            << Json{{"from", result.from},         {"to", result.to},         {"applied", result.applied},
                    {"replaced", result.replaced}, {"issues", result.issues}, {"repairs", repairs},
                    {"arrived", arrived},          {"dryRun", dry_run},       {"logins", logins_json(result.logins)},
                    {"open", json_of(result.open)}}
                   .dump(2)
            << '\n';
        return kExitDone;
    }
    const std::string rules = std::to_string(result.replaced) + " files of rules replaced";
    const char* const undone = dry_run ? ", rolled back (dry run)" : "";
    if (result.applied == 0) {
        std::cout << "schema " << result.to << ": " << (result.replaced == 0 ? "nothing to do" : rules + undone)
                  << '\n';
        print_open(result.open);
        return kExitDone;
    }
    std::cout << "schema " << result.from << " -> " << result.to << ", " << result.applied << " files, " << rules
              << undone << '\n';
    if (!arrived.empty()) print_rows(arrived, {"table", "count"}, false);
    std::cout << result.issues << (result.issues == 1 ? " repair\n" : " repairs\n");
    if (!repairs.empty()) print_rows(repairs, {"table", "column", "outcome", "count"}, false);
    print_open(result.open);
    if (result.from == 0) std::cout << login_line(result.logins) << '\n';
    return kExitDone;
}

int run_migrate(const Context& context, MigrateArguments given) {
    const auto pool = pool_options_from_environment(context.database_url);
    if (!pool) return report(kExitConfiguration, pool.error().context);
    if (given.status) {
        const auto status = migration_status(pool->url);
        return status ? print_status(*status, given.json) : report(status.error());
    }
    given.options.url = pool->url;
    given.options.actor = context.actor;
    if (!given.report.empty()) given.options.report = given.report;
    const auto result = migrate(given.options);
    return result ? print_result(*result, given.options.dry_run, given.json) : report(result.error());
}

int run_serve(const Context& context, ServeArguments given) {
    const auto listen = parse_host_port(given.listen);
    if (!listen) return report(kExitUsage, "--listen: " + listen.error().context);
    given.command.host = listen->host;
    given.command.port = static_cast<std::uint16_t>(listen->port);
    if (given.plain != given.tls_cert.empty() || given.tls_cert.empty() != given.tls_key.empty()) {
        return report(kExitUsage, "give --tls-cert and --tls-key, or --plain-http");
    }
    if (!given.plain) {
        given.command.tls_cert = given.tls_cert;
        given.command.tls_key = given.tls_key;
    }
    if (const auto level = read_log_level(given.command.log_level); !level) {
        return report(kExitUsage, "--log-level: " + level.error().context);
    }
    auto pool = pool_options_from_environment(context.database_url);
    if (!pool) return report(kExitConfiguration, pool.error().context);
    given.command.pool = std::move(*pool);
    if (const auto known = require_current_schema(given.command.pool.url); !known) return report(known.error());
    return context.environment.serve(given.command, context.environment.rng);
}

}  // namespace

Result<std::string> read_log_level(const std::string& given) {
    std::string level = given;
    if (given.starts_with('@')) {
        level.clear();
        std::getline(std::ifstream(given.substr(1)) >> std::ws, level);
        level.erase(std::min(level.find_last_not_of(" \t\r") + 1, level.size()));
    }
    for (const char* known : {"debug", "info", "warn", "error"}) {
        if (level == known) return level;
    }
    return Error{Errc::invalid_input, given + ": debug, info, warn or error is expected"};
}

void add_schema_commands(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("migrate", "brings an empty or a legacy database to this program's schema");
    const auto given = std::make_shared<MigrateArguments>();
    command->add_flag("--status", given->status, "only say where the database stands");
    command->add_flag("--dry-run", given->options.dry_run, "do everything, report, then roll back");
    command->add_option("--report", given->report, "CSV of every repair of a legacy value");
    command->add_option("--legacy-clinic", given->options.legacy_clinic, "code of the clinic that takes legacy rows")
        ->capture_default_str();
    command->add_option("--currency", given->options.currency, "of that clinic, ISO 4217")->capture_default_str();
    command
        ->add_option("--timezone", given->options.timezone,
                     "of that clinic, IANA name: on which day a legacy instant lies")
        ->capture_default_str();
    command
        ->add_option("--lock-timeout", given->options.lock_timeout_s,
                     "seconds to wait for whoever still uses the legacy tables")
        ->check(CLI::Range(1, 86400))
        ->capture_default_str();
    command->add_flag("--json", given->json, "print JSON");
    command->callback(
        [&context, given] { context.action = [&context, given] { return run_migrate(context, *given); }; });
}

void add_serve_command(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("serve", "serves nodes until SIGTERM, which finishes what is in flight");
    const auto given = std::make_shared<ServeArguments>();
    command->add_option("--listen", given->listen, "HOST:PORT; port 0 takes a free one")->required();
    command->add_option("--tls-cert", given->tls_cert, "PEM, the whole chain");
    command->add_option("--tls-key", given->tls_key, "PEM");
    command->add_flag("--plain-http", given->plain, "without TLS: on loopback only");
    command->add_flag("--behind-proxy", given->command.behind_proxy, "--plain-http elsewhere: a proxy does TLS");
    command->add_option("--metrics", given->command.metrics, "who may read /metrics: open, loopback or off")
        ->check(CLI::IsMember({"open", "loopback", "off"}))
        ->capture_default_str();
    command->add_option("--max-connections", given->command.connections_max, "open at once")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    command
        ->add_option("--log-level", given->command.log_level,
                     "debug, info, warn or error; @FILE: what FILE says, read again at SIGHUP")
        ->default_val("info");
    command->callback([&context, given] { context.action = [&context, given] { return run_serve(context, *given); }; });
}

}  // namespace vetchart::central
