#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sync/base/time.h"
#include "sync/base/uuid.h"

namespace vetchart::central {

/// Chance that is the same on every platform and for ever: SplitMix64 and integer arithmetic. The distributions of
/// <random> differ between libraries. Not for secrets. Not thread-safe.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next();
    /// 0 .. bound - 1. Precondition: bound > 0.
    std::int64_t below(std::int64_t bound);
    /// least .. most, both included.
    std::int64_t between(std::int64_t least, std::int64_t most);
    bool per_mille(std::int64_t chance) { return below(1000) < chance; }
    bool per_million(std::int64_t chance) { return below(1000000) < chance; }
    /// -most .. most, small ones more often (the sum of two dice).
    std::int64_t around_zero(std::int64_t most);
    /// The index of a weight, drawn in proportion. Precondition: none is negative, one is positive.
    std::size_t weighted(std::span<const int> weights);
    template <class Container>
    const auto& one_of(const Container& values) {
        return values[static_cast<std::size_t>(below(static_cast<std::int64_t>(values.size())))];
    }
    /// A UUIDv7 of that moment.
    Uuid row_id(UtcMillis at);

    /// A stream of its own for `purpose` and `number`: drawing more from one never moves another.
    [[nodiscard]] Random fork(std::string_view purpose, std::uint64_t number = 0) const;

private:
    std::uint64_t state_;
};

}  // namespace vetchart::central
