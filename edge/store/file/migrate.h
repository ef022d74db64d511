#pragma once

#include <filesystem>

#include "edge/store/file/database.h"

namespace vetchart::edge {

/// Brings the file behind `connection` to edge_schema_version() in one transaction: the pending files of
/// schema/sqlite/tables, then what differs of triggers and views (rules.h). Before an upgrade of an existing file a
/// copy `<file>.before-<N>` is kept, N being the new version. Nothing is written when the file is already right.
/// Errors: corrupt (not a VetChart file, of a newer schema, or of before the first release); those of
/// error_from_current_exception().
[[nodiscard]] Status migrate(Connection& connection, const std::filesystem::path& file);

/// ok when migrate() may have the file: it is VetChart's, or empty and `past` allows that. Writes nothing.
[[nodiscard]] Status check_is_ours(Connection& connection, Past past);

/// ok when the file is a VetChart file of exactly edge_schema_version(); else corrupt.
[[nodiscard]] Status check_schema(Connection& connection);

}  // namespace vetchart::edge
