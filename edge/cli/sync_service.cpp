#include "edge/cli/sync_service.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace vetchart::edge {

SyncService::SyncService(OpenNode& node, const Command& command, bool background)
    : node_(node),
      settings_(command.settings),
      now_(command.now),
      open_line_(command.open_line),
      background_(background) {}

Status SyncService::start() {
    if (runner()) return Done{};
    // A failure here is no reason not to begin: on a full disk the charts can be read all the same.
    if (const auto looked = node_.store().link.look_at_clock(now_()); !looked) {
        spdlog::error("sync: cannot look at the clock: {}", looked.error().context);
    }
    auto options = client_options(node_.folder(), node_.store(), settings_.central_url, settings_.proxy);
    if (!options && options.error().slug == "not_enrolled") return Done{};
    if (!options && options.error().code == Errc::conflict) return note_trouble(options.error());
    if (!options) return options.error();
    RunnerOptions running;
    running.central = std::move(*options);
    running.open_line = open_line_;
    running.engine.sweep = settings_.sweep;
    running.engine.seed = draw_word(node_.database().rng());
    running.long_poll = background_;
    running.now = now_;
    running.head_moved = [this] { return node_.keep_life(); };
    const std::lock_guard guard(lock_);
    trouble_.reset();
    if (!stopped_ && !runner_) runner_ = std::make_shared<Runner>(node_.database(), node_.store(), std::move(running));
    return Done{};
}

Status SyncService::note_trouble(const Error& trouble) {
    spdlog::error("sync: {}", trouble.context);
    {
        const std::lock_guard guard(lock_);
        trouble_ = trouble;
    }
    return node_.store().link.note_failure(trouble, now_() + node_.store().link.clock_offset());
}

std::shared_ptr<Runner> SyncService::runner() {
    const std::lock_guard guard(lock_);
    return runner_;
}

Status SyncService::round(std::chrono::milliseconds timeout) {
    const auto running = runner();
    if (!running) {
        const std::lock_guard guard(lock_);
        return trouble_.value_or(Error{Errc::conflict, "this node is not enrolled", "not_enrolled"});
    }
    return running->run_once(timeout);
}

bool SyncService::online() {
    const auto running = runner();
    return running && running->online();
}

Result<SyncStatus> SyncService::status() {
    VC_TRY_ASSIGN(SyncStatus status, node_.store().status());
    const auto running = runner();
    // The file tells of the last step that ended; the runner knows of the one under way.
    if (!running || status.state != sync::LinkState::working) return status;
    status.state = running->state();
    if (sync::is_lost_line(status.state)) {
        status.state_since = last_success(status);
    }
    return status;
}

Result<Enrolled> SyncService::enroll(EnrollOrder order) {
    const std::lock_guard guard(enroll_lock_);
    order.proxy = settings_.proxy;
    VC_TRY_ASSIGN(Enrolled enrolled,
                  enroll_node(node_.folder(), node_.database(), node_.store(), order, open_line_, now_));
    VC_TRY(node_.keep_life());
    VC_TRY(start());
    return enrolled;
}

void SyncService::stop() {
    std::shared_ptr<Runner> running;
    {
        const std::lock_guard guard(lock_);
        stopped_ = true;
        running = runner_;
    }
    if (running) running->stop();
}

}  // namespace vetchart::edge
