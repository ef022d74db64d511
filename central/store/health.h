#pragma once

#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// A round trip to the database, in milliseconds, to the microsecond. Blocking. Errors: busy (the pool is exhausted),
/// unavailable.
[[nodiscard]] Result<double> ping(Pool& pool);

}  // namespace vetchart::central
