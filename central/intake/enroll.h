#pragma once

#include <cstdint>
#include <optional>

#include "central/intake/node_auth.h"
#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

struct EnrollOutcome {
    std::optional<sync::EnrollReply> reply;
    std::optional<Refusal> refusal;  ///< 401 token_invalid, 409 code_taken, 409 incarnation_taken, 422 bad values
};

/// Makes a node of a one-time token, in one transaction: invite, node, scope, code and incarnation together. A
/// refusal leaves the token unused. A repeat whose answer was lost (same token, same incarnation, and the node was
/// never heard of since) gets the same node with a new secret. Blocking, thread-safe.
[[nodiscard]] Result<EnrollOutcome> enroll(Pool& pool, const sync::EnrollRequest& request, UtcMillis now);

/// Central's life counter, in `enroll` and `me`.
[[nodiscard]] Result<std::int64_t> read_epoch(Pool& pool);

}  // namespace vetchart::central
