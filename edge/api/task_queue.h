#pragma once

#include <httplib.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vetchart::edge {

/// The threads that serve connections, and a line of fixed length before them. Thread-safe. Allocates nothing after
/// its construction, so that a lack of memory cannot end the loop that accepts; a full line makes that loop wait, and
/// the peers with it.
class TaskQueue final : public httplib::TaskQueue {
public:
    TaskQueue(std::size_t threads, std::size_t waiting_max);
    ~TaskQueue() override = default;
    TaskQueue(const TaskQueue&) = delete;
    TaskQueue& operator=(const TaskQueue&) = delete;

    void enqueue(std::function<void()> task) override;
    /// Takes no more; tasks that wait in the line are still run.
    void shutdown() override;

private:
    void work();

    std::mutex lock_;
    std::condition_variable has_task_, has_room_;
    std::vector<std::function<void()>> ring_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    bool ends_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace vetchart::edge
