// Parts of a transaction over the batch bound: what a node can make central keep.
#include <catch2/catch.hpp>

#include "central/intake/push_parts.h"
#include "central/store/housekeeping.h"
#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

struct Parts {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    NodeWorld node{central, "NORTH", "front desk"};
    std::vector<sync::PushRequest> parts;

    Parts() {
        std::string sql;
        for (int i = 0; i < 40; ++i) sql += owner_sql(clinic, new_id(), "N" + std::to_string(i));
        REQUIRE(node.write(sql).ok());
        parts = sync::split_parts(node.next_push(), 4000);
        REQUIRE(parts.size() >= 4);
    }
    std::string send(sync::PushRequest part) {
        const auto outcome = node.deliver(part);
        if (outcome.is_refused()) return std::to_string(outcome.refusal().status) + " " + outcome.refusal().code;
        return outcome.reply().staged ? "staged" : "taken";
    }
    std::string staged() { return central.psql("SELECT count(*), count(DISTINCT first_seq) FROM sync_stage"); }
};

}  // namespace

TEST_CASE("exchange parts: a gap, another count and another content send the node back to the first part",
          "[exchange][parts]") {
    Parts world;
    REQUIRE(world.send(world.parts[1]) == "409 gap");
    REQUIRE(world.send(world.parts[0]) == "staged");
    REQUIRE(world.send(world.parts[2]) == "409 gap");
    auto recounted = world.parts[1];
    recounted.part->count += 1;
    REQUIRE(world.send(recounted) == "409 gap");
    REQUIRE(world.send(world.parts[1]) == "staged");
    // An answer that was lost: the same part is the same part.
    REQUIRE(world.send(world.parts[1]) == "staged");
    auto changed = world.parts[1];
    changed.transactions[0].changes[0].new_values["first_name"] = "Mallory";
    REQUIRE(world.send(changed) == "409 gap");
    auto last = world.parts.back();
    REQUIRE(world.send(last) == "409 gap");
    REQUIRE(world.staged() == "2|1");
    REQUIRE(world.central.psql("SELECT count(*) FROM owner") == "0");
    for (std::size_t i = 0; i + 1 < world.parts.size(); ++i) REQUIRE(world.send(world.parts[i]) == "staged");
    REQUIRE(world.send(world.parts.back()) == "taken");
    REQUIRE(world.staged() == "0|0");
    REQUIRE(world.central.psql("SELECT count(*) FROM owner") == "40");
}

TEST_CASE("exchange parts: a node has one transaction staged at a time, of a bounded number and size",
          "[exchange][parts]") {
    Parts world;
    REQUIRE(world.send(world.parts[0]) == "staged");
    // Another life, any place: it takes the place of the first.
    auto other = world.parts[0];
    other.incarnation = new_id();
    other.transactions[0].last_seq += 1000;
    REQUIRE(world.send(other) == "staged");
    for (sync::Change& change : other.transactions[0].changes) change.seq += 100;
    other.transactions[0].first_seq += 100;
    REQUIRE(world.send(other) == "staged");
    REQUIRE(world.staged() == "1|1");
    auto many = world.parts[0];
    many.part->count = central::kStagePartsMax + 1;
    REQUIRE(world.send(many) == "413 transaction_too_large");
    REQUIRE(world.send(world.parts[0]) == "staged");
    world.central.psql("UPDATE sync_stage SET bytes = " + std::to_string(central::kStageBytesMax - 100));
    REQUIRE(world.send(world.parts[1]) == "413 transaction_too_large");
    // What others have staged fills the whole.
    world.central.psql(
        "UPDATE sync_stage SET bytes = 0; INSERT INTO sync_stage (incarnation_id, first_seq, part, "
        "part_count, changes, bytes) SELECT i.id, 7, 0, 2, '[]', " +
        std::to_string(central::kStageAllBytesMax - 100) +
        " FROM sync_incarnation i JOIN sync_node n ON n.id = i.node_id ORDER BY i.id LIMIT 1");
    REQUIRE(world.send(world.parts[1]) == "503 stage_full");
    // A part that does not follow what was taken is no beginning either.
    world.central.psql("DELETE FROM sync_stage");
    for (std::size_t i = 0; i + 1 < world.parts.size(); ++i) REQUIRE(world.send(world.parts[i]) == "staged");
    REQUIRE(world.send(world.parts.back()) == "taken");
    auto ahead = world.parts[0];
    ahead.transactions[0].first_seq += 100;
    ahead.transactions[0].last_seq += 100;
    for (sync::Change& change : ahead.transactions[0].changes) change.seq += 100;
    REQUIRE(world.send(ahead) == "409 gap");
}

TEST_CASE("exchange parts: what nobody goes on with is swept", "[exchange][parts]") {
    Parts world;
    REQUIRE(world.send(world.parts[0]) == "staged");
    REQUIRE(world.send(world.parts[1]) == "staged");
    world.central.psql("UPDATE sync_stage SET staged_at = staged_at - interval '8 days' WHERE part = 0");
    REQUIRE(central::sweep_stage(world.central.pool()).value() == 0);
    world.central.psql("UPDATE sync_stage SET staged_at = staged_at - interval '8 days'");
    REQUIRE(central::sweep_stage(world.central.pool()).value() == 2);
    // The node hears of it as of a lost part, and sends all of it again.
    REQUIRE(world.send(world.parts[2]) == "409 gap");
    REQUIRE(world.send(world.parts[0]) == "staged");
    world.central.psql("UPDATE sync_node SET state = 'revoked'");
    REQUIRE(central::sweep_stage(world.central.pool()).value() == 1);
}
