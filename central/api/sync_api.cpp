#include "central/api/sync_api.h"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "central/intake/enroll.h"
#include "central/intake/pull.h"
#include "central/intake/push.h"
#include "central/store/audit_trail.h"
#include "schema/embedded.h"
#include "sync/base/digest.h"
#include "sync/base/error_codes.h"
#include "sync/wire/gzip.h"
#include "sync/wire/messages.h"
#include "sync/wire/push_scan.h"

namespace vetchart::central {
namespace {

constexpr std::chrono::milliseconds kPushPatience{10000};
// How large a message may be, inflated. Only a push is large; the others' JSON values need no bound of their own.
constexpr std::size_t kSmallBodyBytesMax = 16U << 10U;
constexpr std::size_t kWaitBodyBytesMax = 1U << 20U;
// So many one node may have at once. A line that broke may leave some behind for a moment.
constexpr std::size_t kPagesOfNodeMax = 4;
constexpr std::size_t kWaitsOfNodeMax = 8;
// A push in work, by experiment (docs/operations.md): its texts (body, rows, journal, and the driver's copies of them),
// and its values as trees (changes, decisions, picture).
constexpr std::size_t kTextsOfPush = 8;
constexpr std::size_t kBytesOfValue = 500;
/// A transaction put together from its parts, which lie in the database, may need all room there is: it works alone.
constexpr std::size_t kBytesOfWhole = PushGate::kBytesMax;
/// A push from this size on leaves so much free memory behind that it is given back to the system at once.
constexpr std::size_t kTrimBytes = 1U << 20U;

/// One request of a node on its way to an answer.
struct Call {
    ApiParts& parts;
    const Request& request;
    std::string body;        ///< Inflated and digest-checked.
    AuthenticatedNode node;  ///< Unset for enroll.
};

Response refusal_response(const Refusal& refusal) {
    Response response = error_response(refusal.status, refusal.code, refusal.sentence);
    response.body = sync::to_json(refusal);
    return response;
}

/// The node's name for the operator, as in `Front desk (K7Q2M; NORTH)`: an id tells nobody which computer it is.
std::string label_of(const AuthenticatedNode& node) {
    std::string clinics;
    for (const auto& clinic : node.identity.clinics) clinics += (clinics.empty() ? "" : " ") + clinic.code;
    return node.name + " (" + node.code + "; " + clinics + ")";
}

/// A failure of ours as an answer: what a node can repeat is 503, the rest 500. Logged here, once, with the node.
Response failure_response(const std::string& node, const Error& error) {
    const int status = http_status_of(error.code);
    const auto named = [&error](const char* otherwise) { return error.slug.empty() ? otherwise : error.slug; };
    switch (error.code) {
        case Errc::busy:
        case Errc::unavailable:
        case Errc::outcome_unknown:
        case Errc::out_of_space:
            spdlog::warn("node {}: {}: {}", node, to_string(error.code), error.context);
            return error_response(status, to_string(error.code), "Central cannot do it now. Try again.");
        case Errc::invalid_input: return error_response(status, named("invalid_value"), "A value is refused.");
        case Errc::conflict:
            spdlog::warn("node {}: conflict: {}", node, error.context);
            return error_response(status, named("conflict"), "A rule of the data refuses it.");
        case Errc::not_found: return error_response(status, "not_found", "There is nothing here.");
        case Errc::forbidden: return error_response(status, "forbidden", "This is not allowed.");
        case Errc::corrupt:
        case Errc::internal: break;
    }
    spdlog::error("node {}: {}: {}", node, to_string(error.code), error.context);
    return error_response(status, "internal", "Central failed. Its log says why.");
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

/// Reads the body as it was before compression, or returns the refusal.
std::optional<Response> read_body(const Request& request, std::string_view bytes, std::size_t bytes_max,
                                  std::string& body) {
    if (!is_json(request.header("content-type"))) {
        return error_response(415, "unsupported_type", "The body must be application/json.");
    }
    const auto encoding = request.header("content-encoding");
    if (encoding == "gzip") {
        auto inflated = sync::gunzip(bytes, bytes_max);
        if (!inflated) return bad_body(inflated.error());
        body = std::move(inflated).value();
    } else if (encoding.empty() || encoding == "identity") {
        if (bytes.size() > bytes_max) return error_response(413, "too_large", "The body is too large.");
        body = bytes;
    } else {
        return error_response(415, "unsupported_encoding", "The body may be gzip or plain.");
    }
    if (request.header("x-body-sha256") != to_hex(sha256(body))) {
        return error_response(400, "digest_mismatch", "X-Body-SHA256 is missing or does not fit the body.");
    }
    return std::nullopt;
}

/// The name by which a body is known: the digest of the whole, and how it is sent. Its length is bounded.
std::string upload_name(const Request& request) {
    return std::string(request.header("x-body-sha256").substr(0, 64)) + " " +
           std::string(request.header("content-encoding").substr(0, 16));
}

/// The offset a body begins at; nullopt: the header is no number.
std::optional<std::size_t> body_offset(const Request& request) {
    const std::string_view text = request.header("x-body-offset");
    if (text.empty()) return std::size_t{0};
    std::size_t offset = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return offset;
}

/// Puts a push's body together from what an earlier call left here and what came now. False: not enough of the earlier
/// part is here. `bytes` is a view of the request, or of `joined`.
bool put_together(ApiParts& parts, const std::string& node_id, const Request& request, std::string& joined,
                  std::string_view& bytes) {
    bytes = request.body;
    const auto offset = body_offset(request);
    if (!offset) return false;
    if (*offset == 0) return true;
    joined = parts.kept->first_of(node_id, upload_name(request), *offset, std::chrono::steady_clock::now());
    if (joined.empty()) return false;
    bytes = joined.append(request.body);
    return true;
}

/// Reads a push's body, whole and checked, or returns the refusal.
std::optional<Response> read_push(ApiParts& parts, const std::string& node_id, const Request& request,
                                  std::string& body) {
    std::string joined;
    std::string_view bytes;
    if (!put_together(parts, node_id, request, joined, bytes)) {
        return error_response(503, "upload_gone", "What came of this body is no longer here. Send it whole.");
    }
    // The body is kept until the node's next one, since its answer may be lost.
    parts.kept->keep(node_id, upload_name(request), bytes, std::chrono::steady_clock::now());
    auto refused = read_body(request, bytes, sync::kBodyBytesMax, body);
    // A body with a wrong digest or form is dropped, so that nothing goes on from it.
    if (refused) parts.kept->drop(node_id);
    return refused;
}

/// Central serves the schema of its own release and the one before.
std::optional<Response> check_schema(std::string_view text) {
    int version = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (ec != std::errc{} || end != text.data() + text.size()) {
        return error_response(400, "malformed", "X-Schema-Version must be a whole number.");
    }
    const int current = schema::sqlite_schema_version();
    if (version == current || version == current - 1) return std::nullopt;
    return error_response(426, "schema_unsupported",
                          "Central serves schema " + std::to_string(current) + " and the one before. " +
                              (version > current ? "Upgrade central." : "Upgrade this node."));
}

void note_heard(const Call& call, bool pulled) {
    if (!call.node.contact_due && !(pulled && call.node.pull_due)) return;
    if (const auto noted = note_contact(call.parts.pool, call.node.identity.node_id, pulled); !noted) {
        spdlog::warn("contact of node {} not noted: {}", label_of(call.node), noted.error().context);
    }
}

template <class Message>
Response ok_response(const Message& message, int status = 200) {
    Response response;
    response.status = status;
    response.body = sync::to_json(message);
    return response;
}

/// Audits an invitation that gives no right, without what the caller says of itself, which nobody vouches for.
void note_invitation(const Call& call, const RefusedEnrolment& refusal) {
    if (call.parts.trail == nullptr) return;
    sync::Json detail{{"because", refusal.because}};
    if (!refusal.used_by.empty()) detail["usedBy"] = refusal.used_by;
    call.parts.trail->note({"invitation refused", "nobody", refusal.invite, call.request.peer, detail});
}

Response answer_enroll(Call& call) {
    const auto message = sync::parse_enroll_request(call.body);
    if (!message) return bad_body(message.error());
    const auto answer = enroll(call.parts.pool, *message, call.parts.now(), call.request.peer);
    if (!answer) return failure_response("to be enrolled", answer.error());
    if (answer->is_refused()) {
        if (!answer->refusal().because.empty()) note_invitation(call, answer->refusal());
        return refusal_response(answer->refusal());
    }
    spdlog::info("node {} ({}) enrolled: {}", message->node_name, message->node_code, answer->reply().node_id);
    return ok_response(answer->reply(), 201);
}

Response answer_me(Call& call) {
    const auto epoch = read_epoch(call.parts.pool);
    if (!epoch) return failure_response(label_of(call.node), epoch.error());
    note_heard(call, false);
    return ok_response(sync::MeReply{call.node.identity.node_id, call.node.name, "active", format_utc(call.parts.now()),
                                     call.node.identity.clinics, *epoch});
}

/// Audits a push or pull of a known node that is refused: a gap, a fork, another clinic's rows.
void note_refused_work(ApiParts& parts, const AuthenticatedNode& node, const std::string& peer, const char* action,
                       const std::string& code) {
    if (parts.trail == nullptr) return;
    parts.trail->note({action, "node:" + node.identity.node_id, label_of(node), peer, {{"code", code}}});
}

Response answer_pull(Call& call) {
    const auto message = sync::parse_pull_request(call.body);
    if (!message) return bad_body(message.error());
    auto slot = call.parts.slots.acquire("pull " + call.node.identity.node_id, kPagesOfNodeMax);
    if (!slot) return error_response(503, "busy", "This node takes too many pages at once. Try again.");
    auto answer = pull(call.parts.pool, call.node.identity, *message);
    if (!answer) return failure_response(label_of(call.node), answer.error());
    if (answer->is_refused()) {
        const Refusal& refusal = answer->refusal();
        note_refused_work(call.parts, call.node, call.request.peer, "pull refused", refusal.code);
        call.parts.metrics.pull_refused(refusal.code);
        return refusal_response(refusal);
    }
    note_heard(call, true);
    call.parts.metrics.pulled(answer->reply().row_count);
    Response response;
    response.body = std::move(answer->reply().body);
    response.hold = std::move(slot);
    return response;
}

/// Tells of a bill number above what central gave out: central is from the past, or the node lies. It was not stored.
void note_sign(ApiParts& parts, const AuthenticatedNode& node, std::int64_t number) {
    spdlog::warn("{} tells of bill number {}, which central never gave out: it does not count", label_of(node), number);
    parts.metrics.sign("highest_number");
}

/// The memory that a push needs while it is in work.
std::size_t bytes_of_push(std::size_t body_size, const sync::PushScan& scan) {
    const std::size_t bytes = body_size * kTextsOfPush + scan.value_count * kBytesOfValue;
    return scan.is_last_part ? std::max(bytes, kBytesOfWhole) : bytes;
}

/// Gives what a large push leaves behind in the allocator's arenas, of which each thread has one, back to the system.
class TrimAfter {
public:
    explicit TrimAfter(std::size_t body_size) : trims_(body_size >= kTrimBytes) {}
    ~TrimAfter() {
        if (trims_) malloc_trim(0);
    }
    TrimAfter(const TrimAfter&) = delete;
    TrimAfter& operator=(const TrimAfter&) = delete;

private:
    const bool trims_;
};

/// Answers a push. Both the text and its JSON values are freed before the database is asked.
Response push_now(ApiParts& parts, const AuthenticatedNode& node, const std::string& peer, std::string body) {
    const TrimAfter trim(body.size());
    auto message = sync::parse_push_request(body);
    if (!message) return bad_body(message.error());
    body = {};
    const auto answer = accept_push(parts.pool, node.identity, std::move(message).value(), parts.now());
    if (!answer) return failure_response(label_of(node), answer.error());
    if (answer->is_refused()) {
        const Refusal& refusal = answer->refusal();
        note_refused_work(parts, node, peer, "push refused", refusal.code);
        parts.metrics.push_refused(refusal.code);
        return refusal_response(refusal);
    }
    const AcceptedPush& accepted = answer->reply();
    if (accepted.number_beyond) note_sign(parts, node, *accepted.number_beyond);
    parts.metrics.internal_holds(accepted.internal_holds);
    parts.metrics.pushed(accepted.reply.results);
    return ok_response(accepted.reply);
}

/// A push that waits for another one of its clinic or for memory, without a thread or a database connection, as it
/// came over the wire.
class WaitingPush : public Deferred {
public:
    WaitingPush(const Call& call, std::unique_ptr<PushGate::Ticket> ticket)
        : parts_(call.parts), request_(call.request), ticket_(std::move(ticket)), node_(call.node) {}

    [[nodiscard]] std::chrono::milliseconds timeout() const override { return kPushPatience; }
    void start(std::function<void()> ready) override { ticket_->on_granted(std::move(ready)); }
    [[nodiscard]] bool finishes_quickly() const override { return false; }
    [[nodiscard]] Response finish() override {
        Response response = ticket_->granted() ? push() : error_response(503, "busy", "The clinic is busy. Try again.");
        ticket_.reset();
        seal(response, accepts_gzip(request_));
        return response;
    }

private:
    Response push() {
        std::string body;
        if (auto refused = read_push(parts_, node_.identity.node_id, request_, body)) return std::move(*refused);
        return push_now(parts_, node_, request_.peer, std::move(body));
    }

    ApiParts& parts_;
    const Request& request_;
    std::unique_ptr<PushGate::Ticket> ticket_;
    AuthenticatedNode node_;
};

Response answer_push(Call& call) {
    auto scan = sync::scan_push(call.body);
    if (!scan) return bad_body(scan.error());
    const std::size_t bytes = bytes_of_push(call.body.size(), *scan);
    std::set<std::string> keys = std::move(scan->clinics);
    keys.insert("node " + call.node.identity.node_id);
    auto ticket = call.parts.gate.enter(std::move(keys), bytes);
    if (!ticket) return error_response(503, "busy", "Too many pushes wait. Try again.");
    if (ticket->granted()) return push_now(call.parts, call.node, call.request.peer, std::move(call.body));
    Response response;
    response.deferred = std::make_unique<WaitingPush>(call, std::move(ticket));
    return response;
}

Response answer_upload(Call& call) {
    const auto there = call.parts.kept->size_of(call.node.identity.node_id, upload_name(call.request),
                                                std::chrono::steady_clock::now());
    Response response;
    response.body = sync::upload_reply_json(there);
    return response;
}

class LongPoll : public Deferred {
public:
    LongPoll(std::unique_ptr<FeedHub::Waiter> waiter, std::shared_ptr<void> slot, int timeout_ms)
        : waiter_(std::move(waiter)), slot_(std::move(slot)), timeout_(timeout_ms) {}

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
    std::shared_ptr<void> slot_;
    std::chrono::milliseconds timeout_;
};

Response answer_wait(Call& call) {
    const auto message = sync::parse_wait_request(call.body);
    if (!message) return bad_body(message.error());
    for (const auto& [clinic, version] : message->clinics) {
        if (find_clinic(call.node.identity, clinic) == nullptr) {
            return error_response(403, "clinic_forbidden", "This clinic is not in the node's scope.");
        }
    }
    auto slot = call.parts.slots.acquire("wait " + call.node.identity.node_id, kWaitsOfNodeMax);
    if (!slot) return error_response(503, "busy", "This node waits too often at once. Try again.");
    note_heard(call, false);
    // The place in the hub is taken before the versions are looked at, so that a commit between the two wakes.
    auto waiter = call.parts.hub.subscribe(message->clinics);
    const auto changed = changed_clinics(call.parts.pool, message->clinics);
    if (!changed) return failure_response(label_of(call.node), changed.error());
    if (!changed->empty()) return ok_response(sync::WaitReply{*changed});
    Response response;
    response.deferred = std::make_unique<LongPoll>(std::move(waiter), std::move(slot), message->timeout_ms);
    return response;
}

struct Route {
    std::string_view path, method;
    bool has_node;
    std::size_t bytes_max;  ///< The largest body, inflated.
    Response (*answer)(Call&);
};

constexpr std::string_view kPushPath = "/sync/v1/push";

constexpr std::array<Route, 6> kRoutes{Route{"/sync/v1/enroll", "POST", false, kSmallBodyBytesMax, answer_enroll},
                                       Route{"/sync/v1/me", "GET", true, 0, answer_me},
                                       Route{kPushPath, "POST", true, sync::kBodyBytesMax, answer_push},
                                       Route{"/sync/v1/upload", "GET", true, 0, answer_upload},
                                       Route{"/sync/v1/pull", "POST", true, kSmallBodyBytesMax, answer_pull},
                                       Route{"/sync/v1/wait", "POST", true, kWaitBodyBytesMax, answer_wait}};

void note_refused_node(const Call& call, const RefusedNode& refusal) {
    if (call.parts.trail == nullptr) return;
    sync::Json detail{{"because", refusal.because}};
    if (!refusal.node_name.empty()) {
        detail["name"] = refusal.node_name;
        detail["code"] = refusal.node_code;
    }
    const std::string actor = refusal.because == "revoked" ? "node:" + refusal.node_id : "nobody";
    call.parts.trail->note({"node refused", actor, refusal.node_id, call.request.peer, detail});
}

std::optional<Response> check_node(Call& call) {
    auto answer = authenticate(call.parts.pool, call.request.header("authorization"));
    if (!answer) return failure_response("that asks from " + call.request.peer, answer.error());
    if (answer->is_refused()) {
        note_refused_node(call, answer->refusal());
        return refusal_response(answer->refusal());
    }
    call.node = std::move(answer->reply());
    return std::nullopt;
}

}  // namespace

Response answer_sync(ApiParts& parts, const Request& request) {
    const auto route =
        std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& r) { return r.path == request.path; });
    if (route == kRoutes.end()) return error_response(404, "not_found", "There is nothing here.");
    if (request.method != route->method) {
        Response response = error_response(405, "method_not_allowed", "This path takes another method.");
        response.headers.emplace_back("Allow", std::string(route->method));
        return response;
    }
    Call call{parts, request, {}, {}};
    if (route->has_node) {
        if (auto refused = check_node(call)) return std::move(*refused);
    }
    if (auto refused = check_schema(request.header("x-schema-version"))) return std::move(*refused);
    if (route->method == "POST") {
        auto refused = request.path == kPushPath ? read_push(parts, call.node.identity.node_id, request, call.body)
                                                 : read_body(request, request.body, route->bytes_max, call.body);
        if (refused) return std::move(*refused);
    }
    return route->answer(call);
}

void keep_cut_upload(ApiParts& parts, const Request& request) {
    if (request.path != kPushPath || request.method != "POST") return;
    const auto authorization = request.header("authorization");
    if (!has_node_form(authorization)) return;
    const auto answer = authenticate(parts.pool, authorization);
    if (!answer || answer->is_refused()) return;
    const std::string& node_id = answer->reply().identity.node_id;
    std::string joined;
    std::string_view bytes;
    if (!put_together(parts, node_id, request, joined, bytes)) return;
    parts.kept->keep(node_id, upload_name(request), bytes, std::chrono::steady_clock::now());
}

}  // namespace vetchart::central
