#include <catch2/catch.hpp>

#include "sync/engine/piece_size.h"

using namespace vetchart::sync;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMost = 4U << 20U;

/// How many pieces get through until the size no longer grows.
int pieces_to_grow(PieceSize& size) {
    int pieces = 0;
    for (std::size_t before = 0; before != size.bytes() && pieces < 1000; ++pieces) {
        before = size.bytes();
        size.arrived(10ms);
    }
    return pieces;
}

}  // namespace

TEST_CASE("piece size: on a good line the largest piece is reached within ten", "[sync][engine]") {
    PieceSize size(kMost);
    REQUIRE(pieces_to_grow(size) <= 10);
    REQUIRE(size.bytes() == kMost);
}

TEST_CASE("piece size: cut again and again with nothing kept it halves, down to a single row", "[sync][engine]") {
    PieceSize size(kMost);
    for (int i = 0; i < PieceSize::kCutsForgiven; ++i) size.cut(10ms, false);
    REQUIRE(size.bytes() == PieceSize::kFirst);
    for (int i = 0; i < 40; ++i) {
        const std::size_t before = size.bytes();
        size.cut(10ms, false);
        REQUIRE(size.bytes() <= std::max(before / 2, PieceSize::kLeast));
    }
    REQUIRE(size.bytes() == PieceSize::kLeast);
}

TEST_CASE("piece size: what was cut is approached again step by step, never jumped over", "[sync][engine]") {
    PieceSize size(kMost);
    pieces_to_grow(size);
    for (int i = 0; i < PieceSize::kCutsForgiven + 6; ++i) size.cut(10ms, false);
    const std::size_t small = size.bytes();
    size.arrived(10ms);
    REQUIRE(size.bytes() > small);
    REQUIRE(size.bytes() < small * 2);
    pieces_to_grow(size);
    REQUIRE(size.bytes() == kMost);
}

TEST_CASE("piece size: a piece that goes on where it was cut stays as it is, and its time counts whole",
          "[sync][engine]") {
    PieceSize size(kMost);
    for (int i = 0; i < 5; ++i) size.cut(PieceSize::kLongest / 4, true);
    REQUIRE(size.bytes() == PieceSize::kFirst);
    size.arrived(10ms);
    REQUIRE(size.bytes() == PieceSize::kFirst);
    size.arrived(10ms);
    REQUIRE(size.bytes() == 2 * PieceSize::kFirst);
}

TEST_CASE("piece size: a piece that took long is followed by none that is larger", "[sync][engine]") {
    PieceSize size(kMost);
    size.arrived(PieceSize::kLongest + 1ms);
    REQUIRE(size.bytes() == PieceSize::kFirst);
}
