#pragma once

#include <cstdint>
#include <string>

#include "central/store/pool.h"
#include "sync/base/answer.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

/// The lives (incarnations) of nodes' logs as central has them. Call under the lock of the node's row; pqxx's
/// exceptions pass through.
namespace vetchart::central {

/// How far central has a node's log of one life.
struct Life {
    std::int64_t id = 0;
    std::int64_t last_seq = 0;
    Digest last_digest{};  ///< Of the last transaction it has.
    bool is_new = false;   ///< It has none: any seq may be the first.

    [[nodiscard]] bool has(const sync::Transaction& transaction) const {
        return !is_new && transaction.first_seq <= last_seq;
    }
    [[nodiscard]] bool is_continued_by(const sync::Transaction& transaction) const {
        return is_new || transaction.first_seq == last_seq + 1;
    }
};

/// Locks the life that `request` was pushed under; one that central never heard of begins, and its node code becomes
/// the node's. Refused with: fork (another node's life), too_many_lives.
[[nodiscard]] Answer<Life> open_life(pqxx::dbtransaction& db, const std::string& node_id,
                                     const sync::PushRequest& request, UtcMillis now);

/// Moves `life` on: `last` is the last transaction central has of it now.
void move_life(pqxx::dbtransaction& db, Life& life, const sync::Transaction& last);

}  // namespace vetchart::central
