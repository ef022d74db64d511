#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/base/rng.h"

namespace vetchart {

/// SHA-256.
using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view bytes);
/// SHA-256 of the previous link followed by `bytes`: the chain digest of a node's transactions.
[[nodiscard]] Digest chain_digest(const Digest& previous, std::string_view bytes);
[[nodiscard]] std::string to_hex(const Digest& digest);
[[nodiscard]] std::optional<Digest> digest_from_hex(std::string_view text);
/// URL-safe base64 without padding of `size` random bytes: secrets and tokens.
[[nodiscard]] std::string random_token(Rng& rng, std::size_t size);

}  // namespace vetchart
