#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "edge/api/events.h"
#include "edge/api/http.h"
#include "edge/api/login_guard.h"
#include "edge/api/metrics.h"
#include "edge/api/passwords.h"
#include "edge/api/server.h"
#include "edge/api/session.h"
#include "edge/api/tokens.h"
#include "edge/store/file/database.h"
#include "edge/store/log/sync_store.h"

namespace vetchart::edge {

/// What every handler may use. Shared by all threads of the server; each part is thread-safe.
struct Context {
    Database& database;
    ApiOptions options;
    Tokens tokens;
    SyncStore sync_store{database};
    LoginGuard login_guard{database.rng()};
    PasswordWork passwords{};
    Metrics metrics{};
    EventHub events{database, [this] { return status_text(); }};
    std::atomic<bool> set_up{false};  ///< The node has staff; never goes back to false.
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

    /// The wall clock, corrected by what was measured of this computer's clock.
    [[nodiscard]] UtcMillis now() const;
    [[nodiscard]] Result<SyncStatus> sync_status();
    /// The JSON of GET /api/sync/status; empty when the file does not answer.
    [[nodiscard]] std::string status_text();
    [[nodiscard]] bool online() const { return options.online && options.online(); }
};

/// Runs `work` as one captured transaction of the session's person and answers with what it returns. An answer of 400
/// or more, an error and an exception roll back. A POST with an Idempotency-Key is answered from what was stored when
/// it comes again (after an erasure: from its row); its answer is stored in the same transaction.
[[nodiscard]] Response write_rows(Context& context, const Request& request, const Session& session,
                                  const std::function<Response(Connection&)>& work);

/// Runs `work` on one snapshot.
[[nodiscard]] Response read_rows(Context& context, const std::function<Response(Connection&)>& work);

/// The answer to a PUT whose If-Match does not name `current` (the row as it stands), or nullopt to go on.
[[nodiscard]] std::optional<Response> refuse_stale(const Request& request, const Json& body,
                                                   const std::string& current);

}  // namespace vetchart::edge
