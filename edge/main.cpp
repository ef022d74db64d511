#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "edge/cli/commands.h"
#include "edge/cli/settings.h"
#include "edge/link/https_line.h"
#include "host/system_rng.h"

namespace vetchart::edge {
namespace {

constexpr const char* kProxyHelp = "HTTP proxy on the way to central, http://[user:password@]host:port, or none";

using Run = std::function<int(const Command&)>;

/// The flags given on the command line that are settings too, by the setting's name.
using Flags = std::map<std::string, std::string>;

UtcMillis system_now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void setting(CLI::App& app, Flags& flags, const std::string& option, const std::string& name, const std::string& help) {
    app.add_option_function<std::string>(
        option, [&flags, name](const std::string& value) { flags[name] = value; }, help);
}

void switch_setting(CLI::App& app, Flags& flags, const std::string& option, const std::string& name,
                    const std::string& help) {
    app.add_flag_callback(
        option, [&flags, name] { flags[name] = "true"; }, help);
}

/// Blocks SIGHUP, which asks a daemon to reload from its first moment on and ends any other command.
sigset_t hangup() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    return set;
}

int start(const Flags& flags, bool json, const Run& run) {
    auto settings = load_settings(flags, process_environment());
    if (!settings) return fail(settings.error());
    spdlog::set_default_logger(spdlog::stderr_logger_mt("vetchart-edge"));
    spdlog::set_level(spdlog::level::from_str(settings->log_level));
    host::SystemRng rng;
    return run(Command{std::move(*settings), json, &system_now, &open_https_line, rng,
                       [flags] { return load_settings(flags, process_environment()); }});
}

/// What the command line filled in, and which command it named.
struct Line {
    Flags flags;
    bool json = false;
    Run run;
    FirstAdmin admin;
    EnrollArguments enroll;
    bool against_central = false;
    bool once = false;
    std::string file;
    std::string email;
};

CLI::App* command(CLI::App& app, Line& line, const char* name, const char* help, const Run& run) {
    CLI::App* sub = app.add_subcommand(name, help);
    setting(*sub, line.flags, "--data", "data", "The node's folder (or VETCHART_DATA)");
    setting(*sub, line.flags, "--log-level", "log_level", "debug, info, warn or error");
    sub->add_flag("--json", line.json, "Print JSON");
    sub->callback([&line, run] { line.run = run; });
    return sub;
}

void add_join_commands(CLI::App& app, Line& line) {
    auto* init =
        command(app, line, "init", "Make a folder for work without central; the password comes on standard input",
                [&line](const Command& c) { return run_init(c, line.admin); });
    init->add_option("--admin-email", line.admin.email, "E-mail of the first administrator")->required();
    init->add_option("--clinic-name", line.admin.clinic_name, "Name of the clinic");
    init->add_option("--clinic-code", line.admin.clinic_code, "Code of the clinic, 2..16 of A-Z0-9");
    init->add_option("--timezone", line.admin.timezone, "Time zone of the clinic, as Europe/Berlin");
    init->add_option("--currency", line.admin.currency, "ISO 4217");

    auto* enroll = command(app, line, "enroll", "Join central with an invitation",
                           [&line](const Command& c) { return run_enroll(c, line.enroll); });
    enroll->add_option("--token", line.enroll.token, "What `vetchart-central node invite` printed")->required();
    enroll->add_option("--into", line.enroll.into, "Code of the clinic that takes the rows made without central");
    setting(*enroll, line.flags, "--central", "central_url", "Central's URL instead of the invitation's");
    setting(*enroll, line.flags, "--ca", "ca", "PEM file of central's CA");
    setting(*enroll, line.flags, "--proxy", "proxy", kProxyHelp);
    setting(*enroll, line.flags, "--name", "node_name", "Name of this node (default: the host's)");

    auto* sync = command(app, line, "sync", "Exchange with central", run_sync);
    sync->add_flag("--once", line.once, "One complete push and pull")->required();
    setting(*sync, line.flags, "--central", "central_url", "Central's URL instead of the enrolled one");
    setting(*sync, line.flags, "--proxy", "proxy", kProxyHelp);
}

void add_serve_command(CLI::App& app, Line& line) {
    auto* serve = command(app, line, "serve", "Run the node", run_serve);
    setting(*serve, line.flags, "--listen", "listen", "HOST:PORT, default 127.0.0.1:8080; port 0: any free one");
    setting(*serve, line.flags, "--tls-cert", "tls_cert", "PEM file of the certificate chain");
    setting(*serve, line.flags, "--tls-key", "tls_key", "PEM file of the key");
    switch_setting(*serve, line.flags, "--lan", "lan", "Allow plain HTTP on a private address");
    switch_setting(*serve, line.flags, "--behind-proxy", "behind_proxy", "A proxy in front does TLS");
    setting(*serve, line.flags, "--central", "central_url", "Central's URL instead of the enrolled one");
    setting(*serve, line.flags, "--proxy", "proxy", kProxyHelp);
    setting(*serve, line.flags, "--origins", "origins", "Other origins whose pages may call the API, with commas");
    setting(*serve, line.flags, "--hosts", "hosts",
            "Names under which this node is asked, beside its own, with commas");
    setting(*serve, line.flags, "--metrics", "metrics", "Who may read /metrics: open, loopback or off");
}

void add_keep_commands(CLI::App& app, Line& line) {
    command(app, line, "status", "What GET /api/sync/status says", run_status);
    auto* check = command(app, line, "check", "Integrity, foreign keys, log and digests",
                          [&line](const Command& c) { return run_check(c, line.against_central); });
    check->add_flag("--against-central", line.against_central, "Compare with central, row by row");
    auto* backup = command(app, line, "backup", "Write a backup, also while the node runs",
                           [&line](const Command& c) { return run_backup(c, line.file); });
    backup->add_option("FILE", line.file, "The file to write")->required();
    auto* restore = command(app, line, "restore", "Go back to a backup; ends in a new incarnation",
                            [&line](const Command& c) { return run_restore(c, line.file); });
    restore->add_option("FILE", line.file, "The backup")->required();

    auto* staff = app.add_subcommand("staff", "Staff of this node");
    staff->require_subcommand(1);
    auto* password = command(*staff, line, "set-password", "A new password, from standard input",
                             [&line](const Command& c) { return run_set_password(c, line.email); });
    password->add_option("--email", line.email, "Whose")->required();
}

int run_command(int argc, char** argv) {
    CLI::App app("VetChart's node: one clinic's charts, with or without internet", "vetchart-edge");
    app.set_version_flag("--version", VETCHART_VERSION);
    app.require_subcommand(1);
    Line line;
    add_join_commands(app, line);
    add_serve_command(app, line);
    add_keep_commands(app, line);
    const sigset_t hangups = hangup();
    pthread_sigmask(SIG_BLOCK, &hangups, nullptr);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // --help and --version end here too, with 0; everything else is wrong usage.
        return app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
    }
    if (!app.got_subcommand("serve")) pthread_sigmask(SIG_UNBLOCK, &hangups, nullptr);
    return start(line.flags, line.json, line.run);
}

}  // namespace
}  // namespace vetchart::edge

int main(int argc, char** argv) { return vetchart::edge::run_command(argc, argv); }
