#include "edge/link/central_client.h"

#include <httplib.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "edge/link/link_failure.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"
#include "tls/trust.h"

namespace vetchart::edge {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kGzipFrom = 1024;  ///< A smaller body would hardly shrink.
constexpr std::chrono::milliseconds kInterruptRepeat{50};
constexpr const char* kDigestHeader = "X-Body-SHA256";

Error unavailable(std::string context, std::string slug) {
    return Error{Errc::unavailable, std::move(context), std::move(slug)};
}

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

}  // namespace

/// One kept-alive connection, and the watchdog that ends a call at its deadline or at interrupt(). The watchdog
/// shuts a duplicate of the socket's descriptor, so that it can neither miss the phases in which httplib does not
/// show its socket (connecting, the handshake) nor hit a number reused meanwhile.
class CentralClient::Line {
public:
    explicit Line(CentralClientOptions options) : options_(std::move(options)), client_(origin_of(options_.url)) {
        const auto seconds = [](std::chrono::milliseconds value) {
            return std::pair<time_t, time_t>{value.count() / 1000, value.count() % 1000 * 1000};
        };
        const auto connect = seconds(options_.connect_timeout);
        const auto idle = seconds(options_.idle_timeout);
        client_.set_connection_timeout(connect.first, connect.second);
        client_.set_read_timeout(idle.first, idle.second);
        client_.set_write_timeout(idle.first, idle.second);
        client_.set_keep_alive(true);
        client_.set_tcp_nodelay(true);
        client_.set_decompress(false);
        client_.set_follow_location(false);
        client_.set_url_encode(false);
        client_.set_socket_options([this](socket_t socket) { opened(socket); });
        if (options_.url.tls) {
            client_.enable_server_certificate_verification(true);
            if (SSL_CTX* context = client_.ssl_context()) {
                SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
                if (!options_.ca_file.empty()) trust_.emplace(options_.ca_file).guard(context);
            }
        }
        watchdog_ = std::thread([this] { watch(); });
    }

    ~Line() {
        {
            const std::lock_guard guard(lock_);
            closing_ = true;
        }
        changed_.notify_all();
        watchdog_.join();
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    void interrupt() {
        {
            const std::lock_guard guard(lock_);
            interrupted_ = true;
        }
        changed_.notify_all();
    }

    [[nodiscard]] std::chrono::milliseconds quiet() {
        const std::lock_guard guard(lock_);
        return in_call_ ? std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_)
                        : std::chrono::milliseconds(0);
    }

    /// Sends one request and gives central's word, whole and checked. `idle` replaces the idle deadline.
    template <class T>
    Result<Answer<T>> call(const char* method, const std::string& path, const std::string& body,
                           Result<T> (*parse)(std::string_view), std::chrono::milliseconds extra_wait = {}) {
        VC_TRY_ASSIGN(RawAnswer raw, exchange(method, path, body, extra_wait));
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

    httplib::Request request(const char* method, const std::string& path, const std::string& body) const {
        httplib::Request result;
        result.method = method;
        result.path = options_.url.path + path;
        result.set_header("Accept-Encoding", "gzip");
        result.set_header("Accept", "application/json");
        result.set_header("User-Agent", "vetchart-edge/" VETCHART_VERSION);
        result.set_header("X-Schema-Version", std::to_string(options_.schema_version));
        result.set_header(kDigestHeader, to_hex(sha256(body)));
        if (options_.credentials) {
            result.set_header("Authorization",
                              "Node " + options_.credentials->node_id + "." + options_.credentials->secret);
        }
        if (body.empty()) return result;
        result.set_header("Content-Type", "application/json");
        if (body.size() > kGzipFrom) {
            result.set_header("Content-Encoding", "gzip");
            result.body = sync::gzip(body);
        } else {
            result.body = body;
        }
        return result;
    }

    Result<RawAnswer> exchange(const char* method, const std::string& path, const std::string& body,
                               std::chrono::milliseconds extra_wait) {
        const auto idle = options_.idle_timeout + extra_wait;
        client_.set_read_timeout(idle.count() / 1000, idle.count() % 1000 * 1000);
        if (!begin(Clock::now() + options_.total_timeout + extra_wait)) {
            return unavailable("the call was ended", "interrupted");
        }
        // Who was believed when the line was opened may be believed no more.
        if (trust_ && trust_->refresh()) client_.stop();
        httplib::Request outgoing = request(method, path, body);
        RawAnswer raw;
        bool too_large = false;
        outgoing.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
            too_large = raw.body.size() + size > sync::kBodyBytesMax;
            if (!too_large) raw.body.append(data, size);
            return !too_large;
        };
        ERR_clear_error();
        auto result = client_.send(outgoing);
        const bool in_time = end();
        if (too_large) return unavailable("the answer is over the size limit", "line_cut");
        if (!result) {
            if (!in_time && is_interrupted()) return unavailable("the call was ended", "interrupted");
            const bool waited = Clock::now() - began_ >= idle && result.error() == httplib::Error::Read;
            return failure_of({result.error(), client_.get_openssl_verify_result(), in_time && !waited});
        }
        raw.status = result->status;
        raw.encoding = result->get_header_value("Content-Encoding");
        raw.digest = result->get_header_value(kDigestHeader);
        return raw;
    }

    bool begin(Clock::time_point deadline) {
        {
            const std::lock_guard guard(lock_);
            if (interrupted_) return false;
            deadline_ = deadline;
            began_ = Clock::now();
            in_call_ = true;
            ended_ = false;
        }
        changed_.notify_all();
        return true;
    }

    /// False: the watchdog ended the call.
    bool end() {
        const std::lock_guard guard(lock_);
        in_call_ = false;
        return !ended_;
    }

    [[nodiscard]] bool is_interrupted() {
        const std::lock_guard guard(lock_);
        return interrupted_;
    }

    void opened(socket_t socket) {
        const std::lock_guard guard(lock_);
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 3);
    }

    void watch() {
        std::unique_lock guard(lock_);
        while (!closing_) {
            if (!in_call_) {
                changed_.wait(guard);
            } else if (!interrupted_ && Clock::now() < deadline_) {
                changed_.wait_until(guard, deadline_);
            } else {
                // Again and again until the call is over: httplib may just be opening the next socket.
                ended_ = true;
                if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
                changed_.wait_for(guard, kInterruptRepeat);
            }
        }
    }

    CentralClientOptions options_;
    std::optional<tls::Trust> trust_;  ///< None: the system's authorities. Outlives the client that it guards.
    httplib::Client client_;
    std::mutex lock_;
    std::condition_variable changed_;
    Clock::time_point deadline_;
    Clock::time_point began_;
    int descriptor_ = -1;
    bool in_call_ = false;
    bool ended_ = false;
    bool interrupted_ = false;
    bool closing_ = false;
    std::thread watchdog_;
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
    return line_->call("POST", "/sync/v1/push", sync::to_json(request), &sync::parse_push_reply);
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

}  // namespace vetchart::edge
