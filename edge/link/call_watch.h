#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace vetchart::edge {

/// What a call over the network may cost.
struct CallLimits {
    std::chrono::milliseconds still{20000};  ///< A call ends when less than the lowest speed moved for so long.
    std::size_t bytes_per_second_min = 128;  ///< The lowest speed, over `still`. 16 kbit/s are 2,000.
    /// How long central may hold its answer when all is sent: a large push, or one that waits for another of its
    /// clinic.
    std::chrono::milliseconds think{60000};
    /// What was sent may still stand in a buffer on the way (a proxy's, a modem's): an answer has so much more time.
    std::size_t buffered_per_second_min = 1000;
};

/// Ends a call that moves too slowly, or at interrupt(): it looks at what the kernel of this machine says has arrived
/// and was acknowledged, and shuts a duplicate of the socket's descriptor, so that it can neither miss the phases in
/// which the HTTP library does not show its socket (connecting, the handshake) nor hit a number reused meanwhile. A
/// call has no time as a whole: on a slow line a large one is slow. One call at a time; interrupt() from any thread.
class CallWatch {
public:
    explicit CallWatch(CallLimits limits);
    ~CallWatch();
    CallWatch(const CallWatch&) = delete;
    CallWatch& operator=(const CallWatch&) = delete;

    /// The socket that the coming or present call uses.
    void opened(int socket);
    /// False after interrupt(). `answer_wait`: how long the other side may think; `request_size`: bytes of the body.
    [[nodiscard]] bool begin(std::chrono::milliseconds answer_wait, std::size_t request_size);
    /// The answer's head is here: from now on only the line's speed counts.
    void answered();
    /// Ends the watch of a call. False: the watch had ended the call.
    [[nodiscard]] bool end();
    /// How much the other side's kernel acknowledged in the last call, a handshake included.
    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    void interrupt();
    [[nodiscard]] bool interrupted();
    /// How long nothing has moved in the call under way; 0 between calls. From any thread.
    [[nodiscard]] std::chrono::milliseconds quiet();

private:
    using Clock = std::chrono::steady_clock;

    void watch();
    [[nodiscard]] bool too_slow(Clock::time_point now);

    const CallLimits limits_;
    std::mutex lock_;
    std::condition_variable changed_;
    std::chrono::milliseconds answer_wait_{};
    std::chrono::milliseconds buffered_wait_{};
    Clock::time_point counted_since_;
    Clock::time_point moved_at_;
    std::uint64_t seen_ = 0;          ///< Bytes moved on the socket at moved_at_.
    std::uint64_t counted_from_ = 0;  ///< Bytes moved on the socket when the present window began.
    std::uint64_t sent_from_ = 0;     ///< Bytes that were acknowledged when the call began.
    std::uint64_t sent_ = 0;
    int descriptor_ = -1;
    bool in_call_ = false;
    bool ended_ = false;
    bool interrupted_ = false;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace vetchart::edge
