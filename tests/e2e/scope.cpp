#include <catch2/catch.hpp>

#include "sync/base/uuid.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"
#include "tests/e2e/wire_node.h"
#include "tests/support/chance.h"

namespace vetchart::e2e {
namespace {

std::string new_id() { return to_string(random_uuid_v4(test::chance())); }

/// Everything that a refused request must leave as it was.
std::string state_of(Cluster& cluster) {
    return cluster.sql(
        "SELECT (SELECT count(*) FROM owner), (SELECT count(*) FROM patient), (SELECT count(*) FROM "
        "sync_transaction), (SELECT count(*) FROM sync_journal), (SELECT count(*) FROM sync_item), "
        "(SELECT sum(version) FROM sync_counter), (SELECT sum(last_seq) FROM sync_incarnation)");
}

}  // namespace

TEST_CASE("e2e: a node neither sees nor writes another clinic", "[e2e][scope]") {
    Cluster cluster;
    WireNode north(cluster, "NORTH");
    const auto south_id = cluster.clinic_id("SOUTH");
    const auto before = state_of(cluster);

    const auto foreign = new_id();
    const auto pushed = north.push({north.next("owner", foreign, south_id, owner_columns(foreign, south_id, "x"))});
    CHECK(pushed.status == 403);
    CHECK(pushed.code() == "clinic_forbidden");
    // The head says its own clinic, the row says the other one.
    const auto hidden =
        north.push({north.next("owner", foreign, north.clinic_id(), owner_columns(foreign, south_id, "x"))});
    CHECK(hidden.status == 400);
    CHECK(hidden.code() == "malformed");
    const auto pulled = north.post(
        "/sync/v1/pull", Json{{"clinic", south_id}, {"position", nullptr}, {"after", nullptr}, {"limit", 100}}.dump());
    CHECK(pulled.status == 403);
    CHECK(pulled.code() == "clinic_forbidden");
    CHECK(state_of(cluster) == before);

    // A real node of SOUTH shows nothing of NORTH, neither in a list nor by id.
    const auto mine = new_id();
    const auto transaction =
        north.next("owner", mine, north.clinic_id(), owner_columns(mine, north.clinic_id(), "mine"));
    REQUIRE(north.push({transaction}).status == 200);
    Node& south = cluster.add_node("south", "SOUTH");
    REQUIRE(cluster.settle({&south}));
    CHECK(south.get("/api/owners").json().empty());
    CHECK(south.get("/api/owners/" + mine).status == 404);
    CHECK(south.put("/api/owners/" + mine, {{"phone", "1"}}).status == 404);
    CHECK(south.post("/api/patients", sample_patient(mine, "Stray")).status >= 400);
}

TEST_CASE("e2e: a revoked node is refused and goes on working locally", "[e2e][scope]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    const auto kept = node.create("/api/owners", sample_owner("before"));
    REQUIRE(cluster.settle({&node}));
    cluster.central("node revoke " + cluster.sql("SELECT id FROM sync_node"));

    const auto owner = node.create("/api/owners", sample_owner("after"));
    REQUIRE(eventually([&] { return node.status().at("lastError").is_string(); }));
    CHECK(node.get("/api/owners/" + kept).status == 200);
    const auto refused = node.post("/api/sync/now", Json::object());
    CHECK(refused.status == 503);
    CHECK(refused.code() == "central_refused");
    CHECK(eventually([&] { return node.get("/api/owners/" + owner).json().at("syncState") == "local"; }));
    CHECK(node.status().at("pendingTransactions") == 1);
    CHECK(cluster.sql("SELECT count(*) FROM owner") == "1");
    // Also after it was started again.
    REQUIRE(node.stop() == 0);
    node.start();
    CHECK(node.get("/api/owners/" + owner).status == 200);
    (void)node.create("/api/owners", sample_owner("later"));
    CHECK(cluster.sql("SELECT count(*) FROM owner") == "1");
}

TEST_CASE("e2e: central refuses nodes it does not know or has revoked", "[e2e][scope]") {
    Cluster cluster;
    WireNode node(cluster, "NORTH");
    const auto before = state_of(cluster);
    const auto wait = Json{{"clinics", {{node.clinic_id(), 0}}}, {"timeoutMs", 1}}.dump();
    const auto wrong_secret = "Node " + node.id() + ".wrong";
    for (const std::string& bad :
         {std::string(), std::string("Node"), std::string("Node x.y"), std::string("Bearer abc"), wrong_secret}) {
        CAPTURE(bad);
        const auto reply = node.post("/sync/v1/push", "{}", {{"Authorization", bad}});
        CHECK(reply.status == 401);
        CHECK(reply.code() == "node_unknown");
    }
    CHECK(node.post("/sync/v1/wait", wait).status == 200);
    cluster.central("node revoke " + node.id());
    const auto refused = node.post("/sync/v1/wait", wait);
    CHECK(refused.status == 403);
    CHECK(refused.code() == "node_revoked");
    CHECK(state_of(cluster) == before);
}

TEST_CASE("e2e: an enrolment token works once", "[e2e][scope]") {
    Cluster cluster;
    const auto token = cluster.invite("NORTH");
    const test::TempDir folder;
    const auto enroll = [&](const std::string& name) {
        cluster.edge("enroll --data " + (folder / name).string() + " --token " + token + " --ca " + cluster.ca());
    };
    CHECK_NOTHROW(enroll("one"));
    CHECK_THROWS(enroll("two"));
    CHECK(cluster.sql("SELECT count(*) FROM sync_node") == "1");
}

TEST_CASE("e2e: a push that breaks the protocol gets its documented error and changes nothing", "[e2e][push]") {
    Cluster cluster;
    WireNode node(cluster, "NORTH");
    const auto clinic = node.clinic_id();
    const auto first_id = new_id();
    const auto first = node.next("owner", first_id, clinic, owner_columns(first_id, clinic, "first"));
    const auto answer = node.push({first});
    REQUIRE(answer.status == 200);
    CHECK(answer.json().at("results").at(0).at("outcome") == "applied");
    const auto before = state_of(cluster);

    const auto repeat = node.push({first});
    CHECK(repeat.status == 200);
    CHECK(repeat.json().at("results") == answer.json().at("results"));

    auto fork = node.next("owner", first_id, clinic, owner_columns(first_id, clinic, "other"));
    const auto forked = node.push({fork});
    CHECK(forked.status == 409);
    CHECK(forked.code() == "fork");
    CHECK(forked.json().at("lastCommon") == 0);

    node.accept(first);
    const auto second_id = new_id();
    const auto second = node.next("owner", second_id, clinic, owner_columns(second_id, clinic, "second"));
    node.accept(second);
    const auto third_id = new_id();
    auto third = node.next("owner", third_id, clinic, owner_columns(third_id, clinic, "third"));
    const auto gap = node.push({third});
    CHECK(gap.status == 409);
    CHECK(gap.code() == "gap");
    CHECK(gap.json().at("lastSeq") == 1);

    third.digest[0] ^= 1;
    const auto wrong = node.push({second, third});
    CHECK(wrong.status == 422);
    CHECK(wrong.code() == "digest_wrong");
    CHECK(state_of(cluster) == before);
}

TEST_CASE("e2e: an unknown table or column in a push is refused by name", "[e2e][push]") {
    Cluster cluster;
    WireNode node(cluster, "NORTH");
    const auto clinic = node.clinic_id();
    const auto id = new_id();
    const auto before = state_of(cluster);
    for (const char* table : {"sync_node", "hq_user", "owner; DROP TABLE owner", "Owner", ""}) {
        CAPTURE(table);
        const auto by_table = node.push({node.next(table, id, clinic, owner_columns(id, clinic, "x"))});
        CHECK(by_table.status == 422);
        CHECK(by_table.code() == "unknown_table");
    }
    auto columns = owner_columns(id, clinic, "x");
    columns["version; --"] = 1;
    const auto by_column = node.push({node.next("owner", id, clinic, columns)});
    CHECK(by_column.status == 422);
    CHECK(by_column.code() == "unknown_column");
    CHECK(state_of(cluster) == before);
}

TEST_CASE("e2e: a transaction the data rules refuse is held whole and the rest flows", "[e2e][push]") {
    Cluster cluster;
    WireNode node(cluster, "NORTH");
    const auto clinic = node.clinic_id();
    const auto owner = new_id();
    const auto good = node.next("owner", owner, clinic, owner_columns(owner, clinic, "good"));
    node.accept(good);
    const auto patient = new_id();
    auto columns = patient_columns(patient, clinic, owner);
    columns["age"] = -1;
    const auto bad = node.next("patient", patient, clinic, columns);
    node.accept(bad);
    const auto other = new_id();
    const auto after = node.next("patient", other, clinic, patient_columns(other, clinic, owner));
    const auto reply = node.push({good, bad, after});
    REQUIRE(reply.status == 200);
    const auto results = reply.json().at("results");
    CHECK(results.at(0).at("outcome") == "applied");
    CHECK(results.at(1).at("outcome") == "held");
    CHECK(results.at(1).at("reason").is_string());
    CHECK(results.at(2).at("outcome") == "applied");
    CHECK(cluster.sql("SELECT string_agg(id::text, ',') FROM patient") == other);
    CHECK(cluster.sql("SELECT count(*) FROM sync_quarantine") == "1");
    CHECK(cluster.sql("SELECT changes IS NOT NULL FROM sync_item") == "t");
}

}  // namespace vetchart::e2e
