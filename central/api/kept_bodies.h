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
/// (docs/sync-protocol.md, *Slow lines*). Nodes whose secret was checked have one body each. All are lost with the
/// process, which costs a node no more than sending again. Bounded in bytes and age: the oldest goes. Thread-safe.
class KeptBodies {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit KeptBodies(std::size_t bytes_max = std::size_t{32} << 20) : bytes_max_(bytes_max) {}

    /// Keeps bytes of the body that `name` tells from others, in place of the node's other body or of a shorter part of
    /// this one.
    void keep(const std::string& node_id, const std::string& name, std::string_view bytes, Time now);
    /// Drops what is here of the node, since it turned out to be no body: the node sends it whole the next time.
    void drop(const std::string& node_id);
    /// How many bytes of the body are here.
    [[nodiscard]] std::size_t size_of(const std::string& node_id, const std::string& name, Time now);
    /// The body's first `size` bytes; empty when fewer are here.
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
