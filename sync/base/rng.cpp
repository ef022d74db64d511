#include "sync/base/rng.h"

#include <array>
#include <limits>

#include "sync/base/result.h"

namespace vetchart {

std::uint64_t draw_word(Rng& rng) {
    std::array<std::uint8_t, 8> bytes{};
    rng.fill(bytes);
    std::uint64_t word = 0;
    for (const std::uint8_t byte : bytes) word = word << 8U | byte;
    return word;
}

std::uint32_t draw_below(Rng& rng, std::uint32_t bound) {
    VC_ASSERT(bound > 0);
    // Words beyond the last whole multiple of `bound` would favour the small numbers.
    const std::uint64_t beyond = std::numeric_limits<std::uint64_t>::max() / bound * bound;
    std::uint64_t word = draw_word(rng);
    while (word >= beyond) word = draw_word(rng);
    return static_cast<std::uint32_t>(word % bound);
}

void SeededRng::fill(std::span<std::uint8_t> bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i % 8 == 0) {
            state_ += 0x9e3779b97f4a7c15U;
            word = state_;
            word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
            word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
            word ^= word >> 31U;
        }
        bytes[i] = static_cast<std::uint8_t>(word >> (56 - 8 * (i % 8)));
    }
}

}  // namespace vetchart
