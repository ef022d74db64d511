#pragma once

#include "edge/link/central_client.h"
#include "edge/store/check/check.h"
#include "edge/store/log/sync_store.h"

namespace vetchart::edge {

/// Pulls every active clinic of the node from position null and compares, page by page, with what this node
/// believes central has; nothing is stored. Findings go into `report`. Holds one page and the ids of all rows.
/// Errors: those of the client and the store; a refusal as in Exchange.
[[nodiscard]] Status compare_with_central(Database& database, SyncStore& store, CentralClient& client,
                                          CheckReport& report);

}  // namespace vetchart::edge
