#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/file/derived.h"
#include "sync/base/result.h"
#include "sync/engine/link_state.h"

namespace vetchart::edge {

/// What GET /api/sync/status says, read from one snapshot of the file.
struct SyncStatus {
    struct Clinic {
        std::string id, code, name, state;
        std::int64_t version = 0;
        bool loading = false;
        std::int64_t rows_arrived = 0;          ///< Rows that an unfinished pull of several pages has brought.
        std::optional<std::int64_t> feed_rows;  ///< About how many there are, during a first load.
    };
    std::string node_id;  ///< Empty: not enrolled.
    std::string node_name, node_code, incarnation, central_url;
    std::vector<Clinic> clinics;
    std::optional<std::string> last_push_at, last_pull_at, last_contact_at, last_error, oldest_pending_at;
    std::int64_t pending_changes = 0;       ///< Not yet acknowledged by central.
    std::int64_t pending_transactions = 0;  ///< The same, whole transactions.
    std::int64_t conflicts = 0;             ///< Open attention items of that kind.
    std::int64_t quarantined = 0;
    std::int64_t notices = 0;
    std::int64_t decided = 0;  ///< Items that a person decided, and central has not carried out yet.
    std::int64_t clock_offset_ms = 0;
    int schema_version = 0;
    bool damaged = false;                              ///< Database::damage(); last_error says what.
    sync::LinkState state = sync::LinkState::working;  ///< What matters most to a person; last_error has the detail.
    std::optional<std::string> state_since;            ///< For a lost line the last success, not the last attempt.
    std::optional<std::string> clock_wrong_since;
    std::vector<Rebuild> rebuilds;  ///< What was found damaged and made anew.
    bool search_complete = true;    ///< False: the search is being made anew, step by step.
};

/// The last time that central took or brought something, or answered; none: never.
[[nodiscard]] std::optional<std::string> last_success(const SyncStatus& status);

[[nodiscard]] Result<SyncStatus> read_sync_status(Database& database);

}  // namespace vetchart::edge
