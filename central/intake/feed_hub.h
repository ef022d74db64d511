#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace vetchart::central {

/// Who waits for which clinic's feed: between the one listening database connection and thousands of long polls,
/// none of which has a thread. Thread-safe.
class FeedHub {
public:
    /// One long poll; leaves the hub at the end of its life. The hub must outlive it.
    class Waiter {
    public:
        Waiter(FeedHub& hub, std::map<std::string, std::int64_t> seen);
        ~Waiter();
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;

        /// `woken` is called once, at once when the waiter was woken already. It runs under the hub's lock on the
        /// thread that wakes, so it must only hand over. Call at most once.
        void on_woken(std::function<void()> woken);
        /// The clinics that changed so far.
        [[nodiscard]] std::vector<std::string> changed() const;

    private:
        friend class FeedHub;
        FeedHub& hub_;
        const std::map<std::string, std::int64_t> seen_;
        std::set<std::string> changed_;
        std::function<void()> on_woken_;
    };

    /// Waits for versions of the given clinics above the given ones. To miss nothing, subscribe first and look at
    /// the versions in the database afterwards.
    [[nodiscard]] std::unique_ptr<Waiter> subscribe(std::map<std::string, std::int64_t> seen);

    /// Tells the hub the versions as they are, which wakes whoever has seen less.
    void update(const std::map<std::string, std::int64_t>& versions);
    [[nodiscard]] std::vector<std::string> clinics() const;
    [[nodiscard]] std::size_t size() const;

private:
    void wake_locked(Waiter& waiter, const std::string& clinic_id);

    mutable std::mutex lock_;
    std::unordered_map<std::string, std::set<Waiter*>> by_clinic_;
    std::size_t count_ = 0;
};

}  // namespace vetchart::central
