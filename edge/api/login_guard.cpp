#include "edge/api/login_guard.h"

#include <algorithm>

namespace vetchart::edge {
namespace {

// A line break can be in no address, so the two kinds of key cannot meet.
std::string key_of(const std::string& name, const std::string& address) { return address + "\n" + name.substr(0, 300); }

}  // namespace

bool LoginGuard::begin(const std::string& name, const std::string& address, Clock::time_point now) {
    const std::lock_guard guard(lock_);
    make_room(now);
    Entry& by_name = entry(key_of(name, address), now);
    Entry& by_address = entry(address, now);
    if (by_name.count >= kPerNameMax || by_address.count >= kPerAddressMax) return false;
    ++by_name.count;
    ++by_address.count;
    return true;
}

void LoginGuard::succeeded(const std::string& name, const std::string& address) {
    const std::lock_guard guard(lock_);
    entries_.erase(key_of(name, address));
    const auto found = entries_.find(address);
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

}  // namespace vetchart::edge
