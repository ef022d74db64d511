#pragma once

#include <vector>

#include "central/accept/batch.h"
#include "central/accept/decided.h"
#include "central/store/pool.h"
#include "sync/engine/decide.h"

/// From decisions to rows: central decides transactions in their order, on a picture of the rows they touch, and writes
/// what was decided. Call inside Pool::transact under the locks of the clinics' counters, with vetchart.intake on. A
/// refusal by the data rules is a verdict on the transaction, which is then held; every other failure is thrown on, so
/// that the batch is rolled back and repeated.
namespace vetchart::central {

/// Accepts or holds every transaction of `batch`: all by one net effect, where that stands, else each by itself.
[[nodiscard]] std::vector<Decided> accept_batch(pqxx::work& db, const Batch& batch, sync::Picture picture);

/// Accepts or holds `transaction` by itself, in a savepoint. `picture` moves on when it stands; when it is held, the
/// rows it wrote are blocked: where its code holds dependents, or with `all_bind` whatever the code is.
[[nodiscard]] Decided accept_transaction(pqxx::work& db, const sync::Transaction& transaction, sync::Picture& picture,
                                         bool all_bind = false);

/// Who wrote which column last, of what was applied: row_meta. After the rows were written, whose version it notes.
void write_row_meta(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch);

}  // namespace vetchart::central
