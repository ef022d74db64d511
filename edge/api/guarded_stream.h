#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "edge/api/connection_limits.h"

namespace vetchart::edge {

/// The addresses, in numbers, of the peer of a connected socket and of its own end; empty when not known.
void peer_address(int socket, std::string& ip, int& port);
void own_address(int socket, std::string& ip, int& port);

/// One connection's bytes under ConnectionLimits. Not thread-safe. Borrows socket (not blocking) and session.
class GuardedStream {
public:
    /// `ssl`: nullptr for plain HTTP.
    GuardedStream(int socket, SSL* ssl, const ConnectionLimits& limits);

    /// The TLS handshake, in the time of a head. False: there is nothing to talk to.
    [[nodiscard]] bool shake_hands();
    /// Waits up to `wait_ms` for a request. True: its first bytes are there.
    [[nodiscard]] bool has_input(int wait_ms);
    /// Starts the time limit of the next request's head, or of its body.
    void begin_head();
    void begin_body();
    /// True once a limit was passed or the peer is gone: the connection is of no more use.
    [[nodiscard]] bool broken() const { return broken_; }

    /// Returns the bytes at hand, at least one; waits for them in the time that is left. Empty: broken().
    [[nodiscard]] std::string_view input();
    /// Drops the first `size` bytes of input().
    void consume(std::size_t size);
    /// Sends all of it. False: broken().
    bool write(std::string_view bytes);
    /// After the last answer: tells the peer that no more comes, and reads on for a while what it still sends and
    /// throws it away. Closed at once, the connection would be reset and the answer lost. `stops` ends it early.
    void linger(const std::function<bool()>& stops);

    [[nodiscard]] bool is_writable() const;
    [[nodiscard]] int socket() const { return socket_; }

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] bool wait(short events, Clock::time_point until) const;
    [[nodiscard]] Clock::time_point read_deadline() const;
    bool fill();
    bool fail();

    int socket_;
    SSL* ssl_;
    ConnectionLimits limits_;
    std::array<char, 16384> buffer_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool in_head_ = true;
    std::size_t body_bytes_ = 0;
    Clock::time_point began_ = Clock::now();
    bool broken_ = false;
};

}  // namespace vetchart::edge
