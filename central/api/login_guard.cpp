#include "central/api/login_guard.h"

#include "sync/base/digest.h"

namespace vetchart::central {

namespace {
constexpr std::size_t kSecretBytes = 32;
}  // namespace

LoginGuard::LoginGuard(Rng& rng) : attempts_(random_token(rng, kSecretBytes)) {}

LoginGuard::Verdict LoginGuard::begin(LoginAttempt& attempt, Clock::time_point now) {
    const std::lock_guard guard(lock_);
    if (at_work_ >= kAtOnceMax) return {Verdict::Kind::busy, {}};
    if (const auto wait = attempts_.begin(attempt, now)) return {Verdict::Kind::too_many, *wait};
    ++at_work_;
    return {};
}

void LoginGuard::finished(const LoginAttempt& attempt, Outcome outcome, Clock::time_point now) {
    const std::lock_guard guard(lock_);
    --at_work_;
    if (outcome == Outcome::right) attempts_.succeeded(attempt, now);
    if (outcome == Outcome::unknown) attempts_.cancelled(attempt, now);
}

}  // namespace vetchart::central
