#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "central/accept/decided.h"
#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/model/change.h"

/// What people decided on items of the attention list, carried out (docs/adr/0012-one-decider.md, "Decisions"):
///
///  1. the item is read under the clinic's lock. Another version than the person saw, or an action that does not stand
///     now: *late*, and the answer says who decided what and when;
///  2. the writes are those of a transaction of central's own, decided as any other; held work is tried again, with
///     what waits for it. What does not stand: *refused*, with the reason; the item stays as it is;
///  3. the item is resolved (action, by whom, when, what undoes it), the rows concerned get a new version, the decision
///     its outcome, the audit a line.
namespace vetchart::central {

/// True when `transaction` brings decisions. Its own writes are made before anything behind it is judged.
[[nodiscard]] bool brings_decisions(const sync::Transaction& transaction);

/// The clinics that carrying the decisions of `transactions` out may write to, beside those of their changes: lock
/// their counters too.
[[nodiscard]] std::set<std::string> clinics_of_decisions(pqxx::dbtransaction& db,
                                                         const std::vector<sync::Transaction>& transactions);

/// Carries out the decisions that `transaction` brought, in their order. Call after its own writes were made, inside
/// Pool::transact, under the locks of clinics_of_decisions, with vetchart.intake on; pqxx's exceptions pass through.
/// Errors: invalid_input, when held work cannot be read.
[[nodiscard]] Status carry_out(pqxx::work& db, const Receipt& receipt, const sync::Transaction& transaction);

/// What HQ decides.
struct HqDecision {
    std::string item_id, kind;            ///< The kind that the item must be of: conflict, quarantine, notice.
    std::string action;                   ///< docs/adr/0012-one-decider.md
    std::optional<std::string> value;     ///< JSON text.
    std::optional<std::int64_t> version;  ///< Of the item as it was seen; nullopt: as it is now.
    std::string actor;                    ///< `hq:` and who.
    std::string address;                  ///< Whence, for the audit; empty: where the database sees this program.
};

/// Decides an item at HQ: the row is made here, without a node. Errors: not_found (item_unknown), invalid_input
/// (action_unknown, bad_value), conflict (action_unavailable: not among the item's actions now, or late;
/// decision_refused), each with its sentence in `context`. Blocking, thread-safe.
[[nodiscard]] Status decide_at_hq(Pool& pool, const HqDecision& decision, UtcMillis now);

}  // namespace vetchart::central
