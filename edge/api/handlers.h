#pragma once

#include "edge/api/http.h"
#include "edge/api/session.h"

/// The handlers of routes.cpp. Each may rely on what the route promised: the access checked, the path parameters
/// there. `request.route->table` says whose rows a shared handler works on.
namespace vetchart::edge {

// charts_routes.cpp
Response list_charts(Context& context, const Request& request, const Session& session);
Response get_chart(Context& context, const Request& request, const Session& session);
Response create_chart(Context& context, const Request& request, const Session& session);
Response replace_chart(Context& context, const Request& request, const Session& session);
Response delete_chart(Context& context, const Request& request, const Session& session);
Response restore_chart(Context& context, const Request& request, const Session& session);
Response set_appointment_status(Context& context, const Request& request, const Session& session);
Response merge_owner(Context& context, const Request& request, const Session& session);
Response get_dashboard(Context& context, const Request& request, const Session& session);

// find_routes.cpp
Response search(Context& context, const Request& request, const Session& session);
Response get_similar_owners(Context& context, const Request& request, const Session& session);
Response get_owner_balance(Context& context, const Request& request, const Session& session);
/// Answers GET /api/appointments?from=&to= with the appointments of these days, first to last.
Response list_schedule(Context& context, const Request& request, const Reach& reach);

// bills_routes.cpp
Response create_bill(Context& context, const Request& request, const Session& session);
Response replace_bill(Context& context, const Request& request, const Session& session);

// accounts_routes.cpp
Response login(Context& context, const Request& request, const Session& session);
Response logout(Context& context, const Request& request, const Session& session);
Response get_me(Context& context, const Request& request, const Session& session);
Response get_setup(Context& context, const Request& request, const Session& session);
Response enroll_at_setup(Context& context, const Request& request, const Session& session);
Response set_up(Context& context, const Request& request, const Session& session);

// staff_routes.cpp
Response get_staff(Context& context, const Request& request, const Session& session);
Response get_vets(Context& context, const Request& request, const Session& session);
Response create_staff(Context& context, const Request& request, const Session& session);
Response replace_staff(Context& context, const Request& request, const Session& session);
Response end_sessions(Context& context, const Request& request, const Session& session);
Response set_password(Context& context, const Request& request, const Session& session);
Response get_clinic(Context& context, const Request& request, const Session& session);
Response replace_clinic(Context& context, const Request& request, const Session& session);

// node_routes.cpp
Response get_node(Context& context, const Request& request, const Session& session);
Response back_up_node(Context& context, const Request& request, const Session& session);
Response enroll_node_of_page(Context& context, const Request& request, const Session& session);
Response get_events(Context& context, const Request& request, const Session& session);
/// The enrolment that `body` orders: {token, name?, into?}.
Response enroll_by_page(Context& context, const Json& body);

// system_routes.cpp
Response get_health(Context& context, const Request& request, const Session& session);
Response get_database_health(Context& context, const Request& request, const Session& session);
Response get_metrics(Context& context, const Request& request, const Session& session);
Response get_openapi(Context& context, const Request& request, const Session& session);
Response get_sync_status(Context& context, const Request& request, const Session& session);
Response sync_now(Context& context, const Request& request, const Session& session);

// attention_routes.cpp
Response get_attention(Context& context, const Request& request, const Session& session);
Response act_on_attention(Context& context, const Request& request, const Session& session);

// app_routes.cpp
Response get_app_page(Context& context, const Request& request, const Session& session);
/// Answers with a file of the app, or with its page for any address of the app's own. nullopt: nothing is there.
std::optional<Response> app_file(const Request& request);

}  // namespace vetchart::edge
