#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace vetchart::central {

/// How many of something each node has at once (pages on their way, long polls): one node takes no more than its share
/// of what all have together. Thread-safe. The slots may outlive it.
class NodeSlots {
public:
    /// One slot under `key`, free again when the handle is gone. nullptr: `most` are taken already.
    [[nodiscard]] std::shared_ptr<void> acquire(const std::string& key, std::size_t most);

private:
    struct State {
        std::mutex lock;
        std::map<std::string, std::size_t> taken;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace vetchart::central
