#pragma once

#include <string>
#include <vector>

#include "central/accept/decided.h"
#include "central/store/pool.h"

namespace vetchart::central {

/// Closes the open items that a later write left nothing to decide about: the column of a conflict was written by
/// somebody who had seen the item, the row of one is gone for good, a row worked on after its deletion was brought
/// back. They are resolved as `moot`, and their reason says so; all others stay until a person decides.
///
/// A person has seen an item when the row they changed had a version at which the item was there. So the rows of
/// conflicts that `batch` opens get a new version with it, where they have none yet. After note_decided; set-based;
/// call inside Pool::transact with vetchart.intake on; pqxx's exceptions pass through.
/// `decided`: the item that a person is deciding by these writes, which stays; empty: none.
void settle_moot(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch,
                 const std::string& decided = {});

}  // namespace vetchart::central
