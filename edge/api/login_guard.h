#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "sync/base/attempts.h"

namespace vetchart::edge {

/// Slows down guessing at a node's logins and at its set-up code (AttemptCounter). Thread-safe.
class LoginGuard {
public:
    using Clock = std::chrono::steady_clock;

    /// Counts an attempt as failed before its password is looked at. False: too many; the caller answers 429.
    [[nodiscard]] bool begin(const std::string& name, const std::string& address, Clock::time_point now) {
        const std::lock_guard guard(lock_);
        return attempts_.begin(name, address, now);
    }
    /// The attempt was right: it no longer counts.
    void succeeded(const std::string& name, const std::string& address) {
        const std::lock_guard guard(lock_);
        attempts_.succeeded(name, address);
    }

private:
    std::mutex lock_;
    AttemptCounter attempts_;
};

}  // namespace vetchart::edge
