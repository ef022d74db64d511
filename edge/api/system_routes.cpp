#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/api/router.h"

namespace vetchart::edge {
namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

Json clinics_json(const SyncStatus& status) {
    Json clinics = Json::array();
    for (const SyncStatus::Clinic& clinic : status.clinics) {
        clinics.push_back({{"id", clinic.id},
                           {"code", clinic.code},
                           {"name", clinic.name},
                           {"state", clinic.state},
                           {"version", clinic.version},
                           {"loading", clinic.loading},
                           {"rowsArrived", clinic.rows_arrived},
                           {"rowsInAll", clinic.feed_rows ? Json(*clinic.feed_rows) : Json()}});
    }
    return clinics;
}

Json rebuilds_json(const SyncStatus& status) {
    Json rebuilds = Json::array();
    for (const Rebuild& rebuild : status.rebuilds) {
        rebuilds.push_back({{"what", rebuild.what}, {"times", rebuild.times}, {"at", rebuild.at}});
    }
    return rebuilds;
}

/// True when the request comes from this computer with nobody in between, as far as that can be known.
bool is_from_this_computer(const Request& request) {
    const std::string& address = request.remote_address;
    const bool loopback = address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
    return loopback && request.header("x-forwarded-for").empty() && request.header("forwarded").empty();
}

Response status_response(Context& context) {
    const auto status = context.sync_status();
    if (!status) return from_error(status.error());
    Json json = sync_status_json(*status, context.online());
    // `now` is in this answer alone and not in the events, which are sent when something changes.
    json["now"] = format_utc(context.now());
    return json_response(200, json);
}

}  // namespace

Json sync_status_json(const SyncStatus& status, bool online) {
    const Json node{{"id", text_or_null(status.node_id)}, {"name", status.node_name}, {"code", status.node_code}};
    return Json{{"node", node},
                {"clinics", clinics_json(status)},
                {"incarnation", text_or_null(status.incarnation)},
                {"centralUrl", text_or_null(status.central_url)},
                {"online", online},
                {"lastPushAt", text_or_null(status.last_push_at)},
                {"lastPullAt", text_or_null(status.last_pull_at)},
                {"lastContactAt", text_or_null(status.last_contact_at)},
                {"lastError", text_or_null(status.last_error)},
                {"state", sync::to_string(status.state)},
                {"stateSince", text_or_null(status.state_since)},
                {"advice", text_or_null(std::string(sync::advice(status.state)))},
                {"pendingChanges", status.pending_changes},
                {"pendingTransactions", status.pending_transactions},
                {"oldestPendingAt", text_or_null(status.oldest_pending_at)},
                {"conflicts", status.conflicts},
                {"quarantined", status.quarantined},
                {"notices", status.notices},
                {"decided", status.decided},
                {"clockOffsetMs", status.clock_offset_ms},
                {"clockWrongSince", text_or_null(status.clock_wrong_since)},
                {"schemaVersion", status.schema_version},
                {"searchComplete", status.search_complete},
                {"rebuilds", rebuilds_json(status)}};
}

Response get_health(Context& context, const Request&, const Session&) {
    const std::chrono::duration<double> up = std::chrono::steady_clock::now() - context.started;
    return json_response(200, Json{{"status", "ok"}, {"uptime", up.count()}, {"timestamp", format_utc(context.now())}});
}

Response get_database_health(Context& context, const Request&, const Session&) {
    if (const auto damage = context.database.damage()) return from_error(*damage);
    const auto start = std::chrono::steady_clock::now();
    const Status answered = ping(context.database);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    context.metrics.pinged(took.count(), answered.ok());
    if (!answered) return error_response(503, "database_unavailable", "The database does not answer.");
    return json_response(200, Json{{"status", "ok"}, {"latencyMs", took.count()}});
}

Response get_metrics(Context& context, const Request& request, const Session&) {
    const MetricsFor readers = context.options.metrics_for;
    if (readers == MetricsFor::nobody || (readers == MetricsFor::this_computer && !is_from_this_computer(request))) {
        return error_response(404, "not_found", "There is nothing at this address.");
    }
    if (const auto status = context.sync_status()) context.metrics.set_sync(*status, context.online());
    Response response = json_response(200, context.metrics.text());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return response;
}

Response get_openapi(Context&, const Request&, const Session&) { return json_response(200, openapi()); }

Response get_sync_status(Context& context, const Request&, const Session&) { return status_response(context); }

Response sync_now(Context& context, const Request&, const Session&) {
    if (!context.options.sync_now) {
        return error_response(503, "not_enrolled", "This node works alone: it has not been enrolled with central.");
    }
    const Status done = context.options.sync_now();
    if (done) return status_response(context);
    const Errc code = done.error().code;
    if (code == Errc::forbidden || code == Errc::conflict || code == Errc::invalid_input || code == Errc::not_found) {
        // Whoever pressed the button did nothing wrong and can do nothing; the status has central's own words.
        return error_response(503, "central_refused", "Central refuses this node. Your work is saved here.");
    }
    return from_error(done.error());
}

}  // namespace vetchart::edge
