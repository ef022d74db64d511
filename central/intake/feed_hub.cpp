#include "central/intake/feed_hub.h"

#include <utility>

namespace vetchart::central {

FeedHub::Waiter::Waiter(FeedHub& hub, std::map<std::string, std::int64_t> seen) : hub_(hub), seen_(std::move(seen)) {
    const std::lock_guard guard(hub_.lock_);
    for (const auto& [clinic, version] : seen_) hub_.by_clinic_[clinic].insert(this);
    ++hub_.count_;
}

FeedHub::Waiter::~Waiter() {
    const std::lock_guard guard(hub_.lock_);
    for (const auto& [clinic, version] : seen_) {
        const auto at = hub_.by_clinic_.find(clinic);
        at->second.erase(this);
        if (at->second.empty()) hub_.by_clinic_.erase(at);
    }
    --hub_.count_;
}

void FeedHub::Waiter::on_woken(std::function<void()> woken) {
    const std::lock_guard guard(hub_.lock_);
    if (changed_.empty()) {
        on_woken_ = std::move(woken);
    } else {
        woken();
    }
}

std::vector<std::string> FeedHub::Waiter::changed() const {
    const std::lock_guard guard(hub_.lock_);
    return {changed_.begin(), changed_.end()};
}

std::unique_ptr<FeedHub::Waiter> FeedHub::subscribe(std::map<std::string, std::int64_t> seen) {
    return std::make_unique<Waiter>(*this, std::move(seen));
}

void FeedHub::wake_locked(Waiter& waiter, const std::string& clinic_id) {
    waiter.changed_.insert(clinic_id);
    if (auto woken = std::exchange(waiter.on_woken_, nullptr)) woken();
}

void FeedHub::update(const std::map<std::string, std::int64_t>& versions) {
    const std::lock_guard guard(lock_);
    for (const auto& [clinic, version] : versions) {
        const auto at = by_clinic_.find(clinic);
        if (at == by_clinic_.end()) continue;
        for (Waiter* waiter : at->second) {
            if (waiter->seen_.at(clinic) < version) wake_locked(*waiter, clinic);
        }
    }
}

std::vector<std::string> FeedHub::clinics() const {
    const std::lock_guard guard(lock_);
    std::vector<std::string> clinics;
    clinics.reserve(by_clinic_.size());
    for (const auto& [clinic, waiters] : by_clinic_) clinics.push_back(clinic);
    return clinics;
}

std::size_t FeedHub::size() const {
    const std::lock_guard guard(lock_);
    return count_;
}

}  // namespace vetchart::central
