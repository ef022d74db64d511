#include "edge/link/central_client.h"

#include <httplib.h>
#include <openssl/err.h>

#include <optional>
#include <utility>

#include "edge/link/call_watch.h"
#include "edge/link/link_failure.h"
#include "edge/link/tls_resumption.h"
#include "host/trust.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kGzipFrom = 1024;  ///< A smaller body would hardly shrink.
constexpr const char* kDigestHeader = "X-Body-SHA256";
constexpr long kRecordBytes = 1400;

/// What came back, before it is known to be whole.
struct RawAnswer {
    int status = 0;
    std::string body;
    std::string encoding;
    std::string digest;
};

/// The body as central meant it: inflated within bounds, its digest checked. httplib reports a truncated gzip
/// stream and a cut close-delimited body as success (found by probe), so this is the only proof of wholeness.
Result<std::string> whole_body(RawAnswer raw) {
    if (raw.encoding == "gzip") {
        auto inflated = sync::gunzip(raw.body, sync::kBodyBytesMax);
        if (!inflated) return unavailable("the answer's gzip stream is broken or too large", "line_cut");
        raw.body = std::move(*inflated);
    } else if (!raw.encoding.empty() && raw.encoding != "identity") {
        return unavailable("the answer's encoding is unknown", "line_cut");
    }
    const auto expected = digest_from_hex(raw.digest);
    if (!expected || sha256(raw.body) != *expected) {
        return unavailable("the answer's digest is missing or wrong", "line_cut");
    }
    return std::move(raw.body);
}

/// Resuming what is smaller than this costs more than it saves.
constexpr std::size_t kWorthResuming = 1024;
constexpr std::size_t kHandshakeMost = 2048;  ///< What a client sends in one, with room.

/// A request on its way: its body as it is sent, and what names it when it is repeated.
struct Outgoing {
    const char* method = "POST";
    std::string path;
    std::string name;
    std::string digest, encoding, bytes;
    std::size_t there = 0;  ///< Of `bytes`, what central has from a call that was cut.
};

/// An answer that was cut: what of it arrived, and the name of its request.
struct CutAnswer {
    std::string name, digest, encoding, bytes;
};

Outgoing outgoing_of(const char* method, const std::string& path, const std::string& body, const std::string& name) {
    Outgoing out{method, path, name.empty() ? to_hex(sha256(path + '\n' + body)) : name, to_hex(sha256(body)),
                 {},     body};
    if (body.size() > kGzipFrom) {
        out.encoding = "gzip";
        out.bytes = sync::gzip(body);
    }
    return out;
}

/// httplib's own time-outs never strike: CallWatch judges a call by its speed.
constexpr time_t kNoTimeout = 86400;

}  // namespace

/// One kept-alive connection. What arrived before a cut, here of an answer or at central of a request, is not sent
/// again (docs/sync-protocol.md, Slow lines).
class CentralClient::Line {
public:
    explicit Line(CentralClientOptions options)
        : options_(std::move(options)), client_(origin_of(options_.url)), watch_(options_.limits) {
        const auto connect = options_.connect_timeout.count();
        client_.set_connection_timeout(connect / 1000, connect % 1000 * 1000);
        client_.set_read_timeout(kNoTimeout);
        client_.set_write_timeout(kNoTimeout);
        client_.set_keep_alive(true);
        client_.set_tcp_nodelay(true);
        client_.set_decompress(false);
        client_.set_follow_location(false);
        client_.set_url_encode(false);
        client_.set_socket_options([this](socket_t socket) { watch_.opened(socket); });
        if (options_.url.tls) {
            client_.enable_server_certificate_verification(true);
            if (SSL_CTX* context = client_.ssl_context()) {
                SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
                // What is cut in a TLS record is lost whole.
                SSL_CTX_set_max_send_fragment(context, kRecordBytes);
                if (!options_.ca_file.empty()) trust_.emplace(options_.ca_file).guard(context);
                resumption_.emplace(context);
            }
        }
        if (options_.proxy) {
            client_.set_proxy(options_.proxy->host, options_.proxy->port);
            client_.set_proxy_basic_auth(options_.proxy->user, options_.proxy->password);
        }
    }

    void interrupt() { watch_.interrupt(); }
    [[nodiscard]] std::chrono::milliseconds quiet() { return watch_.quiet(); }
    [[nodiscard]] bool moved() const { return moved_; }
    [[nodiscard]] bool resumed() const { return resumption_ && resumption_->resumed(); }

    /// Sends one request and gives central's word, whole and checked. `more`: how much longer
    /// central may hold its answer. `name`: what a repeat of it has in common with it, when not every byte of the body.
    template <class T>
    Result<Answer<T>> call(const char* method, const std::string& path, const std::string& body,
                           Result<T> (*parse)(std::string_view), std::chrono::milliseconds more = {},
                           const std::string& name = {}) {
        VC_TRY_ASSIGN(RawAnswer raw, exchange(outgoing_of(method, path, body, name), options_.limits.think + more));
        const int status = raw.status;
        if (auto foreign = foreign_answer(status, raw.digest)) return std::move(*foreign);
        auto text = whole_body(std::move(raw));
        if (status == 429 || status >= 500) return busy_answer(status, text);
        if (!text) return text.error();
        Answer<T> answer;
        if (status == 200 || status == 201) {
            VC_TRY_ASSIGN(T reply, parse(*text));
            answer.reply = std::move(reply);
            return answer;
        }
        auto refusal = sync::parse_error_reply(*text);
        if (!refusal) return unavailable("status " + std::to_string(status) + " without an error body", "line_cut");
        answer.refusal = Refusal{status, std::move(*refusal)};
        return answer;
    }

private:
    static Error busy_answer(int status, const Result<std::string>& text) {
        std::string slug = "http_" + std::to_string(status);
        if (text) {
            if (auto said = sync::parse_error_reply(*text); said && !said->code.empty()) slug = said->code;
        }
        return unavailable("central answers " + std::to_string(status), slug);
    }

    httplib::Request request_of(const Outgoing& out) const {
        httplib::Request result;
        result.method = out.method;
        result.path = options_.url.path + out.path;
        result.set_header("Accept-Encoding", "gzip");
        result.set_header("Accept", "application/json");
        result.set_header("User-Agent", "vetchart-edge/" VETCHART_VERSION);
        result.set_header("X-Schema-Version", std::to_string(options_.schema_version));
        result.set_header(kDigestHeader, out.digest);
        if (options_.credentials) {
            result.set_header("Authorization",
                              "Node " + options_.credentials->node_id + "." + options_.credentials->secret);
        }
        // The library would show central, too, what is the proxy's.
        if (options_.proxy) result.set_header("Proxy-Authorization", "");
        if (!out.bytes.empty()) result.set_header("Content-Type", "application/json");
        if (!out.encoding.empty()) result.set_header("Content-Encoding", out.encoding);
        if (out.there > 0) result.set_header(sync::kBodyOffsetHeader, std::to_string(out.there));
        result.body = out.bytes.substr(out.there);
        return result;
    }

    /// The call, begun where the last one was cut, when this is the same.
    Result<RawAnswer> exchange(Outgoing out, std::chrono::milliseconds think) {
        moved_ = false;
        const bool goes_on = cut_request_ && cut_request_->name == out.name;
        if (goes_on) {
            const std::size_t before = cut_request_->there;
            VC_TRY_ASSIGN(cut_request_->there, ask_what_is_there());
            moved_ = cut_request_->there > before;
            out = *cut_request_;
        }
        const bool moved = moved_;
        auto raw = transmit(out, think);
        moved_ = !raw && (moved_ || moved);
        if (!raw && out.bytes.size() > kWorthResuming) {
            // What central has of it is known when it is asked; until then what was acknowledged stands for it.
            if (!goes_on && watch_.sent() > kHandshakeMost + kWorthResuming) moved_ = true;
            cut_request_ = std::move(out);
        }
        // Also when the body no longer fits what central kept: whole the next time.
        if (raw && goes_on) cut_request_.reset();
        return raw;
    }

    /// How much of `cut_request_` central has.
    Result<std::size_t> ask_what_is_there() {
        const Outgoing question{"GET", "/sync/v1/upload", "upload", cut_request_->digest, cut_request_->encoding, {}};
        VC_TRY_ASSIGN(RawAnswer raw, transmit(question, options_.limits.think));
        const auto there = raw.status == 200 ? sync::parse_upload_reply(raw.body) : Result<std::size_t>(std::size_t{0});
        return there && *there <= cut_request_->bytes.size() ? *there : 0;
    }

    Result<RawAnswer> transmit(const Outgoing& out, std::chrono::milliseconds think) {
        httplib::Request request = request_of(out);
        const bool goes_on = cut_answer_ && cut_answer_->name == out.name;
        const std::size_t had = goes_on ? cut_answer_->bytes.size() : 0;
        if (goes_on) {
            request.set_header(sync::kResumeDigestHeader, cut_answer_->digest);
            request.set_header(sync::kResumeOffsetHeader, std::to_string(had));
        }
        // Who was believed when the line was opened may be believed no more, neither by a session of that time.
        if (trust_ && trust_->refresh()) {
            client_.stop();
            resumption_->forget();
        }
        RawAnswer raw;
        bool too_large = false;
        request.response_handler = [&](const httplib::Response& head) {
            watch_.answered();
            read_head(head, raw);
            return true;
        };
        request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
            too_large = raw.body.size() + size > sync::kBodyBytesMax;
            if (!too_large) raw.body.append(data, size);
            return !too_large;
        };
        ERR_clear_error();
        if (!watch_.begin(think, request.body.size())) return unavailable("the call was ended", "interrupted");
        const auto result = client_.send(request);
        const bool in_time = watch_.end();
        if (too_large) return unavailable("the answer is over the size limit", "line_cut");
        if (auto refused = refused_by_proxy(result ? std::nullopt : std::optional(result.error()), raw)) {
            client_.stop();
            return *refused;
        }
        if (result) {
            if (goes_on) cut_answer_.reset();
            return raw;
        }
        moved_ = keep_cut(out.name, std::move(raw), had);
        if (!in_time && watch_.interrupted()) return unavailable("the call was ended", "interrupted");
        return failure_of({result.error(), client_.get_openssl_verify_result(), in_time});
    }

    /// The library tells of a proxy's refusal as of an answer of central's (407), or of a failed handshake: the proxy
    /// itself is asked. nullopt: it is not to blame.
    std::optional<Error> refused_by_proxy(std::optional<httplib::Error> failure, const RawAnswer& raw) {
        if (!options_.proxy) return std::nullopt;
        const bool answered_itself = !failure && raw.status == 0;
        const bool in_doubt = failure == httplib::Error::SSLConnection || failure == httplib::Error::Connection ||
                              failure == httplib::Error::ConnectionTimeout;
        if (!answered_itself && !in_doubt) return std::nullopt;
        const auto deadline = std::chrono::steady_clock::now() + options_.connect_timeout;
        const PlainSocket socket(PlainSocket::connect(options_.proxy->host, options_.proxy->port, deadline));
        if (socket.get() < 0) return proxy_unreachable(*options_.proxy);
        watch_.opened(socket.get());
        if (!watch_.begin({}, 0)) return unavailable("the call was ended", "interrupted");
        const Status way = open_tunnel(socket.get(), *options_.proxy, options_.url, deadline);
        if (!watch_.end()) return unavailable("the call was ended", "interrupted");
        if (!way) return way.error();
        if (answered_itself) return unavailable("the answer is not central's", "line_cut");
        return std::nullopt;
    }

    /// The first bytes of the answer are those that arrived before, when central says so.
    void read_head(const httplib::Response& head, RawAnswer& raw) {
        raw.status = head.status;
        raw.encoding = head.get_header_value("Content-Encoding");
        raw.digest = head.get_header_value(kDigestHeader);
        if (cut_answer_ && raw.digest == cut_answer_->digest && raw.encoding == cut_answer_->encoding &&
            head.get_header_value(sync::kBodyOffsetHeader) == std::to_string(cut_answer_->bytes.size())) {
            raw.body = cut_answer_->bytes;
        }
    }

    /// True: more is here than the `had` bytes before.
    bool keep_cut(const std::string& name, RawAnswer raw, std::size_t had) {
        // A shorter piece than before is no reason to forget the longer one.
        if (raw.status != 200 || raw.digest.empty() || raw.body.size() < kWorthResuming) return false;
        if (cut_answer_ && cut_answer_->digest == raw.digest && cut_answer_->bytes.size() >= raw.body.size()) {
            return false;
        }
        const bool more = raw.body.size() > had;
        cut_answer_ = CutAnswer{name, raw.digest, raw.encoding, std::move(raw.body)};
        return more;
    }

    CentralClientOptions options_;
    std::optional<host::Trust> trust_;  ///< None: the system's authorities. Outlives the client that it guards.
    httplib::Client client_;
    std::optional<TlsResumption> resumption_;
    CallWatch watch_;
    std::optional<CutAnswer> cut_answer_;
    std::optional<Outgoing> cut_request_;
    bool moved_ = false;  ///< The last call failed, but either side has more than before.
};

CentralClient::CentralClient(CentralClientOptions options) : line_(std::make_unique<Line>(std::move(options))) {}
CentralClient::~CentralClient() = default;

Result<Answer<sync::EnrollReply>> CentralClient::enroll(const sync::EnrollRequest& request) {
    return line_->call("POST", "/sync/v1/enroll", sync::to_json(request), &sync::parse_enroll_reply);
}

Result<Answer<sync::MeReply>> CentralClient::me() {
    return line_->call("GET", "/sync/v1/me", {}, &sync::parse_me_reply);
}

Result<Answer<sync::PushReply>> CentralClient::push(const sync::PushRequest& request) {
    // What it tells of the node's health differs each time; its transactions are sealed.
    std::string name;
    if (!request.transactions.empty()) {
        name = "push " + request.incarnation + ' ' + to_hex(request.transactions.back().digest) + ' ' +
               std::to_string(request.transactions.front().first_seq);
        if (request.part) name += ' ' + std::to_string(request.part->index) + '/' + std::to_string(request.part->count);
    }
    return line_->call("POST", "/sync/v1/push", sync::to_json(request), &sync::parse_push_reply, {}, name);
}

Result<Answer<sync::PullReply>> CentralClient::pull(const sync::PullRequest& request) {
    return line_->call("POST", "/sync/v1/pull", sync::to_json(request), &sync::parse_pull_reply);
}

Result<Answer<sync::WaitReply>> CentralClient::wait(const sync::WaitRequest& request) {
    return line_->call("POST", "/sync/v1/wait", sync::to_json(request), &sync::parse_wait_reply,
                       std::chrono::milliseconds(request.timeout_ms));
}

std::chrono::milliseconds CentralClient::quiet() const { return line_->quiet(); }

void CentralClient::interrupt() { line_->interrupt(); }

bool CentralClient::resumed() const { return line_->resumed(); }

bool CentralClient::moved() const { return line_->moved(); }

}  // namespace vetchart::edge
