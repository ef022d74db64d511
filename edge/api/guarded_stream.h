#pragma once

#include <httplib.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include "edge/api/connection_limits.h"

namespace vetchart::edge {

/// Whom a connected socket talks to, as a number; empty when that is not known.
[[nodiscard]] std::string peer_address(int socket);

/// One connection's bytes under ConnectionLimits. Not thread-safe. Borrows socket (not blocking) and session.
class GuardedStream final : public httplib::Stream {
public:
    /// `ssl`: nullptr for plain HTTP.
    GuardedStream(int socket, SSL* ssl, const ConnectionLimits& limits);

    /// The TLS handshake, in the time of a head. False: there is nothing to talk to.
    [[nodiscard]] bool shake_hands();
    /// True: a request's first bytes are there, within `wait_ms`.
    [[nodiscard]] bool has_input(int wait_ms);
    /// The clocks and counts of the next request begin.
    void begin_request();
    /// A limit was passed or the peer is gone: the connection is of no more use.
    [[nodiscard]] bool broken() const { return broken_; }

    [[nodiscard]] bool is_readable() const override;
    [[nodiscard]] bool is_writable() const override;
    ssize_t read(char* to, std::size_t size) override;
    ssize_t write(const char* from, std::size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    [[nodiscard]] socket_t socket() const override { return socket_; }

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] bool wait(short events, Clock::time_point until) const;
    [[nodiscard]] Clock::time_point read_deadline() const;
    ssize_t fill();
    ssize_t fail();
    void count(char byte);

    int socket_;
    SSL* ssl_;
    ConnectionLimits limits_;
    std::array<char, 4096> buffer_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool in_head_ = true;
    int line_bytes_ = 0;  ///< Of the present line of the head, without its end.
    std::size_t head_bytes_ = 0;
    std::size_t body_bytes_ = 0;
    Clock::time_point began_ = Clock::now();
    bool broken_ = false;
};

}  // namespace vetchart::edge
