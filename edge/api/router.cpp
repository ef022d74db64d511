#include "edge/api/router.h"

#include <algorithm>
#include <chrono>

#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"

namespace vetchart::edge {
namespace {

/// Cuts the first segment off `path` ("/a/b" gives "a").
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(std::min<std::size_t>(1, path.size()));
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

bool matches(std::string_view pattern, std::string_view path, std::map<std::string, std::string>& params) {
    params.clear();
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = take_segment(pattern);
        const std::string_view given = take_segment(path);
        if (wanted.starts_with('{')) {
            if (given.empty()) return false;
            params[std::string(wanted.substr(1, wanted.size() - 2))] = std::string(given);
        } else if (wanted != given) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

/// Finds the route of the request; nullptr: there is none, and `allowed` gets the methods that its path has.
const Route* find_route(Request& request, std::string& allowed) {
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    for (const Route& route : routes()) {
        if (!matches(route.pattern, request.path, request.params)) continue;
        if (route.method == method) return &route;
        allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    }
    return nullptr;
}

/// True while the file has no staff. It is asked each time until it has, since an enrolment brings staff too.
bool waits_for_setup(Context& context) {
    if (context.set_up.load(std::memory_order_relaxed)) return false;
    const auto needed = needs_setup(context.database);
    if (needed && !*needed) context.set_up.store(true, std::memory_order_relaxed);
    return needed && *needed;
}

Response answer(Context& context, Request& request) {
    std::string allowed;
    request.route = find_route(request, allowed);
    if (request.route == nullptr) {
        if (allowed.empty() && (request.method == "GET" || request.method == "HEAD")) {
            if (auto file = app_file(request)) return std::move(*file);
        }
        if (allowed.empty()) return error_response(404, "not_found", "There is nothing at this address.");
        Response response =
            error_response(405, "method_not_allowed", "This address does not take " + request.method + ".");
        response.headers.emplace_back("Allow", allowed);
        return response;
    }
    Session session;
    const Access access = request.route->access;
    if (access != Access::open && waits_for_setup(context)) {
        return error_response(503, "setup_needed", "This node has not been set up yet.");
    }
    if (access == Access::user || access == Access::admin) {
        if (auto refusal = authenticate(context, request, session)) return std::move(*refusal);
    }
    if (access == Access::admin && !session.is_admin_somewhere()) {
        return forbidden("Only an administrator can do this.");
    }
    return request.route->handler(context, request, session);
}

}  // namespace

Response dispatch(Context& context, Request& request) {
    const auto start = std::chrono::steady_clock::now();
    // The old server took `/api/owners/` as well.
    if (request.path.starts_with("/api/") && request.path.ends_with('/')) request.path.pop_back();
    Response response = answer(context, request);
    // The refusal may come from another database that was copied over this one, and would then be no answer.
    const bool is_change = request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
    if (is_change && response.status >= 400) {
        if (const Status files = context.database.check_files(); !files) response = from_error(files.error());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    context.metrics.observe(request.method, response.status, took.count());
    return response;
}

}  // namespace vetchart::edge
