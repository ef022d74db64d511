#pragma once

#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/engine/decide.h"
#include "sync/engine/erase.h"

/// What stands in the way of a push beside the rows themselves: rows in the archive, rows that a held transaction of
/// the same node wrote, owners whose data was erased. Set-based; call inside Pool::transact under the locks of the
/// clinics' counters; pqxx's exceptions pass through.
namespace vetchart::central {

/// Whether there is anything to look for at all: one query a batch, and mostly three times no.
struct Watch {
    bool archived = false;  ///< One of the clinics has an archived patient.
    bool held = false;      ///< Rows of the node's held transactions are waiting.
    bool erased = false;    ///< An owner of one of the clinics was erased.
};

[[nodiscard]] Watch read_watch(pqxx::dbtransaction& transaction, const std::vector<std::string>& clinics,
                               const std::string& node_id);

/// Blocks in `picture` every row that `batch` writes or references and that is archived or held.
void read_obstacles(pqxx::dbtransaction& transaction, const Watch& watch, const std::vector<std::string>& clinics,
                    const std::string& node_id, const std::vector<sync::Transaction>& batch, sync::Picture& picture);

/// `batch` of a node without the personal data of erased owners. Remembers the patients that it gives to one of them.
[[nodiscard]] std::vector<sync::Transaction> without_erased(pqxx::dbtransaction& transaction,
                                                            const std::string& node_id,
                                                            const std::vector<sync::Transaction>& batch);

}  // namespace vetchart::central
