#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "edge/link/central_client.h"
#include "edge/store/log/sync_store.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/engine/edge_sync.h"

namespace vetchart::edge {

struct RunnerOptions {
    CentralClientOptions central;  ///< With the node's credentials.
    OpenLine open_line;            ///< Called twice: for the steps, and for the long poll.
    sync::EdgeSyncOptions engine;
    bool long_poll = true;                             ///< False for one round by hand.
    std::function<UtcMillis()> now;                    ///< Wall clock, not corrected.
    std::chrono::milliseconds answer_deadline{10000};  ///< A call that brings nothing for so long is not "online".
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

    /// The last step that ended, ended well, and the one under way is not kept waiting.
    [[nodiscard]] bool online() const;
    /// How it stands at this moment, where that is not in the file: `connecting` before the first step ended,
    /// `central_away` while central keeps a call waiting; else `working`.
    [[nodiscard]] sync::LinkState state() const;

    /// Cuts the lines, ends both threads, fails whoever waits in run_once(). May be called twice.
    void stop();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;  ///< Shared with the commit listener, which the database keeps for its whole life.
};

}  // namespace vetchart::edge
