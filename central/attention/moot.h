#pragma once

#include <string>
#include <vector>

#include "central/accept/decided.h"
#include "central/store/pool.h"

namespace vetchart::central {

/// Closes the open items about rows that `batch` deletes for good: there is nothing left to decide. Before the items of
/// `batch` are opened, since those are about what came after. They are resolved as `moot`, and their reason says so.
/// Set-based; call inside Pool::transact with vetchart.intake on; pqxx's exceptions pass through.
void settle_gone(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch);

/// The version of the row that the transaction had seen when it wrote the column; 0: none that central gave out, or it
/// did not write it.
[[nodiscard]] std::int64_t version_seen(const sync::Transaction& transaction, const sync::RowKey& key,
                                        const std::string& column);

/// Closes the open items that a later write left nothing to decide about: the column of a conflict was written by
/// somebody who had seen the item, or a row worked on after its deletion was brought back. All others stay until a
/// person decides.
///
/// A person has seen an item when the row they changed had a version at which the item was there. So the rows of
/// the items that `batch` opens get a new version with it, where they have none yet. After note_decided; otherwise as
/// settle_gone. `decided`: the item that a person is deciding by these writes, which stays; empty: none.
void settle_moot(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch,
                 const std::string& decided = {});

}  // namespace vetchart::central
