#include <malloc.h>
#include <sodium.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iostream>

#include "central/api/central_api.h"
#include "central/api/hq_api.h"
#include "central/api/server.h"
#include "central/cli/cli.h"
#include "central/intake/feed_hub.h"
#include "central/intake/push_gate.h"
#include "central/store/audit_trail.h"
#include "central/store/feed_listener.h"
#include "central/store/housekeeping.h"
#include "central/store/hq_users.h"
#include "central/store/report_sweep.h"
#include "host/system_rng.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kPushesWaitingMax = 256;
constexpr std::chrono::seconds kSweepInterval{20};
constexpr std::chrono::minutes kHousekeepingInterval{15};
constexpr std::size_t kReportsAtOnceMax = 4;
constexpr int kArenasMax = 4;
constexpr std::chrono::seconds kReportSweepInterval{5};

UtcMillis now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// Raises the limit of open files to what the system allows: each waiting node is one.
void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

ServerOptions server_options(const ServeCommand& command) {
    ServerOptions options;
    options.host = command.host;
    options.port = command.port;
    options.tls_cert = command.tls_cert;
    options.tls_key = command.tls_key;
    options.plain_beyond_loopback = command.behind_proxy;
    options.worker_count = command.pool.size_max;
    options.connections_max = command.connections_max;
    return options;
}

MetricsFor metrics_readers(const std::string& setting) {
    if (setting == "off") return MetricsFor::nobody;
    return setting == "loopback" ? MetricsFor::this_computer : MetricsFor::everyone;
}

int refuse(const Error& error) {
    std::cerr << "vetchart-central: " << error.context << '\n';
    if (error.code == Errc::invalid_input) return kExitConfiguration;
    return error.code == Errc::unavailable ? kExitUnreachable : kExitFailed;
}

/// Sets the log's level, at the start and at every SIGHUP.
void set_log_level(const std::string& given) {
    const auto level = read_log_level(given);
    if (!level) return spdlog::error("--log-level {}; the old one stays", level.error().context);
    spdlog::set_level(spdlog::level::from_str(*level));
}

int serve(const ServeCommand& command, Rng& rng) {
    raise_file_limit();
    set_log_level(command.log_level);
    Pool pool(command.pool, rng);
    const auto jwt_key = read_jwt_key(pool);
    // At most half of the workers: the others are the sync's.
    const std::size_t at_once = std::clamp<std::size_t>(command.pool.size_max / 2, 1, kReportsAtOnceMax);
    const auto source = report_source_from_environment(command.pool, at_once);
    for (const Error* error : {jwt_key ? nullptr : &jwt_key.error(), source ? nullptr : &source.error()}) {
        if (error != nullptr) return refuse(*error);
    }
    if (const auto zones = refresh_time_zones(pool); !zones) spdlog::warn("{}", zones.error().context);
    Pool reports(source->pool, rng);
    AuditTrail trail(pool);
    HqApi hq({pool, reports, source->time_max, at_once, *jwt_key, now, &trail});
    FeedHub hub;
    PushGate gate(kPushesWaitingMax);
    Metrics metrics;
    const FeedListener listener(
        command.pool, {[&hub] { return hub.clinics(); }, [&hub](const auto& versions) { hub.update(versions); }},
        kSweepInterval);
    const Housekeeping housekeeping(pool, kHousekeepingInterval);
    const ReportSweep report_sweep(pool, source->time_max, kReportSweepInterval,
                                   [&metrics](const ReportSweep::Counts& counts) { metrics.report_sessions(counts); });
    const Server* serving = nullptr;
    CentralApi api({pool, hub, gate, metrics, now,
                    [&] {
                        return Gauges{pool.gauge(),   serving->connection_count(), hub.size(),
                                      gate.waiting(), listener.connected(),        serving->certificate_ends_at()};
                    },
                    &hq, &trail, metrics_readers(command.metrics)});
    Server server(server_options(command),
                  {[&api](const Request& request) { return api.handle(request); }, CentralApi::is_light,
                   [&metrics](const std::string& method, int status, double seconds) {
                       metrics.answered(method, status, seconds);
                   },
                   [&command] {
                       set_log_level(command.log_level);
                       spdlog::info("reloaded");
                   },
                   [&api](const Request& request) { api.keep_cut(request); }});
    serving = &server;
    if (const auto ready = server.listen(); !ready) {
        std::cerr << "vetchart-central: " << ready.error().context << '\n';
        return ready.error().code == Errc::invalid_input ? kExitConfiguration : kExitFailed;
    }
    server.stop_on_signals();
    std::cout << "listening on " << server.url() << std::endl;
    server.run();
    spdlog::info("stopped");
    return kExitDone;
}

}  // namespace
}  // namespace vetchart::central

int main(int argc, char** argv) {
    // Without this each thread's arena keeps the memory of the largest push it ever worked on.
    mallopt(M_ARENA_MAX, vetchart::central::kArenasMax);
    for (const int signal : {SIGPIPE, SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
    // SIGHUP is held back: a daemon takes it when it is ready, and the other commands let it through again.
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &hangup, nullptr);
    spdlog::set_default_logger(spdlog::stderr_logger_mt("central"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    if (sodium_init() < 0) {
        std::cerr << "vetchart-central: no source of random numbers\n";
        return vetchart::kExitFailed;
    }
    vetchart::host::SystemRng rng;
    return vetchart::central::run_command(argc, argv, {vetchart::central::now, vetchart::central::serve, rng});
}
