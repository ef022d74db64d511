#include "edge/link/call_watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "host/tcp_counts.h"

namespace vetchart::edge {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{250};
constexpr milliseconds kShutRepeat{50};

}  // namespace

CallWatch::CallWatch(CallLimits limits) : limits_(limits), thread_([this] { watch(); }) {}

CallWatch::~CallWatch() {
    {
        const std::lock_guard guard(lock_);
        closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
    if (descriptor_ >= 0) ::close(descriptor_);
}

void CallWatch::opened(int socket) {
    const std::lock_guard guard(lock_);
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 3);
    counted_from_ = 0;
    sent_from_ = 0;
}

bool CallWatch::begin(milliseconds answer_wait, std::size_t request_size) {
    {
        const std::lock_guard guard(lock_);
        if (interrupted_) return false;
        answer_wait_ = answer_wait;
        buffered_wait_ = milliseconds(request_size * 1000 / limits_.buffered_per_second_min);
        counted_since_ = moved_at_ = Clock::now();
        const host::TcpCounts moved = host::tcp_counts(descriptor_);
        counted_from_ = moved.sent + moved.received;
        sent_from_ = moved.sent;
        seen_ = counted_from_;
        in_call_ = true;
        ended_ = false;
    }
    changed_.notify_all();
    return true;
}

void CallWatch::answered() {
    const std::lock_guard guard(lock_);
    answer_wait_ = buffered_wait_ = milliseconds(0);
    counted_since_ = Clock::now();
}

bool CallWatch::end() {
    const std::lock_guard guard(lock_);
    in_call_ = false;
    const std::uint64_t sent = host::tcp_counts(descriptor_).sent;
    sent_ = sent - std::min(sent, sent_from_);
    return !ended_;
}

bool CallWatch::interrupted() {
    const std::lock_guard guard(lock_);
    return interrupted_;
}

milliseconds CallWatch::quiet() {
    const std::lock_guard guard(lock_);
    if (!in_call_) return milliseconds(0);
    return std::chrono::duration_cast<milliseconds>(Clock::now() - moved_at_);
}

void CallWatch::interrupt() {
    {
        const std::lock_guard guard(lock_);
        interrupted_ = true;
    }
    changed_.notify_all();
}

bool CallWatch::too_slow(Clock::time_point now) {
    const host::TcpCounts moved = host::tcp_counts(descriptor_);
    const std::uint64_t bytes = moved.sent + moved.received;
    if (bytes != seen_) moved_at_ = now;
    seen_ = bytes;
    const auto enough = limits_.bytes_per_second_min * static_cast<std::uint64_t>(limits_.still.count()) / 1000;
    if (bytes >= counted_from_ + enough) {
        counted_from_ = bytes;
        counted_since_ = now;
        return false;
    }
    // As far as this machine can see all is delivered. The other side may think, and a buffer on the way may be full.
    const milliseconds patience = moved.unacknowledged ? milliseconds(0) : answer_wait_ + buffered_wait_;
    return now - counted_since_ > limits_.still + patience;
}

void CallWatch::watch() {
    std::unique_lock guard(lock_);
    while (!closing_) {
        if (!in_call_) {
            changed_.wait(guard);
        } else if (!interrupted_ && !ended_ && !too_slow(Clock::now())) {
            changed_.wait_for(guard, kLook);
        } else {
            // The socket is shut again and again until the call is over: the library may just be opening the next one.
            ended_ = true;
            if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
            changed_.wait_for(guard, kShutRepeat);
        }
    }
}

}  // namespace vetchart::edge
