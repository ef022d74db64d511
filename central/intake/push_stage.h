#pragma once

#include <cstdint>
#include <optional>

#include "central/intake/push.h"
#include "central/intake/push_records.h"

/// Parts of a transaction over the batch bound, kept until the last one makes it whole (docs/sync-protocol.md). What a
/// node can make central keep is bounded: one transaction at a time, in number and bytes, and in all. Call under the
/// lock of the node's row; pqxx's exceptions pass through.
namespace vetchart::central {

inline constexpr int kStagePartsMax = 1024;                             ///< Of one transaction.
inline constexpr std::int64_t kStageBytesMax = std::int64_t{64} << 20;  ///< Of one transaction.
inline constexpr std::int64_t kStageAllBytesMax = std::int64_t{4} << 30;
inline constexpr std::size_t kWholeChangesMax = 200000;  ///< Of one transaction, all its parts together.

/// How far the life is that the part belongs to.
struct StagePlace {
    std::int64_t last_seq = 0;
    bool is_new = false;  ///< Any seq may be its first.
};

/// Keeps a part that is not the last. The first one takes the place of whatever the node had staged before. Refused
/// with: gap (not the next part, or of another count: the node begins again), transaction_too_large, stage_full.
[[nodiscard]] std::optional<PushOutcome> stage_part(pqxx::dbtransaction& transaction, const PushContext& context,
                                                    const StagePlace& place, const sync::Transaction& share,
                                                    const sync::Part& part);

/// Puts what is staged in front of `whole`, which holds the last part, and forgets the parts. Refused with: gap,
/// transaction_too_large.
[[nodiscard]] std::optional<PushOutcome> join_parts(pqxx::dbtransaction& transaction, const PushContext& context,
                                                    const StagePlace& place, const sync::Part& part,
                                                    sync::Transaction& whole);

}  // namespace vetchart::central
