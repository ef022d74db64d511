#include "central/api/hq_api.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "central/api/hq_failure.h"
#include "central/api/query.h"
#include "central/attention/decisions.h"
#include "central/reports/audited.h"
#include "central/reports/format.h"
#include "central/reports/hq_lists.h"
#include "central/store/erasure.h"
#include "central/store/probes.h"
#include "sync/base/email.h"
#include "sync/base/hmac.h"
#include "sync/base/jwt.h"
#include "sync/base/peer_address.h"
#include "sync/base/uuid.h"
#include "sync/wire/messages.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr std::string_view kReports = "/api/hq/reports/";
constexpr std::string_view kOwners = "/api/hq/owners/";
constexpr std::string_view kErase = "/erase";
constexpr std::string_view kConflicts = "/api/hq/conflicts/";
constexpr std::string_view kQuarantine = "/api/hq/quarantine/";
constexpr std::string_view kDeviceCookie = "vetchart_hq_device";
constexpr std::chrono::hours kTokenLife{12};
constexpr std::chrono::milliseconds kReportPatience{30000};
constexpr std::size_t kReportsWaitingMax = 32;
constexpr std::size_t kBodyBytesMax = 16U << 10U;
constexpr int kListRows = 100;
constexpr int kProbeBytes = 100;

Response json_answer(std::string body) {
    Response response;
    response.body = std::move(body);
    return response;
}

Response unauthorized(std::string_view code, std::string_view message) {
    Response response = error_response(401, code, message);
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

Response answer_of(const Result<std::string>& json) { return json ? json_answer(*json) : hq_failure(json.error()); }

bool is_json(std::string_view type) {
    type = type.substr(0, type.find(';'));
    return type.substr(0, type.find_last_not_of(' ') + 1) == "application/json";
}

/// Reads the body, a JSON object in which each of `texts` is a text; else returns the refusal.
std::optional<Response> read_object(const Request& request, std::initializer_list<const char*> texts, Json& body) {
    if (!is_json(request.header("content-type")) || !request.header("content-encoding").empty()) {
        return error_response(415, "unsupported_type", "The body must be plain application/json.");
    }
    if (request.body.size() > kBodyBytesMax) return error_response(413, "too_large", "The body is too large.");
    auto parsed = sync::parse_json(request.body);
    if (!parsed || !parsed->is_object()) return error_response(400, "malformed", "The body must be a JSON object.");
    body = std::move(*parsed);
    for (const char* name : texts) {
        if (body.value(name, Json()).is_string()) continue;
        Response response = error_response(400, "malformed", "The field " + std::string(name) + " must be a text.");
        Json error = Json::parse(response.body);
        error["fields"] = {{name, "must be a text"}};
        response.body = error.dump();
        return response;
    }
    return std::nullopt;
}

Json user_json(const HqUser& user) { return {{"email", user.email}, {"role", user.role}}; }

std::int64_t seconds_of(UtcMillis time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// Who asked for a report.
struct Reader {
    std::string actor, address;
};

Response report_now(const HqParts& parts, const ReportQuery& query, bool as_csv, const Reader& reader) {
    const auto result = run_report(parts.reports, parts.report_time_max, query);
    if (!result && result.error().code == Errc::unavailable) {
        spdlog::warn("reports: {}", result.error().context);
        return error_response(503, "unavailable", "The reports' database cannot be reached now. Try again.");
    }
    if (!result) return hq_failure(result.error());
    const char* const format = as_csv ? "csv" : "json";
    if (const auto written = audit_export(parts.pool, {reader.actor, reader.address, format}, query, *result);
        !written) {
        spdlog::warn("report {} to {} from {} is not in the audit: {}", query.name, reader.actor, reader.address,
                     written.error().context);
    }
    if (!as_csv) return json_answer(to_json(*result));
    Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + file_name(*result, "csv") + "\"");
    response.body = to_csv(*result);
    return response;
}

/// A report that waits for its turn without a thread.
class WaitingReport : public Deferred {
public:
    WaitingReport(HqParts& parts, std::unique_ptr<ReportGate::Place> place, ReportQuery query, bool as_csv, bool gzip,
                  Reader reader)
        : parts_(parts),
          place_(std::move(place)),
          query_(std::move(query)),
          as_csv_(as_csv),
          gzip_(gzip),
          reader_(std::move(reader)) {}

    [[nodiscard]] std::chrono::milliseconds timeout() const override { return kReportPatience; }
    void start(std::function<void()> ready) override { place_->on_granted(std::move(ready)); }
    [[nodiscard]] bool finishes_quickly() const override { return false; }
    [[nodiscard]] Response finish() override {
        Response response = place_->granted() ? report_now(parts_, query_, as_csv_, reader_)
                                              : error_response(503, "busy", "Too many reports at once. Try again.");
        place_.reset();
        response.headers.emplace_back("Cache-Control", "no-store");
        seal(response, gzip_);
        return response;
    }

private:
    HqParts& parts_;
    std::unique_ptr<ReportGate::Place> place_;
    ReportQuery query_;
    bool as_csv_, gzip_;
    Reader reader_;
};

/// Tells the guard how an attempt ended, also when it ends by an exception.
class Attempt {
public:
    Attempt(LoginGuard& guard, LoginAttempt attempt) : guard_(guard), attempt_(std::move(attempt)) {}
    ~Attempt() { guard_.finished(attempt_, outcome, LoginGuard::Clock::now()); }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    LoginGuard::Outcome outcome = LoginGuard::Outcome::unknown;

private:
    LoginGuard& guard_;
    LoginAttempt attempt_;
};

Response too_many_attempts(std::chrono::seconds wait) {
    Response response = error_response(429, "too_many_attempts", "Too many failed logins. Wait some minutes.");
    for (auto& [name, value] : response.headers) {
        if (name == "Retry-After") value = std::to_string(wait.count());
    }
    return response;
}

/// The name to log in with: an e-mail, which the old server's callers send as `username`.
std::string login_name(const Json& body) {
    for (const char* name : {"email", "username"}) {
        if (const Json given = body.value(name, Json()); given.is_string() && !given.get<std::string>().empty()) {
            return normal_email(given.get<std::string>());
        }
    }
    return {};
}

/// The name as a text: `email`, unless only `username` was given.
const char* name_field(const Json& body) {
    return body.is_object() && body.contains("username") && !body.contains("email") ? "username" : "email";
}

}  // namespace

/// One request on its way to an answer.
struct HqApi::Call {
    const Request& request;
    HqUser user;
    std::map<std::string, std::string> parameters;
    std::string session = {};  ///< Of `user`.

    [[nodiscard]] std::string parameter(const char* name) const {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::string() : found->second;
    }
};

struct HqApi::Route {
    std::string_view path, method;
    enum class For { everybody, users, admins } who;
    Response (HqApi::*handle)(Call&);
};

HqApi::HqApi(HqParts parts)
    : parts_(std::move(parts)), guard_(parts_.pool.rng()), gate_(parts_.reports_at_once, kReportsWaitingMax) {}

bool HqApi::is_its(const Request& request) {
    return request.path.starts_with("/api/auth/") || request.path.starts_with("/api/hq/") ||
           request.path.starts_with("/api/db/test-");
}

const HqApi::Route* HqApi::route_of(const Request& request, bool& known_path) {
    using For = Route::For;
    static constexpr std::array<Route, 16> kRoutes{Route{"/api/auth/login", "POST", For::everybody, &HqApi::login},
                                                   Route{"/api/auth/logout", "POST", For::users, &HqApi::logout},
                                                   Route{"/api/auth/me", "GET", For::users, &HqApi::me},
                                                   Route{"/api/hq/overview", "GET", For::users, &HqApi::overview},
                                                   Route{"/api/hq/clinics", "GET", For::users, &HqApi::clinics},
                                                   Route{"/api/hq/nodes", "GET", For::users, &HqApi::nodes},
                                                   Route{"/api/hq/conflicts", "GET", For::users, &HqApi::conflicts},
                                                   Route{"/api/hq/quarantine", "GET", For::users, &HqApi::quarantine},
                                                   Route{kConflicts, "POST", For::admins, &HqApi::decide},
                                                   Route{kQuarantine, "POST", For::admins, &HqApi::decide},
                                                   Route{"/api/hq/audit", "GET", For::users, &HqApi::audit_log},
                                                   Route{"/api/hq/reports", "GET", For::users, &HqApi::list_reports},
                                                   Route{"/api/hq/reports/", "GET", For::users, &HqApi::report},
                                                   Route{"/api/hq/owners/", "POST", For::admins, &HqApi::erase},
                                                   Route{"/api/db/test-write", "POST", For::users, &HqApi::test_write},
                                                   Route{"/api/db/test-scan", "GET", For::users, &HqApi::test_scan}};
    // Some addresses end in the name of a row, which no table of routes has.
    std::string_view path = request.path;
    const bool is_report = path.starts_with(kReports) && path.size() > kReports.size();
    const bool is_erasure =
        path.starts_with(kOwners) && path.ends_with(kErase) && path.size() > kOwners.size() + kErase.size();
    if (is_report) path = kReports;
    if (is_erasure) path = kOwners;
    bool is_bare = !is_report && !is_erasure && (path == kReports || path == kOwners);
    for (const std::string_view items : {kConflicts, kQuarantine}) {
        if (!path.starts_with(items)) continue;
        is_bare = path.size() == items.size();
        path = items;
    }
    const auto* const found = std::find_if(kRoutes.begin(), kRoutes.end(),
                                           [&](const Route& route) { return !is_bare && route.path == path; });
    known_path = found != kRoutes.end();
    return known_path ? found : nullptr;
}

Response HqApi::answer(const Request& request) {
    bool known = false;
    const Route* route = route_of(request, known);
    if (!known) return error_response(404, "not_found", "There is nothing here.");
    if (request.method != route->method) {
        Response response = error_response(405, "method_not_allowed", "This path takes another method.");
        response.headers.emplace_back("Allow", std::string(route->method));
        return response;
    }
    Call call{request, {}, {}};
    auto parameters = parse_query(request.query);
    if (!parameters) return error_response(400, "malformed", "The parameters of the address cannot be read.");
    call.parameters = std::move(*parameters);
    if (route->who != Route::For::everybody) {
        Response refused = authenticate(call);
        if (refused.status != 200) return refused;
        if (route->who == Route::For::admins && call.user.role != "admin") {
            return error_response(403, "forbidden", "This needs the role admin.");
        }
    }
    Response response = (this->*route->handle)(call);
    if (!response.deferred) response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

/// Status 200: the call's user is set.
Response HqApi::authenticate(Call& call) {
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view authorization = call.request.header("authorization");
    if (!authorization.starts_with(kScheme)) return unauthorized("login_required", "Log in first.");
    JwtFault fault{};
    const auto payload = verify_jwt(authorization.substr(kScheme.size()), parts_.jwt_key, fault);
    if (!payload) return unauthorized("token_invalid", "The login is not valid. Log in again.");
    const Json claims = Json::parse(*payload, nullptr, false);
    const bool whole = claims.is_object() && claims.value("jti", Json()).is_string() &&
                       claims.value("exp", Json()).is_number_integer();
    if (!whole) return unauthorized("token_invalid", "The login is not valid. Log in again.");
    if (claims["exp"].get<std::int64_t>() <= seconds_of(parts_.now())) {
        return unauthorized("token_expired", "The login has expired. Log in again.");
    }
    // The database is asked each time, so that the end of a session holds from its commit on, at every central.
    call.session = claims["jti"].get<std::string>();
    const auto user = find_hq_session(parts_.pool, call.session);
    if (!user) return hq_failure(user.error());
    if (!*user) return unauthorized("token_invalid", "The login is not valid. Log in again.");
    call.user = **user;
    return Response{};
}

Response HqApi::login(Call& call) {
    sync::Json body;
    if (auto refused = read_object(call.request, {"password"}, body)) return std::move(*refused);
    if (auto refused = read_object(call.request, {name_field(body)}, body)) return std::move(*refused);
    const std::string email = login_name(body);
    LoginAttempt tried;
    tried.name = email;
    tried.address = address_block(call.request.peer);
    tried.is_shared = is_loopback_address(call.request.peer);
    tried.device = browser_of(call.request).device_of(email);
    const auto verdict = guard_.begin(tried, LoginGuard::Clock::now());
    switch (verdict.kind) {
        case LoginGuard::Verdict::Kind::go: break;
        case LoginGuard::Verdict::Kind::busy: return error_response(503, "busy", "Too many logins at once. Try again.");
        case LoginGuard::Verdict::Kind::too_many:
            note_login(call, email, "too many attempts");
            return too_many_attempts(verdict.wait);
    }
    Attempt attempt(guard_, tried);
    const auto login = check_hq_login(parts_.pool, email, body["password"].get<std::string>());
    if (!login) return hq_failure(login.error());
    if (!*login) {
        attempt.outcome = LoginGuard::Outcome::wrong;
        note_login(call, email, "wrong e-mail or password");
        return error_response(401, "login_failed", "E-mail or password is wrong.");
    }
    attempt.outcome = LoginGuard::Outcome::right;
    return let_in(call, **login);
}

/// Begins a session for the user who has proved to be `login`, and makes the browser known.
Response HqApi::let_in(const Call& call, const HqLogin& login) {
    const auto now = parts_.now();
    const auto session = begin_hq_session(parts_.pool, login, now, now + kTokenLife);
    if (!session && session.error().code == Errc::not_found) {
        return error_response(401, "login_failed", "E-mail or password is wrong.");
    }
    if (!session) return hq_failure(session.error());
    note_login(call, login.user.email, nullptr);
    const Json claims{
        {"sub", login.user.email}, {"jti", *session}, {"iat", seconds_of(now)}, {"exp", seconds_of(now + kTokenLife)}};
    Response response =
        json_answer(Json{{"token", sign_jwt(claims.dump(), parts_.jwt_key)}, {"user", user_json(login.user)}}.dump());
    KnownBrowser browser = browser_of(call.request);
    browser.remember({login.user.email}, parts_.pool.rng());
    // Plain HTTP is spoken on loopback alone, where browsers keep a Secure cookie too.
    response.headers.emplace_back(
        "Set-Cookie", std::string(kDeviceCookie) + '=' + browser.cookie() +
                          "; Path=/api/auth; HttpOnly; SameSite=Strict; Secure; Max-Age=" +
                          std::to_string(std::chrono::seconds(std::chrono::hours(24 * KnownBrowser::kDays)).count()));
    return response;
}

KnownBrowser HqApi::browser_of(const Request& request) const {
    return {cookie_in(request.header("cookie"), kDeviceCookie), to_hex(hmac_sha256(parts_.jwt_key, "hq device"))};
}

Response HqApi::logout(Call& call) {
    const Status ended = call.parameter("everywhere") == "true" ? end_hq_sessions(parts_.pool, call.user.id)
                                                                : end_hq_session(parts_.pool, call.session);
    if (!ended) return hq_failure(ended.error());
    Response response;
    response.status = 204;
    return response;
}

/// Audits a login. `fault` says why it failed; null: it succeeded. What was typed as an e-mail is kept only if it looks
/// like one, since people type passwords into that field.
void HqApi::note_login(const Call& call, const std::string& email, const char* fault) {
    if (parts_.trail == nullptr) return;
    const bool is_email = read_email(email).ok();
    Incident incident{"hq login", "hq:" + email, is_email ? email : "", call.request.peer};
    if (fault != nullptr) {
        incident.action = "hq login failed";
        incident.actor = "nobody";
        incident.detail = {{"because", fault}};
    }
    incident.is_warning = fault != nullptr;
    parts_.trail->note(incident);
}

Response HqApi::me(Call& call) { return json_answer(user_json(call.user).dump()); }
Response HqApi::overview(Call&) { return answer_of(hq_overview(parts_.pool)); }
Response HqApi::clinics(Call&) { return answer_of(hq_clinics(parts_.pool)); }
Response HqApi::nodes(Call&) { return answer_of(hq_nodes(parts_.pool)); }
Response HqApi::conflicts(Call& call) { return items(call, "conflict"); }
Response HqApi::quarantine(Call& call) { return items(call, "quarantine"); }

Response HqApi::items(Call& call, const std::string& kind) {
    static const std::set<std::string> states{"open", "resolved", "all"};
    const std::string status = call.parameter("status").empty() ? "open" : call.parameter("status");
    if (!states.contains(status)) return error_response(400, "bad_status", "Status is open, resolved or all.");
    const auto limit = parse_number(call.parameter("limit"), kListRows, 1, kListRowsMax);
    if (!limit) return error_response(400, "bad_limit", "Limit is a whole number from 1 to 500.");
    return answer_of(
        hq_items(parts_.pool, kind, status, call.parameter("clinic"), HqPage{*limit, call.parameter("cursor")}));
}

Response HqApi::decide(Call& call) {
    Json body;
    if (auto refused = read_object(call.request, {"action"}, body)) return std::move(*refused);
    const bool is_conflict = call.request.path.starts_with(kConflicts);
    HqDecision decision;
    decision.kind = is_conflict ? "conflict" : "quarantine";
    decision.item_id = call.request.path.substr(is_conflict ? kConflicts.size() : kQuarantine.size());
    decision.action = body["action"].get<std::string>();
    if (body.contains("value")) decision.value = body["value"].dump();
    if (const Json seen = body.value("version", Json()); seen.is_number_integer()) {
        decision.version = seen.get<std::int64_t>();
    }
    decision.actor = "hq:" + call.user.email;
    decision.address = call.request.peer;
    const Status decided = decide_at_hq(parts_.pool, decision, parts_.now());
    if (decided) return answer_of(hq_item(parts_.pool, decision.kind, decision.item_id));
    return hq_failure(decided.error());
}

Response HqApi::audit_log(Call& call) {
    const auto limit = parse_number(call.parameter("limit"), kListRows, 1, kListRowsMax);
    if (!limit) return error_response(400, "bad_limit", "Limit is a whole number from 1 to 500.");
    return answer_of(hq_audit(parts_.pool, HqPage{*limit, call.parameter("cursor")}));
}

Response HqApi::list_reports(Call&) {
    Json list = Json::array();
    for (const Report& report : reports()) {
        list.push_back({{"name", report.name},
                        {"title", report.title},
                        {"range", report.range == Range::period  ? "days"
                                  : report.range == Range::as_of ? "asOf"
                                                                 : "now"}});
    }
    return json_answer(list.dump());
}

Response HqApi::report(Call& call) {
    const std::string format = call.parameter("format");
    if (!format.empty() && format != "json" && format != "csv") {
        return error_response(400, "bad_format", "Format is json or csv.");
    }
    ReportQuery query{call.request.path.substr(kReports.size()), call.parameter("from"), call.parameter("to"),
                      call.parameter("asOf"), call.parameter("clinic")};
    auto place = gate_.enter();
    if (!place) return error_response(503, "busy", "Too many reports at once. Try again.");
    Reader reader{"hq:" + call.user.email, call.request.peer};
    if (place->granted()) return report_now(parts_, query, format == "csv", reader);
    Response response;
    response.deferred = std::make_unique<WaitingReport>(parts_, std::move(place), std::move(query), format == "csv",
                                                        accepts_gzip(call.request), std::move(reader));
    return response;
}

Response HqApi::erase(Call& call) {
    Json body;
    if (auto refused = read_object(call.request, {"reason"}, body)) return std::move(*refused);
    const std::string_view path = call.request.path;
    const std::string id(path.substr(kOwners.size(), path.size() - kOwners.size() - kErase.size()));
    const auto erased = erase_owner(
        parts_.pool, OwnerErasure{id, body["reason"].get<std::string>(), "hq:" + call.user.email, call.request.peer});
    if (!erased) return hq_failure(erased.error());
    const Json before = erased->erased_before ? Json(*erased->erased_before) : Json();
    return json_answer(
        Json{{"ownerId", erased->owner_id}, {"erasedBefore", before}, {"counts", erased->counts}}.dump());
}

Response HqApi::test_write(Call& call) {
    const int count = clamped_number(call.parameter("count"), 1, 1, kProbesMax);
    const int size = clamped_number(call.parameter("payloadSize"), kProbeBytes, 1, kProbeCallBytesMax / count);
    return answer_of(write_probes(parts_.pool, count, size));
}

Response HqApi::test_scan(Call& call) {
    return answer_of(scan_probes(parts_.pool, clamped_number(call.parameter("limit"), kListRows, 1, kProbesMax)));
}

}  // namespace vetchart::central
