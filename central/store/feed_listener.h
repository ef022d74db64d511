#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "central/store/pool.h"

namespace vetchart::central {

/// Hears of commits: LISTEN vetchart_feed on a connection and a thread of its own, connecting again with a growing
/// pause after a loss. After each (re)connect, and every `sweep_interval`, it reads the versions of the clinics that
/// are waited for, so that a lost notification, or a pooler that cannot LISTEN, costs a sweep and nothing more. A
/// notification is only a hint: any login of the database may send one, so it leads to the same look at the versions of
/// the clinics it names, all that came meanwhile at once.
class FeedListener {
public:
    struct Callbacks {  ///< Called on the listener's thread; must not block long, must not throw.
        std::function<std::vector<std::string>()> clinics;
        std::function<void(const std::map<std::string, std::int64_t>&)> on_versions;
    };

    FeedListener(PoolOptions options, Callbacks callbacks, std::chrono::milliseconds sweep_interval);
    /// Ends the thread, waiting for it: at most a connection timeout.
    ~FeedListener();
    FeedListener(const FeedListener&) = delete;
    FeedListener& operator=(const FeedListener&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }

private:
    void run();
    /// Serves one connection; returns when it is lost or the listener is to stop.
    void listen();
    /// Waits for `fd` at most so long; -1 waits for the stop alone. False: the listener is to stop.
    bool wait(int fd, std::chrono::milliseconds timeout);

    const PoolOptions options_;
    const Callbacks callbacks_;
    const std::chrono::milliseconds sweep_interval_;
    std::chrono::milliseconds pause_;
    std::atomic<bool> connected_ = false;
    int stop_fd_ = -1;  ///< An eventfd: written once, to stop.
    std::thread thread_;
};

}  // namespace vetchart::central
