#include "central/store/audit_trail.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <pqxx/pqxx>
#include <utility>
#include <vector>

#include "central/store/audit.h"

namespace vetchart::central {
namespace {

constexpr double kLinesPerMinute = 1;
constexpr std::chrono::seconds kClosedFor{30};
constexpr std::string_view kLeftOut = "audit left out";

/// Text from outside on one line of the log: printable ASCII, and not too much of it.
std::string one_line(const std::string& text) {
    constexpr std::size_t kMax = 200;
    std::string line = text.substr(0, kMax);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return line;
}

/// The action under which a line that was not written is counted.
const std::string& counted_as(const Incident& incident) {
    return incident.action == kLeftOut ? incident.subject : incident.action;
}

void warn(const Incident& incident, std::int64_t times) {
    const auto detail = incident.detail.dump(-1, ' ', true, sync::Json::error_handler_t::replace);
    const std::string again = times > 1 ? ", " + std::to_string(times) + " times" : "";
    spdlog::warn("{}: {} from {}, {}{}", incident.action, one_line(incident.subject), one_line(incident.address),
                 one_line(detail), again);
}

}  // namespace

AuditTrail::AuditTrail(Pool& pool, std::chrono::milliseconds sweep_interval, std::function<Clock::time_point()> now)
    : pool_(pool), now_(std::move(now)) {
    if (sweep_interval.count() > 0) thread_ = std::thread([this, sweep_interval] { run(sweep_interval); });
}

AuditTrail::~AuditTrail() {
    {
        const std::lock_guard guard(lock_);
        stop_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
    flush(true);
}

bool AuditTrail::take_line_locked(const std::string& action) {
    const auto now = now_();
    const auto [at, is_new] = budgets_.try_emplace(action);
    Budget& budget = at->second;
    if (is_new) budget.filled_at = budget.told_at = now;
    const std::chrono::duration<double, std::ratio<60>> minutes = now - budget.filled_at;
    budget.lines = std::min<double>(kLinesAtOnce, budget.lines + minutes.count() * kLinesPerMinute);
    budget.filled_at = now;
    if (budget.lines < 1) return false;
    budget.lines -= 1;
    return true;
}

void AuditTrail::note(const Incident& incident) {
    {
        const std::lock_guard guard(lock_);
        const Kind kind{incident.action, incident.actor, incident.subject, incident.address};
        if (const auto known = seen_.find(kind); known != seen_.end()) {
            ++known->second.repeats;
            return;
        }
        const bool has_line = take_line_locked(incident.action);
        if (!has_line || seen_.size() >= kKindsMax || now_() < closed_until_) {
            ++budgets_[incident.action].left_out;
            return;
        }
        seen_.emplace(kind, Seen{incident, 0, now_()});
    }
    (void)write(incident, 1);
}

void AuditTrail::flush(bool all) {
    std::vector<std::pair<Incident, std::int64_t>> due;
    {
        const std::lock_guard guard(lock_);
        const auto now = now_();
        for (auto at = seen_.begin(); at != seen_.end();) {
            const Seen& seen = at->second;
            if (!all && now - seen.since < kPeriod) {
                ++at;
                continue;
            }
            if (seen.repeats > 0 && (all || take_line_locked(seen.incident.action))) {
                due.emplace_back(seen.incident, seen.repeats);
            } else {
                budgets_[seen.incident.action].left_out += seen.repeats;
            }
            at = seen_.erase(at);
        }
        for (auto& [action, budget] : budgets_) {
            if (budget.left_out == 0 || (!all && now - budget.told_at < kPeriod)) continue;
            due.emplace_back(Incident{std::string(kLeftOut), "central", action, "local"},
                             std::exchange(budget.left_out, 0));
            budget.told_at = now;
        }
    }
    for (std::size_t i = 0; i < due.size(); ++i) {
        if (write(due[i].first, due[i].second)) continue;
        if (all) spdlog::error("audit: {} counts could not be written", due.size() - i);
        const std::lock_guard guard(lock_);
        for (++i; i < due.size(); ++i) budgets_[counted_as(due[i].first)].left_out += due[i].second;
    }
}

bool AuditTrail::write(const Incident& incident, std::int64_t times) {
    if (incident.is_warning) warn(incident, times);
    auto detail = incident.detail;
    if (times > 1 || incident.action == kLeftOut) detail["times"] = times;
    const auto status = pool_.transact("audit", [&](pqxx::work& transaction) -> Status {
        audit(transaction, incident.actor, incident.action, incident.subject, detail, incident.address);
        return Done{};
    });
    if (status) return true;
    spdlog::warn("audit: {} not written: {}", incident.action, status.error().context);
    const std::lock_guard guard(lock_);
    budgets_[counted_as(incident)].left_out += times;
    closed_until_ = now_() + kClosedFor;
    return false;
}

void AuditTrail::run(std::chrono::milliseconds interval) {
    std::unique_lock guard(lock_);
    while (!stop_) {
        stopped_.wait_for(guard, interval, [this] { return stop_; });
        if (stop_) return;
        guard.unlock();
        flush();
        guard.lock();
    }
}

}  // namespace vetchart::central
