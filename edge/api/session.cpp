#include "edge/api/session.h"

#include <algorithm>
#include <set>

#include "edge/api/clinic_day.h"
#include "edge/api/context.h"
#include "edge/api/cookies.h"
#include "edge/api/errors.h"
#include "edge/store/people/sessions.h"
#include "sync/base/digest.h"
#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

constexpr const char* kSession = "session";
constexpr std::size_t kSessionIdBytes = 16;

Json roles_of(const StaffLogin& staff) {
    Json roles = Json::parse(staff.roles, nullptr, false);
    return roles.is_array() ? roles : Json::array();
}

Reach reach_of(const std::vector<StaffLogin>& staff, UtcMillis now) {
    Reach reach;
    Json days = Json::object();
    for (const StaffLogin& login : staff) {
        reach.clinic_ids.push_back(login.clinic_id);
        days[login.clinic_id] = clinic_day(login.timezone, now);
    }
    reach.days_json = dump(days);
    return reach;
}

/// The token of the Authorization header, which no other site's page can send.
std::optional<std::string> bearer_token(const Request& request) {
    constexpr std::string_view kScheme = "bearer ";
    const std::string authorization = request.header("authorization");
    if (ascii_lower(authorization.substr(0, kScheme.size())) != kScheme) return std::nullopt;
    return authorization.substr(kScheme.size());
}

/// The request's token, from the header or else the cookie; empty when it carries none.
std::string token_of(const Context& context, const Request& request) {
    return bearer_token(request).value_or(cookie_of(context, request, kSession));
}

Response token_refused(TokenFault fault) {
    if (fault == TokenFault::expired)
        return error_response(403, "token_expired", "Your login has expired. Log in again.");
    return error_response(403, "token_invalid", "Your login is not valid. Log in again.");
}

std::optional<Response> refuse_other_user(const Request& request, const Session& session) {
    const std::string wanted = request.header("x-vetchart-user");
    const bool is_its = std::any_of(session.staff.begin(), session.staff.end(),
                                    [&wanted](const StaffLogin& login) { return login.id == wanted; });
    if (wanted.empty() || is_its) return std::nullopt;
    return error_response(409, "other_user", "Somebody else has logged in in this browser. Nothing was changed.");
}

}  // namespace

bool Session::has_role(const std::string& clinic_id, std::string_view role) const {
    return std::any_of(staff.begin(), staff.end(), [&](const StaffLogin& login) {
        // Canonical JSON text: a role stands in it between quotes, and nothing else does.
        return login.clinic_id == clinic_id && login.roles.find('"' + std::string(role) + '"') != std::string::npos;
    });
}

bool Session::is_admin_somewhere() const {
    return std::any_of(staff.begin(), staff.end(), [&](const StaffLogin& login) { return is_admin(login.clinic_id); });
}

bool Session::opens(const std::string& clinic_id) const {
    return std::any_of(staff.begin(), staff.end(),
                       [&](const StaffLogin& login) { return login.clinic_id == clinic_id; });
}

Reach Session::reach(UtcMillis now) const { return reach_of(staff, now); }

Reach Session::admin_reach(UtcMillis now) const {
    std::vector<StaffLogin> own;
    for (const StaffLogin& login : staff) {
        if (is_admin(login.clinic_id)) own.push_back(login);
    }
    return reach_of(own, now);
}

std::optional<Response> refuse_other_site(const Context& context, const Request& request) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads || bearer_token(request) || cookie_of(context, request, kSession).empty() ||
        request.header("x-vetchart") == "1") {
        return std::nullopt;
    }
    return error_response(403, "header_required", "Changes by a cookie's session need the header X-VetChart: 1.");
}

std::optional<Response> authenticate(Context& context, const Request& request, Session& session) {
    const std::string token = token_of(context, request);
    if (token.empty()) {
        Response response = error_response(401, "login_required", "Log in first.");
        response.headers.emplace_back("WWW-Authenticate", "Bearer");
        return response;
    }
    if (auto refusal = refuse_other_site(context, request)) return refusal;
    TokenFault fault{};
    const auto claims = context.tokens.verify(token, context.now(), fault);
    if (!claims) return token_refused(fault);
    auto found = find_session(context.database, claims->session);
    if (!found) return from_error(found.error());
    session.id = claims->session;
    session.email = claims->email;
    for (StaffLogin& login : *found) {
        if (login.email == claims->email) session.staff.push_back(std::move(login));
    }
    if (session.staff.empty()) return token_refused(TokenFault::malformed);
    return refuse_other_user(request, session);
}

Json user_json(const Session& session) {
    const StaffLogin& first = session.staff.front();
    Json clinics = Json::array();
    std::set<std::string> all_roles;
    for (const StaffLogin& login : session.staff) {
        const Json roles = roles_of(login);
        for (const Json& role : roles) all_roles.insert(role.get<std::string>());
        clinics.push_back({{"id", login.clinic_id},
                           {"code", login.clinic_code},
                           {"name", login.clinic_name},
                           {"timezone", login.timezone},
                           {"roles", roles}});
    }
    return Json{{"id", first.id},
                {"username", first.username},
                {"email", first.email},
                {"firstName", first.first_name},
                {"lastName", first.last_name},
                {"roles", all_roles},
                {"clinics", clinics},
                {"createdAt", first.created_at}};
}

void set_session_cookie(const Context& context, const Request& request, const std::string& token, Response& response) {
    set_cookie(context, request, kSession, token, kTokenLife, response);
}

Result<std::string> open_session(Context& context, Session& session) {
    session.id = random_token(context.database.rng(), kSessionIdBytes);
    const auto now = context.now();
    VC_TRY(begin_session(context.database, session.id, session.staff, now, now + kTokenLife));
    return context.tokens.issue(TokenClaims{session.email, session.id}, now);
}

Status close_session(Context& context, const Request& request) {
    TokenFault fault{};
    const auto claims = context.tokens.verify(token_of(context, request), context.now(), fault);
    return claims ? end_session(context.database, claims->session) : Status(Done{});
}

std::string today_of(const Reach& reach, const std::string& clinic_id) {
    return Json::parse(reach.days_json).value(clinic_id, std::string());
}

}  // namespace vetchart::edge
