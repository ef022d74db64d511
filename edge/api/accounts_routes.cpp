#include <openssl/crypto.h>

#include <chrono>
#include <map>

#include "edge/api/body.h"
#include "edge/api/clinic_day.h"
#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/api/passwords.h"
#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

Response too_many_attempts() {
    Response response = error_response(429, "too_many_attempts", "Too many failed logins. Wait five minutes.");
    const std::chrono::seconds window = AttemptCounter::kWindow;
    response.headers.emplace_back("Retry-After", std::to_string(window.count()));
    return response;
}

/// Those of `candidates` that `password` opens. Rows that share a hash are looked at once, as one person's rows in
/// several clinics usually do.
std::vector<StaffLogin> opened_by(Context& context, const std::vector<StaffLogin>& candidates,
                                  const std::string& password) {
    std::vector<StaffLogin> opened;
    std::map<std::string, PasswordCheck> checked;
    for (const StaffLogin& staff : candidates) {
        const std::string& hash = staff.local_hash.empty() ? staff.password_hash : staff.local_hash;
        auto found = checked.find(hash);
        if (found == checked.end()) found = checked.emplace(hash, check_password(staff, password)).first;
        if (!found->second.right) continue;
        opened.push_back(staff);
        if (!found->second.legacy) continue;
        // Not being able to keep the better hash is no reason to refuse the login.
        if (const auto better = hash_in_turn(password)) (void)keep_local_hash(context.database, staff, *better);
    }
    return opened;
}

bool is_loopback(const std::string& address) {
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

/// A page of another site cannot reach the set-up through a browser on this machine: neither by a name that was made
/// to point here (Host), nor through a proxy that stands on loopback itself.
bool comes_from_here(const Context& context, const Request& request) {
    if (context.options.behind_proxy || !is_loopback(request.remote_address)) return false;
    if (!request.header("x-forwarded-for").empty() || !request.header("forwarded").empty()) return false;
    const std::string host = request.header("host");
    const std::string name =
        host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

bool has_setup_code(const Context& context, const Json& body) {
    const std::string& code = context.options.setup_code;
    const std::string given = text_of(body, "code");
    return !code.empty() && given.size() == code.size() && CRYPTO_memcmp(given.data(), code.data(), code.size()) == 0;
}

/// The refusal of who may not set this node up.
std::optional<Response> refuse_setup(Context& context, const Request& request, const Json& body) {
    const auto needed = needs_setup(context.database);
    if (!needed) return from_error(needed.error());
    if (!*needed) return error_response(409, "already_set_up", "This node has been set up already.");
    if (!context.login_guard.begin("set-up", request.remote_address, LoginGuard::Clock::now())) {
        return too_many_attempts();
    }
    if (!comes_from_here(context, request) && !has_setup_code(context, body)) {
        return error_response(403, "setup_code_wrong", "Enter the set-up code that the node printed at its start.");
    }
    return std::nullopt;
}

}  // namespace

Response login(Context& context, const Request& request, const Session&) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    std::string name = text_of(body, "username");
    if (name.empty()) name = text_of(body, "email");
    const std::string password = text_of(body, "password");
    const std::string key = ascii_lower(trim_blanks(name));
    if (!context.login_guard.begin(key, request.remote_address, LoginGuard::Clock::now())) return too_many_attempts();
    std::vector<StaffLogin> opened;
    if (!name.empty() && !password.empty() && password.size() <= kPasswordBytesMax) {
        const auto candidates = find_staff_by_name(context.database, name);
        if (!candidates) return from_error(candidates.error());
        if (candidates->empty()) check_nobody(password);
        opened = opened_by(context, *candidates, password);
    }
    if (opened.empty()) return error_response(401, "login_failed", "E-mail or password is wrong.");
    context.login_guard.succeeded(key, request.remote_address);
    // A username may be shared by several people; the one whose password it is has one e-mail.
    Session session{opened.front().email, {}};
    for (StaffLogin& staff : opened) {
        if (staff.email == session.email) session.staff.push_back(std::move(staff));
    }
    const std::string token = issue_token(context, session);
    Response response = json_response(200, Json{{"token", token}, {"user", user_json(session)}});
    set_session_cookie(context, request, token, response);
    return response;
}

Response logout(Context& context, const Request& request, const Session&) {
    if (auto refusal = refuse_other_site(request)) return std::move(*refusal);
    Response response = json_response(204, std::string());
    set_session_cookie(context, request, {}, response);
    return response;
}

Response get_me(Context&, const Request&, const Session& session) { return json_response(200, user_json(session)); }

Response get_setup(Context& context, const Request& request, const Session&) {
    const auto needed = needs_setup(context.database);
    if (!needed) return from_error(needed.error());
    const auto status = context.sync_status();
    if (!status) return from_error(status.error());
    // Between the enrolment and the first apply there is nobody who could log in.
    const bool loading = *needed && !status->node_id.empty();
    const char* state = !*needed ? "ready" : loading ? "loading" : "new";
    const bool from_here = comes_from_here(context, request);
    Json body{{"needed", *needed},
              {"codeNeeded", *needed && !from_here},
              {"needsCode", *needed && !from_here},
              {"state", state},
              {"rowsLoaded", nullptr},
              {"lastError", nullptr}};
    if (loading) {
        const auto rows = rows_waiting(context.database);
        if (!rows) return from_error(rows.error());
        body["rowsLoaded"] = *rows;
        if (status->last_error) body["lastError"] = *status->last_error;
    }
    return json_response(200, body);
}

Response enroll_at_setup(Context& context, const Request& request, const Session&) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    if (auto refusal = refuse_setup(context, request, body)) return std::move(*refusal);
    context.login_guard.succeeded("set-up", request.remote_address);
    return enroll_by_page(context, body);
}

Response set_up(Context& context, const Request& request, const Session&) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    if (auto refusal = refuse_setup(context, request, body)) return std::move(*refusal);
    FirstAdmin admin;
    admin.email = text_of(body, "adminEmail");
    admin.password = text_of(body, "password");
    admin.clinic_name = text_of(body, "clinicName");
    if (const std::string zone = text_of(body, "timezone"); !zone.empty()) admin.timezone = zone;
    if (!is_known_zone(admin.timezone)) return unknown_timezone();
    if (given(body, "currency")) {
        Json fault;
        const auto fields = fields_of(ChartTable::clinic);
        const auto currency = read_value(fields[field_index(ChartTable::clinic, "currency")], body["currency"], fault);
        if (!currency) return invalid_fields(Json{{"currency", fault}});
        admin.currency = std::get<std::string>(*currency);
    }
    if (const std::string first = text_of(body, "firstName"); !first.empty()) admin.first_name = first;
    if (const std::string last = text_of(body, "lastName"); !last.empty()) admin.last_name = last;
    const auto clinic_id = create_first_admin(context.database, admin, context.now());
    if (!clinic_id) return from_error(clinic_id.error());
    context.login_guard.succeeded("set-up", request.remote_address);
    return json_response(201, Json{{"message", "The node is set up. Log in."}, {"clinicId", *clinic_id}});
}

}  // namespace vetchart::edge
