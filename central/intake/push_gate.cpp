#include "central/intake/push_gate.h"

#include <algorithm>

namespace vetchart::central {

bool PushGate::Ticket::granted() const {
    const std::lock_guard guard(gate_.lock_);
    return granted_;
}

void PushGate::Ticket::on_granted(std::function<void()> granted) {
    const std::lock_guard guard(gate_.lock_);
    if (granted_) {
        granted();
    } else {
        on_granted_ = std::move(granted);
    }
}

std::unique_ptr<PushGate::Ticket> PushGate::enter(std::set<std::string> keys, std::size_t bytes) {
    auto ticket = std::make_unique<Ticket>(*this, std::move(keys), bytes);
    {
        const std::lock_guard guard(lock_);
        tickets_.push_back(ticket.get());
        grant_locked();
        if (ticket->granted_ || waiting_locked() <= waiting_max_) return ticket;
    }
    return nullptr;  // The ticket leaves the gate again, now that the lock is free.
}

std::size_t PushGate::waiting() const {
    const std::lock_guard guard(lock_);
    return waiting_locked();
}

std::size_t PushGate::waiting_locked() const {
    return static_cast<std::size_t>(
        std::count_if(tickets_.begin(), tickets_.end(), [](const Ticket* ticket) { return !ticket->granted_; }));
}

void PushGate::leave(Ticket& ticket) {
    const std::lock_guard guard(lock_);
    tickets_.remove(&ticket);
    grant_locked();
}

void PushGate::grant_locked() {
    /// The large ones, or the small ones: each kind is served in its order.
    struct Share {
        std::size_t bytes_max, bytes = 0;
        bool full = false;
    };
    Share large{bytes_max_}, small{kSmallBytesMax};
    const auto share_of = [&](const Ticket& ticket) -> Share& { return ticket.bytes_ > kSmallBytes ? large : small; };
    for (const Ticket* ticket : tickets_) {
        if (ticket->granted_) share_of(*ticket).bytes += ticket->bytes_;
    }
    std::set<std::string> taken;
    for (Ticket* ticket : tickets_) {
        const bool free = std::none_of(ticket->keys_.begin(), ticket->keys_.end(),
                                       [&](const std::string& key) { return taken.contains(key); });
        // Who waits keeps its keys from those behind it too: nobody is overtaken for ever.
        taken.insert(ticket->keys_.begin(), ticket->keys_.end());
        if (ticket->granted_ || !free) continue;
        Share& share = share_of(*ticket);
        share.full = share.full || (share.bytes > 0 && share.bytes + ticket->bytes_ > share.bytes_max);
        if (share.full) continue;
        share.bytes += ticket->bytes_;
        ticket->granted_ = true;
        if (ticket->on_granted_) ticket->on_granted_();
    }
}

}  // namespace vetchart::central
