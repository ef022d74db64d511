#pragma once

#include <string>

#include "edge/store/file/guards.h"

namespace vetchart::edge {

/// The statements of a synced table's AFTER trigger that write change_log and sync_base, made from the table's own
/// columns: one that a migration adds is captured without anyone naming it here. They follow the stamps.
[[nodiscard]] std::string capture_statements(const TableShape& table, RowEvent event);

}  // namespace vetchart::edge
