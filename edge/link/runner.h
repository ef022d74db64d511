#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "edge/link/central_client.h"
#include "edge/store/sync_store.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/engine/edge_sync.h"

namespace vetchart::edge {

struct RunnerOptions {
    CentralClientOptions central;  ///< With the node's credentials.
    sync::EdgeSyncOptions engine;
    bool long_poll = true;           ///< False for one round by hand.
    std::function<UtcMillis()> now;  ///< Wall clock.
    std::function<Status()>
        head_moved;  ///< After the log may have been sealed, before anything is sent: DIR/life.json.
};

/// The node's exchange with central in the background: drives sync::EdgeSync with the store and the HTTPS client.
/// One thread does the steps, a second one keeps the long poll on a line of its own, so that a push never waits
/// for it. Works at once after a local commit, at a wake-up, when asked, and at every sweep. Thread-safe.
class Runner {
public:
    /// Begins at once. `database` and `store` must outlive the runner.
    Runner(Database& database, SyncStore& store, RunnerOptions options);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    /// One complete push and pull, waited for. Errors: unavailable (central not reached, `timeout` passed, or the
    /// runner stops); what central refused (forbidden, conflict, with its slug); errors of the store.
    [[nodiscard]] Status run_once(std::chrono::milliseconds timeout);

    /// The last step that ended, ended well.
    [[nodiscard]] bool online() const;

    /// Cuts the lines, ends both threads, fails whoever waits in run_once(). May be called twice.
    void stop();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;  ///< Shared with the commit listener, which the database keeps for its whole life.
};

/// The clock's difference to central in ms (central minus node), from an answer's server time and the node's own
/// times around the call; nullopt when the server time is unreadable.
[[nodiscard]] std::optional<std::int64_t> clock_offset(const std::string& server_time, UtcMillis asked,
                                                       UtcMillis answered);

}  // namespace vetchart::edge
