#pragma once

#include <chrono>
#include <string>

namespace vetchart::edge {

/// A socket's descriptor, closed at the end of its life.
class PlainSocket {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    explicit PlainSocket(int value) : value_(value) {}
    ~PlainSocket();
    PlainSocket(const PlainSocket&) = delete;
    PlainSocket& operator=(const PlainSocket&) = delete;
    [[nodiscard]] int get() const { return value_; }

    /// Opens a TCP connection that does not block. -1: no address of the host answers in time.
    [[nodiscard]] static int connect(const std::string& host, int port, Deadline deadline);
    /// Waits with poll() for `events`. False: they did not come before the deadline.
    [[nodiscard]] static bool wait_ready(int socket, short events, Deadline deadline);

private:
    int value_;
};

}  // namespace vetchart::edge
