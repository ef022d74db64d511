#pragma once

#include <filesystem>
#include <string>

namespace vetchart::tls {

/// Another text when the file was written, replaced or removed since: device, inode, size and both times.
[[nodiscard]] std::string stamp_of(const std::filesystem::path& file);

/// A regular file of at most 1 MiB: to open a pipe would wait for ever, and whoever opens it holds up every connection.
[[nodiscard]] bool is_small_file(const std::filesystem::path& file);

}  // namespace vetchart::tls
