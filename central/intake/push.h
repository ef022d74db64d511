#pragma once

#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

/// A node whose secret was checked, with its scope at that moment.
struct NodeIdentity {
    std::string node_id;
    std::vector<sync::ScopedClinic> clinics;
};

/// A refused push: nothing was changed. `details` goes into the error body (lastSeq, lastCommon).
struct PushOutcome {
    std::optional<sync::PushReply> reply;
    std::optional<sync::ErrorReply> refusal;
    int refusal_status = 0;
    /// A sign: the highest bill number that the node told, above what central gave out. It was not stored.
    std::optional<std::int64_t> number_beyond{};
};

/// Takes one push in one transaction (docs/architecture.md, "Intake of a push"). Blocking: call on a database
/// thread. Thread-safe. Errors: busy, unavailable, outcome_unknown (all 503: the node repeats), internal.
[[nodiscard]] Result<PushOutcome> take_push(Pool& pool, const NodeIdentity& node, const sync::PushRequest& request,
                                            UtcMillis now);

}  // namespace vetchart::central
