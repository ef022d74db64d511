#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "edge/store/log/sync_store.h"

namespace vetchart::edge {

/// The numbers of GET /metrics. Thread-safe.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// http_request_duration_seconds{method,code}. `method` is one of the few the router knows, or "other".
    void observe(const std::string& method, int code, double seconds);
    /// Counts for db_ping_*: whether the database answered /api/db/health, and how fast.
    void pinged(double milliseconds, bool success);
    void set_certificate_end(std::int64_t seconds);  ///< Since 1970.
    void set_sync(const SyncStatus& status, bool online);
    /// Prometheus text, version 0.0.4.
    [[nodiscard]] std::string text();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vetchart::edge
