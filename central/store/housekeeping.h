#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// Sets sent bills past their due date to overdue, by the calendar of their clinic, one transaction a clinic. Returns
/// how many. Any number of centrals may do it at once. Blocking.
[[nodiscard]] Result<int> mark_overdue_bills(Pool& pool);

/// Makes the journal's partitions of this month and some ahead. Returns how many were missing. Blocking.
[[nodiscard]] Result<int> make_journal_partitions(Pool& pool);

/// Forgets parts of transactions that nobody goes on with: taken since, of a revoked node, or without a new part for a
/// week. The node sends such a transaction again from its first part. Returns how many parts. Blocking.
[[nodiscard]] Result<int> sweep_stage(Pool& pool);

/// Does all of it now and every `interval`, on a thread of its own. A failure is logged and tried again the next time.
class Housekeeping {
public:
    Housekeeping(Pool& pool, std::chrono::seconds interval);
    ~Housekeeping();
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;

private:
    void run();
    void work();

    Pool& pool_;
    const std::chrono::seconds interval_;
    std::mutex lock_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace vetchart::central
