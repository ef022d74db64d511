#include <openssl/crypto.h>

#include <map>

#include "edge/api/body.h"
#include "edge/api/clinic_day.h"
#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/api/passwords.h"
#include "edge/store/people/sessions.h"
#include "sync/base/email.h"
#include "sync/base/peer_address.h"

namespace vetchart::edge {
namespace {

/// So many different hashes are tried at a login: who works in more clinics has the same password in some of them.
constexpr std::size_t kHashesMax = 16;

struct Opened {
    std::vector<StaffLogin> staff;
    bool is_done = true;  ///< False: the turn ended before every hash was looked at.
};

/// Those of `candidates` that `password` opens. Rows that share a hash are looked at once, as one person's rows in
/// several clinics usually do.
Opened opened_by(Context& context, const PasswordWork::Turn& turn, const std::vector<StaffLogin>& candidates,
                 const std::string& password) {
    Opened opened;
    std::map<std::string, PasswordCheck> checked;
    for (const StaffLogin& staff : candidates) {
        const std::string& hash = staff.local_hash.empty() ? staff.password_hash : staff.local_hash;
        auto found = checked.find(hash);
        if (found == checked.end()) {
            if (checked.size() >= kHashesMax) break;
            if (!turn.may_go_on()) return {{}, false};
            found = checked.emplace(hash, check_password(turn, staff, password)).first;
        }
        if (!found->second.right) continue;
        opened.staff.push_back(staff);
        if (!found->second.worth_rehash) continue;
        // Not being able to keep the better hash is no reason to refuse the login.
        if (const auto better = hash_password(password)) (void)keep_local_hash(context.database, staff, *better);
    }
    return opened;
}

/// The answer to who has proved to be `opened`: a session, in the answer and as a cookie, and a browser that is known.
Response let_in(Context& context, const Request& request, std::vector<StaffLogin> opened) {
    // A username may be shared by several people; the one whose password it is has one e-mail.
    Session session{{}, opened.front().email, {}};
    for (StaffLogin& staff : opened) {
        if (staff.email == session.email) session.staff.push_back(std::move(staff));
    }
    const auto token = open_session(context, session);
    if (!token) return from_error(token.error());
    Response response = json_response(200, Json{{"token", *token}, {"user", user_json(session)}});
    set_session_cookie(context, request, *token, response);
    std::vector<std::string> names{session.email};
    for (const StaffLogin& staff : session.staff) names.push_back(staff.username);
    remember_browser(context, request, names, response);
    return response;
}

/// A page of another site cannot reach the set-up through a browser on this machine: neither by a name that was made
/// to point here (Host), nor through a proxy that stands on loopback itself.
bool comes_from_here(const Context& context, const Request& request) {
    if (context.options.behind_proxy || !is_loopback_address(request.remote_address)) return false;
    if (!request.header("x-forwarded-for").empty() || !request.header("forwarded").empty()) return false;
    const std::string host = request.header("host");
    const std::string name =
        host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

constexpr const char* kSetup = "set-up ";

bool has_setup_code(const Context& context, const Json& body) {
    const std::string& code = context.options.setup_code;
    const std::string given = text_of(body, "code");
    return !code.empty() && given.size() == code.size() && CRYPTO_memcmp(given.data(), code.data(), code.size()) == 0;
}

/// Refuses whoever may not set this node up. At this computer no code is needed, so nobody's guesses lock that out.
std::optional<Response> refuse_setup(Context& context, const Request& request, const Json& body) {
    const auto needed = needs_setup(context.database);
    if (!needed) return from_error(needed.error());
    if (!*needed) return error_response(409, "already_set_up", "This node has been set up already.");
    if (comes_from_here(context, request)) return std::nullopt;
    // Attempts are counted by address alone: the code is too long to be guessed from any number of addresses.
    LoginAttempt attempt = attempt_of(context, request, kSetup);
    attempt.name += attempt.address;
    if (const auto wait = context.login_guard.begin(attempt)) return too_many_attempts(*wait);
    if (!has_setup_code(context, body)) {
        return error_response(403, "setup_code_wrong", "Enter the set-up code that the node printed at its start.");
    }
    context.login_guard.succeeded(attempt);
    return std::nullopt;
}

}  // namespace

Response login(Context& context, const Request& request, const Session&) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    std::string name = text_of(body, "username");
    if (name.empty()) name = text_of(body, "email");
    const std::string password = text_of(body, "password");
    LoginAttempt attempt = attempt_of(context, request, normal_email(name));
    if (const auto wait = context.login_guard.begin(attempt)) return too_many_attempts(*wait);
    Opened opened;
    if (!name.empty() && !password.empty() && password.size() <= kPasswordBytesMax) {
        const auto turn = context.passwords.take();
        const auto candidates = turn ? find_staff_by_name(context.database, name)
                                     : Result<std::vector<StaffLogin>>(std::vector<StaffLogin>());
        if (!turn || !candidates) context.login_guard.cancelled(attempt);
        if (!turn) return too_many_passwords();
        if (!candidates) return from_error(candidates.error());
        if (candidates->empty()) check_nobody(*turn, password);
        opened = opened_by(context, *turn, *candidates, password);
        if (!opened.is_done) return too_many_passwords();
    }
    if (opened.staff.empty()) return error_response(401, "login_failed", "E-mail or password is wrong.");
    context.login_guard.succeeded(attempt);
    return let_in(context, request, std::move(opened.staff));
}

Response logout(Context& context, const Request& request, const Session&) {
    if (auto refusal = refuse_other_site(context, request)) return std::move(*refusal);
    Status ended = Done{};
    if (request.query_value("everywhere") == "true") {
        Session session;
        if (auto refusal = authenticate(context, request, session)) return std::move(*refusal);
        std::vector<std::string> ids;
        ids.reserve(session.staff.size());
        for (const StaffLogin& staff : session.staff) ids.push_back(staff.id);
        ended = end_sessions_of(context.database, ids);
    } else {
        ended = close_session(context, request);
    }
    Response response = ended ? json_response(204, std::string()) : from_error(ended.error());
    set_session_cookie(context, request, {}, response);
    return response;
}

Response get_me(Context&, const Request&, const Session& session) { return json_response(200, user_json(session)); }

/// How much of the first load is here, and of how much where every clinic's number is known.
void put_progress(const SyncStatus& status, Json& body) {
    std::int64_t arrived = 0, in_all = 0;
    bool known = true;
    for (const SyncStatus::Clinic& clinic : status.clinics) {
        arrived += clinic.rows_arrived;
        if (clinic.loading && !clinic.feed_rows) known = false;
        in_all += clinic.feed_rows.value_or(0);
    }
    body["rowsLoaded"] = arrived;
    if (known && in_all > 0) body["rowsInAll"] = in_all;
}

Response get_setup(Context& context, const Request& request, const Session&) {
    const auto needed = needs_setup(context.database);
    if (!needed) return from_error(needed.error());
    const auto status = context.sync_status();
    if (!status) return from_error(status.error());
    // Between the enrolment and the first apply there is nobody who could log in.
    const auto nobody = clinics_without_login(context.database);
    if (!nobody) return from_error(nobody.error());
    const bool loading = *needed && !status->node_id.empty() && nobody->empty();
    const char* state = !*needed || !nobody->empty() ? "ready" : loading ? "loading" : "new";
    const bool from_here = comes_from_here(context, request);
    Json body{{"needed", *needed},
              {"codeNeeded", *needed && !from_here},
              {"needsCode", *needed && !from_here},
              {"state", state},
              {"rowsLoaded", nullptr},
              {"rowsInAll", nullptr},
              {"lastError", nullptr}};
    if (!nobody->empty()) body["nobody"] = *nobody;
    if (loading) {
        put_progress(*status, body);
        if (status->last_error) body["lastError"] = *status->last_error;
    }
    return json_response(200, body);
}

Response enroll_at_setup(Context& context, const Request& request, const Session&) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    if (auto refusal = refuse_setup(context, request, body)) return std::move(*refusal);
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
    // The administrator's password is hashed in a turn, as every password is.
    const auto turn = context.passwords.take();
    if (!turn) return too_many_passwords();
    const auto clinic_id = create_first_admin(context.database, admin, context.now());
    if (!clinic_id) return from_error(clinic_id.error());
    return json_response(201, Json{{"message", "The node is set up. Log in."}, {"clinicId", *clinic_id}});
}

}  // namespace vetchart::edge
