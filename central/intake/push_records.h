#pragma once

#include <string>
#include <vector>

#include "central/intake/push.h"
#include "sync/engine/decide.h"

/// What central keeps about a push beside the rows: outcomes for ever, the journal, attention items, who wrote which
/// column. Set-based; call inside Pool::transact; pqxx's exceptions pass through.
namespace vetchart::central {

/// One transaction of the batch and what became of it.
struct Taken {
    const sync::Transaction* transaction = nullptr;
    sync::Decision decision;  ///< The images of its writes may be gone.
    sync::Outcome outcome = sync::Outcome::applied;
    std::string code, reason, item_id;  ///< Of a held one; item_id also of the first conflict of a merged one.
};

struct PushContext {
    std::string node_id;
    std::int64_t incarnation_id = 0;
    UtcMillis now;
    Rng& rng;  ///< The ids of items.
};

/// Opens attention items for held transactions, conflicts and notices (also of renumbered bills), and sets item_id in
/// `batch`. The rows of one that holds its dependents are remembered in held_row.
void open_items(pqxx::dbtransaction& transaction, const PushContext& context, std::vector<Taken>& batch);

/// Who wrote which column, of the applied ones. After the rows: the version is that of this database transaction.
void write_meta(pqxx::dbtransaction& transaction, const PushContext& context, const std::vector<Taken>& batch);

/// The changes as a JSON list, written piece by piece: a batch of them is never a tree.
[[nodiscard]] std::string changes_text(const sync::Transaction& transaction);

/// What open_items keeps of a held transaction, read back: its changes.
[[nodiscard]] std::vector<sync::Change> changes_from(const sync::Json& changes);

/// row_meta, sync_transaction, sync_journal. `versions`: of every clinic of the batch, after the writes.
void record_batch(pqxx::dbtransaction& transaction, const PushContext& context, const std::vector<Taken>& batch,
                  const std::map<std::string, std::int64_t>& versions);

/// Results stored for transactions taken before, by first_seq; `digests` gets theirs.
struct Stored {
    sync::TransactionResult result;
    std::string digest;  ///< Lower-case hex.
};
[[nodiscard]] std::map<std::int64_t, Stored> read_stored(pqxx::dbtransaction& transaction, std::int64_t incarnation_id,
                                                         std::int64_t first_seq, std::int64_t last_seq);

/// The answer's line about one transaction.
[[nodiscard]] sync::TransactionResult result_of(const Taken& taken,
                                                const std::map<std::string, std::int64_t>& versions);

}  // namespace vetchart::central
