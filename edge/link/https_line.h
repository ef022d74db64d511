#pragma once

#include <memory>

#include "edge/link/transport.h"

namespace vetchart::edge {

/// Over HTTP/1.1, TLS and a proxy: one connection, kept alive and judged by its speed (CallWatch).
///
/// Failures: no connection, a certificate that does not verify (slugs of link_failure.h), a proxy that refuses or is
/// not there (`proxy_refused`, `proxy_unreachable`), a line cut (`line_cut`), too low a speed (CallLimits;
/// `too_slow`), `interrupted`.
class HttpsLine : public Transport {
public:
    explicit HttpsLine(LineOptions options);
    ~HttpsLine() override;

    [[nodiscard]] Delivery call(const LineRequest& request) override;
    [[nodiscard]] std::chrono::milliseconds quiet() override;
    void interrupt() override;

    /// The last TLS handshake took up an earlier session. For tests.
    [[nodiscard]] bool resumed() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

[[nodiscard]] std::unique_ptr<Transport> open_https_line(const LineOptions& options);

}  // namespace vetchart::edge
