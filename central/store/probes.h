#pragma once

#include <string>

#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

inline constexpr int kProbesMax = 1000;        ///< Rows of one call, either way.
inline constexpr int kProbeBytesMax = 100000;  ///< Of one row's payload.

/// Writes `count` rows of `size` bytes into db_probes; a check of the write path. Returns JSON. Thread-safe.
[[nodiscard]] Result<std::string> write_probes(Pool& pool, int count, int size);
/// The latest `limit` rows of db_probes, without their payload. Returns JSON.
[[nodiscard]] Result<std::string> scan_probes(Pool& pool, int limit);

}  // namespace vetchart::central
