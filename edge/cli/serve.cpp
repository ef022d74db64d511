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
#include <thread>

#include "edge/api/server.h"
#include "edge/cli/daemon.h"
#include "edge/link/control.h"

namespace vetchart::edge {
namespace {

constexpr std::chrono::seconds kSyncNowTimeout{60};

/// SIGTERM and SIGINT as something to wait for. Made before any thread, which then inherits the blocked signals.
class StopSignals {
public:
    StopSignals() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
        // A limit on the size of files is a full disk like any other: the write fails, the daemon goes on.
        std::signal(SIGXFSZ, SIG_IGN);
        signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
        ended_ = ::eventfd(0, EFD_CLOEXEC);
    }
    ~StopSignals() {
        ::close(signals_);
        ::close(ended_);
    }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    [[nodiscard]] bool ok() const { return signals_ >= 0 && ended_ >= 0; }

    /// From the server's thread: it ended without being asked to.
    void server_ended() const {
        const std::uint64_t one = 1;
        if (::write(ended_, &one, sizeof(one)) < 0) spdlog::error("cannot tell that the server ended");
    }

    /// True: a signal came; false: the server ended.
    [[nodiscard]] bool wait() const {
        std::array<pollfd, 2> watched{pollfd{signals_, POLLIN, 0}, pollfd{ended_, POLLIN, 0}};
        while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
        }
        return watched[0].revents != 0;
    }

private:
    int signals_ = -1;
    int ended_ = -1;
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
    options.status = [&node] { return node.store().status(); };
    options.online = [&service] { return service.online(); };
    options.sync_now = [&service]() -> Status {
        auto done = service.round(kSyncNowTimeout);
        // To the API's caller a node without central is one whose central is not there: 503, not a conflict.
        if (!done && done.error().slug == "not_enrolled") {
            return Error{Errc::unavailable, done.error().context, done.error().slug};
        }
        return done;
    };
    options.back_up = [&node](const std::filesystem::path& file) { return back_up(node.folder(), file); };
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

int serve_until_stopped(const Command& command, OpenNode& node, SyncService& service, const StopSignals& signals) {
    auto setup = needs_setup(node.database());
    if (!setup) return fail(setup.error());
    const std::string setup_code = *setup ? draw_node_code() + "-" + draw_node_code() : std::string();
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
        signals.server_ended();
    });
    announce(command, setup_code, url_of(command.settings.listen, *port, (*server)->tls()));
    const bool asked = signals.wait();
    spdlog::info(asked ? "stopping" : "the server ended by itself");
    // The sync first: whoever waits for a round, in the API or on the socket, is answered at once.
    service.stop();
    (*server)->stop();
    serving.join();
    return asked ? 0 : 1;
}

}  // namespace

int run_serve(const Command& command) {
    const StopSignals signals;
    if (!signals.ok()) return fail(Error{Errc::internal, "cannot wait for signals"});
    if (const auto allowed = check_listen(command.settings); !allowed) return fail(allowed.error());
    auto node = OpenNode::open(command.settings.folder);
    if (!node) return fail(node.error());
    SyncService service(**node, command.settings, command.now, true);
    const int code = serve_until_stopped(command, **node, service, signals);
    service.stop();
    return code;
}

}  // namespace vetchart::edge
