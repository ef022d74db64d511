#include "central/store/report_sweep.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace vetchart::central {

ReportSweep::ReportSweep(Pool& pool, std::chrono::milliseconds time_max, std::chrono::milliseconds interval,
                         std::function<void(const Counts&)> counted)
    : pool_(pool), time_max_(time_max), interval_(interval), counted_(std::move(counted)), thread_([this] { run(); }) {}

ReportSweep::~ReportSweep() {
    {
        const std::lock_guard guard(lock_);
        stop_ = true;
    }
    stopped_.notify_all();
    thread_.join();
}

void ReportSweep::look() {
    const auto sessions = end_long_report_sessions(pool_, time_max_);
    if (!sessions) {
        if (!std::exchange(failing_, true)) spdlog::warn("report sessions: {}", sessions.error().context);
        return;
    }
    failing_ = false;
    Counts counts;
    for (const auto& session : *sessions) {
        switch (session.outcome) {
            case EndedSession::Outcome::cancelled:
                ++counts.cancelled;
                spdlog::warn("report login {} (pid {}): a statement ran over {} s, cancelled", session.login,
                             session.pid, time_max_.count() / 1000);
                break;
            case EndedSession::Outcome::terminated:
                ++counts.terminated;
                spdlog::warn("report login {} (pid {}): a transaction was open over {} s, its session was ended",
                             session.login, session.pid, 2 * time_max_.count() / 1000);
                break;
            case EndedSession::Outcome::unreachable:
                ++counts.unreachable;
                if (!told_.insert(session.login).second) break;
                spdlog::warn("report login {}: central may not end its sessions; `migrate --status` says what helps",
                             session.login);
                break;
        }
    }
    counted_(counts);
}

void ReportSweep::run() {
    std::unique_lock guard(lock_);
    while (!stop_) {
        guard.unlock();
        look();
        guard.lock();
        stopped_.wait_for(guard, interval_, [this] { return stop_; });
    }
}

}  // namespace vetchart::central
