#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "central/intake/node_auth.h"
#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

struct EnrollOutcome {
    std::optional<sync::EnrollReply> reply;
    std::optional<Refusal> refusal;  ///< 401 token_invalid, 409 code_taken, 409 incarnation_taken, 422 bad values
    /// For the audit, of a refused invitation: its number (invite_number), why, and the node that used it, if any.
    std::string invite = {}, because = {}, used_by = {};
};

/// Makes a node of a one-time token, in one transaction: invite, node, scope, code and incarnation together. A
/// refusal leaves the token unused. A repeat whose answer was lost (same token, same incarnation, and the node was
/// never heard of since) gets the same node with a new secret. Blocking, thread-safe.
[[nodiscard]] Result<EnrollOutcome> enroll(Pool& pool, const sync::EnrollRequest& request, UtcMillis now,
                                           const std::string& address = {});

/// Central's life counter, in `enroll` and `me`.
[[nodiscard]] Result<std::int64_t> read_epoch(Pool& pool);

}  // namespace vetchart::central
