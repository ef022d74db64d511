#include "edge/link/plain_socket.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace vetchart::edge {
namespace {

using Clock = std::chrono::steady_clock;

struct FreeList {
    void operator()(addrinfo* value) const { freeaddrinfo(value); }
};

bool connected(int socket, const addrinfo& address, PlainSocket::Deadline deadline) {
    if (::connect(socket, address.ai_addr, address.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS || !PlainSocket::wait_ready(socket, POLLOUT, deadline)) return false;
    int error = 0;
    socklen_t size = sizeof(error);
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

}  // namespace

PlainSocket::~PlainSocket() {
    if (value_ >= 0) ::close(value_);
}

bool PlainSocket::wait_ready(int socket, short events, Deadline deadline) {
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd watched{socket, events, 0};
        const int ready = ::poll(&watched, 1, static_cast<int>(left));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

int PlainSocket::connect(const std::string& host, int port, Deadline deadline) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return -1;
    const std::unique_ptr<addrinfo, FreeList> list(found);
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        const int socket =
            ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
        if (socket < 0) continue;
        if (connected(socket, *address, deadline)) return socket;
        ::close(socket);
    }
    return -1;
}

}  // namespace vetchart::edge
