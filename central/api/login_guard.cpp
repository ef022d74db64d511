#include "central/api/login_guard.h"

namespace vetchart::central {

LoginGuard::Verdict LoginGuard::begin(const std::string& email, const std::string& address, Clock::time_point now) {
    const std::lock_guard guard(lock_);
    if (at_work_ >= kAtOnceMax) return Verdict::busy;
    if (!attempts_.begin(email, address, now)) return Verdict::too_many;
    ++at_work_;
    return Verdict::go;
}

void LoginGuard::finished(const std::string& email, const std::string& address, bool right) {
    const std::lock_guard guard(lock_);
    --at_work_;
    if (right) attempts_.succeeded(email, address);
}

}  // namespace vetchart::central
