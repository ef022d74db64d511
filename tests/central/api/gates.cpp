// Who works and who waits: central's bounds of pushes in work and of what one node has at once.
#include <catch2/catch.hpp>
#include <vector>

#include "central/api/kept_bodies.h"
#include "central/api/pace.h"
#include "central/intake/node_slots.h"
#include "central/intake/push_gate.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kMebi = std::size_t{1} << 20;

}  // namespace

TEST_CASE("push gate: large pushes are bounded together and served in their order", "[central][gates]") {
    PushGate gate(64, 100 * kMebi);
    auto first = gate.enter({"a"}, 60 * kMebi);
    auto second = gate.enter({"b"}, 60 * kMebi);
    auto third = gate.enter({"c"}, 30 * kMebi);
    REQUIRE(first->granted());
    REQUIRE_FALSE(second->granted());
    // It would fit, but then the second might wait for ever.
    REQUIRE_FALSE(third->granted());
    int woken = 0;
    second->on_granted([&woken] { ++woken; });
    first.reset();
    CHECK(second->granted());
    CHECK(third->granted());
    CHECK(woken == 1);
}

TEST_CASE("push gate: a small push never waits behind large ones, nor a large one for a run of small ones",
          "[central][gates]") {
    PushGate gate(64, 100 * kMebi);
    auto large = gate.enter({"a"}, 100 * kMebi);
    auto waiting = gate.enter({"b"}, 100 * kMebi);
    REQUIRE_FALSE(waiting->granted());
    std::vector<std::unique_ptr<PushGate::Ticket>> small;
    for (int i = 0; i < 20; ++i) {
        small.push_back(gate.enter({"small " + std::to_string(i)}, 4 * kMebi));
    }
    for (int i = 0; i < 16; ++i) CHECK(small[static_cast<std::size_t>(i)]->granted());
    CHECK_FALSE(small[16]->granted());
    large.reset();
    CHECK(waiting->granted());
    small.erase(small.begin());
    CHECK(small[15]->granted());
}

TEST_CASE("push gate: one over the whole bound works alone", "[central][gates]") {
    PushGate gate(64, 100 * kMebi);
    auto huge = gate.enter({"a"}, 1000 * kMebi);
    CHECK(huge->granted());
    auto next = gate.enter({"b"}, 1000 * kMebi);
    CHECK_FALSE(next->granted());
    huge.reset();
    CHECK(next->granted());
}

TEST_CASE("push gate: who waits for its clinic keeps nobody from memory", "[central][gates]") {
    PushGate gate(64, 100 * kMebi);
    auto holder = gate.enter({"a"}, 10 * kMebi);
    auto same = gate.enter({"a"}, 100 * kMebi);
    auto other = gate.enter({"b"}, 90 * kMebi);
    CHECK_FALSE(same->granted());
    CHECK(other->granted());
    holder.reset();
    CHECK_FALSE(same->granted());
    other.reset();
    CHECK(same->granted());
}

TEST_CASE("node slots: each key has its own number, free again with the handle", "[central][gates]") {
    NodeSlots slots;
    auto first = slots.acquire("a", 2);
    auto second = slots.acquire("a", 2);
    REQUIRE(first);
    REQUIRE(second);
    CHECK_FALSE(slots.acquire("a", 2));
    CHECK(slots.acquire("b", 1));
    CHECK(slots.acquire("b", 1));
    second.reset();
    CHECK(slots.acquire("a", 2));
}

TEST_CASE("kept bodies: one of each node, all together bounded, the oldest goes", "[central][gates]") {
    KeptBodies kept(100);
    const auto now = std::chrono::steady_clock::now();
    kept.keep("n1", "a", std::string(40, 'a'), now);
    kept.keep("n1", "a", std::string(30, 'a'), now);
    CHECK(kept.size_of("n1", "a", now) == 40);
    CHECK(kept.first_of("n1", "a", 41, now).empty());
    CHECK(kept.first_of("n1", "a", 10, now) == std::string(10, 'a'));
    kept.keep("n1", "b", std::string(20, 'b'), now);
    CHECK(kept.size_of("n1", "a", now) == 0);
    kept.keep("n2", "c", std::string(60, 'c'), now);
    CHECK(kept.size_of("n1", "b", now) == 20);
    kept.keep("n3", "d", std::string(30, 'd'), now);
    CHECK(kept.size_of("n1", "b", now) == 0);
    CHECK(kept.size_of("n2", "c", now) == 60);
    kept.keep("n4", "e", std::string(101, 'e'), now);
    CHECK(kept.size_of("n4", "e", now) == 0);
    CHECK(kept.size_of("n2", "c", now + KeptBodies::kAgeMax + std::chrono::seconds(1)) == 0);
}

TEST_CASE("pace: what moves too little in a whole window does not hold, however much moved before",
          "[central][gates]") {
    using std::chrono::milliseconds;
    const LowestSpeed lowest{.bytes_per_second_min = 100, .window = milliseconds(1000)};
    Pace pace;
    const Pace::Time start{};
    pace.begin(0, start);
    CHECK(pace.holds(lowest, 1000000, start + milliseconds(10)));
    CHECK(pace.holds(lowest, 1000001, start + milliseconds(1000)));
    CHECK_FALSE(pace.holds(lowest, 1000002, start + milliseconds(1020)));
    Pace steady;
    steady.begin(0, start);
    for (unsigned i = 1; i < 100; ++i) CHECK(steady.holds(lowest, 60U * i, start + milliseconds(500U * i)));
}

}  // namespace vetchart::central
