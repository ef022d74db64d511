#include <catch2/catch.hpp>

#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"

namespace vetchart::e2e {
namespace {

/// Opens an item about the phone of an owner: "222" lost against "111".
std::string conflict_about(Cluster& cluster, const std::string& owner) {
    return cluster.sql(
        "WITH item AS (INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, column_name, code, title, "
        "reason, "
        "mine, theirs, at, node_id, actions) SELECT gen_random_uuid(), o.clinic_id, 'conflict', 'owner', o.id, "
        "'phone', "
        "'changed_elsewhere', 'Title', 'Reason', '\"222\"', '\"111\"', clock_instant(), n.id, "
        "'[\"keep\", \"useMine\", \"setValue\"]' FROM owner o, sync_node n WHERE o.id = '" +
        owner + "' LIMIT 1 RETURNING id) SELECT id FROM item");
}

Json only(const Json& list) {
    REQUIRE(list.size() == 1);
    return list[0];
}

}  // namespace

TEST_CASE("e2e: an item is decided on a node's API and undone by central's command line", "[e2e][decisions]") {
    Cluster cluster;
    Node& front = cluster.add_node("front", "NORTH");
    Node& back = cluster.add_node("back", "NORTH");
    const std::string owner =
        front.create("/api/owners", {{"firstName", "Ada"}, {"lastName", "Test"}, {"phone", "111"}, {"address", ""}});
    REQUIRE(cluster.settle({&front, &back}));
    const std::string id = conflict_about(cluster, owner);
    REQUIRE(cluster.settle({&front, &back}));

    const Reply decided = back.post("/api/attention/" + id, {{"action", "useMine"}});
    REQUIRE(decided.status == 200);
    CHECK(decided.json()["decision"]["action"] == "useMine");
    REQUIRE(cluster.settle({&front, &back}));
    CHECK(front.get("/api/owners/" + owner).json()["phone"] == "222");
    CHECK(front.get("/api/attention").json().empty());
    CHECK(only(front.get("/api/attention?status=resolved").json())["decision"]["state"] == "done");

    CHECK(Json::parse(cluster.central("conflicts list --json")).empty());
    const Json listed = only(Json::parse(cluster.central("conflicts list --status resolved --clinic NORTH --json")));
    CHECK(listed["id"] == id);
    CHECK(listed["actions"] == Json{"keep"});
    CHECK(Json::parse(cluster.central("conflicts show " + id))["mine"] == "222");
    CHECK_THROWS_WITH(cluster.central("conflicts resolve " + id + " retry"), Catch::Contains("not among the actions"));
    CHECK_THROWS_WITH(cluster.central("quarantine retry " + id), Catch::Contains("no such item"));
    const Json undone = Json::parse(cluster.central("conflicts resolve " + id + " keep --json"));
    CHECK(undone["action"] == "keep");
    CHECK(undone["decidedBy"].get<std::string>().starts_with("os:"));
    cluster.central("conflicts resolve " + id + " setValue --value '\"333\"'");
    REQUIRE(cluster.settle({&front, &back}));
    CHECK(back.get("/api/owners/" + owner).json()["phone"] == "333");
    cluster.require_same_rows({&front, &back}, "NORTH");
}

}  // namespace vetchart::e2e
