#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "sync/engine/decide.h"

namespace vetchart::sync {

/// True of a column that holds an instant which a node's clock gave.
[[nodiscard]] bool is_from_clock(const Column& column);
/// The names that such columns have, each once.
[[nodiscard]] const std::set<std::string_view>& clock_columns();

/// Those among `values` that are more than five minutes ahead of `now` become `now`: a node's
/// clock was wrong, and nothing that happened lies in the future. Reports go by them.
void count_ahead_as_now(Json& values, UtcMillis now);

/// A notice for each bill that `writes` date more than a day ahead of central, by any clinic's calendar: its day is
/// printed and stays as it was given.
[[nodiscard]] std::vector<Notice> tell_bills_ahead(const std::vector<RowWrite>& writes, UtcMillis now);

}  // namespace vetchart::sync
