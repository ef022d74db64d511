#pragma once

#include <filesystem>
#include <string>

namespace vetchart::host {

/// A text that is another once the file was written, replaced or removed: device, inode, size and both times.
[[nodiscard]] std::string stamp_of(const std::filesystem::path& file);

/// Reads a regular file of at most 1 MiB and nothing else: opening a pipe would hold up every connection for ever.
[[nodiscard]] bool is_small_file(const std::filesystem::path& file);

}  // namespace vetchart::host
