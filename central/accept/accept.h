#pragma once

#include <vector>

#include "central/accept/batch.h"
#include "central/accept/decided.h"
#include "central/store/pool.h"
#include "sync/engine/decide.h"

/// From transactions to rows: central decides them in their order, on a picture of what they touch, and writes what was
/// decided. Call inside Pool::transact under the locks of the clinics' counters, with vetchart.intake on. sync::decide
/// alone decides: a rule that still refuses is a bug, is logged, and holds the transaction as internal. Every failure
/// that is not about the data is thrown on, so that the batch is rolled back and repeated.
namespace vetchart::central {

/// Decides every transaction of `batch` and writes all of it, set-based. What was accepted and what was held is the
/// same wherever batches are cut. `picture` is filled for the batch (reads.h) and knows what blocks it, its node and
/// its moment; what else it takes is read, and it moves on. `rng`: the names of delete groups are drawn from it.
[[nodiscard]] std::vector<Decided> accept_batch(pqxx::work& db, const Batch& batch, sync::Picture& picture, Rng& rng);

/// The same for one transaction.
[[nodiscard]] Decided accept_transaction(pqxx::work& db, const sync::Transaction& transaction, sync::Picture& picture,
                                         Rng& rng);

/// Who wrote which column last, of what was applied: row_meta. After the rows were written, whose version it notes.
void write_row_meta(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch);

}  // namespace vetchart::central
