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

constexpr std::size_t kLingerBytesMax = 128U << 20U;
constexpr std::chrono::seconds kLingerTime{30};
constexpr std::chrono::milliseconds kLingerSilence{3000};
constexpr std::chrono::milliseconds kLookForStop{100};

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

void peer_address(int socket, std::string& ip, int& port) { address_of(true, socket, ip, port); }

void own_address(int socket, std::string& ip, int& port) { address_of(false, socket, ip, port); }

GuardedStream::GuardedStream(int socket, SSL* ssl, const ConnectionLimits& limits)
    : socket_(socket), ssl_(ssl), limits_(limits) {}

bool GuardedStream::wait(short events, Clock::time_point until) const {
    while (true) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now()).count();
        if (left <= 0) return false;
        pollfd watched{socket_, events, 0};
        const int ready = ::poll(&watched, 1, static_cast<int>(std::min<long>(left, 60000)));
        if (ready > 0) return (watched.revents & (events | POLLHUP | POLLERR)) != 0;
        if (ready < 0 && errno != EINTR) return false;
    }
}

bool GuardedStream::shake_hands() {
    if (ssl_ == nullptr) return true;
    const auto until = Clock::now() + milliseconds(limits_.head_ms);
    while (true) {
        // Cleared, because OpenSSL takes what earlier calls of the thread left behind for an error of this one.
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

void GuardedStream::begin_head() {
    in_head_ = true;
    began_ = Clock::now();
}

void GuardedStream::begin_body() {
    in_head_ = false;
    body_bytes_ = 0;
    began_ = Clock::now();
}

GuardedStream::Clock::time_point GuardedStream::read_deadline() const {
    return in_head_ ? began_ + milliseconds(limits_.head_ms) : began_ + time_for(body_bytes_, limits_);
}

bool GuardedStream::fail() {
    broken_ = true;
    return false;
}

bool GuardedStream::fill() {
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
        if (got == 0) return fail();
        if (got > 0) {
            begin_ = 0;
            end_ = static_cast<std::size_t>(got);
            return true;
        }
        if (!wait(events, until)) return fail();
    }
}

std::string_view GuardedStream::input() {
    // The time is looked at also with bytes at hand: they may have come one by one.
    if (Clock::now() > read_deadline()) fail();
    if (broken_ || (begin_ == end_ && !fill())) return {};
    return {buffer_.data() + begin_, end_ - begin_};
}

void GuardedStream::consume(std::size_t size) {
    begin_ += size;
    if (!in_head_) body_bytes_ += size;
}

bool GuardedStream::write(std::string_view bytes) {
    if (broken_) return false;
    const auto until = Clock::now() + time_for(bytes.size(), limits_);
    while (!bytes.empty()) {
        short events = POLLOUT;
        ssize_t took = 0;
        if (ssl_ == nullptr) {
            took = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (took < 0 && errno == EINTR) continue;
            if (took < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return fail();
        } else {
            ERR_clear_error();
            // At most a record at a time; the same bytes again when it has to wait, as OpenSSL wants.
            took = SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 16384)));
            const int why = took > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, static_cast<int>(took));
            if (why == SSL_ERROR_WANT_READ) events = POLLIN;
            if (took <= 0 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return fail();
        }
        if (took > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(took));
        } else if (!wait(events, until)) {
            return fail();
        }
    }
    return true;
}

void GuardedStream::linger(const std::function<bool()>& stops) {
    if (broken_) return;
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
    ::shutdown(socket_, SHUT_WR);
    const auto until = Clock::now() + kLingerTime;
    auto last_byte = Clock::now();
    std::size_t total = 0;
    while (total < kLingerBytesMax && !stops() && Clock::now() < until && Clock::now() < last_byte + kLingerSilence) {
        if (!wait(POLLIN, Clock::now() + kLookForStop)) continue;
        const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) break;
        if (got <= 0) continue;
        last_byte = Clock::now();
        total += static_cast<std::size_t>(got);
    }
    broken_ = true;
}

bool GuardedStream::is_writable() const {
    if (broken_ || !wait(POLLOUT, Clock::now() + milliseconds(limits_.grace_ms))) return false;
    // Has the peer gone? A page that was closed would hold its stream for ever.
    char byte = 0;
    const ssize_t seen = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen > 0 || (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

}  // namespace vetchart::edge
