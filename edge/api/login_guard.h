#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "edge/api/http.h"
#include "sync/base/attempts.h"

namespace vetchart::edge {

struct Context;

/// Slows down guessing at a node's logins and at its set-up code (AttemptCounter). Thread-safe.
class LoginGuard {
public:
    using Clock = std::chrono::steady_clock;
    explicit LoginGuard(Rng& rng);

    /// Counts an attempt as failed before its password is looked at. Returns how long to wait when there were too many.
    [[nodiscard]] std::optional<std::chrono::seconds> begin(LoginAttempt& attempt) {
        const std::lock_guard guard(lock_);
        return attempts_.begin(attempt, Clock::now());
    }
    /// Takes back the count of an attempt that was right.
    void succeeded(const LoginAttempt& attempt) {
        const std::lock_guard guard(lock_);
        attempts_.succeeded(attempt, Clock::now());
    }
    /// Takes back the count of an attempt whose password was never looked at.
    void cancelled(const LoginAttempt& attempt) {
        const std::lock_guard guard(lock_);
        attempts_.cancelled(attempt, Clock::now());
    }

private:
    std::mutex lock_;
    AttemptCounter attempts_;
};

/// An attempt under `name` by whoever sent `request`: the address behind the proxy's, and the browser if it has logged
/// in under that name before.
[[nodiscard]] LoginAttempt attempt_of(const Context& context, const Request& request, const std::string& name);

/// Makes this browser known for the person whom `names` call, beside those who logged in from it lately.
void remember_browser(const Context& context, const Request& request, const std::vector<std::string>& names,
                      Response& response);

/// The answer 429 with the time to wait.
[[nodiscard]] Response too_many_attempts(std::chrono::seconds wait);

}  // namespace vetchart::edge
