#pragma once

#include "sync/base/rng.h"

namespace vetchart::test {

/// The chance of a test: seeded anew at the beginning of each test case, by the run's seed and the case's name, so that
/// a case draws the same alone and among others. VETCHART_SEED gives the run's; a case that fails prints it.
/// Thread-safe.
[[nodiscard]] Rng& chance();

}  // namespace vetchart::test
