#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "edge/link/proxy.h"
#include "sync/base/central_url.h"
#include "sync/base/result.h"

namespace vetchart::edge {

/// Fetches the certificate chain that the server at `url` shows, and returns, as PEM, the CA certificate in it whose
/// DER has the SHA-256 `fingerprint` (lower-case hex). The handshake that reads the chain verifies nothing and
/// carries nothing: trust comes from the fingerprint in the invitation alone, and every later connection is verified
/// against what is returned. Errors: unavailable (not reached, no TLS, `timeout`, what the proxy says); forbidden
/// `ca_not_shown` (no such CA certificate in the chain).
[[nodiscard]] Result<std::string> fetch_ca(const CentralUrl& url, const std::string& fingerprint,
                                           std::chrono::milliseconds timeout,
                                           const std::optional<ProxyAddress>& proxy = std::nullopt);

}  // namespace vetchart::edge
