#include "edge/api/server.h"

#include <httplib.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/guarded_server.h"
#include "edge/api/router.h"
#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kBodyBytesMax = 1U << 20U;
/// Of a body over the limit so much is still read and thrown away, so that its sender can read the 413.
constexpr std::size_t kDrainBytesMax = 16U << 20U;
constexpr int kKeepAliveRequestsMax = 10000;
/// The library matches paths by std::regex, which recurses for every character.
constexpr std::size_t kPathBytesMax = 2048;
/// Everything the app uses comes from this server; nothing inline, nothing from elsewhere.
constexpr const char* kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

enum class BodyState { complete, too_large, broken, unsupported };

/// Reads and inflates the body, counting what came out: the library's own limit looks at Content-Length alone, which
/// a chunked body has not and a compressed one need not fear.
BodyState read_body(const httplib::Request& request, const httplib::ContentReader& reader, std::string& body) {
    // Without either header the library would read until the peer hangs up.
    if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) return BodyState::complete;
    if (request.is_multipart_form_data()) return BodyState::unsupported;
    const std::string encoding = ascii_lower(request.get_header_value("Content-Encoding"));
    if (!encoding.empty() && encoding != "identity" && encoding != "gzip" && encoding != "deflate") {
        return BodyState::unsupported;
    }
    std::size_t total = 0;
    const bool announced = request.get_header_value<std::uint64_t>("Content-Length") > kBodyBytesMax;
    const bool read = reader([&](const char* data, std::size_t size) {
        total += size;
        if (total <= kBodyBytesMax) body.append(data, size);
        return total <= kDrainBytesMax;
    });
    if (announced || total > kBodyBytesMax) return BodyState::too_large;
    return read ? BodyState::complete : BodyState::broken;
}

/// False: a name or value that is no clean text.
bool to_request(const httplib::Request& from, Request& request) {
    request.method = from.method;
    request.path = from.path;
    request.remote_address = from.remote_addr;
    bool clean = is_clean_utf8(request.path);
    for (const auto& [name, value] : from.params) {
        clean = clean && is_clean_utf8(name) && is_clean_utf8(value);
        request.query.emplace(name, value);
    }
    for (const auto& [name, value] : from.headers) {
        const auto [header, is_new] = request.headers.emplace(ascii_lower(name), value);
        // A list may come in several lines; the last proxy's entry is the last of all.
        if (!is_new && header->first == "x-forwarded-for") header->second += ", " + value;
    }
    return clean;
}

void set_stream(std::unique_ptr<RowStream> stream, const std::string& type, httplib::Response& to) {
    // Shared, since the library copies the function that owns it.
    const std::shared_ptr<RowStream> shared = std::move(stream);
    to.set_chunked_content_provider(type, [shared](std::size_t, httplib::DataSink& sink) {
        std::string piece;
        const auto more = shared->next(piece);
        if (!more) {
            spdlog::error("a list was cut off: {}", more.error().context);
            return false;
        }
        if (!sink.write(piece.data(), piece.size())) return false;
        if (!*more) sink.done();
        return true;
    });
}

void set_events(const std::function<bool(std::string&)>& next, const std::string& type, httplib::Response& to) {
    to.set_chunked_content_provider(type, [next](std::size_t, httplib::DataSink& sink) {
        std::string piece;
        if (!sink.is_writable()) return false;
        if (!next(piece)) {
            sink.done();
            return true;
        }
        return piece.empty() || sink.write(piece.data(), piece.size());
    });
}

void give(Response response, httplib::Response& to) {
    to.status = response.status;
    for (const auto& [name, value] : response.headers) to.set_header(name, value);
    if (response.stream) {
        set_stream(std::move(response.stream), response.content_type, to);
    } else if (response.events) {
        set_events(response.events, response.content_type, to);
    } else {
        to.set_content(response.body, response.content_type);
    }
}

Response library_error(int status) {
    switch (status) {
        case 404: return error_response(404, "not_found", "There is nothing at this address.");
        case 413: return error_response(413, "too_large", "The request is too large.");
        case 414: return error_response(414, "uri_too_long", "The address is too long.");
        case 400: return error_response(400, "malformed", "The request is not well-formed.");
        default: break;
    }
    if (status >= 500) return error_response(500, "internal", "Something went wrong inside. Nothing was changed.");
    return error_response(status, "refused", "The request was refused.");
}

Response body_refusal(BodyState state) {
    switch (state) {
        case BodyState::too_large: return library_error(413);
        case BodyState::unsupported:
            return error_response(415, "unsupported_type", "The request must be JSON, plain or gzip.");
        case BodyState::broken:
        case BodyState::complete: break;
    }
    return library_error(400);
}

}  // namespace

struct ApiServer::Impl {
    Impl(Database& database, ApiOptions options, Tokens tokens)
        : context{.database = database, .options = std::move(options), .tokens = std::move(tokens)} {}

    void configure();
    void handle(const httplib::Request& from, httplib::Response& to, const httplib::ContentReader* reader);
    void add_headers(const httplib::Request& from, httplib::Response& to);

    Context context;
    std::unique_ptr<httplib::Server> server;
    bool tls = false;
    enum class Phase { idle, serving, done };
    std::atomic<Phase> phase{Phase::idle};
    std::atomic<bool> stopped{false};
};

void ApiServer::Impl::handle(const httplib::Request& from, httplib::Response& to,
                             const httplib::ContentReader* reader) {
    Request request;
    const bool clean = to_request(from, request);
    BodyState state = BodyState::complete;
    // Before anything is decided: a body left in the connection would be read as the next request.
    if (reader != nullptr) state = read_body(from, *reader, request.body);
    if (state != BodyState::complete || !clean) {
        Response refusal = state == BodyState::complete ? library_error(400) : body_refusal(state);
        context.metrics.observe(from.method, refusal.status, 0);
        return give(std::move(refusal), to);
    }
    give(dispatch(context, request), to);
}

void ApiServer::Impl::add_headers(const httplib::Request& from, httplib::Response& to) {
    to.set_header("X-Content-Type-Options", "nosniff");
    to.set_header("X-Frame-Options", "DENY");
    to.set_header("Referrer-Policy", "no-referrer");
    to.set_header("Content-Security-Policy", kContentPolicy);
    if (from.path.starts_with("/api") && !to.has_header("Cache-Control")) to.set_header("Cache-Control", "no-store");
    if (tls) to.set_header("Strict-Transport-Security", "max-age=31536000");
    const std::string origin = from.get_header_value("Origin");
    const auto& allowed = context.options.origins;
    if (origin.empty() || std::find(allowed.begin(), allowed.end(), origin) == allowed.end()) return;
    to.set_header("Access-Control-Allow-Origin", origin);
    to.set_header("Vary", "Origin");
    to.set_header("Access-Control-Expose-Headers", "ETag, Link");
    to.set_header("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
    to.set_header("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, Idempotency-Key");
    to.set_header("Access-Control-Max-Age", "600");
}

void ApiServer::Impl::configure() {
    using Req = httplib::Request;
    using Res = httplib::Response;
    const auto plain = [this](const Req& from, Res& to) { handle(from, to, nullptr); };
    const auto with_body = [this](const Req& from, Res& to, const httplib::ContentReader& reader) {
        handle(from, to, &reader);
    };
    constexpr const char* kAny = "[\\s\\S]*";
    server->Get(kAny, plain).Post(kAny, with_body).Put(kAny, with_body).Patch(kAny, with_body).Delete(kAny, with_body);
    server->Options(kAny, [](const Req&, Res& to) { to.status = 204; });
    server->set_tcp_nodelay(true);
    // Not the library's SO_REUSEPORT: a second daemon on the port must fail instead of taking half the requests.
    server->set_socket_options([](socket_t socket) {
        const int on = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    });
    const auto threads = static_cast<std::size_t>(std::max(1, context.options.threads));
    server->new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
    server->set_keep_alive_max_count(kKeepAliveRequestsMax);
    server->set_payload_max_length(kBodyBytesMax);
    server->set_pre_routing_handler([](const Req& from, Res& to) {
        if (from.path.size() <= kPathBytesMax) return httplib::Server::HandlerResponse::Unhandled;
        give(library_error(414), to);
        return httplib::Server::HandlerResponse::Handled;
    });
    server->set_exception_handler([](const Req&, Res& to, const std::exception_ptr&) {
        spdlog::error("a handler threw");
        give(library_error(500), to);
    });
    // Also answers requests the library refuses before any handler.
    server->set_error_handler(httplib::Server::Handler([this](const Req& from, Res& to) {
        if (to.body.empty() && !to.content_provider_) give(library_error(to.status), to);
        add_headers(from, to);
    }));
    server->set_post_routing_handler([this](const Req& from, Res& to) {
        if (to.status < 400) add_headers(from, to);
    });
}

ApiServer::ApiServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiServer::~ApiServer() = default;

Result<std::unique_ptr<ApiServer>> ApiServer::create(Database& database, ApiOptions options) {
    VC_TRY_ASSIGN(Tokens tokens, Tokens::load(options.key_file));
    auto impl = std::make_unique<Impl>(database, std::move(options), std::move(tokens));
    const ApiOptions& given = impl->context.options;
    impl->tls = !given.tls_cert.empty() || !given.tls_key.empty();
    ConnectionLimits limits = given.limits;
    limits.per_address_max = std::min(limits.per_address_max, std::max(1, given.threads / 2));
    impl->server = make_guarded_server(given.tls_cert, given.tls_key, limits);
    if (!impl->server->is_valid()) {
        return Error{Errc::invalid_input, "the TLS certificate or its key cannot be used", "tls_files"};
    }
    impl->configure();
    return std::unique_ptr<ApiServer>(new ApiServer(std::move(impl)));
}

Result<int> ApiServer::bind(const std::string& host, int port) {
    const Error taken{Errc::unavailable, "cannot listen on " + host + ":" + std::to_string(port), "address_taken"};
    if (port == 0) {
        const int found = impl_->server->bind_to_any_port(host);
        if (found <= 0) return taken;
        return found;
    }
    if (!impl_->server->bind_to_port(host, port)) return taken;
    return port;
}

void ApiServer::serve() {
    impl_->phase = Impl::Phase::serving;
    if (!impl_->stopped) impl_->server->listen_after_bind();
    impl_->phase = Impl::Phase::done;
}

void ApiServer::stop() {
    impl_->stopped = true;
    // Else the threads that wait for their turn at a password would be waited for.
    impl_->context.passwords.stop();
    // The library forgets a stop() that comes before its loop runs; serve() is at most a few instructions from there.
    while (impl_->phase == Impl::Phase::serving && !impl_->server->is_running()) std::this_thread::yield();
    impl_->server->stop();
}

bool ApiServer::tls() const { return impl_->tls; }

}  // namespace vetchart::edge
