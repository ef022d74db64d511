#include "central/store/housekeeping.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace vetchart::central {
namespace {

// An unknown time zone counts as UTC, so that one clinic's slip does not stop the sweep of all.
constexpr const char* kToday = R"(
SELECT c.id, clock_day(coalesce(z.name, 'UTC')) FROM clinic c
LEFT JOIN pg_timezone_names z ON z.name = c.timezone
WHERE EXISTS (SELECT 1 FROM bill b WHERE b.clinic_id = c.id AND b.status = 'sent' AND b.deleted_at IS NULL
              AND b.due_date < clock_day(coalesce(z.name, 'UTC'))) ORDER BY c.id)";
constexpr const char* kSweepStage = R"(
DELETE FROM sync_stage s USING (
    SELECT p.incarnation_id, p.first_seq FROM sync_stage p
      JOIN sync_incarnation i ON i.id = p.incarnation_id JOIN sync_node n ON n.id = i.node_id
     GROUP BY p.incarnation_id, p.first_seq, i.last_seq, n.state
    HAVING p.first_seq <= i.last_seq OR n.state <> 'active'
        OR max(p.staged_at) < clock_instant() - interval '7 days') old
WHERE s.incarnation_id = old.incarnation_id AND s.first_seq = old.first_seq)";
constexpr const char* kActor = "SELECT set_config('vetchart.actor', 'central', true)";
constexpr const char* kMark = R"(
UPDATE bill SET status = 'overdue'
WHERE clinic_id = $1::uuid AND status = 'sent' AND deleted_at IS NULL AND due_date < $2::date)";

}  // namespace

Result<int> mark_overdue_bills(Pool& pool) {
    std::vector<std::pair<std::string, std::string>> days;
    VC_TRY(pool.read("overdue bills", [&](pqxx::dbtransaction& transaction) -> Status {
        for (const auto& row : transaction.exec(kToday)) days.emplace_back(row[0].c_str(), row[1].c_str());
        return Done{};
    }));
    int count = 0;
    for (const auto& [clinic, today] : days) {
        VC_TRY(pool.transact("overdue bills", [&](pqxx::work& transaction) -> Status {
            transaction.exec(kActor);
            count += static_cast<int>(transaction.exec_params(kMark, clinic, today).affected_rows());
            return Done{};
        }));
    }
    return count;
}

Result<int> make_journal_partitions(Pool& pool) {
    int count = 0;
    VC_TRY(pool.transact("journal partitions", [&](pqxx::work& transaction) -> Status {
        count = transaction.exec("SELECT make_journal_partitions()")[0][0].as<int>();
        return Done{};
    }));
    return count;
}

Result<int> sweep_stage(Pool& pool) {
    int count = 0;
    VC_TRY(pool.transact("staged parts", [&](pqxx::work& transaction) -> Status {
        count = static_cast<int>(transaction.exec(kSweepStage).affected_rows());
        return Done{};
    }));
    return count;
}

Housekeeping::Housekeeping(Pool& pool, std::chrono::seconds interval)
    : pool_(pool), interval_(interval), thread_([this] { run(); }) {}

Housekeeping::~Housekeeping() {
    {
        const std::lock_guard guard(lock_);
        stop_ = true;
    }
    stopped_.notify_all();
    thread_.join();
}

void Housekeeping::run() {
    std::unique_lock guard(lock_);
    while (!stop_) {
        guard.unlock();
        try {
            work();
        } catch (const std::exception& e) {
            spdlog::error("housekeeping: {}", typeid(e).name());
        }
        guard.lock();
        stopped_.wait_for(guard, interval_, [this] { return stop_; });
    }
}

void Housekeeping::work() {
    if (const auto made = make_journal_partitions(pool_); !made) {
        spdlog::warn("housekeeping: {}", made.error().context);
    }
    if (const auto swept = sweep_stage(pool_); !swept) spdlog::warn("housekeeping: {}", swept.error().context);
    const auto marked = mark_overdue_bills(pool_);
    if (!marked) {
        spdlog::warn("housekeeping: {}", marked.error().context);
    } else if (*marked > 0) {
        spdlog::info("housekeeping: {} bills became overdue", *marked);
    }
}

}  // namespace vetchart::central
