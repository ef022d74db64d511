#include <catch2/catch.hpp>

#include "sync/base/uuid.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"
#include "tests/e2e/wire_node.h"
#include "tests/support/chance.h"

using namespace vetchart;
using namespace vetchart::e2e;

namespace {

Json staff_columns(const std::string& id, const std::string& clinic_id, const std::string& name) {
    constexpr const char* kAt = "2026-11-22T08:30:00.123Z";
    return {{"id", id},
            {"clinic_id", clinic_id},
            {"email", name + "@north.example"},
            {"username", name},
            {"first_name", "Mal"},
            {"last_name", "Lory"},
            {"password_hash", "hash of " + name},
            {"roles", R"(["admin"])"},
            {"active", 1},
            {"created_at", kAt},
            {"updated_at", kAt}};
}

}  // namespace

TEST_CASE("e2e: a forged push makes no administrator, and in an administrator's name it is told to the clinic",
          "[e2e][rights]") {
    Cluster cluster;
    WireNode rogue(cluster, "NORTH");
    const auto clinic = rogue.clinic_id();
    const auto by_name = [&cluster](const std::string& email) {
        return cluster.sql("SELECT id FROM staff WHERE email = '" + email + "'");
    };
    const auto make = [&](const std::string& name) {
        const auto id = to_string(random_uuid_v4(test::chance()));
        const auto forged = rogue.next("staff", id, clinic, staff_columns(id, clinic, name));
        const auto reply = rogue.push({forged});
        INFO(reply.body);
        REQUIRE(reply.status == 200);
        rogue.accept(forged);
        return reply.json().at("results").at(0);
    };
    CHECK(make("nobody").at("code") == "admin_needed");
    for (const std::string& name : {std::string("central"), std::string("admin@north.example"),
                                    by_name("staff@north.example"), by_name("admin@south.example")}) {
        CAPTURE(name);
        rogue.sign_as(name);
        CHECK(make("in" + std::to_string(name.size())).at("code") == "admin_needed");
    }
    CHECK(cluster.sql("SELECT count(*) FROM staff WHERE first_name = 'Mal'") == "0");

    rogue.sign_as(by_name("admin@north.example"));
    CHECK(make("mal").at("outcome") == "applied");
    CHECK(cluster.sql("SELECT actor || ' ' || action || ' ' || (detail ->> 'node') FROM audit_log "
                      "WHERE action LIKE 'sync %'") == "staff:admin@north.example sync staff_added by hand");
    Node& desk = cluster.add_node("desk", "NORTH");
    REQUIRE(cluster.settle({&desk}));
    desk.log_in("admin@north.example");
    const auto list = desk.get("/api/attention");
    REQUIRE(list.status == 200);
    CHECK(list.body.find("hash of") == std::string::npos);
    int told = 0;
    for (const auto& item : list.json())
        told += item.at("code") == "staff_added" && item.at("node") == "by hand" ? 1 : 0;
    CHECK(told == 1);
}
