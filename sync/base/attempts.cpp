#include "sync/base/attempts.h"

#include <algorithm>

namespace vetchart {
namespace {

constexpr std::size_t kKeyBytesMax = 300;

// A line break can be in no address, so the two kinds of key cannot meet.
std::string address_key(const std::string& address) { return address.substr(0, kKeyBytesMax); }
std::string name_key(const std::string& name, const std::string& address) {
    return address_key(address) + "\n" + name.substr(0, kKeyBytesMax);
}

}  // namespace

bool AttemptCounter::begin(const std::string& name, const std::string& address, Time now) {
    make_room(now);
    Entry& by_name = entry(name_key(name, address), now);
    Entry& by_address = entry(address_key(address), now);
    if (by_name.count >= kPerNameMax || by_address.count >= kPerAddressMax) return false;
    ++by_name.count;
    ++by_address.count;
    return true;
}

void AttemptCounter::succeeded(const std::string& name, const std::string& address) {
    entries_.erase(name_key(name, address));
    const auto found = entries_.find(address_key(address));
    if (found != entries_.end() && found->second.count > 0) --found->second.count;
}

AttemptCounter::Entry& AttemptCounter::entry(const std::string& key, Time now) {
    Entry& found = entries_.try_emplace(key, Entry{now, 0}).first->second;
    if (now - found.since >= kWindow) found = Entry{now, 0};
    return found;
}

void AttemptCounter::make_room(Time now) {
    if (entries_.size() + 2 <= kEntriesMax) return;
    std::erase_if(entries_, [now](const auto& item) { return now - item.second.since >= kWindow; });
    while (entries_.size() + 2 > kEntriesMax) {
        entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                        [](const auto& a, const auto& b) { return a.second.since < b.second.since; }));
    }
}

}  // namespace vetchart
