#include "edge/link/https_line.h"

#include <httplib.h>
#include <openssl/err.h>

#include <utility>

#include "edge/link/link_failure.h"
#include "edge/link/tls_resumption.h"
#include "host/trust.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {
namespace {

constexpr long kRecordBytes = 1400;
constexpr std::uint64_t kHandshakeMost = 2048;  ///< What a client sends in one, with room.

/// httplib's own time-outs never strike: CallWatch judges a call by its speed.
constexpr time_t kNoTimeout = 86400;

Error interrupted() { return unavailable("the call was ended", "interrupted"); }

}  // namespace

class HttpsLine::Impl {
public:
    explicit Impl(LineOptions options)
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
    [[nodiscard]] bool resumed() const { return resumption_ && resumption_->resumed(); }

    Delivery call(const LineRequest& line_request) {
        httplib::Request request = request_of(line_request);
        // Who was believed when the line was opened may be believed no more, neither by a session of that time.
        if (trust_ && trust_->refresh()) {
            client_.stop();
            resumption_->forget();
        }
        Delivery delivery;
        LineAnswer& answer = delivery.answer;
        bool too_large = false;
        request.response_handler = [&](const httplib::Response& head) {
            watch_.answered();
            answer.status = head.status;
            answer.encoding = head.get_header_value("Content-Encoding");
            answer.digest = head.get_header_value(sync::kBodyDigestHeader);
            answer.offset = head.get_header_value(sync::kBodyOffsetHeader);
            return true;
        };
        request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
            too_large = answer.body.size() + size > sync::kBodyBytesMax;
            if (!too_large) answer.body.append(data, size);
            return !too_large;
        };
        ERR_clear_error();
        if (!watch_.begin(options_.limits.think + line_request.hold, request.body.size())) {
            delivery.failure = interrupted();
            return delivery;
        }
        const auto result = client_.send(request);
        const bool in_time = watch_.end();
        const std::uint64_t sent = watch_.sent();
        if (sent > kHandshakeMost) delivery.acknowledged = static_cast<std::size_t>(sent - kHandshakeMost);
        if (too_large) {
            answer.body.clear();
            delivery.failure = unavailable("the answer is over the size limit", "line_cut");
        } else if (auto refused = refused_by_proxy(result ? std::nullopt : std::optional(result.error()), answer)) {
            client_.stop();
            delivery.failure = std::move(*refused);
        } else if (!result) {
            delivery.failure = !in_time && watch_.interrupted()
                                   ? interrupted()
                                   : failure_of({result.error(), client_.get_openssl_verify_result(), in_time});
        }
        return delivery;
    }

private:
    httplib::Request request_of(const LineRequest& line_request) const {
        httplib::Request result;
        result.method = line_request.method;
        result.path = options_.url.path + line_request.path;
        for (const auto& [name, value] : line_request.headers) result.set_header(name.c_str(), value);
        // The library would show central, too, what is the proxy's.
        if (options_.proxy) result.set_header("Proxy-Authorization", "");
        result.body = line_request.body;
        return result;
    }

    /// The library tells of a proxy's refusal as of an answer of central's (407), or of a failed handshake: the proxy
    /// itself is asked. nullopt: it is not to blame.
    std::optional<Error> refused_by_proxy(std::optional<httplib::Error> failure, const LineAnswer& answer) {
        if (!options_.proxy) return std::nullopt;
        const bool answered_itself = !failure && answer.status == 0;
        const bool in_doubt = failure == httplib::Error::SSLConnection || failure == httplib::Error::Connection ||
                              failure == httplib::Error::ConnectionTimeout;
        if (!answered_itself && !in_doubt) return std::nullopt;
        const auto deadline = std::chrono::steady_clock::now() + options_.connect_timeout;
        const PlainSocket socket(PlainSocket::connect(options_.proxy->host, options_.proxy->port, deadline));
        if (socket.get() < 0) return proxy_unreachable(*options_.proxy);
        watch_.opened(socket.get());
        if (!watch_.begin({}, 0)) return interrupted();
        const Status way = open_tunnel(socket.get(), *options_.proxy, options_.url, deadline);
        if (!watch_.end()) return interrupted();
        if (!way) return way.error();
        if (answered_itself) return unavailable("the answer is not central's", "line_cut");
        return std::nullopt;
    }

    LineOptions options_;
    std::optional<host::Trust> trust_;  ///< None: the system's authorities. Outlives the client that it guards.
    httplib::Client client_;
    std::optional<TlsResumption> resumption_;
    CallWatch watch_;
};

HttpsLine::HttpsLine(LineOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpsLine::~HttpsLine() = default;

Delivery HttpsLine::call(const LineRequest& request) { return impl_->call(request); }
std::chrono::milliseconds HttpsLine::quiet() { return impl_->quiet(); }
void HttpsLine::interrupt() { impl_->interrupt(); }
bool HttpsLine::resumed() const { return impl_->resumed(); }

std::unique_ptr<Transport> open_https_line(const LineOptions& options) { return std::make_unique<HttpsLine>(options); }

}  // namespace vetchart::edge
