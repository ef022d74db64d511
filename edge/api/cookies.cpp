#include "edge/api/cookies.h"

#include "edge/api/context.h"
#include "sync/base/known_browser.h"

namespace vetchart::edge {
namespace {

std::string name_of(const Context& context, const std::string& kind) {
    return "vetchart_" + kind + "_" + context.tokens.cookie_suffix();
}

/// Over plain HTTP a browser would not keep a Secure cookie.
bool is_secure(const Context& context, const Request& request) {
    return !context.options.tls_cert.empty() ||
           (context.options.behind_proxy && request.header("x-forwarded-proto") == "https");
}

}  // namespace

std::string cookie_of(const Context& context, const Request& request, const std::string& kind) {
    return cookie_in(request.header("cookie"), name_of(context, kind));
}

void set_cookie(const Context& context, const Request& request, const std::string& kind, const std::string& value,
                std::chrono::seconds life, Response& response) {
    response.headers.emplace_back("Set-Cookie", name_of(context, kind) + '=' + value +
                                                    "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
                                                    std::to_string(value.empty() ? 0 : life.count()) +
                                                    (is_secure(context, request) ? "; Secure" : ""));
}

}  // namespace vetchart::edge
