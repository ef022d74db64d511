#pragma once

#include <string>
#include <vector>

#include "central/accept/batch.h"
#include "central/accept/decided.h"
#include "central/store/pool.h"
#include "sync/engine/decide.h"

/// The staff that a batch is judged by, and the audit of what it did to staff and clinics. Set-based; call inside
/// Pool::transact under the locks of the clinics' counters; pqxx's exceptions pass through.
namespace vetchart::central {

/// Adds to `picture`, where `batch` writes staff or clinics: the staff rows of its actors, the active administrators
/// of those clinics, whoever has an e-mail or user name that is written, and who wrote those rows last, seen from
/// `node_id`.
void read_people(pqxx::dbtransaction& db, const std::string& node_id, const Batch& batch, sync::Picture& picture);

/// One line of the audit for each notice of `batch` about staff or a clinic: in whose name, from which node, what
/// changed. A node can write any name, so the line names both.
void audit_people(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch);

}  // namespace vetchart::central
