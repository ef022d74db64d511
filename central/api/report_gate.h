#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace vetchart::central {

/// At most `working_max` reports at work, so that they leave workers and processors to the sync; at most `waiting_max`
/// more wait, without a thread. Thread-safe; first come, first served.
class ReportGate {
public:
    /// A place in the gate; leaves it, and lets the next in, at the end of its life.
    class Place {
    public:
        explicit Place(ReportGate& gate) : gate_(gate) {}
        ~Place() { gate_.leave(*this); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        [[nodiscard]] bool granted() const;
        /// `granted` is called once: at once when the place is granted already, else by the thread that leaves. It
        /// runs under the gate's lock, so it must only hand over. Call at most once.
        void on_granted(std::function<void()> granted);

    private:
        friend class ReportGate;
        ReportGate& gate_;
        bool granted_ = false;
        std::function<void()> on_granted_;
    };

    ReportGate(std::size_t working_max, std::size_t waiting_max)
        : working_max_(working_max), waiting_max_(waiting_max) {}

    /// Returns a place, granted or waiting; nullptr: too many wait already. The gate must outlive its places.
    [[nodiscard]] std::unique_ptr<Place> enter();

private:
    void leave(Place& place);
    void grant_locked();

    const std::size_t working_max_, waiting_max_;
    std::mutex lock_;
    std::list<Place*> places_;  ///< In the order of entering; the granted ones first.
};

}  // namespace vetchart::central
