#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What stands for a person to do about an item of the attention list, and who may. Pure; central and nodes ask the
/// same (docs/adr/0012-one-decider.md, "Items" and "Decisions").
namespace vetchart::sync {

enum class ItemAction {
    keep,            ///< What stands, stays; of a notice: seen. Undoing: what stood before is put back.
    use_mine,        ///< The version that lost is written.
    set_value,       ///< A value of the person's own is written in the column.
    merge_owners,    ///< The item's owner is merged into the one that has the address.
    restore,         ///< The row is no longer deleted.
    retry,           ///< The held transaction is tried again, as if just pushed.
    edit_and_retry,  ///< The same, with other values in its first row.
    discard,         ///< The held transaction is given up; its node gets the rows as central has them.
};
inline constexpr ItemAction kItemActions[] = {ItemAction::keep,           ItemAction::use_mine, ItemAction::set_value,
                                              ItemAction::merge_owners,   ItemAction::restore,  ItemAction::retry,
                                              ItemAction::edit_and_retry, ItemAction::discard};

/// The name in items, decisions and every API: keep, useMine, setValue, ..
[[nodiscard]] std::string_view name_of(ItemAction action);
/// nullopt: no action has this name.
[[nodiscard]] std::optional<ItemAction> find_item_action(std::string_view name);

/// How an item stands. Views of whoever asks.
struct ItemState {
    std::string_view kind;    ///< conflict, quarantine, notice
    std::string_view code;    ///< docs/errors.md
    std::string_view status;  ///< open, resolved
    std::string_view action;  ///< Of a resolved one what was done: an action's name, or moot, restored, erased.
};

/// The actions that stand for an item now, in the order in which they are offered: of an open one what its code allows,
/// of a resolved one what undoes its action. None for what ended by itself, and for a merge of owners.
[[nodiscard]] std::vector<ItemAction> actions_of(const ItemState& item);
[[nodiscard]] bool allows(const ItemState& item, ItemAction action);

/// Their names as a JSON list, as an item has them.
[[nodiscard]] std::string actions_json(const ItemState& item);

/// True when only an administrator of the clinic (or of HQ) may: it gives somebody's work up.
[[nodiscard]] bool needs_admin(ItemAction action);

/// True when the person says a value with it.
[[nodiscard]] bool takes_value(ItemAction action);

}  // namespace vetchart::sync
