#pragma once

#include <filesystem>
#include <string>

namespace vetchart::tls {

/// Another text when the file was written, replaced or removed since: device, inode, size and both times.
[[nodiscard]] std::string stamp_of(const std::filesystem::path& file);

}  // namespace vetchart::tls
