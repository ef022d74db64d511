#include "central/intake/push_gate.h"

#include <algorithm>

namespace vetchart::central {

bool PushGate::Place::granted() const {
    const std::lock_guard guard(gate_.lock_);
    return granted_;
}

void PushGate::Place::on_granted(std::function<void()> granted) {
    const std::lock_guard guard(gate_.lock_);
    if (granted_) {
        granted();
    } else {
        on_granted_ = std::move(granted);
    }
}

std::unique_ptr<PushGate::Place> PushGate::enter(std::set<std::string> keys, std::size_t bytes) {
    auto place = std::make_unique<Place>(*this, std::move(keys), bytes);
    {
        const std::lock_guard guard(lock_);
        places_.push_back(place.get());
        grant_locked();
        if (place->granted_ || waiting_locked() <= waiting_max_) return place;
    }
    return nullptr;  // The place leaves again, now that the lock is free.
}

std::size_t PushGate::waiting() const {
    const std::lock_guard guard(lock_);
    return waiting_locked();
}

std::size_t PushGate::waiting_locked() const {
    return static_cast<std::size_t>(
        std::count_if(places_.begin(), places_.end(), [](const Place* place) { return !place->granted_; }));
}

void PushGate::leave(Place& place) {
    const std::lock_guard guard(lock_);
    places_.remove(&place);
    grant_locked();
}

void PushGate::grant_locked() {
    /// The large ones, or the small ones: each kind is served in its order.
    struct Share {
        std::size_t bytes_max, bytes = 0;
        bool full = false;
    };
    Share large{bytes_max_}, small{kSmallBytesMax};
    const auto share_of = [&](const Place& place) -> Share& { return place.bytes_ > kSmallBytes ? large : small; };
    for (const Place* place : places_) {
        if (place->granted_) share_of(*place).bytes += place->bytes_;
    }
    std::set<std::string> taken;
    for (Place* place : places_) {
        const bool free = std::none_of(place->keys_.begin(), place->keys_.end(),
                                       [&](const std::string& key) { return taken.contains(key); });
        // Who waits keeps its keys from those behind it too: nobody is overtaken for ever.
        taken.insert(place->keys_.begin(), place->keys_.end());
        if (place->granted_ || !free) continue;
        Share& share = share_of(*place);
        share.full = share.full || (share.bytes > 0 && share.bytes + place->bytes_ > share.bytes_max);
        if (share.full) continue;
        share.bytes += place->bytes_;
        place->granted_ = true;
        if (place->on_granted_) place->on_granted_();
    }
}

}  // namespace vetchart::central
