#pragma once

#include <cstdint>
#include <optional>

#include "central/accept/decided.h"
#include "central/intake/life.h"
#include "central/store/pool.h"
#include "sync/base/answer.h"
#include "sync/wire/messages.h"

/// Parts of a transaction over the batch bound, stored until the last one makes it whole (docs/sync-protocol.md). What
/// a node can make central keep is bounded: one transaction at a time, in number and bytes, and in all. Call under the
/// lock of the node's row; pqxx's exceptions pass through.
namespace vetchart::central {

inline constexpr int kStagePartsMax = 1024;                             ///< Of one transaction.
inline constexpr std::int64_t kStageBytesMax = std::int64_t{64} << 20;  ///< Of one transaction.
inline constexpr std::int64_t kStageAllBytesMax = std::int64_t{4} << 30;
inline constexpr std::size_t kWholeChangesMax = 200000;  ///< Of one transaction, all its parts together.

/// The refusal of a transaction that does not follow the last one of `life`.
[[nodiscard]] Refusal gap(const Life& life);

/// Stores a part that is not the last; `share` is its part of the transaction. The first one takes the place of
/// whatever the node had stored before. Refused with: gap (not the next part, or of another count: the node begins
/// again), transaction_too_large, stage_full.
[[nodiscard]] std::optional<Refusal> store_part(pqxx::dbtransaction& db, const Receipt& receipt, const Life& life,
                                                const sync::Transaction& share, const sync::Part& part);

/// Puts the stored parts in front of `whole`, which holds the last part, and forgets them. Refused with: gap (they are
/// not all there, or cannot be read), transaction_too_large.
[[nodiscard]] std::optional<Refusal> join_parts(pqxx::dbtransaction& db, const Life& life, const sync::Part& part,
                                                sync::Transaction& whole);

}  // namespace vetchart::central
