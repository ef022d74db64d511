#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "central/accept/decided.h"
#include "central/store/pool.h"
#include "sync/wire/messages.h"

/// What central remembers of every transaction it was sent: its outcome, for ever, from which a repeat is answered
/// (sync_transaction), and its changes (sync_journal). Set-based; call inside Pool::transact; pqxx's exceptions pass
/// through.
namespace vetchart::central {

/// Clinic id to the clinic's version.
using Versions = std::map<std::string, std::int64_t>;

/// Records `batch` with its outcomes; the answer's lines about it. `versions`: of every clinic of the batch, as they
/// are after its rows were written.
[[nodiscard]] std::vector<sync::TransactionResult> record_batch(pqxx::dbtransaction& db, const Receipt& receipt,
                                                                const std::vector<Decided>& batch,
                                                                const Versions& versions);

struct RecordedTransaction {
    sync::TransactionResult result;
    std::string digest;  ///< Lower-case hex.
};

/// The transactions of a life recorded from `first_seq` to `last_seq`, by first_seq.
[[nodiscard]] std::map<std::int64_t, RecordedTransaction> read_recorded(pqxx::dbtransaction& db,
                                                                        std::int64_t incarnation_id,
                                                                        std::int64_t first_seq, std::int64_t last_seq);

}  // namespace vetchart::central
