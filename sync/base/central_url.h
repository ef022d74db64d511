#pragma once

#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart {

/// Where central is. `path` is empty or starts with a slash and ends without one.
struct CentralUrl {
    bool tls = true;
    std::string host;  ///< Without the brackets of an IPv6 address.
    int port = 443;
    std::string path;
};

/// Reads `https://host[:port][/path]`; `http://` only for a loopback host, since a node's secret goes over it.
/// invalid_input says what is wrong, in words for the person who typed it.
[[nodiscard]] Result<CentralUrl> parse_central_url(std::string_view text);

/// `scheme://host:port`, with brackets around an IPv6 address, without the path.
[[nodiscard]] std::string origin_of(const CentralUrl& url);

/// True for localhost, 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback_host(std::string_view host);

/// True for a private address: 10/8, 172.16/12, 192.168/16, 169.254/16, fc00::/7, fe80::/10.
[[nodiscard]] bool is_private_host(std::string_view host);

/// Reads `HOST:PORT` with HOST a name, an IPv4 address or an IPv6 address in brackets; port 0 is any free one.
struct HostPort {
    std::string host;
    int port = 0;
};
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text);

}  // namespace vetchart
