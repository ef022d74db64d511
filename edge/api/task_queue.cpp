#include "edge/api/task_queue.h"

#include <utility>

namespace vetchart::edge {

TaskQueue::TaskQueue(std::size_t threads, std::size_t waiting_max) : ring_(waiting_max) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

void TaskQueue::enqueue(std::function<void()> task) {
    std::unique_lock guard(lock_);
    has_room_.wait(guard, [this] { return count_ < ring_.size(); });
    ring_[(first_ + count_++) % ring_.size()] = std::move(task);
    has_task_.notify_one();
}

void TaskQueue::shutdown() {
    {
        const std::lock_guard guard(lock_);
        ends_ = true;
    }
    has_task_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void TaskQueue::work() {
    while (true) {
        std::function<void()> task;
        {
            std::unique_lock guard(lock_);
            has_task_.wait(guard, [this] { return count_ > 0 || ends_; });
            if (count_ == 0) return;
            task = std::exchange(ring_[first_], nullptr);
            first_ = (first_ + 1) % ring_.size();
            --count_;
        }
        has_room_.notify_one();
        task();
    }
}

}  // namespace vetchart::edge
