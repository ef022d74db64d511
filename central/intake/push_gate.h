#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace vetchart::central {

/// One push per clinic (and per node) in work at a time. Who waits, waits here: outside the worker threads and the
/// connection pool, so that a clinic whose counter is locked by someone else costs at most one connection.
/// Thread-safe. First come, first served among those that want a common key.
class PushGate {
public:
    /// A place in the gate; leaves it, and lets the next in, at the end of its life.
    class Place {
    public:
        Place(PushGate& gate, std::set<std::string> keys) : gate_(gate), keys_(std::move(keys)) {}
        ~Place() { gate_.leave(*this); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        [[nodiscard]] bool granted() const;
        /// `granted` is called once: at once when the place is granted already, else by the thread that leaves. It
        /// runs under the gate's lock, so it must only hand over. Call at most once.
        void on_granted(std::function<void()> granted);

    private:
        friend class PushGate;
        PushGate& gate_;
        std::set<std::string> keys_;
        bool granted_ = false;
        std::function<void()> on_granted_;
    };

    explicit PushGate(std::size_t waiting_max) : waiting_max_(waiting_max) {}

    /// A place that wants all of `keys`; granted or waiting. nullptr: `waiting_max` wait already. The gate must
    /// outlive its places.
    [[nodiscard]] std::unique_ptr<Place> enter(std::set<std::string> keys);
    [[nodiscard]] std::size_t waiting() const;

private:
    void leave(Place& place);
    void grant_locked();
    [[nodiscard]] std::size_t waiting_locked() const;

    const std::size_t waiting_max_;
    mutable std::mutex lock_;
    std::list<Place*> places_;  ///< In the order of entering, granted ones too.
};

}  // namespace vetchart::central
