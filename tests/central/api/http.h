#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vetchart::test {

struct HttpReply {
    int status = 0;                              ///< The status; 0: the connection ended without an answer.
    std::map<std::string, std::string> headers;  ///< Lower-case names.
    std::string body;                            ///< Inflated.
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A raw connection to a plain HTTP server on loopback: what is sent is sent byte for byte. Every read has a
/// deadline of 20 s; after it the reply's status is 0.
class RawHttp {
public:
    explicit RawHttp(std::uint16_t port);
    ~RawHttp();
    RawHttp(const RawHttp&) = delete;
    RawHttp& operator=(const RawHttp&) = delete;

    /// Sends bytes. False: the peer has closed.
    bool send(std::string_view bytes);
    /// True when the first bytes of an answer have come within the deadline; `read` still gives all of it.
    bool begins();
    HttpReply read();
    /// Reads all that comes until the peer closes.
    std::string rest();
    /// True when the peer closes within the deadline.
    bool closes();
    HttpReply call(const std::string& method, const std::string& path, const HttpHeaders& headers = {},
                   const std::string& body = {});

private:
    bool fill();
    int socket_ = -1;
    std::string pending_;
};

/// Sends one request on a connection of its own.
HttpReply http_call(std::uint16_t port, const std::string& method, const std::string& path,
                    const HttpHeaders& headers = {}, const std::string& body = {});

/// The `code` of an error body; empty when it is none.
std::string code_of(const HttpReply& reply);

}  // namespace vetchart::test
