#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "edge/api/http.h"
#include "edge/api/session.h"
#include "edge/store/rows/charts_fields.h"

namespace vetchart::edge {

struct Context;

enum class Access {
    open,   ///< Anyone, also while the node waits to be set up.
    login,  ///< Anyone, once the node is set up.
    user,   ///< A valid token.
    admin,  ///< A valid token of an administrator of at least one clinic; the handler checks which.
};

using Handler = Response (*)(Context&, const Request&, const Session&);

/// One path of the API. The table of all routes is the router's only input, and what openapi.json is made of.
struct Route {
    std::string_view method;
    std::string_view pattern;  ///< `/api/owners/{id}`
    Access access = Access::user;
    Handler handler = nullptr;
    std::string_view summary;
    std::optional<ChartTable> table = std::nullopt;  ///< Whose rows it speaks of.
    bool has_body = false;
};

[[nodiscard]] std::span<const Route> routes();

/// Answers one request: finds the route, checks who asks, runs the handler, counts the time.
[[nodiscard]] Response dispatch(Context& context, Request& request);

/// OpenAPI 3.0 of `routes()`.
[[nodiscard]] Json openapi();

}  // namespace vetchart::edge
