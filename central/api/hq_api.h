#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "central/api/http.h"
#include "central/api/login_guard.h"
#include "central/api/report_gate.h"
#include "central/reports/run_report.h"
#include "central/store/audit_trail.h"
#include "central/store/hq_users.h"
#include "central/store/pool.h"
#include "sync/base/known_browser.h"
#include "sync/base/time.h"

namespace vetchart::central {

/// What HQ's API works with. The pools must outlive it.
struct HqParts {
    Pool& pool;     ///< The primary: users, attention items, audit.
    Pool& reports;  ///< Its own connections, perhaps to a replica.
    std::chrono::seconds report_time_max{30};
    std::size_t reports_at_once = 4;
    std::string jwt_key;
    std::function<UtcMillis()> now;
    AuditTrail* trail = nullptr;  ///< Null: logins are not audited.
};

/// HQ's login and pages (docs/hq-api.md): /api/auth, /api/hq, /api/db/test-*. Blocking: call on a worker thread; a
/// report that has to wait for others comes back deferred and seals itself. Thread-safe.
class HqApi {
public:
    explicit HqApi(HqParts parts);

    [[nodiscard]] static bool is_its(const Request& request);
    [[nodiscard]] Response answer(const Request& request);

private:
    struct Call;
    struct Route;
    static const Route* route_of(const Request& request, bool& known_path);

    Response login(Call& call);
    Response logout(Call& call);
    Response me(Call& call);
    Response overview(Call& call);
    Response clinics(Call& call);
    Response nodes(Call& call);
    Response conflicts(Call& call);
    Response quarantine(Call& call);
    Response decide(Call& call);
    Response audit_log(Call& call);
    Response list_reports(Call& call);
    Response report(Call& call);
    Response erase(Call& call);
    Response test_write(Call& call);
    Response test_scan(Call& call);

    Response items(Call& call, const std::string& kind);
    Response authenticate(Call& call);
    Response let_in(const Call& call, const HqLogin& login);
    [[nodiscard]] KnownBrowser browser_of(const Request& request) const;
    void note_login(const Call& call, const std::string& email, const char* outcome);
    HqParts parts_;
    LoginGuard guard_;
    ReportGate gate_;
};

}  // namespace vetchart::central
