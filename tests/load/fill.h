#pragma once

#include <filesystem>

#include "sync/base/result.h"

namespace vetchart::load {

struct Size {
    int owners = 400000, patients = 1000000, records = 300000, appointments = 100000, bills = 300000;
};

/// Rows of the folder's one clinic straight into its file, as a first load writes them: not captured, searchable.
/// The daemon must not run.
[[nodiscard]] Status fill_folder(const std::filesystem::path& folder, const Size& size);

}  // namespace vetchart::load
