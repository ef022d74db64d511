#include "edge/api/guarded_stream.h"

#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace vetchart::edge {
namespace {

using std::chrono::milliseconds;

void address_of(bool remote, int socket, std::string& ip, int& port) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if ((remote ? ::getpeername(socket, plain, &size) : ::getsockname(socket, plain, &size)) != 0) return;
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> service{};
    if (::getnameinfo(plain, size, host.data(), host.size(), service.data(), service.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return;
    }
    ip = host.data();
    port = std::atoi(service.data());
}

milliseconds time_for(std::size_t bytes, const ConnectionLimits& limits) {
    return milliseconds(limits.grace_ms) + milliseconds(bytes * 1000 / std::max<std::size_t>(1, limits.bytes_per_s));
}

}  // namespace

std::string peer_address(int socket) {
    std::string ip;
    int port = 0;
    address_of(true, socket, ip, port);
    return ip;
}

GuardedStream::GuardedStream(int socket, SSL* ssl, const ConnectionLimits& limits)
    : socket_(socket), ssl_(ssl), limits_(limits) {}

bool GuardedStream::wait(short events, Clock::time_point until) const {
    while (true) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now()).count();
        if (left <= 0) return false;
        pollfd one{socket_, events, 0};
        const int ready = ::poll(&one, 1, static_cast<int>(std::min<long>(left, 60000)));
        if (ready > 0) return (one.revents & (events | POLLHUP | POLLERR)) != 0;
        if (ready < 0 && errno != EINTR) return false;
    }
}

bool GuardedStream::shake_hands() {
    if (ssl_ == nullptr) return true;
    const auto until = Clock::now() + milliseconds(limits_.head_ms);
    while (true) {
        // OpenSSL looks at what earlier calls of the thread left behind.
        ERR_clear_error();
        const int done = SSL_accept(ssl_);
        if (done == 1) return true;
        const int why = SSL_get_error(ssl_, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return false;
        if (!wait(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) return false;
    }
}

bool GuardedStream::has_input(int wait_ms) {
    if (begin_ < end_ || (ssl_ != nullptr && SSL_pending(ssl_) > 0)) return true;
    return wait(POLLIN, Clock::now() + milliseconds(wait_ms));
}

void GuardedStream::begin_request() {
    in_head_ = true;
    line_bytes_ = 0;
    head_bytes_ = 0;
    body_bytes_ = 0;
    began_ = Clock::now();
}

GuardedStream::Clock::time_point GuardedStream::read_deadline() const {
    return in_head_ ? began_ + milliseconds(limits_.head_ms) : began_ + time_for(body_bytes_, limits_);
}

ssize_t GuardedStream::fail() {
    broken_ = true;
    return -1;
}

void GuardedStream::count(char byte) {
    if (!in_head_) {
        ++body_bytes_;
        return;
    }
    ++head_bytes_;
    if (byte == '\n') {
        // An empty line ends the head; one before the request line is none of it.
        if (line_bytes_ == 0 && head_bytes_ > 2) {
            in_head_ = false;
            began_ = Clock::now();
        }
        line_bytes_ = 0;
    } else if (byte != '\r') {
        ++line_bytes_;
    }
}

ssize_t GuardedStream::fill() {
    const auto until = read_deadline();
    while (true) {
        ssize_t got = 0;
        short events = POLLIN;
        if (ssl_ == nullptr) {
            got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return fail();
        } else {
            ERR_clear_error();
            got = SSL_read(ssl_, buffer_.data(), static_cast<int>(buffer_.size()));
            const int why = got > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, static_cast<int>(got));
            if (why == SSL_ERROR_ZERO_RETURN) got = 0;
            if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
                got = -1;
                events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
            } else if (got <= 0 && why != SSL_ERROR_ZERO_RETURN) {
                return fail();
            }
        }
        if (got == 0) broken_ = true;
        if (got >= 0) {
            begin_ = 0;
            end_ = static_cast<std::size_t>(got);
            return got;
        }
        if (!wait(events, until)) return fail();
    }
}

ssize_t GuardedStream::read(char* to, std::size_t size) {
    if (broken_ && begin_ == end_) return -1;
    // Also with bytes at hand: they may have come one by one.
    if (Clock::now() > read_deadline() || (in_head_ && head_bytes_ > limits_.head_bytes)) return fail();
    if (begin_ == end_) {
        const ssize_t got = fill();
        if (got <= 0) return got;
    }
    const std::size_t take = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, take);
    for (std::size_t i = 0; i < take; ++i) count(to[i]);
    begin_ += take;
    return static_cast<ssize_t>(take);
}

ssize_t GuardedStream::write(const char* from, std::size_t size) {
    const auto until = Clock::now() + time_for(size, limits_);
    std::size_t sent = 0;
    while (sent < size) {
        short events = POLLOUT;
        ssize_t took = 0;
        if (ssl_ == nullptr) {
            took = ::send(socket_, from + sent, size - sent, MSG_NOSIGNAL);
            if (took < 0 && errno == EINTR) continue;
            if (took < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return fail();
        } else {
            ERR_clear_error();
            // At most a record at a time; the same bytes again when it has to wait, as OpenSSL wants.
            const auto piece = static_cast<int>(std::min<std::size_t>(size - sent, 16384));
            took = SSL_write(ssl_, from + sent, piece);
            const int why = took > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, static_cast<int>(took));
            if (why == SSL_ERROR_WANT_READ) events = POLLIN;
            if (took <= 0 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return fail();
        }
        if (took > 0) {
            sent += static_cast<std::size_t>(took);
        } else if (!wait(events, until)) {
            return fail();
        }
    }
    return static_cast<ssize_t>(size);
}

bool GuardedStream::is_readable() const {
    if (begin_ < end_) return true;
    return wait(POLLIN, Clock::now() + milliseconds(limits_.grace_ms));
}

bool GuardedStream::is_writable() const {
    if (broken_ || !wait(POLLOUT, Clock::now() + milliseconds(limits_.grace_ms))) return false;
    // Has the peer gone? A page that was closed would hold its stream for ever.
    char byte = 0;
    const ssize_t seen = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen > 0 || (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

void GuardedStream::get_remote_ip_and_port(std::string& ip, int& port) const { address_of(true, socket_, ip, port); }

void GuardedStream::get_local_ip_and_port(std::string& ip, int& port) const { address_of(false, socket_, ip, port); }

}  // namespace vetchart::edge
