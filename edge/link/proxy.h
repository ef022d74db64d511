#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "edge/link/plain_socket.h"
#include "sync/base/central_url.h"
#include "sync/base/result.h"

namespace vetchart::edge {

/// An HTTP proxy that opens tunnels (CONNECT, RFC 9110 section 9.3.6).
struct ProxyAddress {
    std::string host;
    int port = 80;
    std::string user, password;  ///< Both are empty when the proxy asks for none.
};

/// Reads `[http://][user:password@]host[:port]`, user and password percent-encoded. invalid_input says what is wrong
/// and quotes nothing of the text: it may hold a password.
[[nodiscard]] Result<ProxyAddress> parse_proxy(std::string_view text);

/// What the settings say about a proxy on the way to central. The clinic's own network never goes through one.
struct ProxyRules {
    bool off = false;                    ///< The setting says "none".
    std::optional<ProxyAddress> own;     ///< The setting's.
    std::optional<ProxyAddress> shared;  ///< HTTPS_PROXY's, which all programs share;
    std::string exceptions;              ///< and NO_PROXY: hosts, domains with all below them, or *, with commas.

    /// The proxy on the way to `url`. There is none without TLS, which is for this computer only; and the shared one is
    /// not used for this computer itself.
    [[nodiscard]] std::optional<ProxyAddress> on_the_way_to(const CentralUrl& url) const;
};

/// `host:port`, for a person.
[[nodiscard]] std::string name_of(const ProxyAddress& proxy);

/// Asks the proxy at the other end of `socket` for a way to `url`. Errors: unavailable `proxy_refused` (it says no, and
/// the sentence tells its status), `proxy_unreachable` (no answer in time, or none that is HTTP).
[[nodiscard]] Status open_tunnel(int socket, const ProxyAddress& proxy, const CentralUrl& url,
                                 PlainSocket::Deadline deadline);
[[nodiscard]] Error proxy_unreachable(const ProxyAddress& proxy);

}  // namespace vetchart::edge
