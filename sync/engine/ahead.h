#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "sync/engine/decide.h"

namespace vetchart::sync {

/// The columns of the synced tables that hold an instant which a node's clock gave.
inline constexpr std::array<std::string_view, 6> kInstants = {"created_at", "updated_at", "deleted_at",
                                                              "issued_at",  "paid_at",    "cancelled_at"};

/// Those among `values` that are more than five minutes ahead of `now` become `now`: a node's
/// clock was wrong, and nothing that happened lies in the future. Reports go by them.
void count_ahead_as_now(Json& values, UtcMillis now);

/// A notice for each bill that `writes` date more than a day ahead of central, by any clinic's calendar: its day is
/// printed and stays as it was given.
[[nodiscard]] std::vector<Notice> tell_bills_ahead(const std::vector<RowWrite>& writes, UtcMillis now);

}  // namespace vetchart::sync
