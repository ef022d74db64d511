#include "edge/api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

#include "host/process_metrics.h"

namespace vetchart::edge {
namespace {

const prometheus::Histogram::BucketBoundaries kMilliseconds{0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000};

prometheus::Gauge& make_gauge(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    std::mutex lock;  ///< Guards `process`.
    host::ProcessMetrics process{registry};
    prometheus::Histogram& ping = prometheus::BuildHistogram()
                                      .Name("db_ping_duration_ms")
                                      .Help("Time of a ping of the database")
                                      .Register(registry)
                                      .Add({}, kMilliseconds);
    prometheus::Counter& ping_success =
        prometheus::BuildCounter().Name("db_ping_success_total").Help("Pings answered").Register(registry).Add({});
    prometheus::Counter& ping_failure =
        prometheus::BuildCounter().Name("db_ping_failure_total").Help("Pings not answered").Register(registry).Add({});
    prometheus::Family<prometheus::Histogram>& requests = prometheus::BuildHistogram()
                                                              .Name("http_request_duration_seconds")
                                                              .Help("Time from the request read to its answer made")
                                                              .Register(registry);
    prometheus::Gauge& online = make_gauge(registry, "vetchart_sync_online", "1: the last contact succeeded");
    prometheus::Family<prometheus::Gauge>& state = prometheus::BuildGauge()
                                                       .Name("vetchart_sync_state")
                                                       .Help("1: how it stands between this node and central")
                                                       .Register(registry);
    prometheus::Gauge& changes =
        make_gauge(registry, "vetchart_sync_pending_changes", "Changes central has not acknowledged");
    prometheus::Gauge& transactions =
        make_gauge(registry, "vetchart_sync_pending_transactions", "The same, whole transactions");
    prometheus::Gauge& conflicts = make_gauge(registry, "vetchart_sync_conflicts", "Open conflicts");
    prometheus::Gauge& quarantined = make_gauge(registry, "vetchart_sync_quarantined", "Transactions central holds");
    prometheus::Gauge& clock_offset =
        make_gauge(registry, "vetchart_sync_clock_offset_seconds", "Central's clock minus this node's");
    prometheus::Gauge& schema = make_gauge(registry, "vetchart_schema_version", "Schema of the node's file");
    prometheus::Gauge& certificate_end = make_gauge(registry, "vetchart_tls_certificate_end_seconds",
                                                    "When the certificate in use ends, since 1970; 0: no TLS");
    prometheus::Family<prometheus::Counter>& rebuilds =
        prometheus::BuildCounter()
            .Name("vetchart_rebuilds_total")
            .Help("How often data that can be made anew was found damaged and made anew")
            .Register(registry);
    prometheus::Gauge& search_complete =
        make_gauge(registry, "vetchart_search_complete", "0: the search is being made anew and may miss rows");
    prometheus::Gauge& damaged = make_gauge(registry, "vetchart_database_damaged",
                                            "1: the database was taken from under the node, which writes nothing");
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::observe(const std::string& method, int code, double seconds) {
    static const prometheus::Histogram::BucketBoundaries kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                                    0.1,   0.2,    0.3,   0.4,  1,     5};
    impl_->requests.Add({{"method", method}, {"code", std::to_string(code)}}, kBounds).Observe(seconds);
}

void Metrics::set_certificate_end(std::int64_t seconds) { impl_->certificate_end.Set(static_cast<double>(seconds)); }

void Metrics::set_sync(const SyncStatus& status, bool online) {
    impl_->online.Set(online ? 1 : 0);
    for (const sync::LinkState state : sync::kLinkStates) {
        impl_->state.Add({{"state", std::string(sync::to_string(state))}}).Set(state == status.state ? 1 : 0);
    }
    impl_->changes.Set(static_cast<double>(status.pending_changes));
    impl_->transactions.Set(static_cast<double>(status.pending_transactions));
    impl_->conflicts.Set(static_cast<double>(status.conflicts));
    impl_->quarantined.Set(static_cast<double>(status.quarantined));
    impl_->clock_offset.Set(static_cast<double>(status.clock_offset_ms) / 1000);
    impl_->schema.Set(status.schema_version);
    impl_->damaged.Set(status.damaged ? 1 : 0);
    impl_->search_complete.Set(status.search_complete ? 1 : 0);
    const std::lock_guard guard(impl_->lock);
    for (const std::string_view what : kDerivedNames) {
        prometheus::Counter& counter = impl_->rebuilds.Add({{"what", std::string(what)}});
        for (const Rebuild& rebuild : status.rebuilds) {
            if (rebuild.what == what) counter.Increment(static_cast<double>(rebuild.times) - counter.Value());
        }
    }
}

void Metrics::pinged(double milliseconds, bool success) {
    if (success) impl_->ping.Observe(milliseconds);
    (success ? impl_->ping_success : impl_->ping_failure).Increment();
}

std::string Metrics::text() {
    const std::lock_guard guard(impl_->lock);
    impl_->process.update();
    return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect());
}

}  // namespace vetchart::edge
