#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace vetchart {

/// Counts failed attempts at a login per name and address, and per address, over a window: it slows guessing down, and
/// nobody can lock a person out from elsewhere. Not thread-safe. Bounded: when the table is full the oldest windows go.
class AttemptCounter {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Counts an attempt as failed before its password is looked at, so that attempts at the same time count too.
    /// False: too many; nothing is counted.
    [[nodiscard]] bool begin(const std::string& name, const std::string& address, Time now);
    /// The attempt was right: the name's count at this address is forgotten.
    void succeeded(const std::string& name, const std::string& address);

    static constexpr int kPerNameMax = 10;
    static constexpr int kPerAddressMax = 60;
    static constexpr std::chrono::minutes kWindow{5};
    static constexpr std::size_t kEntriesMax = 4096;

private:
    struct Entry {
        Time since;
        int count = 0;
    };
    Entry& entry(const std::string& key, Time now);
    void make_room(Time now);

    std::map<std::string, Entry> entries_;
};

}  // namespace vetchart
