#include "central/api/central_api.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <string_view>

#include "central/api/hq_api.h"
#include "central/api/sync_api.h"
#include "central/store/health.h"
#include "sync/base/central_url.h"

namespace vetchart::central {
namespace {

constexpr std::string_view kHealth = "/api/health";
constexpr std::string_view kDbHealth = "/api/db/health";
constexpr std::string_view kMetrics = "/metrics";

Response json_response(const sync::Json& json) {
    Response response;
    response.body = json.dump();
    return response;
}

}  // namespace

CentralApi::CentralApi(ApiParts parts) : parts_(std::move(parts)), started_at_(parts_.now()) {}

bool CentralApi::is_light(const Request& request) { return request.path == kHealth || request.path == kMetrics; }

Response CentralApi::handle(const Request& request) {
    Response response;
    try {
        response = route(request);
    } catch (const std::exception& e) {
        // Only the exception's kind is logged: what() can quote the data it was working on.
        spdlog::error("{} {}: {}", request.method, request.path, typeid(e).name());
        response = error_response(500, "internal", "Central failed. Its log says why.");
    }
    if (!response.deferred) {
        seal(response, accepts_gzip(request));
        leave_out_what_arrived(request, response);
    }
    return response;
}

void CentralApi::keep_cut(const Request& request) {
    try {
        keep_cut_upload(parts_, request);
    } catch (const std::exception& e) {
        spdlog::error("{} {}: {}", request.method, request.path, typeid(e).name());
    }
}

Response CentralApi::route(const Request& request) {
    if (request.path.starts_with("/sync/")) return answer_sync(parts_, request);
    if (parts_.hq != nullptr && HqApi::is_its(request)) return parts_.hq->answer(request);
    const bool known = request.path == kHealth || request.path == kDbHealth || request.path == kMetrics;
    if (!known || (request.path == kMetrics && !may_read_metrics(request)))
        return error_response(404, "not_found", "There is nothing here.");
    if (request.method != "GET") {
        Response response = error_response(405, "method_not_allowed", "Only GET works here.");
        response.headers.emplace_back("Allow", "GET");
        return response;
    }
    if (request.path == kHealth) return health();
    if (request.path == kDbHealth) return db_health();
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = parts_.metrics.text(parts_.gauges());
    return response;
}

bool CentralApi::may_read_metrics(const Request& request) const {
    switch (parts_.metrics_for) {
        case MetricsFor::everyone: return true;
        case MetricsFor::nobody: return false;
        case MetricsFor::this_computer: break;
    }
    return is_loopback_host(request.peer) && request.header("x-forwarded-for").empty() &&
           request.header("forwarded").empty();
}

Response CentralApi::health() const {
    const auto now = parts_.now();
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(now - started_at_).count();
    return json_response(
        {{"status", "ok"}, {"uptime", uptime}, {"timestamp", format_utc(now)}, {"version", VETCHART_VERSION}});
}

Response CentralApi::db_health() {
    const auto latency = ping(parts_.pool);
    parts_.metrics.pinged(latency ? *latency : 0, latency.ok());
    if (!latency) {
        spdlog::warn("database health: {}", latency.error().context);
        return error_response(503, "unavailable", "The database does not answer.");
    }
    return json_response({{"status", "ok"}, {"latencyMs", *latency}});
}

}  // namespace vetchart::central
