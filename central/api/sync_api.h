#pragma once

#include "central/api/central_api.h"
#include "central/api/http.h"

namespace vetchart::central {

/// Answers /sync/v1/* (docs/sync-protocol.md). Blocking: call on a worker thread. A push that has to wait for
/// another one of its clinic, and a long poll, come back deferred; those seal their answers themselves.
[[nodiscard]] Response answer_sync(ApiParts& parts, const Request& request);

/// A push whose line was cut in its body: what came of it is kept, when a node sent it. Blocking.
void keep_cut_upload(ApiParts& parts, const Request& request);

}  // namespace vetchart::central
