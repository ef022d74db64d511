#include "central/cli/cli.h"

#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "central/cli/context.h"

namespace vetchart::central {
namespace {

std::string user_of_system() {
    const passwd* entry = getpwuid(geteuid());
    return "os:" + (entry == nullptr ? std::to_string(geteuid()) : std::string(entry->pw_name));
}

int parse_and_run(int argc, char** argv, const Environment& environment) {
    Context context{environment, {}, {}, user_of_system()};
    CLI::App app{"VetChart's central server and its commands", "vetchart-central"};
    app.set_version_flag("--version", std::string("vetchart-central ") + VETCHART_VERSION);
    app.require_subcommand(1);
    app.fallthrough();  // --database-url also after the command
    app.add_option("--database-url", context.database_url,
                   "libpq URI or conninfo; else DATABASE_URL, else the PG* variables");
    add_schema_commands(app, context);
    add_serve_command(app, context);
    add_clinic_commands(app, context);
    add_node_commands(app, context);
    add_staff_commands(app, context);
    add_hq_commands(app, context);
    add_report_commands(app, context);
    add_report_login_commands(app, context);
    add_archive_commands(app, context);
    add_owner_commands(app, context);
    add_item_commands(app, context);
    add_sample_command(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? kExitDone : kExitUsage;
    }
    // A SIGHUP, which main() holds back, asks a daemon to reload; any other command it ends.
    if (!app.got_subcommand("serve")) {
        sigset_t hangup;
        sigemptyset(&hangup);
        sigaddset(&hangup, SIGHUP);
        pthread_sigmask(SIG_UNBLOCK, &hangup, nullptr);
    }
    return context.action();
}

}  // namespace

int run_command(int argc, char** argv, const Environment& environment) {
    try {
        return parse_and_run(argc, argv, environment);
    } catch (const std::exception& e) {
        std::cerr << "vetchart-central: failed: " << typeid(e).name() << '\n';
        return kExitFailed;
    }
}

}  // namespace vetchart::central
