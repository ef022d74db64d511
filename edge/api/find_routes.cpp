#include <charconv>

#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/store/rows/charts_find.h"
#include "sync/base/time.h"

/// What the app asks beyond the lists; the shapes are those of edge/store/rows/charts_find.h.
namespace vetchart::edge {
namespace {

constexpr int kResultsDefault = 12;
constexpr std::size_t kSearchBytesMax = 200;

Response text_or_error(Result<std::string> body) {
    return body ? json_response(200, std::move(*body)) : from_error(body.error());
}

}  // namespace

Response search(Context& context, const Request& request, const Session& session) {
    int limit = kResultsDefault;
    if (const std::string text = request.query_value("limit"); !text.empty()) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > kSearchResultsMax) {
            return error_response(400, "bad_limit", "limit must be a number from 1 to 50.");
        }
    }
    const std::string text = request.query_value("q");
    if (text.size() > kSearchBytesMax) return error_response(400, "bad_query", "The search is too long.");
    const auto results = search_charts(context.database, text, session.reach(context.now()), limit);
    if (!results) return from_error(results.error());
    return json_response(200, "{\"query\":" + dump(Json(text)) + ",\"near\":" + dump(Json(results->near)) +
                                  ",\"complete\":" + dump(Json(results->complete)) +
                                  ",\"results\":" + results->results + "}");
}

Response get_similar_owners(Context& context, const Request& request, const Session& session) {
    const OwnerSketch sketch{request.query_value("firstName"), request.query_value("lastName"),
                             request.query_value("email"), request.query_value("phone")};
    if (sketch.first_name.size() + sketch.last_name.size() + sketch.email.size() + sketch.phone.size() >
        5 * kSearchBytesMax) {
        return error_response(400, "bad_query", "The description is too long.");
    }
    return text_or_error(similar_owners(context.database, sketch, session.reach(context.now())));
}

Response get_owner_balance(Context& context, const Request& request, const Session& session) {
    auto balance = owner_balance(context.database, request.param("id"), session.reach(context.now()));
    if (!balance) return from_error(balance.error());
    if (!*balance) return not_found("owner");
    return json_response(200, std::move(**balance));
}

Response list_schedule(Context& context, const Request& request, const Reach& reach) {
    ScheduleQuery query;
    query.from = request.query_value("from");
    query.to = request.query_value("to");
    query.veterinarian = request.query_value("veterinarian");
    query.veterinarian_id = request.query_value("veterinarianId");
    query.patient_id = request.query_value("patientId");
    if (query.to.empty()) query.to = query.from;
    if (!is_day(query.from) || !is_day(query.to) || query.to < query.from) {
        return error_response(400, "bad_days", "from and to must be days such as 2026-11-22, the first not later.");
    }
    return text_or_error(schedule(context.database, query, reach));
}

}  // namespace vetchart::edge
