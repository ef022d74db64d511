#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The head of an HTTP/1.x request, read strictly (RFC 9112). Both servers read every request through it, so that
/// nothing behind it has to guess where a request ends: what could be read in two ways is refused, and the connection
/// closed after the answer, since nobody knows what its next byte would be.
namespace vetchart {

/// Why bytes are refused as a request. The connection ends with the answer.
struct HttpFault {
    int status = 400;
    std::string_view code = "malformed";
    std::string_view sentence = "The request is not well-formed HTTP.";
};

struct HttpHeadLimits {
    std::size_t head_bytes = 64U << 10U;
    std::size_t line_bytes = 8U << 10U;
    std::size_t field_count = 100;
};

enum class HttpBody { none, length, chunked };

struct HttpHead {
    std::string method;  ///< GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.
    std::string target;  ///< A path with its query, or `*`; what follows the authority of an absolute target.
    std::string host;    ///< As sent; empty: HTTP/1.0 without.
    /// As sent: names in lower case, values without outer blanks, in their order.
    std::vector<std::pair<std::string, std::string>> fields;
    HttpBody body = HttpBody::none;
    std::uint64_t length = 0;  ///< The body's size, for HttpBody::length.
    bool keep_alive = true;    ///< Always false for HTTP/1.0, which says it in several ways.
    bool is_http_1_0 = false;
    bool expects_continue = false;

    /// The first value of a field (lower-case name); empty when absent.
    [[nodiscard]] std::string_view field(std::string_view name) const;
};

/// Takes a head byte by byte, however it was cut on its way. Not thread-safe.
class HttpHeadScanner {
public:
    explicit HttpHeadScanner(const HttpHeadLimits& limits) : limits_(limits) {}

    /// Takes from the front of `bytes` up to the end of the head or a fault; returns how many it took.
    std::size_t take(std::string_view bytes);
    [[nodiscard]] bool done() const { return done_; }
    [[nodiscard]] const std::optional<HttpFault>& fault() const { return fault_; }
    /// True when not a byte has come yet.
    [[nodiscard]] bool untouched() const { return taken_ == 0; }
    /// Precondition: done().
    [[nodiscard]] HttpHead& head() { return head_; }
    [[nodiscard]] const HttpHead& head() const { return head_; }

private:
    void take_byte(char byte);
    void end_line();
    void read_request_line(std::string_view line);
    void read_target(std::string_view target);
    void read_field(std::string_view line);
    void end_head();
    void read_host();
    void read_body_length();
    void read_connection();
    void refuse(const HttpFault& fault);

    HttpHeadLimits limits_;
    HttpHead head_;
    std::string line_;
    std::string authority_;  ///< The authority of an absolute target.
    std::size_t taken_ = 0;
    bool has_request_line_ = false;
    bool skipped_blank_ = false;
    bool done_ = false;
    std::optional<HttpFault> fault_;
};

/// True for a character of a method or a field's name.
[[nodiscard]] bool is_http_token_char(char c);
/// `line` is `name: value` as HTTP wants it: a token, a colon at once, and no control character in the value.
[[nodiscard]] bool is_http_field(std::string_view line);

}  // namespace vetchart
