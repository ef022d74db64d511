#include "central/api/server.h"

#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <list>

#include "central/api/message.h"
#include "central/api/wire_connection.h"
#include "host/identity.h"
#include "sync/base/http_request.h"

namespace vetchart::central {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kHeaderBytesMax = 16U << 10U;
constexpr std::size_t kReadBytes = 16U << 10U;
constexpr std::size_t kWriteBytes = 64U << 10U;
/// The first part of an answer goes in TLS records of about a segment: what is cut in a record is lost whole.
constexpr std::size_t kFirstPieces = 1400;
constexpr std::size_t kFirstPiecesUpTo = 256U << 10U;
constexpr std::size_t kSmallAnswer = 64U << 10U;  ///< Smaller answers go out however many large ones are written.
/// What is still read and thrown away after a refusal, so that the peer gets to see the answer and not a reset.
constexpr std::size_t kDiscardBytesMax = 64U << 20U;
constexpr std::chrono::seconds kLingerTime{5};
constexpr std::chrono::seconds kLookEvery{2};

constexpr HttpFault kBusy{503, "busy", "central is busy: try again"};

}  // namespace

struct Server::Impl {
    Impl(ServerOptions given, ServerHooks hooks_given)
        : options(std::move(given)), hooks(std::move(hooks_given)), workers(options.worker_count) {}

    struct Registration;

    Status load_certificate();
    Status bind();
    void stop();
    asio::awaitable<void> watch_certificate();
    asio::awaitable<void> take_hangups();
    asio::awaitable<void> watch_pace();
    bool make_room(const std::size_t& total, std::size_t asked, std::size_t most);
    asio::awaitable<void> accept_loop();
    asio::awaitable<void> serve(std::unique_ptr<WireStream> stream);
    asio::awaitable<void> converse(WireStream& stream, Connection& connection);
    asio::awaitable<bool> send(Connection& connection, const Request& request, const Response& response, bool stays);
    asio::awaitable<Reading> read_request(Connection& connection, beast::flat_buffer& buffer,
                                          HttpRequestReader& reader);
    asio::awaitable<Reading> read_body(Connection& connection, beast::flat_buffer& buffer, HttpRequestReader& reader);
    asio::awaitable<Reading> admit_body(Connection& connection, const HttpRequestReader& reader);
    asio::awaitable<void> keep_cut(HttpRequestReader& reader);
    asio::awaitable<Response> answer(WireStream& stream, Connection& connection, const Request& request,
                                     double& parked_seconds);
    asio::awaitable<Response> work(std::function<Response()> job);
    asio::awaitable<bool> write_all(Connection& connection, std::string_view bytes);
    asio::awaitable<void> refuse(Connection& connection, const HttpFault& fault);
    asio::awaitable<void> linger(WireStream& stream);

    const ServerOptions options;
    const ServerHooks hooks;
    asio::io_context io{1};
    asio::thread_pool workers;
    std::unique_ptr<host::Identity> identity;  ///< Null: plain HTTP.
    tcp::acceptor acceptor{io};
    asio::signal_set signals{io};
    asio::posix::stream_descriptor hangups{io};
    asio::steady_timer look{io};
    asio::steady_timer pace_look{io};
    asio::steady_timer drain{io};
    std::list<Connection*> connections;  // The network thread's alone, as all below but the count.
    std::size_t in_work = 0;
    std::size_t body_bytes = 0;
    std::size_t answer_bytes = 0;
    bool stopping = false;
    std::atomic<std::size_t> connection_count = 0;
};

/// A connection's place in the list, to the end of its life; the last one to go ends the drain.
struct Server::Impl::Registration {
    Registration(Impl& owner_given, Connection& connection)
        : owner(owner_given), place(owner.connections.insert(owner.connections.end(), &connection)) {
        ++owner.connection_count;
    }
    ~Registration() {
        owner.connections.erase(place);
        --owner.connection_count;
        if (owner.stopping && owner.connections.empty()) owner.drain.cancel();
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    Impl& owner;
    std::list<Connection*>::iterator place;
};

Status Server::Impl::load_certificate() {
    if (!options.tls_cert) return Done{};
    auto loaded = host::Identity::load(*options.tls_cert, *options.tls_key);
    if (!loaded) return Error{Errc::invalid_input, "--tls-cert, --tls-key: " + loaded.error().context};
    identity = std::move(*loaded);
    return Done{};
}

Status Server::Impl::bind() {
    error_code error;
    const auto found = tcp::resolver(io).resolve(options.host, std::to_string(options.port), error);
    if (error || found.empty()) return Error{Errc::invalid_input, "--listen: no such address: " + options.host};
    const tcp::endpoint endpoint = found.begin()->endpoint();
    if (!identity && !options.plain_beyond_loopback && !endpoint.address().is_loopback()) {
        return Error{Errc::invalid_input, "--plain-http is for loopback only; elsewhere it needs --behind-proxy"};
    }
    acceptor.open(endpoint.protocol(), error);
    // Not SO_REUSEPORT: a second server on the same port has to fail.
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(4096, error);
    if (error) {
        return Error{Errc::unavailable,
                     "cannot listen on " + options.host + ":" + std::to_string(options.port) + ": " + error.message()};
    }
    return Done{};
}

asio::awaitable<void> Server::Impl::watch_certificate() {
    while (!stopping) {
        look.expires_after(kLookEvery);
        (void)co_await look.async_wait(kNoThrow);
        if (!stopping) identity->refresh(false);
    }
}

asio::awaitable<void> Server::Impl::take_hangups() {
    while (!stopping) {
        const auto [error] = co_await hangups.async_wait(asio::posix::stream_descriptor::wait_read, kNoThrow);
        if (error || stopping) co_return;
        signalfd_siginfo info{};
        if (::read(hangups.native_handle(), &info, sizeof(info)) != sizeof(info)) continue;
        if (identity) identity->refresh(true);
        if (hooks.on_reload) hooks.on_reload();
    }
}

asio::awaitable<void> Server::Impl::accept_loop() {
    asio::steady_timer pause(io);
    while (acceptor.is_open()) {
        auto [error, socket] = co_await acceptor.async_accept(kNoThrow);
        if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
        if (error) {
            // Out of file descriptors: trying again at once would only spin.
            spdlog::warn("accept: {}", error.message());
            pause.expires_after(std::chrono::milliseconds(200));
            (void)co_await pause.async_wait(kNoThrow);
            continue;
        }
        if (connection_count >= options.connections_max) continue;  // The socket's destructor closes it.
        socket.set_option(tcp::no_delay(true), error);
        // This connection shows the certificate of now; the next one may find another.
        auto tls_context = identity ? std::optional(context_of(*identity)) : std::nullopt;
        try {
            asio::co_spawn(
                io,
                serve(make_wire_stream(beast::tcp_stream(std::move(socket)), tls_context ? &*tls_context : nullptr)),
                [](const std::exception_ptr& failure) {
                    if (failure) spdlog::error("a connection ended by an exception");
                });
        } catch (const std::exception& e) {
            // This loop has to outlive any exception, such as a lack of memory.
            spdlog::error("a connection was dropped by {}", typeid(e).name());
        }
    }
}

/// Ends each connection whose body, in whichever direction, moves too slowly.
asio::awaitable<void> Server::Impl::watch_pace() {
    const auto every = std::min<SteadyClock::duration>(options.body_speed.window / 8, std::chrono::seconds(1));
    while (!stopping) {
        pace_look.expires_after(every);
        (void)co_await pace_look.async_wait(kNoThrow);
        const auto now = SteadyClock::now();
        for (Connection* connection : connections) {
            if (!connection->pace) continue;
            if (!connection->pace->holds(options.body_speed, bytes_moved(connection->socket()), now)) {
                connection->stream->socket().close();
            }
        }
    }
}

/// True when `asked` more of `total` fits into `most`. When it does not, the largest of the slow connections are ended:
/// slow lines are served as long as there is room, and hold room only until somebody else wants it.
bool Server::Impl::make_room(const std::size_t& total, std::size_t asked, std::size_t most) {
    if (asked > most) return false;
    while (total + asked > most) {
        Connection* largest = nullptr;
        const auto now = SteadyClock::now();
        for (Connection* connection : connections) {
            if (!connection->pace || !connection->held || &connection->held->total != &total) continue;
            if (connection->pace->age(now) < options.slow_after) continue;
            const auto speed = connection->pace->bytes_per_second(bytes_moved(connection->socket()), now);
            if (speed >= options.bytes_per_second_safe) continue;
            if (largest == nullptr || connection->held->amount > largest->held->amount) largest = connection;
        }
        if (largest == nullptr) return false;
        largest->held.reset();
        largest->stream->socket().close();
    }
    return true;
}

asio::awaitable<void> Server::Impl::serve(std::unique_ptr<WireStream> stream) {
    Connection connection{stream.get()};
    const Registration registration(*this, connection);
    connection.bound_unsent();
    stream->socket().expires_after(options.handshake_time);
    if (const auto error = co_await stream->handshake(); !error) co_await converse(*stream, connection);
}

asio::awaitable<void> Server::Impl::converse(WireStream& stream, Connection& connection) {
    beast::flat_buffer buffer(kReadBytes);
    const HttpHeadLimits limits{.head_bytes = kHeaderBytesMax};
    while (!stopping) {
        HttpRequestReader reader(limits, options.body_bytes_max);
        const auto reading = co_await read_request(connection, buffer, reader);
        if (!reading.complete) {
            connection.held.reset();
            if (reading.fault) co_await refuse(connection, *reading.fault);
            co_return;
        }
        connection.state = Connection::State::busy;
        const auto begun = SteadyClock::now();
        const bool keep_alive = reader.head().keep_alive;
        Request request = request_of(reader);
        request.peer = peer_of(stream, request, options.plain_beyond_loopback);
        double parked_seconds = 0;
        Response response = co_await answer(stream, connection, request, parked_seconds);
        connection.held.reset();
        if (response.body.size() > kSmallAnswer &&
            !make_room(answer_bytes, response.body.size(), options.all_answers_bytes_max)) {
            response = error_response(503, "busy", "Central is busy. Try again.");
        }
        connection.held.emplace(answer_bytes, response.body.size());
        const std::chrono::duration<double> taken = SteadyClock::now() - begun;
        hooks.on_answer(request.method, response.status, taken.count() - parked_seconds);
        const bool stays = keep_alive && !stopping;
        const bool sent = co_await send(connection, request, response, stays);
        connection.held.reset();
        if (!sent) co_return;
        connection.state = Connection::State::idle;
        if (!stays) break;
    }
    stream.socket().expires_after(kLingerTime);
    co_await stream.shutdown();
    if (!stopping) co_await linger(stream);
}

asio::awaitable<bool> Server::Impl::send(Connection& connection, const Request& request, const Response& response,
                                         bool stays) {
    const Paced paced(connection);
    const std::string head = head_of(response, stays ? keep_alive_field(options.idle_time) : kCloseField);
    if (!co_await write_all(connection, head)) co_return false;
    // The answer to a HEAD ends with its head, whatever its length says.
    if (request.method == "HEAD") co_return true;
    co_return co_await write_all(connection, response.body);
}

asio::awaitable<Reading> Server::Impl::read_request(Connection& connection, beast::flat_buffer& buffer,
                                                    HttpRequestReader& reader) {
    using State = HttpRequestReader::State;
    WireStream& stream = *connection.stream;
    auto deadline = SteadyClock::now() + options.header_time;
    while (reader.state() == State::head) {
        if (buffer.size() == 0) {
            const bool first_byte = connection.state == Connection::State::idle && reader.untouched();
            stream.socket().expires_at(first_byte ? SteadyClock::now() + options.idle_time : deadline);
            const auto result = co_await stream.read_some(buffer.prepare(kReadBytes));
            if (result.error) co_return Reading{};
            buffer.commit(result.size);
            if (first_byte) deadline = SteadyClock::now() + options.header_time;
            connection.state = Connection::State::busy;
        }
        const auto bytes = buffer.data();
        buffer.consume(reader.take({static_cast<const char*>(bytes.data()), bytes.size()}));
    }
    if (reader.state() == State::body) {
        const auto read = co_await read_body(connection, buffer, reader);
        if (!read.complete) co_return read;
    }
    if (reader.state() == State::refused) co_return Reading{false, reader.fault()};
    co_return Reading{true};
}

asio::awaitable<Reading> Server::Impl::read_body(Connection& connection, beast::flat_buffer& buffer,
                                                 HttpRequestReader& reader) {
    const Paced paced(connection);
    const auto admitted = co_await admit_body(connection, reader);
    if (!admitted.complete) co_return admitted;
    while (reader.state() == HttpRequestReader::State::body) {
        if (buffer.size() == 0) {
            const auto result = co_await connection.stream->read_some(buffer.prepare(kReadBytes));
            if (result.error) {
                co_await keep_cut(reader);
                co_return Reading{};
            }
            buffer.commit(result.size);
        }
        const auto bytes = buffer.data();
        buffer.consume(reader.take({static_cast<const char*>(bytes.data()), bytes.size()}));
    }
    co_return Reading{true};
}

asio::awaitable<Reading> Server::Impl::admit_body(Connection& connection, const HttpRequestReader& reader) {
    const std::size_t asked = reader.body_bytes_most();
    if (!make_room(body_bytes, asked, options.all_bodies_bytes_max)) co_return Reading{false, kBusy};
    connection.held.emplace(body_bytes, asked);
    if (reader.head().expects_continue && !co_await write_all(connection, "HTTP/1.1 100 Continue\r\n\r\n")) {
        co_return Reading{};
    }
    co_return Reading{true};
}

asio::awaitable<void> Server::Impl::keep_cut(HttpRequestReader& reader) {
    if (!hooks.on_cut || stopping || reader.body().empty()) co_return;
    const Request request = request_of(reader);
    std::function<Response()> keeping = [&] {
        hooks.on_cut(request);
        return Response{};
    };
    (void)co_await work(std::move(keeping));
}

asio::awaitable<Response> Server::Impl::answer(WireStream& stream, Connection& connection, const Request& request,
                                               double& parked_seconds) {
    using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)
    if (hooks.is_light(request)) co_return hooks.handle(request);
    stream.socket().expires_never();
    // Named, as below: GCC 12 destroys a temporary that a co_await expression converts twice.
    std::function<Response()> handling = [&] { return hooks.handle(request); };
    Response response = co_await work(std::move(handling));
    if (!response.deferred) co_return response;

    std::shared_ptr<Deferred> deferred = std::move(response.deferred);  // A job's std::function must be copyable.
    const auto parking = std::make_shared<asio::steady_timer>(io, deferred->timeout());
    connection.parking = parking.get();
    connection.state = Connection::State::parked;
    const auto parked_at = SteadyClock::now();
    deferred->start(
        [this, parking] { asio::post(io, [parking] { parking->expires_at(SteadyClock::time_point::min()); }); });
    if (stopping) parking->expires_at(SteadyClock::time_point::min());
    // A byte from a peer that waits is its farewell or its next request: either way it waits no longer.
    (void)co_await (parking->async_wait(kNoThrow) ||
                    stream.socket().socket().async_wait(tcp::socket::wait_read, kNoThrow));
    parked_seconds = std::chrono::duration<double>(SteadyClock::now() - parked_at).count();
    connection.state = Connection::State::busy;
    connection.parking = nullptr;
    if (deferred->finishes_quickly()) co_return deferred->finish();
    std::function<Response()> finishing = [deferred] { return deferred->finish(); };
    co_return co_await work(std::move(finishing));
}

asio::awaitable<Response> Server::Impl::work(std::function<Response()> job) {
    if (in_work >= options.queue_max) co_return error_response(503, "busy", "Central is busy. Try again.");
    const Counted counted(in_work, 1);
    const auto run = [](std::function<Response()> given) -> asio::awaitable<Response> { co_return answer_of(given); };
    co_return co_await asio::co_spawn(workers, run(std::move(job)), asio::use_awaitable);
}

asio::awaitable<bool> Server::Impl::write_all(Connection& connection, std::string_view bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto piece = bytes.substr(sent, sent < kFirstPiecesUpTo ? kFirstPieces : kWriteBytes);
        const auto result = co_await connection.stream->write_some(asio::buffer(piece.data(), piece.size()));
        if (result.error) co_return false;
        sent += result.size;
    }
    co_return true;
}

asio::awaitable<void> Server::Impl::refuse(Connection& connection, const HttpFault& fault) {
    const Response response = error_response(fault.status, fault.code, fault.sentence);
    hooks.on_answer("other", response.status, 0);
    {
        const Paced paced(connection);
        const std::string bytes = head_of(response, kCloseField) + response.body;
        if (!co_await write_all(connection, bytes)) co_return;
    }
    error_code ignored;
    connection.stream->socket().socket().shutdown(tcp::socket::shutdown_send, ignored);
    co_await linger(*connection.stream);
}

asio::awaitable<void> Server::Impl::linger(WireStream& stream) {
    std::string sink(kReadBytes, '\0');
    stream.socket().expires_after(kLingerTime);
    for (std::size_t total = 0; total < kDiscardBytesMax;) {
        const auto result = co_await stream.read_some(asio::buffer(sink));
        if (result.error) co_return;
        total += result.size;
    }
}

void Server::Impl::stop() {
    if (stopping) return;
    stopping = true;
    error_code ignored;
    acceptor.close(ignored);
    signals.cancel(ignored);
    look.cancel();
    pace_look.cancel();
    if (hangups.is_open()) hangups.close(ignored);
    for (Connection* connection : connections) {
        if (connection->state == Connection::State::idle) connection->stream->socket().cancel();
        if (connection->parking != nullptr) connection->parking->expires_at(SteadyClock::time_point::min());
    }
    if (connections.empty()) return;
    drain.expires_after(options.drain_time);
    drain.async_wait([this](const error_code& error) {
        if (error) return;
        // Each coroutine ends by itself, in order: io.stop() would leave their frames to the destructor of `io`.
        for (Connection* connection : connections) connection->stream->socket().close();
    });
}

Server::Server(ServerOptions options, ServerHooks hooks)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(hooks))) {}
Server::~Server() { impl_->workers.join(); }

Status Server::listen() {
    VC_TRY(impl_->load_certificate());
    return impl_->bind();
}

std::string Server::url() const {
    const auto endpoint = impl_->acceptor.local_endpoint();
    std::string host = endpoint.address().to_string();
    if (endpoint.address().is_v6()) host = "[" + host + "]";
    return (impl_->identity ? "https://" : "http://") + host + ":" + std::to_string(endpoint.port());
}

void Server::run() {
    asio::co_spawn(impl_->io, impl_->accept_loop(), asio::detached);
    asio::co_spawn(impl_->io, impl_->watch_pace(), asio::detached);
    if (impl_->identity) asio::co_spawn(impl_->io, impl_->watch_certificate(), asio::detached);
    impl_->io.run();
    impl_->workers.join();
}

void Server::stop() {
    asio::post(impl_->io, [impl = impl_.get()] { impl->stop(); });
}

void Server::stop_on_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    if (const int descriptor = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK); descriptor >= 0) {
        impl_->hangups.assign(descriptor);
        asio::co_spawn(impl_->io, impl_->take_hangups(), asio::detached);
    }
    impl_->signals.add(SIGTERM);
    impl_->signals.add(SIGINT);
    impl_->signals.async_wait([impl = impl_.get()](const error_code& error, int) {
        if (!error) impl->stop();
    });
}

std::int64_t Server::certificate_ends_at() const { return impl_->identity ? impl_->identity->ends_at() : 0; }

std::size_t Server::connection_count() const { return impl_->connection_count; }

}  // namespace vetchart::central
