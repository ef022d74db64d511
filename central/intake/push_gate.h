#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace vetchart::central {

/// One push per clinic (and per node) in work at a time, and only as many as fit in memory together. Who waits, waits
/// here: outside the worker threads and the connection pool, so that a clinic whose counter is locked by someone else
/// costs at most one connection, and with nothing but the body as it came. Thread-safe. First come, first served among
/// those that want a common key, and among the large ones; small ones have a share of their own, so that they never
/// wait behind large ones, and large ones never for a run of small ones.
class PushGate {
public:
    /// A ticket for the gate; at the end of its life it leaves the gate, which lets the next in.
    class Ticket {
    public:
        Ticket(PushGate& gate, std::set<std::string> keys, std::size_t bytes)
            : gate_(gate), keys_(std::move(keys)), bytes_(bytes) {}
        ~Ticket() { gate_.leave(*this); }
        Ticket(const Ticket&) = delete;
        Ticket& operator=(const Ticket&) = delete;

        [[nodiscard]] bool granted() const;
        /// `granted` is called once: at once when the ticket is granted already, else by the thread that leaves. It
        /// runs under the gate's lock, so it must only hand over. Call at most once.
        void on_granted(std::function<void()> granted);

    private:
        friend class PushGate;
        PushGate& gate_;
        std::set<std::string> keys_;
        std::size_t bytes_;
        bool granted_ = false;
        std::function<void()> on_granted_;
    };

    static constexpr std::size_t kBytesMax = std::size_t{384} << 20;      ///< Of all large pushes in work.
    static constexpr std::size_t kSmallBytes = std::size_t{4} << 20;      ///< Up to here a push is a small one.
    static constexpr std::size_t kSmallBytesMax = std::size_t{64} << 20;  ///< Of all small ones in work.

    explicit PushGate(std::size_t waiting_max, std::size_t bytes_max = kBytesMax)
        : waiting_max_(waiting_max), bytes_max_(bytes_max) {}

    /// A ticket that wants all of `keys` and `bytes` of memory; granted or waiting. One that wants more than there is
    /// works alone. nullptr: `waiting_max` wait already. The gate must outlive its tickets.
    [[nodiscard]] std::unique_ptr<Ticket> enter(std::set<std::string> keys, std::size_t bytes = 0);
    [[nodiscard]] std::size_t waiting() const;

private:
    void leave(Ticket& ticket);
    void grant_locked();
    [[nodiscard]] std::size_t waiting_locked() const;

    const std::size_t waiting_max_, bytes_max_;
    mutable std::mutex lock_;
    std::list<Ticket*> tickets_;  ///< In the order of entering, granted ones too.
};

}  // namespace vetchart::central
