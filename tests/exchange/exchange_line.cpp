// Lines that are cut in the middle of a call: what arrived is kept at either end, and nothing is lost or done twice.
#include <catch2/catch.hpp>
#include <random>

#include "sync/wire/gzip.h"
#include "tests/exchange/world.h"
#include "tests/support/chance.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

constexpr int kCallsMax = 1000;

struct Lines {
    explicit Lines(std::uint64_t seed) : random(seed) {}

    /// Owners whose notes do not shrink.
    std::string owners(int count) {
        std::string sql;
        for (int i = 0; i < count; ++i) {
            std::string notes;
            for (int word = 0; word < 40; ++word) notes += std::to_string(random());
            const std::string id = new_id();
            sql += owner_sql(clinic, id, "N" + std::to_string(i)) + "UPDATE owner SET notes = '" + notes +
                   "' WHERE id = '" + id + "';";
        }
        return sql;
    }
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); }

    std::mt19937_64 random;
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};
};

/// Repeats a step that fails by the line alone; how often it was tried.
template <class Step>
int insist(NodeWorld& node, const Step& step) {
    for (int tries = 1; tries < kCallsMax; ++tries) {
        const auto done = step();
        if (done) return tries;
        INFO(done.error().context);
        REQUIRE(done.error().slug == "line_cut");
        REQUIRE(node.exchange().was_cut());
    }
    FAIL("the line lets nothing through");
    return 0;
}

}  // namespace

TEST_CASE("exchange line: what arrived before a cut is not sent again, in either direction", "[exchange][line]") {
    const std::uint64_t seed = seed_of_run();
    INFO("VETCHART_SEED=" << seed);
    Lines world(seed);
    REQUIRE(world.a.write(world.owners(200)).ok());
    const std::size_t size = sync::gzip(sync::to_json(world.a.next_push())).size();
    REQUIRE(world.a.store().log.not_sent().ok());
    constexpr std::size_t kPiece = 20'000;
    constexpr std::size_t kOfEachCall = 500;  ///< Questions how much is there, and their answers.
    const auto cut = [](const edge::LineRequest&) { return Line::Fate{kPiece, kPiece}; };
    world.a.line().fate = cut;
    world.a.line().bytes = 0;
    const int pushes = insist(world.a, [&] { return world.a.exchange().push(); });
    REQUIRE(pushes > 3);
    // It goes in parts, which are compressed one by one.
    REQUIRE(world.a.line().bytes < size * 11 / 10 + static_cast<std::size_t>(pushes) * kOfEachCall);
    REQUIRE(world.central.psql("SELECT count(*) FROM owner") == "200");

    NodeWorld open{world.central, "NORTH", "open line"};
    world.b.line().bytes = 0;
    world.b.line().fate = cut;
    int pulls = 0;
    for (bool more = true; more;) {
        pulls += insist(world.b, [&] {
            const auto pulled = world.b.exchange().pull(world.clinic);
            if (pulled) more = *pulled;
            return pulled;
        });
    }
    REQUIRE(pulls > 3);
    REQUIRE(world.b.line().bytes < open.line().bytes + static_cast<std::size_t>(pulls) * kOfEachCall);
    REQUIRE(world.b.read("SELECT count(*) FROM owner") == "200");
}

TEST_CASE("exchange line: whatever a line does to single calls, both nodes and central end with the same rows",
          "[exchange][line]") {
    const std::uint64_t seed = seed_of_run();
    INFO("VETCHART_SEED=" << seed);
    Lines world(seed);
    const auto fate = [&world](const edge::LineRequest&) {
        Line::Fate fated;
        switch (world.below(5)) {
            case 0: fated.request_bytes = world.below(8'000); break;
            case 1: fated.answer_bytes = 1 + world.below(8'000); break;
            case 2: fated.answer_bytes = 0; break;
            default: break;
        }
        return fated;
    };
    for (NodeWorld* node : {&world.a, &world.b}) node->line().fate = fate;
    for (int day = 0; day < 12; ++day) {
        NodeWorld& node = world.below(2) == 0 ? world.a : world.b;
        REQUIRE(node.write(world.owners(static_cast<int>(1 + world.below(30)))).ok());
        insist(node, [&] { return node.exchange().push(); });
        if (world.below(2) == 0) insist(node, [&] { return node.exchange().pull(world.clinic); });
    }
    for (NodeWorld* node : {&world.a, &world.b, &world.a}) {
        node->line().fate = nullptr;
        node->sync();
    }
    REQUIRE(picture_of(world.a) == picture_of(world.central, world.clinic));
    REQUIRE(picture_of(world.b) == picture_of(world.central, world.clinic));
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_item") == "0");
    REQUIRE(world.a.read("SELECT count(*) FROM sync_txn WHERE state <> 'settled'") == "0");
}
