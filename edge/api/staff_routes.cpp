#include <algorithm>

#include "edge/api/body.h"
#include "edge/api/charts_write.h"
#include "edge/api/clinic_day.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/api/passwords.h"
#include "edge/store/people/accounts_admin.h"
#include "edge/store/people/sessions.h"
#include "sync/base/email.h"
#include "sync/base/uuid.h"

namespace vetchart::edge {
namespace {

/// Hashes the body's password; nullopt: `refusal` says why. Call it outside of any transaction, since it takes time.
std::optional<std::string> hashed_password(Context& context, const Json& body, Response& refusal) {
    const std::string password = text_of(body, "password");
    if (!check_new_password(password)) {
        const std::string sentence = "A password has at least 8 characters.";
        refusal = error_response(422, "weak_password", sentence, Json{{"password", sentence}});
        return std::nullopt;
    }
    const auto turn = context.passwords.take();
    if (!turn) {
        refusal = too_many_passwords();
        return std::nullopt;
    }
    auto hash = hash_password(password);
    if (!hash) refusal = error_response(503, "busy", "The node is short of memory. Try again.");
    return hash;
}

Response last_admin() { return error_response(422, "last_admin", "A clinic keeps at least one active administrator."); }

Response staff_row(Connection& connection, const std::string& id, const Reach& reach, int status) {
    auto row = find_staff_row(connection, id, reach);
    return row ? row_response(status, std::move(*row)) : not_found("staff member");
}

/// The clinic the request speaks of: ?clinicId=, or the id that its body brought along, or the login's first.
std::string clinic_of(const Request& request, const Session& session, const Json& body = Json::object()) {
    if (const std::string wanted = request.query_value("clinicId"); !wanted.empty()) return wanted;
    for (const char* name : {"clinicId", "id"}) {
        if (given(body, name)) return text_of(body, name);
    }
    return session.staff.front().clinic_id;
}

/// A new address must be one: it is the name to log in with. One that came from elsewhere may stay as it is.
std::vector<Value> read_staff(const Json& body, const std::vector<Value>* stored, Json& errors) {
    auto values = read_fields(ChartTable::staff, body, stored, errors);
    const std::size_t index = field_index(ChartTable::staff, "email");
    const auto* email = std::get_if<std::string>(&values[index]);
    const bool is_new = stored == nullptr || values[index] != (*stored)[index];
    if (!errors.contains("email") && is_new && email != nullptr && !is_email(*email)) {
        errors["email"] = field_fault("E-mail must look like name@example.org.", "bad_email");
    }
    return values;
}

/// Refuses whoever does not know the person's present password. The session has a count of its own: nobody else's
/// failures keep a person from a new password, and whoever found an open page cannot guess for long.
std::optional<Response> refuse_stranger(Context& context, const Request& request, const Session& session,
                                        const std::string& password) {
    LoginAttempt attempt = attempt_of(context, request, session.email);
    attempt.device = "session " + session.id;
    if (const auto wait = context.login_guard.begin(attempt)) return too_many_attempts(*wait);
    const auto turn = context.passwords.take();
    if (!turn) {
        context.login_guard.cancelled(attempt);
        return too_many_passwords();
    }
    if (password.size() > kPasswordBytesMax || !check_password(*turn, session.staff.front(), password).right) {
        return forbidden("The present password is not right.");
    }
    context.login_guard.succeeded(attempt);
    return std::nullopt;
}

}  // namespace

Response get_staff(Context& context, const Request&, const Session& session) {
    auto body = list_staff(context.database, session.admin_reach(context.now()));
    return body ? json_response(200, std::move(*body)) : from_error(body.error());
}

Response get_vets(Context& context, const Request&, const Session& session) {
    auto body = list_vets(context.database, session.reach(context.now()));
    return body ? json_response(200, std::move(*body)) : from_error(body.error());
}

Response create_staff(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    if (!given(body, "username") && given(body, "email")) body["username"] = body["email"];
    Response refusal;
    const auto hash = hashed_password(context, body, refusal);
    if (!hash) return refusal;
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        Json errors = Json::object();
        const auto values = read_staff(body, nullptr, errors);
        if (!errors.empty()) return invalid_fields(errors);
        Response refused;
        const auto clinic_id = choose_clinic(connection, session, ChartTable::staff, body, values, refused);
        if (!clinic_id) return refused;
        if (!session.is_admin(*clinic_id)) return forbidden("You are no administrator of this clinic.");
        const std::string id = new_row_id(context.database.rng(), context.now());
        insert_staff(connection, id, *clinic_id, values, *hash, context.now());
        return staff_row(connection, id, session.admin_reach(context.now()), 201);
    });
}

Response replace_staff(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    const std::string& id = request.param("id");
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        const Reach reach = session.admin_reach(context.now());
        const auto stored = load_row(connection, ChartTable::staff, id, reach);
        if (!stored) return not_found("staff member");
        const auto current = find_staff_row(connection, id, reach).value_or("{}");
        if (auto refusal = refuse_stale(request, body, current)) return std::move(*refusal);
        Json errors = Json::object();
        const auto values = read_staff(body, &stored->values, errors);
        if (!errors.empty()) return invalid_fields(errors);
        if (values != stored->values) update_row(connection, ChartTable::staff, id, values, context.now());
        if (!has_admin(connection, stored->clinic_id)) return last_admin();
        return staff_row(connection, id, reach, 200);
    });
}

Response set_password(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    const std::string& id = request.param("id");
    const bool is_own = std::any_of(session.staff.begin(), session.staff.end(),
                                    [&id](const StaffLogin& staff) { return staff.id == id; });
    const bool own = is_own && given(body, "currentPassword");
    if (own) {
        auto refused = refuse_stranger(context, request, session, text_of(body, "currentPassword"));
        if (refused) return std::move(*refused);
    }
    if (!own && !session.is_admin_somewhere()) {
        return forbidden(is_own ? "A new password needs the present one as currentPassword."
                                : "Only an administrator sets another's password.");
    }
    Response refusal;
    const auto hash = hashed_password(context, body, refusal);
    if (!hash) return refusal;
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        if (own) {
            // One password opens all clinics of the login: it goes on doing so.
            for (const StaffLogin& staff : session.staff) {
                set_staff_password(connection, staff.id, *hash, context.now());
            }
            return message_response("The password was set.");
        }
        if (!load_row(connection, ChartTable::staff, id, session.admin_reach(context.now())))
            return not_found("staff member");
        set_staff_password(connection, id, *hash, context.now());
        return message_response("The password was set.");
    });
}

Response end_sessions(Context& context, const Request& request, const Session& session) {
    const std::string& id = request.param("id");
    Response response;
    const auto status = context.database.maintain([&](Connection& connection) -> Status {
        const bool is_its = load_row(connection, ChartTable::staff, id, session.admin_reach(context.now())).has_value();
        if (is_its) end_staff_sessions(connection, id);
        response = is_its ? message_response("All sessions were ended.") : not_found("staff member");
        return Done{};
    });
    return status ? std::move(response) : from_error(status.error());
}

Response get_clinic(Context& context, const Request& request, const Session& session) {
    return read_rows(context, [&](Connection& connection) -> Response {
        auto row = find_row(connection, ChartTable::clinic, clinic_of(request, session), session.reach(context.now()));
        return row ? row_response(200, std::move(*row)) : not_found("clinic");
    });
}

Response replace_clinic(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        const std::string id = clinic_of(request, session, body);
        const Reach reach = session.reach(context.now());
        const auto stored = load_row(connection, ChartTable::clinic, id, reach);
        if (!stored) return not_found("clinic");
        if (!session.is_admin(id)) return forbidden("You are no administrator of this clinic.");
        if (auto refusal =
                refuse_stale(request, body, find_row(connection, ChartTable::clinic, id, reach).value_or("{}"))) {
            return std::move(*refusal);
        }
        Json errors = Json::object();
        const auto values = read_fields(ChartTable::clinic, body, &stored->values, errors);
        if (!errors.empty()) return invalid_fields(errors);
        const std::size_t zone = field_index(ChartTable::clinic, "timezone");
        const auto* name = std::get_if<std::string>(&values[zone]);
        if (values[zone] != stored->values[zone] && (name == nullptr || !is_known_zone(*name))) {
            return unknown_timezone();
        }
        if (values != stored->values) update_row(connection, ChartTable::clinic, id, values, context.now());
        return row_response(200, find_row(connection, ChartTable::clinic, id, reach).value_or("{}"));
    });
}

}  // namespace vetchart::edge
