#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace vetchart::central {

/// The last body of each node, or as much of it as came before the line was cut: the node sends only the rest
/// (docs/sync-protocol.md, Slow lines). Of nodes whose secret was checked, one body each. Lost with the process, which
/// costs a node no more than sending it again. Bounded in bytes and age: the oldest goes. Thread-safe.
class KeptBodies {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit KeptBodies(std::size_t bytes_max = std::size_t{32} << 20) : bytes_max_(bytes_max) {}

    /// `name`: what the whole body is known by. Takes the place of the node's other body, and of a shorter part of
    /// this.
    void keep(const std::string& node_id, const std::string& name, std::string_view bytes, Time now);
    /// What is here of the node was no body of its: it is sent whole the next time.
    void drop(const std::string& node_id);
    /// How much of the body is here.
    [[nodiscard]] std::size_t size_of(const std::string& node_id, const std::string& name, Time now);
    /// Its first `size` bytes; empty when fewer are here.
    [[nodiscard]] std::string first_of(const std::string& node_id, const std::string& name, std::size_t size, Time now);

    static constexpr std::size_t kBodyBytesMax = 2U << 20U;
    static constexpr std::chrono::minutes kAgeMax{15};

private:
    struct Entry {
        std::string node_id, name, bytes;
        Time since;
    };
    using Entries = std::list<Entry>;  ///< The oldest first.

    [[nodiscard]] const Entry* find_locked(const std::string& node_id, const std::string& name, Time now);
    void drop_locked(Entries::iterator entry);

    const std::size_t bytes_max_;
    std::mutex lock_;
    Entries entries_;
    std::map<std::string, Entries::iterator> by_node_;
    std::size_t bytes_ = 0;
};

}  // namespace vetchart::central
