#pragma once

#include <filesystem>

#include "sync/base/result.h"

namespace vetchart::edge {

/// Copies the database `source`, which may be in use, to the new file `target`: one snapshot, all that was
/// committed when the copy began. Writers are not held up. `target` is a single file (no WAL), mode 0600, not yet
/// fsynced; `home`: see make_private_file. Errors: conflict `exists`; corrupt; out_of_space; internal. On an error
/// `target` is removed.
[[nodiscard]] Status copy_database(const std::filesystem::path& source, const std::filesystem::path& target,
                                   const std::filesystem::path& home = {});

/// Moves the content of its WAL into `file`, which no daemon may use; afterwards there is no WAL. Errors: as above.
[[nodiscard]] Status fold_wal(const std::filesystem::path& file);

/// Reads all of `file` (no daemon may use it): integrity, foreign keys, and that it is a VetChart node's database of
/// a version this program knows. Errors: corrupt with what is wrong (never a row's content); not_found.
[[nodiscard]] Status verify_database_file(const std::filesystem::path& file);

}  // namespace vetchart::edge
