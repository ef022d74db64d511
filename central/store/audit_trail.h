#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>

#include "central/store/pool.h"
#include "sync/model/change.h"

namespace vetchart::central {

/// Something that anybody who reaches central can cause, as often as he likes: a login, a refusal.
struct Incident {
    std::string action;  ///< One of a bounded number: "hq login", "node refused".
    std::string actor;   ///< As far as it is known; never a password that was typed into the wrong field.
    std::string subject;
    std::string address;
    sync::Json detail = sync::Json::object();
    bool is_warning = true;  ///< The log gets a line too.
};

/// Writes incidents to the audit and warns of them, so that nobody can fill a disk with them and none goes uncounted.
/// The first of a kind (action, actor, subject, address) is written at once. What repeats it within ten minutes is
/// counted and becomes one line, with `times`. An action has 60 lines at once and one a minute after that: what goes
/// beyond is counted too, in a line `audit left out` per action every ten minutes. At the end of the program all counts
/// are written. Thread-safe; a note costs one short transaction, or none.
class AuditTrail {
public:
    using Clock = std::chrono::steady_clock;

    /// `now` is a test's clock. `sweep_interval` 0: only flush() writes counts.
    explicit AuditTrail(Pool& pool, std::chrono::milliseconds sweep_interval = std::chrono::seconds(60),
                        std::function<Clock::time_point()> now = Clock::now);
    ~AuditTrail();
    AuditTrail(const AuditTrail&) = delete;
    AuditTrail& operator=(const AuditTrail&) = delete;

    /// Notes an incident. When the database cannot be written to, the caller gets no error: the incident is counted as
    /// left out, and so are those of the next half minute, for which nobody waits.
    void note(const Incident& incident);
    /// Writes the counts whose ten minutes are over; with `all` every count.
    void flush(bool all = false);

    static constexpr int kLinesAtOnce = 60;         ///< So many lines an action may have; then one a minute.
    static constexpr std::size_t kKindsMax = 1000;  ///< So many kinds are remembered at a time.
    static constexpr std::chrono::minutes kPeriod{10};

private:
    using Kind = std::tuple<std::string, std::string, std::string, std::string>;
    struct Seen {
        Incident incident;
        std::int64_t repeats = 0;
        Clock::time_point since;
    };
    struct Budget {
        double lines = kLinesAtOnce;
        Clock::time_point filled_at;
        std::int64_t left_out = 0;
        Clock::time_point told_at;
    };
    bool take_line_locked(const std::string& action);
    bool write(const Incident& incident, std::int64_t times);
    void run(std::chrono::milliseconds interval);

    Pool& pool_;
    std::function<Clock::time_point()> now_;
    std::mutex lock_;
    std::map<Kind, Seen> seen_;
    std::map<std::string, Budget> budgets_;  ///< By action.
    Clock::time_point closed_until_;         ///< Until then nothing is tried: the database did not take a line.
    std::condition_variable stopped_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace vetchart::central
