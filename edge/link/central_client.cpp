#include "edge/link/central_client.h"

#include <utility>

#include "edge/link/link_failure.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kGzipFrom = 1024;  ///< A smaller body would hardly shrink.
/// Resuming what is smaller than this costs more than it saves.
constexpr std::size_t kWorthResuming = 1024;

/// The body as central meant it: inflated within bounds, its digest checked. The line may take a truncated gzip stream
/// and a cut close-delimited body for whole (httplib does, found by probe), so this is the only proof of wholeness.
Result<std::string> whole_body(LineAnswer answer) {
    if (answer.encoding == "gzip") {
        auto inflated = sync::gunzip(answer.body, sync::kBodyBytesMax);
        if (!inflated) return unavailable("the answer's gzip stream is broken or too large", "line_cut");
        answer.body = std::move(*inflated);
    } else if (!answer.encoding.empty() && answer.encoding != "identity") {
        return unavailable("the answer's encoding is unknown", "line_cut");
    }
    const auto expected = digest_from_hex(answer.digest);
    if (!expected || sha256(answer.body) != *expected) {
        return unavailable("the answer's digest is missing or wrong", "line_cut");
    }
    return std::move(answer.body);
}

Error busy_answer(int status, const Result<std::string>& text) {
    std::string slug = "http_" + std::to_string(status);
    if (text) {
        if (auto said = sync::parse_refusal(status, *text); said && !said->code.empty()) slug = said->code;
    }
    return unavailable("central answers " + std::to_string(status), slug);
}

}  // namespace

CentralClient::CentralClient(Transport& line, CentralClientOptions options)
    : line_(line), options_(std::move(options)) {}

/// Sends one request and gives central's word, whole and checked.
template <class T>
Result<Answer<T>> CentralClient::call(Outgoing out, Result<T> (*parse)(std::string_view)) {
    VC_TRY_ASSIGN(LineAnswer answer, exchange(std::move(out)));
    const int status = answer.status;
    if (auto foreign = foreign_answer(status, answer.digest)) return std::move(*foreign);
    const auto text = whole_body(std::move(answer));
    if (status == 429 || status >= 500) return busy_answer(status, text);
    if (!text) return text.error();
    if (status == 200 || status == 201) {
        VC_TRY_ASSIGN(T reply, parse(*text));
        return Answer<T>(std::move(reply));
    }
    auto refusal = sync::parse_refusal(status, *text);
    if (!refusal) return unavailable("status " + std::to_string(status) + " without an error body", "line_cut");
    return Answer<T>(std::move(refusal).value());
}

/// `name`: what a repeat has in common with this, when that is not every byte of the body.
CentralClient::Outgoing CentralClient::outgoing_of(const char* method, const std::string& path, const std::string& body,
                                                   const std::string& name) {
    Outgoing out;
    out.method = method;
    out.path = path;
    out.name = name.empty() ? to_hex(sha256(path + '\n' + body)) : name;
    out.digest = to_hex(sha256(body));
    const bool shrinks = body.size() > kGzipFrom;
    if (shrinks) out.encoding = "gzip";
    out.bytes = shrinks ? sync::gzip(body) : body;
    return out;
}

LineRequest CentralClient::request_of(const Outgoing& out) const {
    LineRequest request;
    request.method = out.method;
    request.path = out.path;
    request.hold = out.hold;
    request.headers = {{"Accept-Encoding", "gzip"},
                       {"Accept", "application/json"},
                       {"User-Agent", "vetchart-edge/" VETCHART_VERSION},
                       {"X-Schema-Version", std::to_string(options_.schema_version)},
                       {sync::kBodyDigestHeader, out.digest}};
    if (const auto& key = options_.credentials) {
        request.headers.emplace_back("Authorization", "Node " + key->node_id + "." + key->secret);
    }
    if (!out.bytes.empty()) request.headers.emplace_back("Content-Type", "application/json");
    if (!out.encoding.empty()) request.headers.emplace_back("Content-Encoding", out.encoding);
    if (out.there > 0) request.headers.emplace_back(sync::kBodyOffsetHeader, std::to_string(out.there));
    request.body = out.bytes.substr(out.there);
    return request;
}

/// The call, begun where the last one was cut, when this is the same.
Result<LineAnswer> CentralClient::exchange(Outgoing out) {
    moved_ = false;
    const bool goes_on = cut_request_ && cut_request_->name == out.name;
    if (goes_on) {
        const std::size_t before = cut_request_->there;
        VC_TRY_ASSIGN(cut_request_->there, ask_what_is_there());
        moved_ = cut_request_->there > before;
        out = *cut_request_;
    }
    const bool moved = moved_;
    auto answer = transmit(out);
    moved_ = !answer && (moved_ || moved);
    if (!answer && out.bytes.size() > kWorthResuming) {
        // What central has of it is known when it is asked; until then what was acknowledged stands for it.
        if (!goes_on && acknowledged_ > kWorthResuming) moved_ = true;
        cut_request_ = std::move(out);
    }
    // Also when the body no longer fits what central kept: whole the next time.
    if (answer && goes_on) cut_request_.reset();
    return answer;
}

/// How much of `cut_request_` central has.
Result<std::size_t> CentralClient::ask_what_is_there() {
    Outgoing question;
    question.method = "GET";
    question.path = "/sync/v1/upload";
    question.name = "upload";
    question.digest = cut_request_->digest;
    question.encoding = cut_request_->encoding;
    VC_TRY_ASSIGN(const LineAnswer answer, transmit(question));
    const auto there =
        answer.status == 200 ? sync::parse_upload_reply(answer.body) : Result<std::size_t>(std::size_t{0});
    return there && *there <= cut_request_->bytes.size() ? *there : 0;
}

/// One call over the line. The first bytes of the answer are those that arrived before, when central says so.
Result<LineAnswer> CentralClient::transmit(const Outgoing& out) {
    LineRequest request = request_of(out);
    const bool goes_on = cut_answer_ && cut_answer_->name == out.name;
    const std::size_t had = goes_on ? cut_answer_->bytes.size() : 0;
    if (goes_on) {
        request.headers.emplace_back(sync::kResumeDigestHeader, cut_answer_->digest);
        request.headers.emplace_back(sync::kResumeOffsetHeader, std::to_string(had));
    }
    Delivery delivery = line_.call(request);
    acknowledged_ = delivery.acknowledged;
    LineAnswer& answer = delivery.answer;
    if (cut_answer_ && answer.digest == cut_answer_->digest && answer.encoding == cut_answer_->encoding &&
        answer.offset == std::to_string(cut_answer_->bytes.size())) {
        answer.body.insert(0, cut_answer_->bytes);
    }
    if (answer.body.size() > sync::kBodyBytesMax) {
        return unavailable("the answer is over the size limit", "line_cut");
    }
    if (!delivery.failure) {
        if (goes_on) cut_answer_.reset();
        return std::move(answer);
    }
    moved_ = keep_cut(out.name, std::move(answer), had);
    return std::move(*delivery.failure);
}

/// True: more is here than the `had` bytes before.
bool CentralClient::keep_cut(const std::string& name, LineAnswer answer, std::size_t had) {
    // A shorter piece than before is no reason to forget the longer one.
    if (answer.status != 200 || answer.digest.empty() || answer.body.size() < kWorthResuming) return false;
    if (cut_answer_ && cut_answer_->digest == answer.digest && cut_answer_->bytes.size() >= answer.body.size()) {
        return false;
    }
    const bool more = answer.body.size() > had;
    cut_answer_ = CutAnswer{name, answer.digest, answer.encoding, std::move(answer.body)};
    return more;
}

Result<Answer<sync::EnrollReply>> CentralClient::enroll(const sync::EnrollRequest& request) {
    return call(outgoing_of("POST", "/sync/v1/enroll", sync::to_json(request)), &sync::parse_enroll_reply);
}

Result<Answer<sync::MeReply>> CentralClient::me() {
    return call(outgoing_of("GET", "/sync/v1/me", {}), &sync::parse_me_reply);
}

Result<Answer<sync::PushReply>> CentralClient::push(const sync::PushRequest& request) {
    // What it tells of the node's health differs each time; its transactions are sealed.
    std::string name;
    if (!request.transactions.empty()) {
        name = "push " + request.incarnation + ' ' + to_hex(request.transactions.back().digest) + ' ' +
               std::to_string(request.transactions.front().first_seq);
        if (request.part) name += ' ' + std::to_string(request.part->index) + '/' + std::to_string(request.part->count);
    }
    return call(outgoing_of("POST", "/sync/v1/push", sync::to_json(request), name), &sync::parse_push_reply);
}

Result<Answer<sync::PullReply>> CentralClient::pull(const sync::PullRequest& request) {
    return call(outgoing_of("POST", "/sync/v1/pull", sync::to_json(request)), &sync::parse_pull_reply);
}

Result<Answer<sync::WaitReply>> CentralClient::wait(const sync::WaitRequest& request) {
    Outgoing out = outgoing_of("POST", "/sync/v1/wait", sync::to_json(request));
    out.hold = std::chrono::milliseconds(request.timeout_ms);
    return call(std::move(out), &sync::parse_wait_reply);
}

}  // namespace vetchart::edge
