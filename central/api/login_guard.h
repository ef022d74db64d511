#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "sync/base/attempts.h"
#include "sync/base/rng.h"

namespace vetchart::central {

/// Slows down guessing at HQ's logins (AttemptCounter) and holds the checks at work at once to a few, since each takes
/// 64 MiB. Each central counts by itself. Thread-safe.
class LoginGuard {
public:
    using Clock = std::chrono::steady_clock;
    struct Verdict {
        enum class Kind { go, too_many, busy } kind = Kind::go;
        std::chrono::seconds wait{};  ///< How long to wait before the next attempt, when there were too many.
    };
    enum class Outcome { right, wrong, unknown };

    explicit LoginGuard(Rng& rng);
    /// Counts an attempt as failed before its password is looked at. `go`: call finished() afterwards.
    [[nodiscard]] Verdict begin(LoginAttempt& attempt, Clock::time_point now);
    /// Ends an attempt; only one with a wrong password stays counted.
    void finished(const LoginAttempt& attempt, Outcome outcome, Clock::time_point now);

    static constexpr int kAtOnceMax = 4;

private:
    std::mutex lock_;
    AttemptCounter attempts_;
    int at_work_ = 0;
};

}  // namespace vetchart::central
