#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart::edge {

/// Replaces `file` whole: a temporary file beside it, fsync, rename, fsync of the folder. After a power cut the old
/// or the new content is there, never a mixture. Made with mode 0600. Errors: out_of_space, internal.
[[nodiscard]] Status write_file_durably(const std::filesystem::path& file, std::string_view content);

/// Reads at most `bytes_max`. Errors: not_found; invalid_input (larger, or no regular file); internal.
[[nodiscard]] Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t bytes_max);

/// Makes what was written to `file`, and the name it has, survive a power cut.
[[nodiscard]] Status sync_file(const std::filesystem::path& file);
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);

}  // namespace vetchart::edge
