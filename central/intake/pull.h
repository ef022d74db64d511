#pragma once

#include <map>
#include <string>
#include <vector>

#include "central/intake/node_auth.h"
#include "central/store/pool.h"
#include "sync/base/answer.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

struct PulledPage {
    std::string body;  ///< The answer's JSON (docs/sync-protocol.md, pull).
    std::size_t row_count = 0;
    bool more = false;
};

/// One page of a clinic's feed above the request's key, read in one snapshot, with the images as the database wrote
/// them: they are text to this program. Bounded by the request's rows and bytes, and at least one row where there is
/// one. The same text for the same request as long as the rows of the page stand. The last page (`more` false) carries
/// the position of its own snapshot. Refused with: clinic_forbidden, position_unknown, unknown_table (no key of the
/// feed). Blocking, thread-safe.
[[nodiscard]] Result<Answer<PulledPage>> pull(Pool& pool, const NodeIdentity& node, const sync::PullRequest& request);

/// The clinics whose version is above the one given. Blocking, thread-safe.
[[nodiscard]] Result<std::vector<std::string>> changed_clinics(Pool& pool,
                                                               const std::map<std::string, std::int64_t>& versions);

}  // namespace vetchart::central
