#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/base/time.h"
#include "sync/model/change.h"

/// Held transactions tried again, as if just pushed. Call inside Pool::transact, in this order: find_waiting,
/// lock_waiting, then whatever takes the obstacle away, then replay_held. pqxx's exceptions pass through.
namespace vetchart::central {

/// Nodes with open held transactions whose rows others wait for, and the clinics that those transactions name: each
/// transaction, and what builds on it, may reach over several.
struct Waiting {
    std::set<std::string> nodes, clinics;
};

/// The nodes that have such a transaction about `clinic_id`, with all that they have waiting.
[[nodiscard]] Waiting find_waiting(pqxx::dbtransaction& db, const std::string& clinic_id);

/// Locks nodes and counters in the order of a push, so that the two never wait for each other.
void lock_waiting(pqxx::dbtransaction& db, const Waiting& waiting);

struct Replayed {
    int accepted = 0;
    int still_held = 0;  ///< Each with its present reason.
};

/// Tries the held transactions of `nodes` again, each node's in its own order. What is held for a reason that ends with
/// its cause is decided anew; what waits for a person goes on waiting, and so does what builds on either. Of what is
/// accepted the item is resolved as restored by `actor`; conflicts and notices become items as usual. `clinic_id`:
/// whose archive and erasures count beside those of the clinics written. `rng`: of the ids of items. Errors:
/// invalid_input, when an item cannot be read.
[[nodiscard]] Result<Replayed> replay_held(pqxx::work& db, const std::set<std::string>& nodes,
                                           const std::string& clinic_id, const std::string& actor, UtcMillis now,
                                           Rng& rng);

/// A held transaction that a person wants tried again, whatever it is held for.
struct Retry {
    std::string item_id, node_id;
    std::string clinic_id;  ///< Whose archive and erasures count beside those of the clinics written.
    std::string actor;      ///< Who decided it.
    UtcMillis now;
    Rng& rng;
    std::int64_t seen = 0;       ///< The version of the clinic's feed that the person saw.
    sync::Json edits = nullptr;  ///< Object: columns that replace those of the first change's row.
};

struct Retried {
    std::optional<std::string> refusal;  ///< A sentence: it is still held, an open item with its reason of now.
    Replayed others;
};

/// Tries it again, and with it what of its node waits. It keeps its own hand, but where it is held for want of an
/// administrator, and where it was edited, the person's counts. What else comes in is resolved as moot: its cause
/// ended. The caller resolves the item itself. Call under the locks, with vetchart.intake on.
[[nodiscard]] Result<Retried> retry_item(pqxx::work& db, const Retry& retry);

/// Tries what else waits on the node, after `retry.item_id` was given up.
[[nodiscard]] Result<Replayed> retry_waiting(pqxx::work& db, const Retry& retry);

}  // namespace vetchart::central
