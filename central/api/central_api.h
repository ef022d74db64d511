#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "central/api/http.h"
#include "central/api/kept_bodies.h"
#include "central/api/metrics.h"
#include "central/intake/feed_hub.h"
#include "central/intake/node_auth.h"
#include "central/intake/node_slots.h"
#include "central/intake/push_gate.h"
#include "central/store/pool.h"
#include "sync/base/time.h"

namespace vetchart::central {

class HqApi;
class AuditTrail;

/// Who may read GET /metrics; `this_computer`: nobody for whom a proxy asks.
enum class MetricsFor { everyone, this_computer, nobody };

/// What central's HTTP API works with. All must outlive it.
struct ApiParts {
    Pool& pool;
    FeedHub& hub;
    PushGate& gate;
    Metrics& metrics;
    std::function<UtcMillis()> now;
    std::function<Gauges()> gauges;
    HqApi* hq = nullptr;          ///< Null: without HQ's login and pages.
    AuditTrail* trail = nullptr;  ///< Null: refusals are neither audited nor told in the log.
    MetricsFor metrics_for = MetricsFor::everyone;
    NodeSlots slots{};                                                  ///< Pages and long polls of each node at once.
    std::shared_ptr<KeptBodies> kept = std::make_shared<KeptBodies>();  ///< Never null. Shared: these parts are copied.
};

/// Central's routes: /sync/v1 for nodes, /api for HQ, health and metrics for the operator. Thread-safe; never throws:
/// whatever goes wrong becomes an answer, logged once, without internals in it.
class CentralApi {
public:
    explicit CentralApi(ApiParts parts);

    [[nodiscard]] Response handle(const Request& request);
    /// Keeps what came of a request whose line was cut in its body (ServerHooks::on_cut). Blocking.
    void keep_cut(const Request& request);
    /// True for a request that is answered without the database (ServerHooks::is_light).
    [[nodiscard]] static bool is_light(const Request& request);

private:
    Response route(const Request& request);
    [[nodiscard]] bool may_read_metrics(const Request& request) const;
    Response health() const;
    Response db_health();

    ApiParts parts_;
    UtcMillis started_at_;
};

}  // namespace vetchart::central
