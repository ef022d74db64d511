#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "central/api/http.h"
#include "central/api/pace.h"
#include "sync/base/result.h"

namespace vetchart::central {

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                                  ///< 0: any free one.
    std::optional<std::filesystem::path> tls_cert, tls_key;  ///< PEM, the chain in one file. Both or none.
    bool plain_beyond_loopback = false;  ///< Plain HTTP on any address: something in front of it does TLS.
    std::size_t worker_count = 10;
    std::size_t queue_max = 256;  ///< Requests at work or waiting for a worker; over it 503.
    std::size_t connections_max = 10000;
    std::size_t body_bytes_max = 8U << 20U;
    std::size_t all_bodies_bytes_max = 160U << 20U;   ///< Bounds bodies being read or worked on; over it 503.
    std::size_t all_answers_bytes_max = 128U << 20U;  ///< Bounds all answers being written; over it a large one is 503.
    std::chrono::milliseconds handshake_time{30000};
    std::chrono::milliseconds idle_time{75000};    ///< Between requests.
    std::chrono::milliseconds header_time{30000};  ///< From a request's first byte to the end of its header.
    LowestSpeed body_speed;                        ///< Of a body, either way; it has no time as a whole.
    /// What moves more slowly than this is the first to go when all_bodies_bytes_max or all_answers_bytes_max is full.
    std::size_t bytes_per_second_safe = 16U << 10U;
    std::chrono::milliseconds slow_after{5000};   ///< A younger body is never called slow.
    std::chrono::milliseconds drain_time{30000};  ///< After stop(), for what is in flight.
};

/// What the transport asks of the rest. Thread-safe functions that do not throw.
struct ServerHooks {
    std::function<Response(const Request&)> handle;
    /// True: `handle` needs neither database nor much time, and runs on the network thread.
    std::function<bool(const Request&)> is_light;
    /// After each answer. `seconds` leaves out the time a request was parked.
    std::function<void(const std::string& method, int status, double seconds)> on_answer;
    std::function<void()> on_reload{};  ///< After SIGHUP, when the certificate was looked at. May be empty.
    /// A request whose line was cut in its body, with what of that had arrived. On a worker thread. May be empty.
    std::function<void(const Request&)> on_cut{};
};

/// HTTPS/1.1 on Beast and coroutines: one network thread, `worker_count` worker threads for `handle`. Nothing in it
/// knows what is served. Every wait has a deadline, every buffer and queue a bound.
class Server {
public:
    Server(ServerOptions options, ServerHooks hooks);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Reads the certificate, binds and listens. Errors: invalid_input (a file that does not fit, an address that is
    /// none, plain HTTP beyond loopback), unavailable (the address is taken).
    [[nodiscard]] Status listen();
    /// http(s)://host:port with the real port. After listen().
    [[nodiscard]] std::string url() const;
    /// Serves on the calling thread until stop(), then finishes what is in flight: requests at work are answered,
    /// parked ones at once, idle connections closed.
    void run();
    /// Stops, from any thread; SIGTERM and SIGINT do so too after stop_on_signals(). SIGHUP loads the certificate anew;
    /// a pair that was renewed is also taken within seconds without it.
    void stop();
    void stop_on_signals();
    /// Seconds since 1970 when the certificate in use ends; 0 without TLS.
    [[nodiscard]] std::int64_t certificate_ends_at() const;

    [[nodiscard]] std::size_t connection_count() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vetchart::central
