#pragma once

#include <set>
#include <string>

#include "central/accept/batch.h"
#include "central/store/pool.h"
#include "sync/engine/decide.h"

/// What stands in the way of a batch beside the rows themselves: rows in the archive, and rows that a held transaction
/// of the same node wrote. Set-based; call inside Pool::transact under the locks of the clinics' counters; pqxx's
/// exceptions pass through.
namespace vetchart::central {

/// Whether there is anything to look for at all: one query a batch, and mostly three times no.
struct Guards {
    bool archived = false;  ///< One of the clinics has an archived patient.
    bool held = false;      ///< Rows of the node's held transactions are waiting.
    bool erased = false;    ///< An owner of one of the clinics was erased (erased.h).
};

[[nodiscard]] Guards read_guards(pqxx::dbtransaction& db, const std::set<std::string>& clinics,
                                 const std::string& node_id);

/// Blocks in `picture` every row that `batch` writes or references and that is archived or held.
void block_rows(pqxx::dbtransaction& db, const Guards& guards, const std::set<std::string>& clinics,
                const std::string& node_id, const Batch& batch, sync::Picture& picture);

}  // namespace vetchart::central
