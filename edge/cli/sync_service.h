#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "edge/cli/commands.h"
#include "edge/cli/open_node.h"
#include "edge/link/enroll.h"
#include "edge/link/runner.h"

namespace vetchart::edge {

/// So long a round may take: a first load over a slow line takes its time, and a round that fails ends at once.
inline constexpr std::chrono::hours kRoundTimeout{24};

/// The sync of an open node, for the daemon and for single commands: a runner once the node is enrolled.
/// Thread-safe.
class SyncService {
public:
    /// With `background` false the sync works only inside round() and enroll().
    SyncService(OpenNode& node, const Command& command, bool background);

    /// Begins when the node is enrolled; does nothing when it is not, or runs already. Trouble with the node's own
    /// files for central is no error: it is logged, stands in the status, and is what round() answers.
    [[nodiscard]] Status start();
    /// Does one complete push and pull. Errors: conflict `not_enrolled`, or the trouble of start(); those of
    /// Runner::run_once.
    [[nodiscard]] Status round(std::chrono::milliseconds timeout);
    [[nodiscard]] bool online();
    /// The status as the file has it, with what is under way at this moment.
    [[nodiscard]] Result<SyncStatus> status();
    /// Enrolls, over the proxy of the settings, and starts the sync.
    [[nodiscard]] Result<Enrolled> enroll(EnrollOrder order);
    void stop();

private:
    [[nodiscard]] std::shared_ptr<Runner> runner();
    Status note_trouble(const Error& trouble);

    OpenNode& node_;
    Settings settings_;
    Now now_;
    OpenLine open_line_;
    bool background_;
    std::mutex enroll_lock_;
    std::mutex lock_;
    std::shared_ptr<Runner> runner_;  ///< Shared with the calls under way while it is put in; under lock_.
    bool stopped_ = false;
    std::optional<Error> trouble_;  ///< Why an enrolled node does not sync; under lock_.
};

}  // namespace vetchart::edge
