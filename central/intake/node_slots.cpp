#include "central/intake/node_slots.h"

namespace vetchart::central {

std::shared_ptr<void> NodeSlots::acquire(const std::string& key, std::size_t most) {
    const std::lock_guard guard(state_->lock);
    if (const auto found = state_->taken.find(key); found != state_->taken.end() && found->second >= most)
        return nullptr;
    ++state_->taken[key];
    // The handle points at the state, since one of nothing would look like a refusal.
    return {state_.get(), [state = state_, key](const void*) {
                const std::lock_guard again(state->lock);
                const auto found = state->taken.find(key);
                if (--found->second == 0) state->taken.erase(found);
            }};
}

}  // namespace vetchart::central
