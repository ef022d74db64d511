#pragma once

#include <vector>

#include "central/accept/decided.h"
#include "central/store/pool.h"

namespace vetchart::central {

/// What decisions leave beside the rows they wrote, in this order: a notice for each renumbered bill; an attention item
/// for each held transaction, conflict and notice; the rows of those that hold their dependents (held_row); the audit
/// of staff and clinics; who wrote which column (row_meta). Sets item_id in `batch`. After the rows were written: items
/// name who wrote what stands now, and row_meta has the version of this database transaction. Set-based; call inside
/// Pool::transact; pqxx's exceptions pass through.
void note_decided(pqxx::dbtransaction& db, const Receipt& receipt, std::vector<Decided>& batch);

}  // namespace vetchart::central
