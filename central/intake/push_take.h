#pragma once

#include <vector>

#include "central/intake/push_records.h"
#include "sync/engine/decide.h"

/// From decisions to rows: what central does with transactions in order, on a picture of the rows they touch. Call
/// inside Pool::transact under the locks of the clinics' counters, with vetchart.intake on. A refusal by the data rules
/// is a verdict; everything else is thrown on, so that the batch is rolled back and repeated.
namespace vetchart::central {

/// All of them: the clean way, one net effect; where that does not go, one by one.
[[nodiscard]] std::vector<Taken> take_transactions(pqxx::work& transaction,
                                                   const std::vector<const sync::Transaction*>& fresh,
                                                   sync::Picture picture);

/// Each in a savepoint. `picture` moves on with every one that stands, and is blocked by what a held one wrote: one
/// that holds its dependents, or with `all_bind` any.
[[nodiscard]] std::vector<Taken> take_one_by_one(pqxx::work& transaction,
                                                 const std::vector<const sync::Transaction*>& fresh,
                                                 sync::Picture& picture, bool all_bind = false);

}  // namespace vetchart::central
