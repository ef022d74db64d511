#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace vetchart::central {

/// Slows down guessing at HQ's logins: counts failures per e-mail and address, and per address, over a window (so
/// that nobody can lock a user out from elsewhere), and holds the checks at work at once to a few, since each takes 64
/// MiB. Thread-safe; bounded: when the table is full the oldest windows go.
class LoginGuard {
public:
    using Clock = std::chrono::steady_clock;
    enum class Verdict { go, too_many, busy };

    /// Counts an attempt as failed before its password is looked at, so that attempts at the same time count too.
    /// `go`: call finished() afterwards.
    [[nodiscard]] Verdict begin(const std::string& email, const std::string& address, Clock::time_point now);
    /// `right`: the attempt no longer counts.
    void finished(const std::string& email, const std::string& address, bool right);

    static constexpr int kPerEmailMax = 10;
    static constexpr int kPerAddressMax = 60;
    static constexpr int kAtOnceMax = 4;
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
    int at_work_ = 0;
};

}  // namespace vetchart::central
