#pragma once

#include <string>
#include <vector>

namespace vetchart::test {

/// Bytes of one client, and what a strict reader of HTTP/1.1 (RFC 9112) makes of them. Each was at some time, to some
/// server, two different requests: what hides behind the first must never be read as a request of its own.
struct FramingCase {
    std::string name;
    std::string bytes;
    int refused_with = 0;  ///< The status of the refusal; 0: it is one request, and all of the bytes are its own.
    bool is_head = false;  ///< The request is a HEAD, whose answer has no body.
};

/// Makes all cases. `smuggled` is the request that must never be executed; it stands wherever a body can.
[[nodiscard]] std::vector<FramingCase> framing_cases(const std::string& host, const std::string& smuggled);

}  // namespace vetchart::test
