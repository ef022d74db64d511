#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

namespace vetchart::test {

/// What a line does to the bytes that go over it.
struct LineOptions {
    std::size_t bytes_per_second = 30000;     ///< Each way, of all connections together.
    std::chrono::milliseconds round_trip{0};  ///< Half of it is spent each way.
    std::chrono::milliseconds jitter{0};      ///< Each way differs by up to half of it.
    std::chrono::milliseconds cut_after_least{
        0};                                       ///< All connections are reset after a time drawn between the two, and
    std::chrono::milliseconds cut_after_most{0};  ///< again and again. 0: never.
    std::uint64_t seed = 1;
};

struct LineStats {
    std::uint64_t up_bytes = 0, down_bytes = 0;  ///< Delivered to the far side, to the near side.
    int connections = 0;
    int cuts = 0;  ///< How many cuts hit a connection.
};

/// A slow and unreliable line in front of a server on this machine: a TCP relay on a port of its own, with a rate, a
/// round trip and resets. Little is buffered on it, so that a sender feels how slow it is. One thread; its methods may
/// be called from any.
class SlowLine {
public:
    SlowLine(std::uint16_t server_port, LineOptions options);
    ~SlowLine();
    SlowLine(const SlowLine&) = delete;
    SlowLine& operator=(const SlowLine&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] LineStats stats() const;
    /// Changes the line's behaviour from now on.
    void change(const LineOptions& options);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vetchart::test
