#pragma once

#include "sync/base/rng.h"

namespace vetchart::host {

/// The kernel's chance, as libsodium takes it: what both programs draw from. Thread-safe.
class SystemRng final : public Rng {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace vetchart::host
