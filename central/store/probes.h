#pragma once

#include <string>

#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

inline constexpr int kProbesMax = 1000;              ///< Rows of one call, either way.
inline constexpr int kProbeCallBytesMax = 10000000;  ///< Of the payloads of one call.

/// Writes `count` rows of `size` bytes into db_probes; a check of the write path. Returns JSON: status, inserted,
/// latencyMs. Thread-safe.
[[nodiscard]] Result<std::string> write_probes(Pool& pool, int count, int size);
/// Reads the latest `limit` rows of db_probes. Returns JSON: status, rows (how many), latencyMs.
[[nodiscard]] Result<std::string> scan_probes(Pool& pool, int limit);

}  // namespace vetchart::central
