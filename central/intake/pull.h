#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "central/intake/node_auth.h"
#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

struct PullOutcome {
    std::string body;  ///< The answer's JSON (docs/sync-protocol.md, pull), when not refused.
    std::size_t row_count = 0;
    bool more = false;
    std::optional<Refusal> refusal;  ///< 403 clinic_forbidden, 409 position_unknown, 422 unknown_table
};

/// One page of a clinic's feed above the request's key, read in one snapshot, with the images as the database wrote
/// them: they are text to this program. Bounded by the request's rows and bytes, and at least one row where there is
/// one. The same text for the same request as long as the rows of the page stand. The last page (`more` false) carries
/// the position of its own snapshot. Blocking, thread-safe.
[[nodiscard]] Result<PullOutcome> pull(Pool& pool, const NodeIdentity& node, const sync::PullRequest& request);

/// The clinics whose version is above the one given. Blocking, thread-safe.
[[nodiscard]] Result<std::vector<std::string>> changed_clinics(Pool& pool,
                                                               const std::map<std::string, std::int64_t>& versions);

}  // namespace vetchart::central
