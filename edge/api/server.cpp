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
#include "edge/api/site_check.h"
#include "sync/base/central_url.h"
#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kBodyBytesMax = 1U << 20U;
/// A body's JSON as values takes at most so many times its bytes (`[{"":0},...`), with the body itself.
constexpr std::size_t kBodyGrowth = 32;
/// From here an answer is sent in pieces, from one copy that counts against ApiOptions::memory_bytes.
constexpr std::size_t kLargeAnswer = 64U << 10U;
constexpr int kKeepAliveRequestsMax = 10000;
/// The library matches paths by std::regex, which recurses for every character.
constexpr std::size_t kPathBytesMax = 2048;
/// Everything the app uses comes from this server; nothing inline, nothing from elsewhere.
constexpr const char* kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

enum class BodyState { complete, too_large, broken, unsupported };

/// Inflates the body, counting what came out: the library's own limit looks at Content-Length alone.
BodyState read_body(const httplib::Request& request, const httplib::ContentReader& reader, std::string& body) {
    // Without the header the library would read until the peer hangs up.
    if (!request.has_header("Content-Length")) return BodyState::complete;
    if (request.is_multipart_form_data()) return BodyState::unsupported;
    const std::string encoding = ascii_lower(request.get_header_value("Content-Encoding"));
    if (!encoding.empty() && encoding != "identity" && encoding != "gzip" && encoding != "deflate") {
        return BodyState::unsupported;
    }
    std::size_t total = 0;
    const bool read = reader([&](const char* data, std::size_t size) {
        total += size;
        if (total <= kBodyBytesMax) body.append(data, size);
        return total <= kBodyBytesMax;
    });
    if (total > kBodyBytesMax) return BodyState::too_large;
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

using Provider = std::function<bool(std::size_t, httplib::DataSink&)>;

/// Sends an answer in chunks; HTTP/1.0 knows none, so there the end of the connection is the end of the answer.
void set_pieces(const httplib::Request& from, const std::string& type, Provider provider, httplib::Response& to) {
    if (from.version == "HTTP/1.0") {
        to.set_content_provider(type, std::move(provider));
    } else {
        to.set_chunked_content_provider(type, std::move(provider));
    }
}

Provider rows_of(std::unique_ptr<RowStream> stream) {
    // Shared, since the library copies the function that owns it.
    return [shared = std::shared_ptr<RowStream>(std::move(stream))](std::size_t, httplib::DataSink& sink) {
        std::string piece;
        const auto more = shared->next(piece);
        if (!more) {
            spdlog::error("a list was cut off: {}", more.error().context);
            return false;
        }
        if (!sink.write(piece.data(), piece.size())) return false;
        if (!*more) sink.done();
        return true;
    };
}

Provider text_of(std::string text, ByteBudget::Hold hold) {
    struct Held {
        std::string text;
        ByteBudget::Hold hold;
        std::size_t at = 0;
    };
    return
        [held = std::make_shared<Held>(Held{std::move(text), std::move(hold)})](std::size_t, httplib::DataSink& sink) {
            const std::size_t piece = std::min(kLargeAnswer, held->text.size() - held->at);
            if (!sink.write(held->text.data() + held->at, piece)) return false;
            held->at += piece;
            if (held->at == held->text.size()) sink.done();
            return true;
        };
}

Provider events_of(const std::function<bool(std::string&)>& next) {
    return [next](std::size_t, httplib::DataSink& sink) {
        std::string piece;
        if (!sink.is_writable()) return false;
        if (!next(piece)) {
            sink.done();
            return true;
        }
        return piece.empty() || sink.write(piece.data(), piece.size());
    };
}

Response busy() {
    Response response = error_response(503, "busy", "This node is busy. Try again.");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

Response library_error(int status) {
    switch (status) {
        case 404: return error_response(404, "not_found", "There is nothing at this address.");
        case 413: return error_response(413, "too_large", "The request is too large.");
        case 414: return error_response(414, "uri_too_long", "The address is too long.");
        case 400: return error_response(400, "malformed", "The request is not well-formed.");
        case 503: return busy();
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
    GuardedOptions guarded_options();
    void handle(const httplib::Request& from, httplib::Response& to, const httplib::ContentReader* reader);
    std::optional<Response> refuse_early(const httplib::Request& from);
    void give(Response response, const httplib::Request& from, httplib::Response& to);
    void add_headers(const httplib::Request& from, httplib::Response& to);

    Context context;
    ByteBudget budget{context.options.memory_bytes};
    OwnNames names;
    bool checks_names = true;
    std::unique_ptr<httplib::Server> server;
    std::shared_ptr<host::Identity> identity;  ///< Null: plain HTTP. Shared with the server's threads.
    enum class Phase { idle, serving, done };
    std::atomic<Phase> phase{Phase::idle};
    std::atomic<bool> stopped{false};
};

void ApiServer::Impl::give(Response response, const httplib::Request& from, httplib::Response& to) {
    std::optional<ByteBudget::Hold> hold;
    const bool large = !response.stream && !response.events && response.body.size() > kLargeAnswer;
    // A change that was made is told as made, even where its answer does not fit into the memory left.
    const bool reads = from.method == "GET" || from.method == "HEAD";
    if (large) hold = budget.take(response.body.size());
    if (large && !hold && reads) response = busy();
    to.status = response.status;
    for (const auto& [name, value] : response.headers) to.set_header(name, value);
    // Without this the library would offer ranges to a HEAD, which are not given.
    if (from.method == "HEAD") to.set_header("Accept-Ranges", "none");
    if (response.stream) {
        set_pieces(from, response.content_type, rows_of(std::move(response.stream)), to);
    } else if (response.events) {
        set_pieces(from, response.content_type, events_of(response.events), to);
    } else if (hold) {
        set_pieces(from, response.content_type, text_of(std::move(response.body), std::move(*hold)), to);
    } else {
        to.set_content(response.body, response.content_type);
    }
}

void ApiServer::Impl::handle(const httplib::Request& from, httplib::Response& to,
                             const httplib::ContentReader* reader) {
    Request request;
    const bool clean = to_request(from, request);
    BodyState state = BodyState::complete;
    if (reader != nullptr) state = read_body(from, *reader, request.body);
    if (state != BodyState::complete || !clean) {
        Response refusal = state == BodyState::complete ? library_error(400) : body_refusal(state);
        context.metrics.observe(from.method, refusal.status, 0);
        return give(std::move(refusal), from, to);
    }
    const auto hold = budget.take(request.body.size() * kBodyGrowth);
    if (!hold) context.metrics.observe(from.method, 503, 0);
    give(hold ? dispatch(context, request) : busy(), from, to);
}

/// Answers what is refused before any handler looks at it: by now the request is read to its end.
std::optional<Response> ApiServer::Impl::refuse_early(const httplib::Request& from) {
    if (from.has_header(kRefusedField)) return library_error(std::stoi(from.get_header_value(kRefusedField)));
    if (from.path.size() > kPathBytesMax) return library_error(414);
    if (checks_names) {
        if (auto refusal = refuse_other_name(names, from.get_header_value("Host"))) return refusal;
    }
    Request request;
    if (!to_request(from, request)) return library_error(400);
    return refuse_other_origin(names, request, context.options.origins);
}

void ApiServer::Impl::add_headers(const httplib::Request& from, httplib::Response& to) {
    to.set_header("X-Content-Type-Options", "nosniff");
    to.set_header("X-Frame-Options", "DENY");
    to.set_header("Referrer-Policy", "no-referrer");
    to.set_header("Content-Security-Policy", kContentPolicy);
    if (from.path.starts_with("/api") && !to.has_header("Cache-Control")) to.set_header("Cache-Control", "no-store");
    if (identity) to.set_header("Strict-Transport-Security", "max-age=31536000");
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
    server->Options(kAny, [this](const Req& from, Res& to) {
        context.metrics.observe(from.method, 204, 0);
        to.status = 204;
    });
    server->set_tcp_nodelay(true);
    // Not the library's SO_REUSEPORT: a second daemon on the port must fail instead of taking half the requests.
    server->set_socket_options([](socket_t socket) {
        const int on = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    });
    server->set_keep_alive_max_count(kKeepAliveRequestsMax);
    server->set_payload_max_length(kBodyBytesMax);
    server->set_pre_routing_handler([this](const Req& from, Res& to) {
        auto refusal = refuse_early(from);
        if (!refusal) return httplib::Server::HandlerResponse::Unhandled;
        context.metrics.observe(from.method, refusal->status, 0);
        give(std::move(*refusal), from, to);
        return httplib::Server::HandlerResponse::Handled;
    });
    server->set_exception_handler([](const Req&, Res& to, const std::exception_ptr&) {
        spdlog::error("a handler threw");
        to.status = 500;
        // No JSON values: taking one apart allocates, and for want of memory its destructor would end the process.
        to.set_content(kInternalError, "application/json");
    });
    // Also answers requests the library refuses before any handler.
    server->set_error_handler(httplib::Server::Handler([this](const Req& from, Res& to) {
        if (to.body.empty() && !to.content_provider_) give(library_error(to.status), from, to);
        add_headers(from, to);
    }));
    server->set_post_routing_handler([this](const Req& from, Res& to) {
        if (to.status < 400) add_headers(from, to);
    });
}

GuardedOptions ApiServer::Impl::guarded_options() {
    GuardedOptions guarded;
    guarded.limits = context.options.limits;
    guarded.threads = std::max(1, context.options.threads);
    // Behind a proxy everyone comes from one address.
    guarded.limits.per_address_max = context.options.behind_proxy
                                         ? guarded.threads
                                         : std::min(guarded.limits.per_address_max, std::max(1, guarded.threads / 2));
    guarded.body_bytes_max = kBodyBytesMax;
    guarded.budget = &budget;
    guarded.identity = identity;
    guarded.refusal = [this](const HttpFault& fault) {
        context.metrics.observe("other", fault.status, 0);
        const Response answer = error_response(fault.status, std::string(fault.code), std::string(fault.sentence));
        return "HTTP/1.1 " + std::to_string(fault.status) +
               " Refused\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(answer.body.size()) +
               "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n" +
               answer.body;
    };
    return guarded;
}

ApiServer::ApiServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiServer::~ApiServer() = default;

Result<std::unique_ptr<ApiServer>> ApiServer::create(Database& database, ApiOptions options) {
    VC_TRY_ASSIGN(Tokens tokens, Tokens::load(options.key_file, database.rng()));
    auto impl = std::make_unique<Impl>(database, std::move(options), std::move(tokens));
    const ApiOptions& given = impl->context.options;
    if (!given.tls_cert.empty() || !given.tls_key.empty()) {
        VC_TRY_ASSIGN(impl->identity, host::Identity::load(given.tls_cert, given.tls_key));
        impl->context.metrics.set_certificate_end(impl->identity->ends_at());
    }
    impl->server = make_guarded_server(impl->guarded_options());
    if (!impl->server->is_valid()) return Error{Errc::internal, "no TLS server could be made"};
    impl->configure();
    return std::unique_ptr<ApiServer>(new ApiServer(std::move(impl)));
}

Result<int> ApiServer::bind(const std::string& host, int port) {
    impl_->names = OwnNames(host, impl_->context.options.hosts, impl_->context.options.behind_proxy);
    // Beyond this computer the certificate says whose name it is: a browser goes no further under another.
    impl_->checks_names = !impl_->identity || is_loopback_host(host);
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
    // First the turns end: the server waits for its threads, and some of these wait for their turn at a password.
    impl_->context.passwords.stop();
    // The library forgets a stop() that comes before its loop runs; serve() is at most a few instructions from there.
    while (impl_->phase == Impl::Phase::serving && !impl_->server->is_running()) std::this_thread::yield();
    impl_->server->stop();
}

bool ApiServer::tls() const { return impl_->identity != nullptr; }

void ApiServer::refresh_certificate(bool anyway) {
    if (!impl_->identity) return;
    impl_->identity->refresh(anyway);
    impl_->context.metrics.set_certificate_end(impl_->identity->ends_at());
}

}  // namespace vetchart::edge
