#pragma once

#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// Measures a round trip to the database, in milliseconds with three decimals. Blocking. Errors: busy (the pool is
/// exhausted), unavailable.
[[nodiscard]] Result<double> ping(Pool& pool);

}  // namespace vetchart::central
