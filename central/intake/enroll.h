#pragma once

#include <cstdint>
#include <string>

#include "central/intake/node_auth.h"
#include "central/store/pool.h"
#include "sync/base/answer.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

/// 401 token_invalid, 409 code_taken, 409 incarnation_taken, 422 invalid_value. Beside what the answer tells, for the
/// audit alone, of an invitation that gives no right (else empty): its number (invite_number), why, and the node that
/// used it, if any.
struct RefusedEnrolment : Refusal {
    std::string invite = {}, because = {}, used_by = {};
};

/// Makes a node of a one-time token, in one transaction: invite, node, scope, code and incarnation together. A
/// refusal leaves the token unused. A repeat whose answer was lost (same token, same incarnation, and the node was
/// never heard of since) gets the same node with a new secret. Blocking, thread-safe.
[[nodiscard]] Result<Answer<sync::EnrollReply, RefusedEnrolment>> enroll(Pool& pool, const sync::EnrollRequest& request,
                                                                         UtcMillis now,
                                                                         const std::string& address = {});

/// Central's life counter, in `enroll` and `me`.
[[nodiscard]] Result<std::int64_t> read_epoch(Pool& pool);

}  // namespace vetchart::central
