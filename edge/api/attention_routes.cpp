#include "edge/api/body.h"
#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/store/log/attention.h"
#include "sync/base/uuid.h"
#include "sync/engine/column_value.h"
#include "sync/engine/item_actions.h"

/// The attention list and what people decide on it (docs/api.md, *What a person has to look at*).
namespace vetchart::edge {
namespace {

using sync::ItemAction;

AttentionView view_of(const Session& session, UtcMillis now) {
    AttentionView view;
    view.now = now;
    for (const StaffLogin& staff : session.staff) view.staff.push_back(staff.id);
    view.admin_clinics = session.admin_reach(now).clinic_ids;
    return view;
}

Response unavailable(const Json& item) {
    if (item["actions"].empty()) {
        return error_response(409, "action_unavailable", "There is nothing to decide about this item now.");
    }
    std::string names;
    for (const Json& action : item["actions"]) names += (names.empty() ? "" : ", ") + action.get<std::string>();
    return error_response(409, "action_unavailable", "This item cannot be decided so now. It offers: " + names + ".");
}

Response wrong_value(const std::string& sentence) {
    return invalid_fields({{"value", field_fault(sentence, "invalid_value")}});
}

/// Takes the person's values into canonical form. nullopt: they fit their columns.
std::optional<Response> refuse_edits(const Json& item, Json& edits) {
    if (!edits.is_object() || edits.empty()) return wrong_value("The value must be an object of columns.");
    for (auto& [name, value] : edits.items()) {
        const sync::Column* column = sync::find_column(item["table"].get<std::string>(), name);
        if (column == nullptr || !takes_decided_value(*column)) {
            return wrong_value("There is no " + name + " that a person writes.");
        }
        if (const auto fault = sync::value_fault(*column, value)) return wrong_value(*fault);
    }
    return std::nullopt;
}

std::optional<Response> refuse_value(const Json& item, ItemAction action, Json& value) {
    if (action == ItemAction::edit_and_retry) return refuse_edits(item, value);
    const std::string column = item["code"] == "email_taken" ? std::string("email")
                               : item["column"].is_string()  ? item["column"].get<std::string>()
                                                             : std::string();
    const sync::Column* known = sync::find_column(item["table"].get<std::string>(), column);
    if (known == nullptr || !takes_decided_value(*known)) return wrong_value("This item has no column for a value.");
    if (const auto fault = sync::value_fault(*known, value)) return wrong_value(*fault);
    return std::nullopt;
}

/// What keeps the person from deciding `item` so; nullopt: nothing.
std::optional<Response> refuse_decision(const Json& item, const Json& body, const Session& session) {
    if (item["decision"].is_object() && item["decision"]["state"] == "waiting") {
        return error_response(409, "decision_waiting",
                              "This item was decided already; the decision waits until central has it. What it did can "
                              "be undone then.");
    }
    const std::string action = text_of(body, "action");
    if (action == name_of(ItemAction::discard) && !session.is_admin(item["clinicId"].get<std::string>())) {
        return forbidden("Only an administrator of the clinic gives work up.");
    }
    const Json& actions = item["actions"];
    if (std::find(actions.begin(), actions.end(), action) == actions.end() || !sync::find_item_action(action)) {
        return unavailable(item);
    }
    if (given(body, "version") && body["version"] != item["version"]) {
        return error_response(409, "item_changed", "This item has changed meanwhile. Look at it as it is now.");
    }
    return std::nullopt;
}

std::string staff_id_in(const Session& session, const std::string& clinic_id) {
    for (const StaffLogin& staff : session.staff) {
        if (staff.clinic_id == clinic_id) return staff.id;
    }
    return {};
}

}  // namespace

Response get_attention(Context& context, const Request& request, const Session& session) {
    AttentionView view = view_of(session, context.now());
    const std::string status = request.query_value("status");
    if (status == "resolved") view.status = AttentionView::Status::resolved;
    if (status == "all") view.status = AttentionView::Status::all;
    if (!status.empty() && status != "open" && status != "resolved" && status != "all") {
        return error_response(400, "bad_status", "The status must be open, resolved or all.");
    }
    auto body = list_attention(context.database, session.reach(context.now()), view);
    return body ? json_response(200, std::move(*body)) : from_error(body.error());
}

Response act_on_attention(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    if (text_of(body, "action").empty()) return invalid_fields({{"action", required_fault("Action")}});
    const UtcMillis now = context.now();
    const Reach reach = session.reach(now);
    const AttentionView view = view_of(session, now);
    const std::string& id = request.param("id");
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        const auto found = find_attention(connection, reach, view, id);
        if (!found) return not_found("item");
        const Json item = Json::parse(*found);
        if (auto refusal = refuse_decision(item, body, session)) return std::move(*refusal);
        const auto action = sync::find_item_action(text_of(body, "action"));
        Json value = body.value("value", Json());
        if (takes_value(*action)) {
            if (auto refusal = refuse_value(item, *action, value)) return std::move(*refusal);
        }
        const std::string clinic_id = item["clinicId"];
        NewDecision decision{new_row_id(context.database.rng(), now),
                             clinic_id,
                             id,
                             item["version"],
                             std::string(name_of(*action)),
                             std::nullopt,
                             staff_id_in(session, clinic_id)};
        if (takes_value(*action)) decision.value = dump(value);
        insert_decision(connection, decision, now);
        return json_response(200, *find_attention(connection, reach, view, id));
    });
}

}  // namespace vetchart::edge
