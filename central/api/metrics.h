#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "central/store/report_sweep.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

/// What is true at the moment of a scrape; each part is asked for its own.
struct Gauges {
    Pool::Gauge pool;
    std::size_t connections = 0, waiters = 0, pushes_waiting = 0;
    bool listening = false;                ///< The feed listener has its connection.
    std::int64_t certificate_ends_at = 0;  ///< Seconds since 1970; 0 without TLS.
};

/// The counters of GET /metrics. Thread-safe. Labels are of a bounded number: never an id.
class Metrics {
public:
    Metrics();
    ~Metrics();

    void answered(const std::string& method, int status, double seconds);
    void pinged(double milliseconds, bool success);
    void pushed(const std::vector<sync::TransactionResult>& results);
    void push_refused(const std::string& code);
    /// Counts transactions that a bug of ours held: this stays zero.
    void internal_holds(int count);
    /// Counts a sign (docs/data-rules.md): a node told what cannot be true. `kind` is highest_number.
    void sign(const std::string& kind);
    void pulled(std::size_t row_count);
    void pull_refused(const std::string& code);
    void report_sessions(const ReportSweep::Counts& counts);

    /// Prometheus text format.
    [[nodiscard]] std::string text(const Gauges& gauges) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vetchart::central
