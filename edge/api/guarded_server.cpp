#include "edge/api/guarded_server.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "edge/api/guarded_stream.h"
#include "edge/api/replay_stream.h"
#include "edge/api/task_queue.h"
#include "sync/base/http_request.h"

namespace vetchart::edge {
namespace {

constexpr int kLookForStopMs = 100;
constexpr int kBacklog = 512;
constexpr std::size_t kWaitingMax = 256;
constexpr HttpFault kNoMemory{503, "busy", "This node is busy. Try again."};
/// The answer when there is not even the memory to make one.
constexpr std::string_view kLastWords =
    "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";

/// Counts the connections of each address. Thread-safe.
class AddressCount {
public:
    /// Counts one more. False: the address has its share already.
    bool enter(const std::string& address, int most) {
        const std::lock_guard guard(lock_);
        int& count = counts_[address];
        if (count >= most) return false;
        ++count;
        return true;
    }
    void leave(const std::string& address) {
        const std::lock_guard guard(lock_);
        const auto found = counts_.find(address);
        if (found != counts_.end() && --found->second == 0) counts_.erase(found);
    }

private:
    std::mutex lock_;
    std::map<std::string, int> counts_;
};

bool is_this_computer(const std::string& address) {
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

/// The fields of `head` for the handlers: without those that speak of the connection or the framing, which is decided.
httplib::Headers fields_for_handlers(const HttpHead& head, std::size_t body_size) {
    constexpr std::array<std::string_view, 7> kLeftOut = {
        "range", "if-range", "transfer-encoding", "content-length", "expect", "connection", "upgrade"};
    httplib::Headers fields;
    for (const auto& [name, value] : head.fields) {
        if (std::find(kLeftOut.begin(), kLeftOut.end(), name) == kLeftOut.end()) fields.emplace(name, value);
    }
    if (!head.host.empty() && !fields.contains("host")) fields.emplace("host", head.host);
    if (body_size > 0) fields.emplace("Content-Length", std::to_string(body_size));
    return fields;
}

/// Both servers: the library has its loop over a connection's requests twice, and so has nothing to derive from.
template <class Base>
class Guarded final : public Base {
public:
    template <class... Arguments>
    explicit Guarded(const GuardedOptions& options, const Arguments&... arguments)
        : Base(arguments...), options_(options) {
        const auto threads = static_cast<std::size_t>(std::max(1, options_.threads));
        this->new_task_queue = [threads] { return new TaskQueue(threads, kWaitingMax); };
        this->set_keep_alive_timeout(announced_idle_s(options_.limits));
    }

private:
    enum class Next { request, end };

    bool process_and_close_socket(socket_t sock) override {
        bool done = false;
        ++open_;
        try {
            // The library has its line for new connections fixed at five.
            std::call_once(backlog_, [this] { ::listen(this->svr_sock_, kBacklog); });
            done = serve_counted(sock);
        } catch (...) {
            spdlog::error("a connection ended by an exception");
        }
        --open_;
        ::shutdown(sock, SHUT_RDWR);
        ::close(sock);
        return done;
    }

    bool serve_counted(socket_t sock) {
        std::string ip;
        int port = 0;
        peer_address(sock, ip, port);
        if (!counts_.enter(ip, is_this_computer(ip) ? options_.threads : options_.limits.per_address_max)) return false;
        const std::shared_ptr<void> leaves(nullptr, [&](void*) { counts_.leave(ip); });
        ::fcntl(sock, F_SETFL, ::fcntl(sock, F_GETFL, 0) | O_NONBLOCK);
        return serve(sock);
    }

    bool serve(socket_t sock) {
        std::unique_ptr<SSL, decltype(&SSL_free)> ssl(nullptr, SSL_free);
        if constexpr (std::is_same_v<Base, httplib::SSLServer>) {
            ssl.reset(SSL_new(options_.identity->context().get()));
            if (!ssl) return false;
            SSL_set_fd(ssl.get(), sock);
        }
        GuardedStream stream(sock, ssl.get(), options_.limits);
        const bool done = stream.shake_hands() && serve_requests(stream, ssl.get());
        if (ssl && !stream.broken()) SSL_shutdown(ssl.get());
        return done;
    }

    bool serve_requests(GuardedStream& stream, SSL* ssl) {
        for (std::size_t left = this->keep_alive_max_count_; left > 0 && wait_for_request(stream); --left) {
            const bool last = left == 1 || open_ * 4 > options_.threads * 3;
            if (serve_request(stream, ssl, last) == Next::end) break;
        }
        return !stream.broken();
    }

    /// Wakes now and then to see whether the server stops.
    bool wait_for_request(GuardedStream& stream) {
        for (int waited = 0; waited < options_.limits.idle_ms; waited += kLookForStopMs) {
            if (stops()) return false;
            if (stream.has_input(kLookForStopMs)) return true;
        }
        return false;
    }

    Next serve_request(GuardedStream& stream, SSL* ssl, bool last) {
        HttpHeadLimits limits;
        limits.head_bytes = options_.limits.head_bytes;
        HttpRequestReader reader(limits, options_.body_bytes_max);
        std::optional<ByteBudget::Hold> hold;
        const HttpFault* fault = nullptr;
        if (!read_request(stream, reader, hold, fault)) return Next::end;
        if (fault != nullptr && !reader.has_head()) {
            if (stream.write(options_.refusal(*fault))) stream.linger([this] { return stops(); });
            return Next::end;
        }
        bool closes = last || fault != nullptr || !reader.head().keep_alive;
        const bool answered = answer(stream, ssl, reader, fault, closes);
        if (answered && !closes && !stream.broken()) return Next::request;
        if (answered) stream.linger([this] { return stops(); });
        return Next::end;
    }

    /// Reads a request. False: the peer is gone or too slow. `fault` is what the peer is told instead of an answer.
    bool read_request(GuardedStream& stream, HttpRequestReader& reader, std::optional<ByteBudget::Hold>& hold,
                      const HttpFault*& fault) {
        using State = HttpRequestReader::State;
        stream.begin_head();
        while (reader.state() == State::head || reader.state() == State::body) {
            const bool was_in_head = reader.state() == State::head;
            const std::string_view input = stream.input();
            if (input.empty()) return false;
            stream.consume(reader.take(input));
            if (!was_in_head || reader.state() != State::body) continue;
            hold = options_.budget->take(reader.body_bytes_most());
            if (!hold) {
                fault = &kNoMemory;
                return true;
            }
            stream.begin_body();
            if (reader.head().expects_continue && !stream.write("HTTP/1.1 100 Continue\r\n\r\n")) return false;
        }
        if (reader.state() == State::refused) fault = &reader.fault();
        return true;
    }

    /// Answers a request. False: the connection is of no more use. `closes` says that it ends with this answer.
    bool answer(GuardedStream& stream, SSL* ssl, HttpRequestReader& reader, const HttpFault* fault, bool& closes) {
        const HttpHead& head = reader.head();
        if (fault != nullptr) reader.body().clear();
        const std::string line = head.method + ' ' + head.target + (head.is_http_1_0 ? " HTTP/1.0" : " HTTP/1.1");
        ReplayStream replay(stream, line + "\r\n\r\n", reader.body());
        bool ignored = false;
        const auto give_fields = [&](httplib::Request& request) {
            request.ssl = ssl;
            request.headers = fields_for_handlers(head, reader.body().size());
            if (fault != nullptr) request.headers.emplace(kRefusedField, std::to_string(fault->status));
        };
        try {
            if (this->process_request(replay, closes, ignored, give_fields)) return true;
        } catch (...) {
            spdlog::error("a request ended by an exception");
        }
        // Half an answer cannot be mended; the end of the connection says that it is none.
        if (replay.has_answered()) return false;
        closes = true;
        return stream.write(kLastWords) && stream.write(kInternalError);
    }

    [[nodiscard]] bool stops() const { return this->svr_sock_ == INVALID_SOCKET; }

    GuardedOptions options_;
    AddressCount counts_;
    std::atomic<int> open_{0};
    std::once_flag backlog_;
};

}  // namespace

std::unique_ptr<httplib::Server> make_guarded_server(const GuardedOptions& options) {
    if (!options.identity) return std::make_unique<Guarded<httplib::Server>>(options);
    const std::function<bool(SSL_CTX&)> nothing_to_do = [](SSL_CTX&) { return true; };
    return std::make_unique<Guarded<httplib::SSLServer>>(options, nothing_to_do);
}

}  // namespace vetchart::edge
