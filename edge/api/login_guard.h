#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace vetchart::edge {

/// Slows down guessing: counts failed logins per name and address, and per address, over kWindow. Thread-safe. The
/// table is bounded: at kEntriesMax the entries with the oldest windows go.
class LoginGuard {
public:
    using Clock = std::chrono::steady_clock;

    /// Counts an attempt as failed before its password is looked at, so that attempts at the same time count too.
    /// False: too many; nothing is counted and the caller answers 429.
    [[nodiscard]] bool begin(const std::string& name, const std::string& address, Clock::time_point now);
    /// The attempt was right: the name's count at this address is forgotten.
    void succeeded(const std::string& name, const std::string& address);

    static constexpr int kPerNameMax = 10;
    static constexpr int kPerAddressMax = 60;
    static constexpr std::chrono::minutes kWindow{5};
    static constexpr std::size_t kEntriesMax = 4096;

private:
    struct Entry {
        Clock::time_point since;
        int count = 0;
    };
    Entry& entry(const std::string& key, Clock::time_point now);
    void make_room(Clock::time_point now);

    std::mutex lock_;
    std::map<std::string, Entry> entries_;
};

}  // namespace vetchart::edge
