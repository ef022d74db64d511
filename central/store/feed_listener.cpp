#include "central/store/feed_listener.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <pqxx/pqxx>
#include <set>

#include "sync/model/change.h"

namespace vetchart::central {
namespace {

constexpr std::chrono::milliseconds kPauseMin{250};
constexpr std::chrono::milliseconds kPauseMax{10000};

constexpr const char* kChannel = "vetchart_feed";
constexpr const char* kVersions = R"(
SELECT c.clinic_id, c.version FROM public.sync_counter c
JOIN jsonb_array_elements_text($1::jsonb) asked(id) ON c.clinic_id = asked.id::uuid)";

class CommitReceiver : public pqxx::notification_receiver {
public:
    explicit CommitReceiver(pqxx::connection_base& connection) : pqxx::notification_receiver(connection, kChannel) {}
    void operator()(const std::string& payload, int) override {
        if (payload.size() == kUuidSize && named_.size() < kNamedMax) named_.insert(payload);
    }

    /// Returns those of `clinics` that were named since the last call.
    std::vector<std::string> take(const std::vector<std::string>& clinics) {
        std::vector<std::string> known;
        for (const std::string& clinic : clinics) {
            if (named_.contains(clinic)) known.push_back(clinic);
        }
        named_.clear();
        return known;
    }
    [[nodiscard]] bool has_some() const { return !named_.empty(); }

private:
    static constexpr std::size_t kUuidSize = 36;
    static constexpr std::size_t kNamedMax = 100000;  ///< More than there are clinics.
    std::set<std::string> named_;
};

std::map<std::string, std::int64_t> read_versions(pqxx::connection& connection,
                                                  const std::vector<std::string>& clinics) {
    std::map<std::string, std::int64_t> versions;
    pqxx::nontransaction transaction(connection);
    // The sweep runs also when nobody waits: it finds a dead connection before somebody does.
    for (const auto& row : transaction.exec_params(kVersions, sync::Json(clinics).dump())) {
        versions.emplace(row[0].c_str(), row[1].as<std::int64_t>());
    }
    return versions;
}

}  // namespace

FeedListener::FeedListener(PoolOptions options, Callbacks callbacks, std::chrono::milliseconds sweep_interval)
    : options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      sweep_interval_(sweep_interval),
      pause_(kPauseMin),
      stop_fd_(eventfd(0, EFD_CLOEXEC)) {
    VC_ASSERT(stop_fd_ >= 0);
    thread_ = std::thread([this] { run(); });
}

FeedListener::~FeedListener() {
    const std::uint64_t signal = 1;
    VC_ASSERT(write(stop_fd_, &signal, sizeof signal) == sizeof signal);
    thread_.join();
    close(stop_fd_);
}

bool FeedListener::wait(int fd, std::chrono::milliseconds timeout) {
    std::array<pollfd, 2> fds{pollfd{stop_fd_, POLLIN, 0}, pollfd{fd, POLLIN, 0}};
    (void)poll(fds.data(), fd < 0 ? 1 : 2, static_cast<int>(timeout.count()));
    return (fds[0].revents & POLLIN) == 0;
}

void FeedListener::run() {
    while (wait(-1, std::chrono::milliseconds(0))) {
        try {
            listen();
        } catch (...) {
            const Error error = error_from_current_exception("listen");
            spdlog::warn("feed listener: {}; next try in {} ms", error.context, pause_.count());
        }
        connected_ = false;
        if (!wait(-1, pause_)) return;
        pause_ = std::min(pause_ * 2, kPauseMax);
    }
}

void FeedListener::listen() {
    using Clock = std::chrono::steady_clock;
    pqxx::connection connection(connection_string(options_));
    const pqxx::quiet_errorhandler quiet(connection);
    connection.set_verbosity(pqxx::connection_base::terse);
    CommitReceiver receiver(connection);
    connected_ = true;
    pause_ = kPauseMin;
    auto sweep_at = Clock::now();
    for (;;) {
        connection.get_notifs();
        if (receiver.has_some()) {
            const auto named = receiver.take(callbacks_.clinics());
            if (!named.empty()) callbacks_.on_versions(read_versions(connection, named));
            continue;
        }
        const auto now = Clock::now();
        if (now >= sweep_at) {
            callbacks_.on_versions(read_versions(connection, callbacks_.clinics()));
            sweep_at = now + sweep_interval_;
            continue;  // The query may have read notifications off the socket: take them before waiting.
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(sweep_at - now);
        if (!wait(connection.sock(), left)) return;
    }
}

}  // namespace vetchart::central
