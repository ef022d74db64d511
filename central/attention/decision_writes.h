#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "central/accept/decided.h"
#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/engine/item_actions.h"
#include "sync/model/change.h"

/// The writes of a decision: what a person wants of an item, as a transaction of central's own, and its way in. Call
/// inside Pool::transact under the locks of the clinics' counters, with vetchart.intake on; pqxx's exceptions pass
/// through.
namespace vetchart::central {

/// An item of the attention list, as far as decisions need it.
struct Item {
    std::string id, clinic_id, kind, code, status, action;
    std::int64_t version = 0;
    std::string table, row_id, column, node_id;  ///< No column, no node: empty.
    sync::Json mine, theirs;
    std::vector<sync::Change> changes;  ///< Of held ones, bill_changed and delete_refused.
    std::vector<sync::Change> undo;     ///< What puts back what stood before its decision.

    [[nodiscard]] sync::ItemState state() const { return {kind, code, status, action}; }
};

/// What should be written, or a sentence that says why nothing can be.
using Wish = std::variant<std::vector<sync::Change>, std::string>;

/// The writes that `action` wants of `item`: keep (of a resolved one), useMine, setValue, mergeOwners, restore. Their
/// old values do not count: write_wish takes what stands. `value` is the decision's, parsed.
[[nodiscard]] Wish wish_of(pqxx::dbtransaction& db, const Item& item, sync::ItemAction action, sync::Json value);

/// Whose writes they are, and what of the item's clinic they had seen.
struct Hand {
    std::string actor;         ///< A staff id, or `hq:` and an e-mail.
    std::int64_t version = 0;  ///< The version of the clinic's feed that the person saw.
    std::string item_id;       ///< What they decide: the caller resolves it.
};

struct Written {
    std::optional<std::string> refusal;  ///< A sentence: nothing was written.
    std::vector<sync::Change> undo;      ///< Puts back what stood before.
};

/// Decides and writes `wanted` as a transaction of `hand`, all or nothing. Old values are what stands now, so nobody
/// else's work is met; what stands already is left out. Opens the notices that come of it.
[[nodiscard]] Written write_wish(pqxx::work& db, const Receipt& receipt, const Hand& hand,
                                 const std::vector<sync::Change>& wanted);

/// Gives the rows of `changes` a new version, so that nodes hear them again; of those that central has not, a tombstone
/// of no image. Lines of issued and closed bills stay as they are: nobody's node has other ones.
void stamp_again(pqxx::dbtransaction& db, const std::vector<sync::Change>& changes);

}  // namespace vetchart::central
