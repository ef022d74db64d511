#pragma once

#include <string>

#include "sync/engine/bill_group.h"
#include "sync/engine/draft.h"

/// What several steps of a decision ask about rows that belong together.
namespace vetchart::sync {

/// Whom an owner leads to: through all merges, the transaction's own included. The owner itself where it was merged
/// into nobody; a circle ends where it began.
[[nodiscard]] std::string last_survivor(const Draft& draft, const std::string& owner_id);

/// Two references that mean the same row: one of them may be of before a merge.
[[nodiscard]] bool is_same_reference(const Draft& draft, const Column& column, const Json& seen, const Json& theirs);

/// A bill's group as central has it; of a deleted bill as it went. `bill` is null where central never heard of it.
[[nodiscard]] BillGroup bill_group_at_central(const Draft& draft, const std::string& bill);

/// True when the transaction saw the bill closed, as central has it, and opened it: one whose status lost, or that knew
/// the bill as a draft, opens nothing.
[[nodiscard]] bool opens(const Draft& draft, const std::string& bill);

}  // namespace vetchart::sync
