#include "central/api/report_gate.h"

namespace vetchart::central {

bool ReportGate::Place::granted() const {
    const std::lock_guard guard(gate_.lock_);
    return granted_;
}

void ReportGate::Place::on_granted(std::function<void()> granted) {
    const std::lock_guard guard(gate_.lock_);
    if (granted_) {
        granted();
    } else {
        on_granted_ = std::move(granted);
    }
}

std::unique_ptr<ReportGate::Place> ReportGate::enter() {
    auto place = std::make_unique<Place>(*this);
    {
        const std::lock_guard guard(lock_);
        places_.push_back(place.get());
        grant_locked();
        if (places_.size() <= working_max_ + waiting_max_) return place;
    }
    return nullptr;  // The place leaves again, now that the lock is free.
}

void ReportGate::leave(Place& place) {
    const std::lock_guard guard(lock_);
    places_.remove(&place);
    grant_locked();
}

void ReportGate::grant_locked() {
    std::size_t index = 0;
    for (Place* place : places_) {
        if (index++ >= working_max_) return;
        if (place->granted_) continue;
        place->granted_ = true;
        if (place->on_granted_) place->on_granted_();
    }
}

}  // namespace vetchart::central
