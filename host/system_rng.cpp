#include "host/system_rng.h"

#include <sodium.h>

namespace vetchart::host {

void SystemRng::fill(std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

}  // namespace vetchart::host
