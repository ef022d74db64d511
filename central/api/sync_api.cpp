#include "central/api/sync_api.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "central/intake/enroll.h"
#include "central/intake/pull.h"
#include "central/intake/push.h"
#include "schema/embedded.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"
#include "sync/wire/messages.h"

namespace vetchart::central {
namespace {

constexpr std::chrono::milliseconds kPushPatience{10000};

/// One request of a node on its way to an answer.
struct Call {
    ApiParts& parts;
    const Request& request;
    std::string body;        ///< Inflated and digest-checked.
    AuthenticatedNode node;  ///< Not for enroll.
};

Response refusal_response(int status, const sync::ErrorReply& reply) {
    Response response = error_response(status, reply.code, reply.message);
    response.body = sync::to_json(reply);
    return response;
}

Response refusal_response(const Refusal& refusal) { return refusal_response(refusal.status, refusal.reply); }

/// A failure of ours as an answer: what a node can repeat is 503, the rest 500. Logged here, once.
Response failure_response(const Error& error) {
    switch (error.code) {
        case Errc::busy:
        case Errc::unavailable:
        case Errc::outcome_unknown:
        case Errc::out_of_space:
            spdlog::warn("{}: {}", to_string(error.code), error.context);
            return error_response(503, to_string(error.code), "central cannot do it now: try again");
        case Errc::invalid_input:
            return error_response(422, error.slug.empty() ? "invalid_value" : error.slug, "a value is refused");
        case Errc::conflict:
            spdlog::warn("conflict: {}", error.context);
            return error_response(409, error.slug.empty() ? "conflict" : error.slug, "a rule of the data refuses it");
        case Errc::not_found: return error_response(404, "not_found", "there is nothing here");
        case Errc::forbidden: return error_response(403, "forbidden", "this is not allowed");
        case Errc::corrupt:
        case Errc::internal: break;
    }
    spdlog::error("{}: {}", to_string(error.code), error.context);
    return error_response(500, "internal", "central failed; its log says why");
}

/// What parse_* and gunzip say about outside bytes. Their context names fields, never values.
Response bad_body(const Error& error) {
    return error_response(error.slug == "too_large" ? 413 : 400, error.slug.empty() ? "malformed" : error.slug,
                          error.context);
}

bool is_json(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    return type.substr(0, type.find_last_not_of(' ') + 1) == "application/json";
}

/// The body as it was before compression, or the refusal.
std::optional<Response> read_body(const Request& request, std::string& body) {
    if (!is_json(request.header("content-type"))) {
        return error_response(415, "unsupported_type", "the body must be application/json");
    }
    const auto encoding = request.header("content-encoding");
    if (encoding == "gzip") {
        auto inflated = sync::gunzip(request.body, sync::kBodyBytesMax);
        if (!inflated) return bad_body(inflated.error());
        body = std::move(inflated).value();
    } else if (encoding.empty() || encoding == "identity") {
        body = request.body;
    } else {
        return error_response(415, "unsupported_encoding", "the body may be gzip or plain");
    }
    if (request.header("x-body-sha256") != to_hex(sha256(body))) {
        return error_response(400, "digest_mismatch", "X-Body-SHA256 is missing or does not fit the body");
    }
    return std::nullopt;
}

/// Central serves the schema of its own release and the one before.
std::optional<Response> check_schema(std::string_view text) {
    int version = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (ec != std::errc{} || end != text.data() + text.size()) {
        return error_response(400, "malformed", "X-Schema-Version must be a whole number");
    }
    const int current = schema::sqlite_files().back().number;
    if (version == current || version == current - 1) return std::nullopt;
    return error_response(426, "schema_unsupported",
                          "central serves schema " + std::to_string(current) +
                              " and the one before: " + (version > current ? "upgrade central" : "upgrade this node"));
}

void note_heard(const Call& call, bool pulled) {
    if (!call.node.contact_due && !(pulled && call.node.pull_due)) return;
    if (const auto noted = note_contact(call.parts.pool, call.node.identity.node_id, pulled); !noted) {
        spdlog::warn("contact of node {} not noted: {}", call.node.identity.node_id, noted.error().context);
    }
}

template <class Message>
Response ok_response(const Message& message, int status = 200) {
    Response response;
    response.status = status;
    response.body = sync::to_json(message);
    return response;
}

Response answer_enroll(Call& call) {
    const auto message = sync::parse_enroll_request(call.body);
    if (!message) return bad_body(message.error());
    const auto outcome = enroll(call.parts.pool, *message, call.parts.now());
    if (!outcome) return failure_response(outcome.error());
    if (outcome->refusal) return refusal_response(*outcome->refusal);
    spdlog::info("node {} enrolled", outcome->reply->node_id);
    return ok_response(*outcome->reply, 201);
}

Response answer_me(Call& call) {
    const auto epoch = read_epoch(call.parts.pool);
    if (!epoch) return failure_response(epoch.error());
    note_heard(call, false);
    return ok_response(sync::MeReply{call.node.identity.node_id, call.node.name, "active", format_utc(call.parts.now()),
                                     call.node.identity.clinics, *epoch});
}

Response answer_pull(Call& call) {
    const auto message = sync::parse_pull_request(call.body);
    if (!message) return bad_body(message.error());
    auto outcome = pull(call.parts.pool, call.node.identity, *message, call.parts.now());
    if (!outcome) return failure_response(outcome.error());
    if (outcome->refusal) {
        call.parts.metrics.pull_refused(outcome->refusal->reply.code);
        return refusal_response(*outcome->refusal);
    }
    note_heard(call, true);
    call.parts.metrics.pulled(outcome->row_count);
    Response response;
    response.body = std::move(outcome->body);
    return response;
}

Response push_now(ApiParts& parts, const NodeIdentity& node, const sync::PushRequest& message) {
    const auto outcome = take_push(parts.pool, node, message, parts.now());
    if (!outcome) return failure_response(outcome.error());
    if (outcome->refusal) {
        parts.metrics.push_refused(outcome->refusal->code);
        return refusal_response(outcome->refusal_status, *outcome->refusal);
    }
    parts.metrics.pushed(outcome->reply->results);
    return ok_response(*outcome->reply);
}

/// A push that waits for another one of its clinic, without a thread or a database connection.
class WaitingPush : public Deferred {
public:
    WaitingPush(ApiParts& parts, std::unique_ptr<PushGate::Place> place, NodeIdentity node, sync::PushRequest message,
                bool gzip)
        : parts_(parts), place_(std::move(place)), node_(std::move(node)), message_(std::move(message)), gzip_(gzip) {}

    [[nodiscard]] std::chrono::milliseconds timeout() const override { return kPushPatience; }
    void start(std::function<void()> ready) override { place_->on_granted(std::move(ready)); }
    [[nodiscard]] bool finishes_quickly() const override { return false; }
    [[nodiscard]] Response finish() override {
        Response response = place_->granted() ? push_now(parts_, node_, message_)
                                              : error_response(503, "busy", "the clinic is busy: try again");
        place_.reset();
        seal(response, gzip_);
        return response;
    }

private:
    ApiParts& parts_;
    std::unique_ptr<PushGate::Place> place_;
    NodeIdentity node_;
    sync::PushRequest message_;
    bool gzip_;
};

Response answer_push(Call& call) {
    auto message = sync::parse_push_request(call.body);
    if (!message) return bad_body(message.error());
    std::set<std::string> keys{"node " + call.node.identity.node_id};
    for (const auto& transaction : message->transactions) {
        for (const auto& change : transaction.changes) keys.insert(change.clinic_id);
    }
    auto place = call.parts.gate.enter(std::move(keys));
    if (!place) return error_response(503, "busy", "too many pushes wait: try again");
    if (place->granted()) return push_now(call.parts, call.node.identity, *message);
    Response response;
    response.deferred = std::make_unique<WaitingPush>(call.parts, std::move(place), call.node.identity,
                                                      std::move(*message), accepts_gzip(call.request));
    return response;
}

class LongPoll : public Deferred {
public:
    LongPoll(std::unique_ptr<FeedHub::Waiter> waiter, int timeout_ms)
        : waiter_(std::move(waiter)), timeout_(timeout_ms) {}

    [[nodiscard]] std::chrono::milliseconds timeout() const override { return timeout_; }
    void start(std::function<void()> ready) override { waiter_->on_woken(std::move(ready)); }
    [[nodiscard]] bool finishes_quickly() const override { return true; }
    [[nodiscard]] Response finish() override {
        Response response = ok_response(sync::WaitReply{waiter_->changed()});
        seal(response, false);
        return response;
    }

private:
    std::unique_ptr<FeedHub::Waiter> waiter_;
    std::chrono::milliseconds timeout_;
};

Response answer_wait(Call& call) {
    const auto message = sync::parse_wait_request(call.body);
    if (!message) return bad_body(message.error());
    for (const auto& [clinic, version] : message->clinics) {
        if (find_clinic(call.node.identity, clinic) == nullptr) {
            return error_response(403, "clinic_forbidden", "this clinic is not in the node's scope");
        }
    }
    note_heard(call, false);
    // First the place in the hub, then the look at the versions: a commit between the two wakes.
    auto waiter = call.parts.hub.subscribe(message->clinics);
    const auto changed = changed_clinics(call.parts.pool, message->clinics);
    if (!changed) return failure_response(changed.error());
    if (!changed->empty()) return ok_response(sync::WaitReply{*changed});
    Response response;
    response.deferred = std::make_unique<LongPoll>(std::move(waiter), message->timeout_ms);
    return response;
}

struct Route {
    std::string_view path, method;
    bool has_node;
    Response (*answer)(Call&);
};

constexpr std::array<Route, 5> kRoutes{
    Route{"/sync/v1/enroll", "POST", false, answer_enroll}, Route{"/sync/v1/me", "GET", true, answer_me},
    Route{"/sync/v1/push", "POST", true, answer_push}, Route{"/sync/v1/pull", "POST", true, answer_pull},
    Route{"/sync/v1/wait", "POST", true, answer_wait}};

std::optional<Response> check_node(Call& call) {
    const auto authorization = call.request.header("authorization");
    if (!has_node_form(authorization)) {
        return error_response(401, "node_unknown", "a node's credentials are needed here");
    }
    auto outcome = authenticate(call.parts.pool, authorization);
    if (!outcome) return failure_response(outcome.error());
    if (outcome->refusal) return refusal_response(*outcome->refusal);
    call.node = std::move(*outcome->node);
    return std::nullopt;
}

}  // namespace

Response answer_sync(ApiParts& parts, const Request& request) {
    const auto route =
        std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& r) { return r.path == request.path; });
    if (route == kRoutes.end()) return error_response(404, "not_found", "there is nothing here");
    if (request.method != route->method) {
        Response response = error_response(405, "method_not_allowed", "this path takes another method");
        response.headers.emplace_back("Allow", std::string(route->method));
        return response;
    }
    Call call{parts, request, {}, {}};
    if (route->has_node) {
        if (auto refused = check_node(call)) return std::move(*refused);
    }
    if (auto refused = check_schema(request.header("x-schema-version"))) return std::move(*refused);
    if (route->method == "POST") {
        if (auto refused = read_body(request, call.body)) return std::move(*refused);
    }
    return route->answer(call);
}

}  // namespace vetchart::central
