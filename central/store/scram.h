#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/rng.h"

namespace vetchart::central {

/// The verifier that PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803, a new salt each time), so that the
/// password itself is in no statement and no log of the server. `password` is printable ASCII: what SASLprep leaves
/// alone.
[[nodiscard]] std::string scram_verifier(Rng& rng, std::string_view password);

using ScramSalt = std::array<std::uint8_t, 16>;
/// Makes the same with the caller's salt, for tests.
[[nodiscard]] std::string scram_verifier(std::string_view password, const ScramSalt& salt);

}  // namespace vetchart::central
