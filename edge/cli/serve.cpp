#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "edge/api/clinic_day.h"
#include "edge/api/errors.h"
#include "edge/api/server.h"
#include "edge/cli/daemon.h"
#include "edge/link/control.h"
#include "edge/store/file/backup.h"
#include "edge/store/file/derived_keeper.h"
#include "sync/base/error_codes.h"

namespace vetchart::edge {
namespace {

constexpr std::chrono::seconds kSyncNowTimeout{60};
constexpr std::chrono::milliseconds kLookEvery{1000};
constexpr std::chrono::seconds kTellTime{10};

/// What the daemon's main thread waits for. Made before any thread, which then inherits the blocked signals.
class Wakes {
public:
    enum class Wake { stop, reload, server_ended, nothing };

    Wakes() {
        sigset_t set;
        sigemptyset(&set);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        // A limit on the size of files is a full disk like any other: the write fails, the daemon goes on.
        for (const int signal : {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
        signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        ended_ = ::eventfd(0, EFD_CLOEXEC);
    }
    ~Wakes() {
        ::close(signals_);
        ::close(ended_);
    }
    Wakes(const Wakes&) = delete;
    Wakes& operator=(const Wakes&) = delete;

    [[nodiscard]] bool ok() const { return signals_ >= 0 && ended_ >= 0; }

    /// Called from the server's thread when it ended without being asked to.
    void server_ended() const {
        const std::uint64_t signal = 1;
        if (::write(ended_, &signal, sizeof(signal)) < 0) spdlog::error("cannot tell that the server ended");
    }

    [[nodiscard]] Wake wait(std::chrono::milliseconds most) const {
        std::array<pollfd, 2> watched{pollfd{signals_, POLLIN, 0}, pollfd{ended_, POLLIN, 0}};
        while (::poll(watched.data(), watched.size(), static_cast<int>(most.count())) < 0 && errno == EINTR) {
        }
        signalfd_siginfo info{};
        if (watched[0].revents != 0 && ::read(signals_, &info, sizeof(info)) == sizeof(info)) {
            return info.ssi_signo == SIGHUP ? Wake::reload : Wake::stop;
        }
        return watched[1].revents != 0 ? Wake::server_ended : Wake::nothing;
    }

private:
    int signals_ = -1;
    int ended_ = -1;
};

/// Notices that the database was taken from under the node also while nobody writes. All that was committed is copied
/// into the folder, people can read for a moment what happened, then the daemon ends: only opening the folder anew
/// tells which database is the right one.
class FileWatch {
public:
    FileWatch(OpenNode& node, Now now) : node_(node), now_(std::move(now)) {}

    [[nodiscard]] bool is_over() {
        const auto here = node_.database().check_files();
        const auto damage = node_.database().damage();
        if (!damage) {
            if (!here) spdlog::error("{}", here.error().context);
            return false;
        }
        if (!ends_at_) begin_end(*damage);
        return std::chrono::steady_clock::now() >= *ends_at_;
    }

private:
    void begin_end(const Error& damage) {
        ends_at_ = std::chrono::steady_clock::now() + kTellTime;
        spdlog::critical("{}; the node ends in {} s", damage.context, kTellTime.count());
        const auto copy = node_.folder().root / (std::string(kRescuePrefix) + compact(format_utc(now_())) + ".db");
        auto kept = node_.database().rescue(copy);
        if (kept) kept = verify_database_file(copy);
        if (kept) {
            spdlog::critical("what was saved is kept in {}: give that to restore", copy.string());
            return;
        }
        std::error_code ignored;
        std::filesystem::remove(copy, ignored);
        spdlog::critical("no copy could be made: {}", kept.error().context);
    }

    static std::string compact(const std::string& stamp) {
        std::string digits;
        for (const char c : stamp) {
            if ((c >= '0' && c <= '9') || c == 'T') digits += c;
        }
        return digits;
    }

    OpenNode& node_;
    Now now_;
    std::optional<std::chrono::steady_clock::time_point> ends_at_;
};

ApiOptions api_options(const Command& command, OpenNode& node, SyncService& service, const std::string& setup_code) {
    ApiOptions options;
    options.key_file = node.folder().secret_key();
    options.tls_cert = command.settings.tls_cert;
    options.tls_key = command.settings.tls_key;
    options.setup_code = setup_code;
    options.origins = command.settings.origins;
    options.hosts = command.settings.hosts;
    const std::string& metrics = command.settings.metrics;
    options.metrics_for = metrics == "off"        ? MetricsFor::nobody
                          : metrics == "loopback" ? MetricsFor::this_computer
                                                  : MetricsFor::everyone;
    options.behind_proxy = command.settings.behind_proxy;
    options.now = command.now;
    options.status = [&service] { return service.status(); };
    options.online = [&service] { return service.online(); };
    options.sync_now = [&service]() -> Status {
        auto done = service.round(kSyncNowTimeout);
        // The API answers a node without central as one whose central is away: 503, not a conflict.
        if (!done && is_own_trouble(done.error())) {
            return Error{Errc::unavailable, done.error().context, done.error().slug};
        }
        return done;
    };
    options.back_up = [&node](const std::filesystem::path& file) -> Status {
        VC_TRY(node.database().check_files());
        return back_up(node.folder(), file);
    };
    options.enroll =
        [&service](const EnrollRequest& request) -> Result<std::vector<std::pair<std::string, std::string>>> {
        EnrollOrder order;
        order.token = request.token;
        order.node_name = request.name;
        order.into = request.into;
        VC_TRY_ASSIGN(const Enrolled enrolled, service.enroll(order));
        std::vector<std::pair<std::string, std::string>> clinics;
        clinics.reserve(enrolled.clinics.size());
        for (const auto& clinic : enrolled.clinics) clinics.emplace_back(clinic.code, clinic.name);
        return clinics;
    };
    return options;
}

std::string url_of(const HostPort& listen, int port, bool tls) {
    return origin_of(CentralUrl{tls, listen.host, port, {}});
}

void announce(const Command& command, const std::string& setup_code, const std::string& url) {
    if (command.settings.lan && command.settings.tls_cert.empty() && !is_loopback_host(command.settings.listen.host)) {
        spdlog::warn("plain HTTP on the local network: everyone on it can read what passes; --tls-cert is better");
    }
    if (!setup_code.empty()) std::cout << "set-up code: " << setup_code << "\n";
    std::cout << "listening on " << url << std::endl;
}

/// Reloads at SIGHUP. A setting that cannot be read anew stays as it was.
void reload(const Command& command, ApiServer& server, SyncService& service) {
    server.refresh_certificate(true);
    const auto settings = command.reread();
    if (settings) {
        spdlog::set_level(spdlog::level::from_str(settings->log_level));
        spdlog::info("reloaded; log level {}", settings->log_level);
    } else {
        spdlog::error("reload: {}; the old settings stay", settings.error().context);
    }
    // What kept the node from central may have been mended.
    if (const auto started = service.start(); !started) spdlog::error("reload: {}", started.error().context);
}

/// Runs until a signal or damage; returns the exit code.
int wait_for_end(const Command& command, OpenNode& node, ApiServer& server, SyncService& service, const Wakes& wakes) {
    FileWatch files(node, command.now);
    while (true) {
        switch (wakes.wait(kLookEvery)) {
            case Wakes::Wake::stop: spdlog::info("stopping"); return 0;
            case Wakes::Wake::server_ended: spdlog::error("the server ended by itself"); return 1;
            case Wakes::Wake::reload: reload(command, server, service); break;
            case Wakes::Wake::nothing: server.refresh_certificate(false); break;
        }
        if (files.is_over()) return exit_code_of(*node.database().damage());
    }
}

int serve_until_stopped(const Command& command, OpenNode& node, SyncService& service, const Wakes& wakes) {
    auto setup = needs_setup(node.database());
    if (!setup) return fail(setup.error());
    const std::string setup_code =
        *setup ? draw_node_code(command.rng) + "-" + draw_node_code(command.rng) : std::string();
    auto server = ApiServer::create(node.database(), api_options(command, node, service, setup_code));
    if (!server && server.error().slug == "tls_files") {
        return fail(Error{Errc::invalid_input,
                          "tls_cert " + command.settings.tls_cert.string() + ", tls_key " +
                              command.settings.tls_key.string() + ": " + server.error().context,
                          "config"});
    }
    if (!server) return fail(server.error());
    const auto port = (*server)->bind(command.settings.listen.host, command.settings.listen.port);
    if (!port) {
        fail(Error{Errc::internal, command.settings.listen_origin + ": " + port.error().context, "listen"});
        return 1;
    }
    auto control = ControlServer::start(
        node.folder(), [&](const sync::Json& request) { return answer_control(node, service, request); });
    if (!control) return fail(control.error());
    if (const auto started = service.start(); !started) return fail(started.error());
    std::thread serving([&] {
        (*server)->serve();
        wakes.server_ended();
    });
    announce(command, setup_code, url_of(command.settings.listen, *port, (*server)->tls()));
    const int code = wait_for_end(command, node, **server, service, wakes);
    // The sync ends first, so that whoever waits for a round, in the API or on the socket, is answered at once.
    service.stop();
    (*server)->stop();
    serving.join();
    return code;
}

}  // namespace

int run_serve(const Command& command) {
    if (!has_zone_data()) {
        return fail(Error{Errc::invalid_input,
                          "no time zone data: install the package tzdata, or name its folder in TZDIR", "config"});
    }
    const Wakes wakes;
    if (!wakes.ok()) return fail(Error{Errc::internal, "cannot wait for signals"});
    if (const auto allowed = check_listen(command.settings); !allowed) return fail(allowed.error());
    auto node = OpenNode::open(command.settings.folder, command.rng);
    if (!node) return fail(node.error());
    const auto settings = command.settings.folder.settings();
    std::error_code missing;
    if (std::filesystem::file_size(settings, missing) == 0 && !missing) {
        spdlog::warn("{} is empty: the defaults are used", settings.string());
    }
    SyncService service(**node, command, true);
    const DerivedKeeper keeper((*node)->database());
    const int code = serve_until_stopped(command, **node, service, wakes);
    service.stop();
    return code;
}

}  // namespace vetchart::edge
