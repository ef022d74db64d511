#pragma once

#include <filesystem>

#include "sync/base/result.h"

namespace vetchart::edge {

/// Makes an empty file that only its owner may read (0600), before SQLite would make it as the umask has it; what
/// SQLite keeps beside a database gets the mode of the database. Errors: conflict `exists`; out_of_space; internal.
[[nodiscard]] Status make_private_file(const std::filesystem::path& file);

}  // namespace vetchart::edge
