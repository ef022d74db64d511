#pragma once

#include <string>
#include <vector>

namespace vetchart::test {

/// Bytes of one client, and what a strict reader of HTTP/1.1 (RFC 9112) makes of them. Each was at some time, to some
/// server, two different requests: what hides behind the first must never be read as a request of its own.
struct FramingCase {
    std::string name;
    std::string bytes;
    int refused_with = 0;  ///< 0: one request, and all of the bytes are its own.
    bool is_head = false;  ///< Its answer has no body.
};

/// `host`: for the Host fields. `smuggled`: the request that must not be executed; it stands wherever a body can.
[[nodiscard]] std::vector<FramingCase> framing_cases(const std::string& host, const std::string& smuggled);

}  // namespace vetchart::test
