#include "edge/api/context.h"

#include "edge/api/charts_write.h"
#include "edge/api/errors.h"
#include "edge/api/router.h"
#include "edge/store/log/idempotency.h"
#include "sync/base/digest.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kKeySizeMax = 200;

/// Makes an answer anew that an erasure took away: from the row as it is now, or else with the row's id alone.
Response answer_anew(Connection& connection, const Request& request, const Reach& reach, const StoredAnswer& answer) {
    Json left = Json::parse(answer.body, nullptr, false);
    if (request.route->table && left.is_object() && left["id"].is_string()) {
        Response row = answer_row(connection, *request.route->table, left["id"], reach, answer.status);
        if (row.status == answer.status) return row;
    }
    return json_response(answer.status, answer.body);
}

/// The stored answer, or the refusal of a key used for something else; nullopt: this is the first time.
std::optional<Response> repeated(Connection& connection, const Request& request, const Reach& reach,
                                 const IdempotentCall& call) {
    const auto answer = find_answer(connection, call);
    if (!answer) return std::nullopt;
    if (!answer->same_call) {
        return error_response(422, "idempotency_key_reused", "This Idempotency-Key was used for another request.");
    }
    Response response =
        answer->erased ? answer_anew(connection, request, reach, *answer) : json_response(answer->status, answer->body);
    response.headers.emplace_back("Idempotent-Replay", "true");
    return response;
}

std::string call_path(const Request& request) {
    std::string path = request.path;
    for (const auto& [name, value] : request.query) path += '?' + name + '=' + value;
    return path;
}

/// The actors of a transaction, by clinic: whoever works in several clinics has a staff row in each.
Actor actor_of(const Session& session) {
    Actor actor;
    for (const StaffLogin& staff : session.staff) actor.emplace(staff.clinic_id, staff.id);
    return actor;
}

}  // namespace

UtcMillis Context::now() const {
    const auto wall =
        options.now ? options.now() : std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return wall + database.clock_offset();
}

Result<SyncStatus> Context::sync_status() { return options.status ? options.status() : sync_store.status(); }

std::string Context::status_text() {
    const auto status = sync_status();
    return status ? dump(sync_status_json(*status, online())) : std::string();
}

Response write_rows(Context& context, const Request& request, const Session& session,
                    const std::function<Response(Connection&)>& work) {
    const std::string key = request.method == "POST" ? request.header("idempotency-key") : std::string();
    if (key.size() > kKeySizeMax)
        return error_response(400, "bad_key", "An Idempotency-Key has at most 200 characters.");
    const IdempotentCall call{key,
                              session.email,
                              request.method,
                              call_path(request),
                              context.tokens.keyed("idempotency", request.body),
                              to_hex(sha256(request.body))};
    Response response;
    auto status = context.database.write(actor_of(session), [&](Connection& connection) -> Status {
        if (!key.empty()) {
            if (auto answer = repeated(connection, request, session.reach(context.now()), call)) {
                response = std::move(*answer);
                return Done{};
            }
        }
        response = work(connection);
        if (response.status >= 400) return Error{Errc::invalid_input, "answered with an error"};
        if (!key.empty()) keep_answer(connection, call, response.status, response.body, context.now());
        return Done{};
    });
    // An answer of the work's own stays; any other error came from the database.
    if (!status && response.status < 400) return from_error(status.error());
    return response;
}

Response read_rows(Context& context, const std::function<Response(Connection&)>& work) {
    Response response;
    auto status = context.database.snapshot([&](Connection& connection) -> Status {
        response = work(connection);
        return Done{};
    });
    if (!status) return from_error(status.error());
    return response;
}

std::optional<Response> refuse_stale(const Request& request, const Json& body, const std::string& current) {
    const std::string wanted = request.header("if-match");
    // A list of tags or a weak one is searched as text: a tag is quoted, so none can hide in another.
    if (wanted.empty() || wanted == "*" || wanted.find(etag_of(current)) != std::string::npos) return std::nullopt;
    return stale(body, current);
}

}  // namespace vetchart::edge
