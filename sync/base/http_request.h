#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/base/http_head.h"

namespace vetchart {

/// A chunked body, decoded byte by byte and strictly: plain hexadecimal sizes, CRLF alone ends a line. Extensions and
/// trailers are let pass within bounds, and dropped. Not thread-safe.
class HttpChunks {
public:
    /// Refuses a body of more than `most` decoded bytes.
    explicit HttpChunks(std::size_t most) : most_(most) {}

    /// Takes from the front of `bytes` up to the end of the body or a fault, appends what they carry to `out`, and
    /// returns how many it took.
    std::size_t take(std::string_view bytes, std::string& out);
    [[nodiscard]] bool done() const { return state_ == State::done; }
    [[nodiscard]] const std::optional<HttpFault>& fault() const { return fault_; }

private:
    enum class State { size, data, data_end, trailer, done };

    void take_line_byte(char byte);
    void end_line();
    void read_size();

    std::size_t most_;
    State state_ = State::size;
    std::string line_;
    std::size_t left_ = 0;         ///< What is still to come of the present chunk.
    std::size_t total_ = 0;        ///< Announced by the chunks so far.
    std::size_t spare_bytes_ = 0;  ///< Bytes of extensions and trailers so far.
    std::optional<HttpFault> fault_;
};

/// One request from the bytes of a connection: its head, then its body. Not thread-safe.
class HttpRequestReader {
public:
    enum class State { head, body, done, refused };

    HttpRequestReader(const HttpHeadLimits& limits, std::size_t body_bytes_max)
        : scanner_(limits), chunks_(body_bytes_max), body_bytes_max_(body_bytes_max) {}

    /// Takes from the front of `bytes` and returns how many: up to the end of the head, up to the end of the body, or
    /// up to a fault. What is left is the next request's.
    std::size_t take(std::string_view bytes);
    [[nodiscard]] State state() const { return state_; }
    /// True when not a byte has come yet.
    [[nodiscard]] bool untouched() const { return scanner_.untouched(); }
    /// True once the head is whole, also when the body behind it was refused.
    [[nodiscard]] bool has_head() const { return scanner_.done(); }
    /// Precondition: has_head().
    [[nodiscard]] HttpHead& head() { return scanner_.head(); }
    [[nodiscard]] const HttpHead& head() const { return scanner_.head(); }
    [[nodiscard]] std::string& body() { return body_; }
    /// The most the body can become. Precondition: state() is body.
    [[nodiscard]] std::size_t body_bytes_most() const;
    /// Precondition: state() is refused.
    [[nodiscard]] const HttpFault& fault() const { return fault_; }

private:
    std::size_t take_head(std::string_view bytes);
    std::size_t take_body(std::string_view bytes);
    void refuse(const HttpFault& fault);

    HttpHeadScanner scanner_;
    HttpChunks chunks_;
    std::size_t body_bytes_max_;
    std::string body_;
    State state_ = State::head;
    HttpFault fault_;
};

}  // namespace vetchart
