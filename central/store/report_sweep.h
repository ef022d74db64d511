#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "central/store/pool.h"
#include "central/store/report_logins.h"

namespace vetchart::central {

/// Looks every `interval` for sessions of report logins that are over their time, and ends them
/// (end_long_report_sessions), on a thread of its own. A login that cannot be stopped is named in the log once.
class ReportSweep {
public:
    struct Counts {
        std::size_t cancelled = 0, terminated = 0, unreachable = 0;
    };
    /// `counted` is called after each look, on this thread.
    ReportSweep(Pool& pool, std::chrono::milliseconds time_max, std::chrono::milliseconds interval,
                std::function<void(const Counts&)> counted);
    ~ReportSweep();
    ReportSweep(const ReportSweep&) = delete;
    ReportSweep& operator=(const ReportSweep&) = delete;

private:
    void run();
    void look();

    Pool& pool_;
    const std::chrono::milliseconds time_max_, interval_;
    const std::function<void(const Counts&)> counted_;
    std::set<std::string> told_;  ///< Logins named as unreachable.
    bool failing_ = false;        ///< The failure was logged already.
    std::mutex lock_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace vetchart::central
