#pragma once

#include <array>
#include <string_view>

#include "sync/engine/decide.h"

/// What a decision may do to a bill, beyond the columns that two people changed (docs/data-rules.md). Pure.
namespace vetchart::sync {

/// The columns of an issued bill that stay, beside its items and its owner (who may be merged).
inline constexpr std::array<std::string_view, 4> kFixedWhenIssued = {"patient_id", "subtotal_cents", "tax_cents",
                                                                     "total_cents"};

/// Stored with a cancellation that came without a reason: from an older page, or from an older node.
inline constexpr std::string_view kNoCancelReason = "No reason was given.";

/// True when central issued the bill of this image: its items, amounts, owner and patient stay.
[[nodiscard]] bool is_issued(const RowState& bill);

/// Gives a new step to cancelled the reason it lacks, and never takes one away. `before`: central's image, or null.
void keep_cancel_reason(RowWrite& write, const Json& before);

/// True when what central has for `column` is the stand-in above, and the node, which does not know it, saw none.
[[nodiscard]] bool is_stand_in(std::string_view column, const Json& old_value, const Json& theirs);

}  // namespace vetchart::sync
