#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::central {

/// A one-time right to enrol a node. The token is shown once: the database keeps its SHA-256 only.
struct Invite {
    std::string token;
    std::string expires_at;  ///< format_utc
};

/// What an invitation is called in the audit: the beginning of its token's SHA-256, which opens nothing.
[[nodiscard]] std::string invite_number(const std::string& token);

/// What `node list` tells. Times are format_utc.
struct NodeSummary {
    std::string id, name, code, state;
    std::vector<std::string> clinics;  ///< Codes; a closing one as `CODE (closing)`.
    std::optional<std::string> last_seen_at, last_push_at, last_pull_at, oldest_pending_at, app_version;
    std::optional<std::int64_t> schema_version, pending_changes, clock_offset_ms;
    /// How old the oldest change is that central has not got, as far as central can know: since the oldest pending
    /// change the node told of, or since the last contact. Empty: never seen.
    std::optional<std::int64_t> lag_seconds;
};

/// Makes an invitation. Thread-safe, as all here. Errors: not_found (a clinic's code).
[[nodiscard]] Result<Invite> create_invite(Pool& pool, const std::string& actor,
                                           const std::vector<std::string>& clinic_codes, std::chrono::hours ttl,
                                           UtcMillis now);
[[nodiscard]] Result<std::vector<NodeSummary>> list_nodes(Pool& pool);

/// Refuses the node from its next request on. `node` is its id, its code or its name. Returns its id. Again: no
/// change. Errors: not_found; conflict (slug ambiguous) when several nodes have that name.
[[nodiscard]] Result<std::string> revoke_node(Pool& pool, const std::string& actor, const std::string& node);

}  // namespace vetchart::central
