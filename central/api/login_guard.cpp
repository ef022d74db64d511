#include "central/api/login_guard.h"

#include <algorithm>

namespace vetchart::central {
namespace {

constexpr std::size_t kKeyBytesMax = 300;

// A line break can be in no address, so the two kinds of key cannot meet.
std::string address_key(const std::string& address) { return address.substr(0, kKeyBytesMax); }
std::string email_key(const std::string& email, const std::string& address) {
    return address_key(address) + "\n" + email.substr(0, kKeyBytesMax);
}

}  // namespace

LoginGuard::Verdict LoginGuard::begin(const std::string& email, const std::string& address, Clock::time_point now) {
    const std::lock_guard guard(lock_);
    make_room(now);
    Entry& by_email = entry(email_key(email, address), now);
    Entry& by_address = entry(address_key(address), now);
    if (by_email.count >= kPerEmailMax || by_address.count >= kPerAddressMax) return Verdict::too_many;
    if (at_work_ >= kAtOnceMax) return Verdict::busy;
    ++by_email.count;
    ++by_address.count;
    ++at_work_;
    return Verdict::go;
}

void LoginGuard::finished(const std::string& email, const std::string& address, bool right) {
    const std::lock_guard guard(lock_);
    --at_work_;
    if (!right) return;
    entries_.erase(email_key(email, address));
    const auto found = entries_.find(address_key(address));
    if (found != entries_.end() && found->second.count > 0) --found->second.count;
}

LoginGuard::Entry& LoginGuard::entry(const std::string& key, Clock::time_point now) {
    Entry& found = entries_.try_emplace(key, Entry{now, 0}).first->second;
    if (now - found.since >= kWindow) found = Entry{now, 0};
    return found;
}

void LoginGuard::make_room(Clock::time_point now) {
    if (entries_.size() + 2 <= kEntriesMax) return;
    std::erase_if(entries_, [now](const auto& item) { return now - item.second.since >= kWindow; });
    while (entries_.size() + 2 > kEntriesMax) {
        entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                        [](const auto& a, const auto& b) { return a.second.since < b.second.since; }));
    }
}

}  // namespace vetchart::central
