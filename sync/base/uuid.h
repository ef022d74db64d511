#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sync/base/rng.h"
#include "sync/base/time.h"

namespace vetchart {

/// 16 bytes; the text form is lower-case 8-4-4-4-12, in SQLite, JSON and logs alike.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
};

[[nodiscard]] std::string to_string(const Uuid& id);

/// Accepts only the canonical lower-case text form.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

/// RFC 9562 version 7: the first 48 bits are `now`, so ids sort by creation. `random` gives the other bits.
[[nodiscard]] Uuid make_uuid_v7(UtcMillis now, std::span<const std::uint8_t, 10> random);

[[nodiscard]] Uuid random_uuid_v4(Rng& rng);
/// Makes a make_uuid_v7 with random bits, as text.
[[nodiscard]] std::string new_row_id(Rng& rng, UtcMillis now);

}  // namespace vetchart
