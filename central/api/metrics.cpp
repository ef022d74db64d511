#include "central/api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>

#include "host/process_metrics.h"

namespace vetchart::central {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2,
                                                       0.3,   0.4,    0.5,   1,    2.5,   5,    10};
const prometheus::Histogram::BucketBoundaries kMilliseconds{0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000};

constexpr std::array<std::string_view, 7> kKnownMethods{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"};

template <class Builder>
auto& family(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
    return builder.Name(name).Help(help).Register(registry);
}

std::string method_label(const std::string& method) {
    return std::find(kKnownMethods.begin(), kKnownMethods.end(), method) == kKnownMethods.end() ? "other" : method;
}

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    std::mutex lock;  ///< Guards `process`.
    host::ProcessMetrics process{registry};
    prometheus::Family<prometheus::Histogram>& requests =
        family(prometheus::BuildHistogram(), registry, "http_request_duration_seconds",
               "Time from the whole request to its answer, long polls without their waiting");
    prometheus::Histogram& ping =
        family(prometheus::BuildHistogram(), registry, "db_ping_duration_ms", "Round trip of a ping to the database")
            .Add({}, kMilliseconds);
    prometheus::Counter& ping_success =
        family(prometheus::BuildCounter(), registry, "db_ping_success_total", "Pings answered").Add({});
    prometheus::Counter& ping_failure =
        family(prometheus::BuildCounter(), registry, "db_ping_failure_total", "Pings not answered").Add({});
    prometheus::Family<prometheus::Counter>& transactions =
        family(prometheus::BuildCounter(), registry, "vetchart_push_transactions_total",
               "Transactions of nodes by outcome, repeats included");
    prometheus::Counter& pushes =
        family(prometheus::BuildCounter(), registry, "vetchart_pushes_total", "Pushes answered with 200").Add({});
    prometheus::Family<prometheus::Counter>& push_refusals =
        family(prometheus::BuildCounter(), registry, "vetchart_push_refused_total", "Pushes refused, by code");
    prometheus::Counter& internal_holds =
        family(prometheus::BuildCounter(), registry, "vetchart_internal_holds_total",
               "Transactions of nodes that a bug held, not their content: anything but zero is to be reported")
            .Add({});
    prometheus::Family<prometheus::Counter>& signs =
        family(prometheus::BuildCounter(), registry, "vetchart_signs_total",
               "Reports of nodes that cannot be true, by kind: perhaps central is from the past");
    prometheus::Counter& pages =
        family(prometheus::BuildCounter(), registry, "vetchart_pull_pages_total", "Pages given out").Add({});
    prometheus::Counter& rows =
        family(prometheus::BuildCounter(), registry, "vetchart_pull_rows_total", "Rows in those pages").Add({});
    prometheus::Family<prometheus::Counter>& pull_refusals =
        family(prometheus::BuildCounter(), registry, "vetchart_pull_refused_total", "Pulls refused, by code");
    prometheus::Family<prometheus::Counter>& report_sessions =
        family(prometheus::BuildCounter(), registry, "vetchart_report_sessions_ended_total",
               "Sessions of report logins that were over their time, by what was done");
    prometheus::Counter& report_cancelled = report_sessions.Add({{"how", "cancelled"}});
    prometheus::Counter& report_terminated = report_sessions.Add({{"how", "terminated"}});
    prometheus::Gauge& report_unreachable =
        family(prometheus::BuildGauge(), registry, "vetchart_report_sessions_unreachable",
               "Sessions of report logins that central may not end")
            .Add({});
    prometheus::Family<prometheus::Gauge>& pool_connections = family(
        prometheus::BuildGauge(), registry, "vetchart_db_pool_connections", "Database connections of this process");
    prometheus::Gauge& pool_waiting =
        family(prometheus::BuildGauge(), registry, "vetchart_db_pool_waiting", "Threads waiting for a connection")
            .Add({});
    prometheus::Gauge& connections =
        family(prometheus::BuildGauge(), registry, "vetchart_http_connections", "Open HTTP connections").Add({});
    prometheus::Gauge& waiters =
        family(prometheus::BuildGauge(), registry, "vetchart_waiters", "Long polls in wait").Add({});
    prometheus::Gauge& pushes_waiting = family(prometheus::BuildGauge(), registry, "vetchart_pushes_waiting",
                                               "Pushes waiting for another push of their clinic")
                                            .Add({});
    prometheus::Gauge& certificate_end =
        family(prometheus::BuildGauge(), registry, "vetchart_tls_certificate_end_seconds",
               "When the certificate in use ends, since 1970; 0: no TLS")
            .Add({});
    prometheus::Gauge& listening =
        family(prometheus::BuildGauge(), registry, "vetchart_feed_listener_up", "1: hears of commits at once").Add({});
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::answered(const std::string& method, int status, double seconds) {
    impl_->requests.Add({{"method", method_label(method)}, {"code", std::to_string(status)}}, kSeconds)
        .Observe(seconds);
}

void Metrics::pinged(double milliseconds, bool success) {
    if (success) impl_->ping.Observe(milliseconds);
    (success ? impl_->ping_success : impl_->ping_failure).Increment();
}

void Metrics::pushed(const std::vector<sync::TransactionResult>& results) {
    impl_->pushes.Increment();
    for (const auto& result : results) impl_->transactions.Add({{"outcome", to_string(result.outcome)}}).Increment();
}

void Metrics::push_refused(const std::string& code) { impl_->push_refusals.Add({{"code", code}}).Increment(); }

void Metrics::internal_holds(int count) { impl_->internal_holds.Increment(count); }

void Metrics::sign(const std::string& kind) { impl_->signs.Add({{"kind", kind}}).Increment(); }

void Metrics::pulled(std::size_t row_count) {
    impl_->pages.Increment();
    impl_->rows.Increment(static_cast<double>(row_count));
}

void Metrics::pull_refused(const std::string& code) { impl_->pull_refusals.Add({{"code", code}}).Increment(); }

void Metrics::report_sessions(const ReportSweep::Counts& counts) {
    impl_->report_cancelled.Increment(static_cast<double>(counts.cancelled));
    impl_->report_terminated.Increment(static_cast<double>(counts.terminated));
    impl_->report_unreachable.Set(static_cast<double>(counts.unreachable));
}

std::string Metrics::text(const Gauges& gauges) const {
    impl_->pool_connections.Add({{"state", "open"}}).Set(static_cast<double>(gauges.pool.open));
    impl_->pool_connections.Add({{"state", "idle"}}).Set(static_cast<double>(gauges.pool.idle));
    impl_->pool_waiting.Set(static_cast<double>(gauges.pool.waiting));
    impl_->connections.Set(static_cast<double>(gauges.connections));
    impl_->waiters.Set(static_cast<double>(gauges.waiters));
    impl_->pushes_waiting.Set(static_cast<double>(gauges.pushes_waiting));
    impl_->listening.Set(gauges.listening ? 1 : 0);
    impl_->certificate_end.Set(static_cast<double>(gauges.certificate_ends_at));
    const std::lock_guard guard(impl_->lock);
    impl_->process.update();
    return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect());
}

}  // namespace vetchart::central
