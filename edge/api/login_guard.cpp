#include "edge/api/login_guard.h"

#include "edge/api/context.h"
#include "edge/api/cookies.h"
#include "edge/api/errors.h"
#include "sync/base/digest.h"
#include "sync/base/known_browser.h"
#include "sync/base/peer_address.h"

namespace vetchart::edge {
namespace {

constexpr const char* kDevice = "device";
constexpr std::size_t kSecretBytes = 32;

KnownBrowser browser_of(const Context& context, const Request& request) {
    return {cookie_of(context, request, kDevice), context.tokens.keyed("device", "")};
}

}  // namespace

LoginGuard::LoginGuard(Rng& rng) : attempts_(random_token(rng, kSecretBytes)) {}

LoginAttempt attempt_of(const Context& context, const Request& request, const std::string& name) {
    LoginAttempt attempt;
    attempt.name = name;
    std::optional<std::string> forwarded;
    if (context.options.behind_proxy) forwarded = last_forwarded(request.header("x-forwarded-for"));
    attempt.address = address_block(forwarded.value_or(request.remote_address));
    // This address stands for everyone at this computer, or behind a proxy that does not say for whom it asks.
    attempt.is_shared =
        is_loopback_address(forwarded.value_or(request.remote_address)) || (context.options.behind_proxy && !forwarded);
    attempt.device = browser_of(context, request).device_of(name);
    return attempt;
}

void remember_browser(const Context& context, const Request& request, const std::vector<std::string>& names,
                      Response& response) {
    KnownBrowser browser = browser_of(context, request);
    browser.remember(names, context.database.rng());
    set_cookie(context, request, kDevice, browser.cookie(), std::chrono::hours(24 * KnownBrowser::kDays), response);
}

Response too_many_attempts(std::chrono::seconds wait) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(wait).count();
    Response response =
        error_response(429, "too_many_attempts",
                       minutes == 1 ? "Too many failed logins. Wait a minute."
                                    : "Too many failed logins. Wait " + std::to_string(minutes) + " minutes.");
    response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    return response;
}

}  // namespace vetchart::edge
