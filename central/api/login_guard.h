#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "sync/base/attempts.h"

namespace vetchart::central {

/// Slows down guessing at HQ's logins (AttemptCounter) and holds the checks at work at once to a few, since each takes
/// 64 MiB. Thread-safe.
class LoginGuard {
public:
    using Clock = std::chrono::steady_clock;
    enum class Verdict { go, too_many, busy };

    /// Counts an attempt as failed before its password is looked at. `go`: call finished() afterwards.
    [[nodiscard]] Verdict begin(const std::string& email, const std::string& address, Clock::time_point now);
    /// `right`: the attempt no longer counts.
    void finished(const std::string& email, const std::string& address, bool right);

    static constexpr int kAtOnceMax = 4;

private:
    std::mutex lock_;
    AttemptCounter attempts_;
    int at_work_ = 0;
};

}  // namespace vetchart::central
