#include "central/api/kept_bodies.h"

namespace vetchart::central {

void KeptBodies::keep(const std::string& node_id, const std::string& name, std::string_view bytes, Time now) {
    if (bytes.empty() || bytes.size() > kBodyBytesMax || bytes.size() > bytes_max_) return;
    const std::lock_guard guard(lock_);
    if (const Entry* there = find_locked(node_id, name, now); there != nullptr && there->bytes.size() >= bytes.size()) {
        return;
    }
    if (const auto other = by_node_.find(node_id); other != by_node_.end()) drop_locked(other->second);
    while (bytes_ + bytes.size() > bytes_max_) drop_locked(entries_.begin());
    bytes_ += bytes.size();
    by_node_[node_id] = entries_.insert(entries_.end(), Entry{node_id, name, std::string(bytes), now});
}

void KeptBodies::drop(const std::string& node_id) {
    const std::lock_guard guard(lock_);
    if (const auto found = by_node_.find(node_id); found != by_node_.end()) drop_locked(found->second);
}

std::size_t KeptBodies::size_of(const std::string& node_id, const std::string& name, Time now) {
    const std::lock_guard guard(lock_);
    const Entry* entry = find_locked(node_id, name, now);
    return entry == nullptr ? 0 : entry->bytes.size();
}

std::string KeptBodies::first_of(const std::string& node_id, const std::string& name, std::size_t size, Time now) {
    const std::lock_guard guard(lock_);
    const Entry* entry = find_locked(node_id, name, now);
    if (entry == nullptr || entry->bytes.size() < size) return {};
    return entry->bytes.substr(0, size);
}

const KeptBodies::Entry* KeptBodies::find_locked(const std::string& node_id, const std::string& name, Time now) {
    while (!entries_.empty() && now - entries_.front().since > kAgeMax) drop_locked(entries_.begin());
    const auto found = by_node_.find(node_id);
    return found == by_node_.end() || found->second->name != name ? nullptr : &*found->second;
}

void KeptBodies::drop_locked(Entries::iterator entry) {
    bytes_ -= entry->bytes.size();
    by_node_.erase(entry->node_id);
    entries_.erase(entry);
}

}  // namespace vetchart::central
