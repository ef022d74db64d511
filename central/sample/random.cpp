#include "central/sample/random.h"

#include <numeric>

#include "sync/base/result.h"

namespace vetchart::central {
namespace {

std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

}  // namespace

std::uint64_t Random::next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    return mixed(state_);
}

std::int64_t Random::below(std::int64_t bound) {
    VC_ASSERT(bound > 0);
    return static_cast<std::int64_t>((next() >> 1) % static_cast<std::uint64_t>(bound));
}

std::int64_t Random::between(std::int64_t least, std::int64_t most) { return least + below(most - least + 1); }

std::int64_t Random::around_zero(std::int64_t most) { return below(most + 1) - below(most + 1); }

std::size_t Random::weighted(std::span<const int> weights) {
    std::int64_t left = below(std::accumulate(weights.begin(), weights.end(), std::int64_t{0}));
    std::size_t at = 0;
    while (left >= weights[at]) left -= weights[at++];
    return at;
}

Uuid Random::row_id(UtcMillis at) {
    std::array<std::uint8_t, 10> bytes{};
    std::uint64_t bits = next();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 8) bits = next();
        bytes[i] = static_cast<std::uint8_t>(bits);
        bits >>= 8;
    }
    return make_uuid_v7(at, bytes);
}

Random Random::fork(std::string_view purpose, std::uint64_t number) const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
    for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return Random(mixed(state_ ^ mixed(hash + number * 0x9e3779b97f4a7c15ULL)));
}

}  // namespace vetchart::central
