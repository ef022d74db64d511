#pragma once

#include <chrono>
#include <string>

#include "edge/api/http.h"

namespace vetchart::edge {

struct Context;

/// The request's cookie of the name that `kind` has on this node; empty: none.
[[nodiscard]] std::string cookie_of(const Context& context, const Request& request, const std::string& kind);

/// HttpOnly, never sent from another site's page, Secure over TLS. An empty value takes the cookie away.
void set_cookie(const Context& context, const Request& request, const std::string& kind, const std::string& value,
                std::chrono::seconds life, Response& response);

}  // namespace vetchart::edge
