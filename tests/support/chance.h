#pragma once

#include <cstdint>

#include "sync/base/rng.h"

namespace vetchart::test {

/// The chance of a test: seeded anew at the beginning of each test case, by the run's seed and the case's name, so that
/// a case draws the same alone and among others. VETCHART_SEED gives the run's; a case that fails prints it.
/// Thread-safe.
[[nodiscard]] Rng& chance();

/// VETCHART_SEED, or one drawn for this run. A random test begins with it.
[[nodiscard]] std::uint64_t seed_of_run();
/// True when VETCHART_SEED names it: what goes through several seeds then runs that one alone.
[[nodiscard]] bool is_replay();

}  // namespace vetchart::test
