#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/answer.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

/// A node whose secret was checked, with its scope at that moment.
struct NodeIdentity {
    std::string node_id;
    std::vector<sync::ScopedClinic> clinics;
};

struct AcceptedPush {
    sync::PushReply reply;
    /// A sign: the highest bill number that the node told, above what central gave out. It was not stored.
    std::optional<std::int64_t> number_beyond = {};
    int internal_holds = 0;  ///< Transactions held by a bug of ours.
};

/// Accepts one push in one database transaction, or refuses it, which changes nothing (docs/architecture.md, "Intake of
/// a push"; the codes of refusals are in docs/sync-protocol.md). Blocking: call on a database thread. Thread-safe.
/// Errors: busy, unavailable, outcome_unknown (all 503: the node repeats), internal.
[[nodiscard]] Result<Answer<AcceptedPush>> accept_push(Pool& pool, const NodeIdentity& node, sync::PushRequest request,
                                                       UtcMillis now);

}  // namespace vetchart::central
