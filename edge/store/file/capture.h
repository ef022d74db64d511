#pragma once

#include "edge/store/file/database.h"

namespace vetchart::edge {

/// Completes the AFTER triggers of every synced table with the statements that write change_log and sync_base, made
/// from the table's own columns: the text between the capture marks of schema/sqlite is replaced where it differs,
/// so a column that a migration adds is captured without anyone naming it here. Throws SQLite::Exception.
/// Precondition: inside the transaction that migrates the file; the schema is of edge_schema_version().
void refresh_capture(Connection& connection);

/// True when refresh_capture() would change something. Only reads.
[[nodiscard]] bool capture_is_stale(Connection& connection);

}  // namespace vetchart::edge
