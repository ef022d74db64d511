#pragma once

#include <cstdint>
#include <span>

namespace vetchart {

/// Chance, handed in like the clock: ids, tokens, salts and jitter are drawn from it. A program's is the kernel's, made
/// by its main(); a test's and a simulator's is seeded.
class Rng {
public:
    Rng() = default;
    virtual ~Rng() = default;
    Rng(const Rng&) = delete;
    Rng& operator=(const Rng&) = delete;

    /// Thread-safe, where its maker does not say otherwise. Never fails.
    virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

[[nodiscard]] std::uint64_t draw_word(Rng& rng);
/// Evenly from 0 to `bound` - 1. Precondition: bound > 0.
[[nodiscard]] std::uint32_t draw_below(Rng& rng, std::uint32_t bound);

/// The same bytes for the same seed on every machine: for tests, simulators and jitter, never for secrets. Not
/// thread-safe. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014), SplitMix64.
class SeededRng final : public Rng {
public:
    explicit SeededRng(std::uint64_t seed) : state_(seed) {}
    void seed(std::uint64_t seed) { state_ = seed; }
    void fill(std::span<std::uint8_t> bytes) override;

private:
    std::uint64_t state_;
};

}  // namespace vetchart
