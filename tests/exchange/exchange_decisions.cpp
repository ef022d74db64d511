#include <catch2/catch.hpp>

#include "central/attention/decisions.h"
#include "edge/store/log/attention.h"
#include "tests/exchange/desk.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

std::string change(const std::string& table, const std::string& row, const std::string& clinic, const std::string& op,
                   const std::string& old_values, const std::string& new_values, int seq = 1, int version = 0) {
    return R"({"clinicId":")" + clinic + R"(","id":")" + row + R"(","op":")" + op + R"(","seq":)" +
           std::to_string(seq) + R"(,"table":")" + table + R"(","version":)" + std::to_string(version) + R"(,"old":)" +
           old_values + R"(,"new":)" + new_values + "}";
}

}  // namespace

TEST_CASE("decisions: keep closes the item on every node, and changes nothing", "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.b, "keep", desk.bob).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "done");
    CHECK(desk.phone() == "111");
    CHECK(desk.item("status || action || actor_name(decided_by)") == "resolvedkeepBob Lee");
    for (NodeWorld* node : {&desk.a, &desk.b}) {
        CHECK(node->read("SELECT status || action || decided_by FROM sync_item") == "resolvedkeep" + desk.bob);
        CHECK(node->read("SELECT actions FROM sync_item") == R"(["useMine", "setValue"])");
        CHECK(node->read("SELECT outcome FROM item_decision") == "done");
    }
    CHECK(desk.central.psql("SELECT actor || ' ' || (detail ->> 'action') || ' ' || (detail ->> 'outcome') FROM "
                            "audit_log WHERE action = 'item decide'") == "staff:Bob@mail.example keep done");
}

TEST_CASE("decisions: useMine writes the version that lost, and keep undoes it", "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.a, "useMine", desk.bob).ok());
    desk.require_equal();
    CHECK(desk.phone() == "222");
    CHECK(desk.b.read("SELECT phone FROM owner") == "222");
    CHECK(desk.central.psql("SELECT actor FROM row_meta WHERE column_name = 'phone'") == desk.bob);
    CHECK(desk.item("actions") == R"(["keep"])");
    // The other node undoes it, without a line at first.
    REQUIRE(desk.decide(desk.b, "keep", desk.ann).ok());
    CHECK(desk.phone() == "222");
    desk.require_equal();
    CHECK(desk.outcomes() == "done done");
    CHECK(desk.phone() == "111");
    CHECK(desk.item("status || action || (decided_by = '" + desk.ann + "')::text") == "resolvedkeeptrue");
}

TEST_CASE("decisions: setValue writes a value of the person's own, and undoing puts back what stood",
          "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.b, "setValue", desk.bob, R"('"333"')").ok());
    desk.require_equal();
    CHECK(desk.phone() == "333");
    REQUIRE(desk.decide(desk.b, "keep", desk.bob).ok());
    desk.require_equal();
    CHECK(desk.phone() == "111");
    REQUIRE(desk.decide(desk.a, "setValue", desk.bob, R"('"' || char(55, 55) || '"')").ok());
    desk.require_equal();
    CHECK(desk.phone() == "77");
}

TEST_CASE("decisions: a value that the column cannot have is refused with a sentence, and the item stays open",
          "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.b, "setValue", desk.bob, "'7'").ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "refused");
    CHECK(desk.answer() == "Phone must be text.");
    CHECK(desk.item("status") == "open");
    CHECK(desk.b.read("SELECT outcome || answer FROM item_decision") == "refusedPhone must be text.");
}

TEST_CASE("decisions: of two people who decide the same item the first stands, and the second is told",
          "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.a, "keep", desk.ann).ok());
    REQUIRE(desk.decide(desk.b, "useMine", desk.bob).ok());
    desk.a.push();
    desk.require_equal();
    CHECK(desk.outcomes() == "done late");
    CHECK(desk.phone() == "111");
    CHECK(desk.answer().starts_with("Ann Lee decided it first, on 20"));
    CHECK(desk.answer().ends_with(" and kept what stood. Your decision changed nothing."));
    CHECK(desk.item("action") == "keep");
    // The one whose decision came to nothing sees the item once more; nobody else does.
    const auto listed = [&](NodeWorld& node, const std::string& who) {
        return sync::Json::parse(*edge::list_attention(node.database(), {{desk.clinic}, {}, false},
                                                       {edge::AttentionView::Status::open, {who}, {}, now()}));
    };
    CHECK(listed(desk.a, desk.ann).empty());
    const sync::Json told = listed(desk.b, desk.bob);
    REQUIRE(told.size() == 1);
    CHECK(told[0]["status"] == "resolved");
    CHECK(told[0]["decidedBy"] == "Ann Lee");
    CHECK(told[0]["decision"]["state"] == "late");
    CHECK(told[0]["decision"]["answer"] == desk.answer());
}

TEST_CASE("decisions: one made on an item that changed since is late", "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.b, "keep", desk.bob).ok());
    desk.central.psql("UPDATE sync_item SET reason = 'Another reason.'");
    desk.require_equal();
    CHECK(desk.outcomes() == "late");
    CHECK(desk.answer() == "The item has changed since you saw it. Look at it as it is now, and decide again.");
    REQUIRE(desk.decide(desk.b, "keep", desk.bob).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "late done");
}

TEST_CASE("decisions: a decision is never changed or deleted, in neither engine", "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.b, "keep", desk.bob).ok());
    for (const char* sql : {"UPDATE item_decision SET action = 'useMine'", "UPDATE item_decision SET outcome = 'done'",
                            "DELETE FROM item_decision"}) {
        INFO(sql);
        CHECK_FALSE(desk.b.write(sql, desk.bob).ok());
    }
    desk.require_equal();
    CHECK_THROWS(desk.central.psql("UPDATE item_decision SET action = 'useMine'"));
    CHECK_THROWS(desk.central.psql("UPDATE item_decision SET outcome = 'late'"));
    CHECK_THROWS(desk.central.psql("DELETE FROM item_decision"));
    CHECK(desk.outcomes() == "done");
}

TEST_CASE("decisions: one that a shell wrote is nobody's, and refused", "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    desk.b.shell("INSERT INTO item_decision (id, clinic_id, item_id, item_version, action, actor) SELECT '" + new_id() +
                 "', clinic_id, id, version, 'useMine', '" + desk.ann + "' FROM sync_item;");
    desk.require_equal();
    CHECK(desk.outcomes() == "refused");
    CHECK(desk.answer() == "It was decided without anybody being logged in. Decide it in the app.");
    CHECK(desk.phone() == "111");
}

TEST_CASE("decisions: what was decided before is in the way of work behind it in the same push",
          "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.decide(desk.b, "useMine", desk.bob).ok());
    REQUIRE(desk.b.write("UPDATE owner SET notes = 'kind' WHERE id = '" + desk.owner + "'", desk.bob).ok());
    REQUIRE(desk.decide(desk.b, "useMine", desk.bob).ok());
    const auto results = desk.b.push();
    REQUIRE(results.size() == 3);
    for (const auto& result : results) CHECK(result.outcome == sync::Outcome::applied);
    CHECK(desk.outcomes() == "done late");
    desk.require_equal();
    CHECK(desk.central.psql("SELECT phone || notes FROM owner") == "222kind");
}

TEST_CASE("decisions: restore brings back the row that was worked on, and keep deletes it again",
          "[exchange][decisions]") {
    Desk desk;
    REQUIRE(desk.a.write("UPDATE owner SET deleted_at = '2026-11-22T10:00:00.000Z'", desk.ann).ok());
    desk.settle();
    const std::string id = desk.open_item("notice", "worked_on_deleted", "owner", desk.owner);
    REQUIRE(desk.decide(desk.b, "restore", desk.bob, "NULL", id).ok());
    desk.require_equal();
    CHECK(desk.a.read("SELECT deleted_at FROM owner") == "NULL");
    REQUIRE(desk.decide(desk.b, "keep", desk.bob, "NULL", id).ok());
    desk.require_equal();
    CHECK(desk.a.read("SELECT deleted_at FROM owner") == "2026-11-22T10:00:00.000Z");
    CHECK(desk.outcomes() == "done done");
}

TEST_CASE("decisions: of an address that another has, a person sets another one or merges the owners",
          "[exchange][decisions]") {
    Desk desk;
    const std::string other = new_id(), patient = new_id();
    REQUIRE(desk.a
                .write(owner_sql(desk.clinic, other, "Bea", "bea@mail.example") +
                           patient_sql(desk.clinic, patient, desk.owner),
                       desk.ann)
                .ok());
    desk.settle();
    const std::string id = desk.open_item("conflict", "email_taken", "owner", desk.owner, ", column_name, mine, theirs",
                                          R"(, 'email', '"Bea@mail.example"', '{"id":")" + other + R"("}')");
    SECTION("another address") {
        REQUIRE(desk.decide(desk.b, "setValue", desk.bob, R"('"Ada@Mail.example"')", id).ok());
        desk.require_equal();
        CHECK(desk.outcomes() == "done");
        CHECK(desk.a.read("SELECT email FROM owner WHERE id = '" + desk.owner + "'") == "ada@mail.example");
    }
    SECTION("merged") {
        REQUIRE(desk.decide(desk.b, "mergeOwners", desk.bob, "NULL", id).ok());
        desk.require_equal();
        CHECK(desk.outcomes() == "done");
        CHECK(desk.a.read("SELECT merged_into || (deleted_at IS NOT NULL) FROM owner WHERE id = '" + desk.owner +
                          "'") == other + "1");
        CHECK(desk.a.read("SELECT owner_id FROM patient") == other);
        CHECK(desk.item("actions") == "[]");
    }
    SECTION("nobody has it any more") {
        REQUIRE(desk.a.write("UPDATE owner SET email = NULL WHERE id = '" + other + "'", desk.ann).ok());
        desk.settle();
        REQUIRE(desk.decide(desk.b, "mergeOwners", desk.bob, "NULL", id).ok());
        desk.require_equal();
        CHECK(desk.outcomes() == "refused");
        CHECK(desk.answer() == "Nobody else has this address any more: nobody is there to merge with.");
    }
}

TEST_CASE("decisions: a deletion that was refused is made after all, and undone", "[exchange][decisions]") {
    Desk desk;
    const std::string changes =
        "[" + change("owner", desk.owner, desk.clinic, "delete", R"({"first_name":"Ada"})", "null") + "]";
    const std::string id =
        desk.open_item("conflict", "delete_refused", "owner", desk.owner, ", changes", ", '" + changes + "'");
    SECTION("nothing names the row") {
        REQUIRE(desk.decide(desk.b, "useMine", desk.bob, "NULL", id).ok());
        desk.require_equal();
        CHECK(desk.a.read("SELECT count(*) FROM owner") == "0");
        REQUIRE(desk.decide(desk.a, "keep", desk.bob, "NULL", id).ok());
        desk.require_equal();
        CHECK(desk.b.read("SELECT first_name FROM owner") == "Ada");
        CHECK(desk.outcomes() == "done done");
    }
    SECTION("kept") {
        REQUIRE(desk.decide(desk.b, "keep", desk.bob, "NULL", id).ok());
        desk.require_equal();
        CHECK(desk.a.read("SELECT count(*) FROM owner") == "1");
    }
    SECTION("a bill names it still") {
        const std::string patient = new_id();
        REQUIRE(desk.a
                    .write(patient_sql(desk.clinic, patient, desk.owner) +
                               bill_sql(desk.clinic, new_id(), desk.owner, patient, "AAAAA-000001"),
                           desk.ann)
                    .ok());
        desk.settle();
        REQUIRE(desk.decide(desk.b, "useMine", desk.bob, "NULL", id).ok());
        desk.require_equal();
        CHECK(desk.outcomes() == "refused");
        CHECK_FALSE(desk.answer().empty());
        CHECK(desk.item("status") == "open");
        CHECK(desk.central.psql("SELECT count(*) FROM sync_item") == "1");
        CHECK(desk.a.read("SELECT count(*) FROM owner") == "1");
    }
}

TEST_CASE("decisions: of a bill that two people changed, the version that lost is written whole, and undone",
          "[exchange][decisions]") {
    Desk desk;
    const std::string patient = new_id(), bill = new_id(), first = new_id(), mine = new_id(), theirs = new_id();
    REQUIRE(desk.a
                .write(patient_sql(desk.clinic, patient, desk.owner) +
                           bill_sql(desk.clinic, bill, desk.owner, patient, "AAAAA-000001") +
                           item_sql(desk.clinic, first, bill, 0),
                       desk.ann)
                .ok());
    desk.settle();
    const std::string seen = desk.b.read("SELECT version FROM bill");
    REQUIRE(desk.a
                .write(item_sql(desk.clinic, theirs, bill, 1) + "UPDATE bill SET total_cents = 700 WHERE id = '" +
                           bill + "'",
                       desk.ann)
                .ok());
    desk.settle();
    const std::string before = desk.central.psql("SELECT total_cents FROM bill");
    const std::string line =
        desk.central.psql("SELECT feed_image(i)::text FROM bill_item i WHERE id = '" + first + "'");
    auto image = sync::Json::parse(line);
    image["id"] = mine;
    image["position"] = 1;
    const std::string changes = "[" +
                                change("bill", bill, desk.clinic, "update", R"({"total_cents":0})",
                                       R"({"total_cents":900})", 1, std::stoi(seen)) +
                                "," + change("bill_item", mine, desk.clinic, "insert", "null", image.dump(), 2) + "]";
    const std::string id = desk.open_item("conflict", "bill_changed", "bill", bill, ", changes", ", '" + changes + "'");
    const auto lines = [&] {
        return desk.b.read("SELECT group_concat(id) FROM (SELECT id FROM bill_item ORDER BY position, id)");
    };
    REQUIRE(lines() == first + "," + theirs);
    REQUIRE(desk.decide(desk.b, "useMine", desk.bob, "NULL", id).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "done");
    CHECK(lines() == first + "," + mine);
    CHECK(desk.a.read("SELECT total_cents FROM bill") == "900");
    REQUIRE(desk.decide(desk.b, "keep", desk.bob, "NULL", id).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "done done");
    CHECK(lines() == first + "," + theirs);
    CHECK(desk.a.read("SELECT total_cents FROM bill") == before);
}

TEST_CASE("decisions: a conflict is moot once somebody who had seen it wrote the column, and not before",
          "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    const auto write = [&](NodeWorld& node, const std::string& set) {
        REQUIRE(node.write("UPDATE owner SET " + set + " WHERE id = '" + desk.owner + "'", desk.bob).ok());
        desk.settle();
        return desk.item("status || coalesce(action, '')");
    };
    CHECK(write(desk.a, "notes = 'kind'") == "open");
    CHECK(write(desk.b, "phone = '333'") == "resolvedmoot");
    CHECK(desk.item("reason") == "A later change, made in sight of this, settled it.");
    CHECK(desk.b.read("SELECT status || action || actions FROM sync_item") == "resolvedmoot[]");
    desk.require_equal();
}

TEST_CASE("decisions: what was written without sight of a conflict leaves it open", "[exchange][decisions]") {
    Desk desk;
    REQUIRE(desk.a.write("UPDATE owner SET phone = '111'", desk.ann).ok());
    REQUIRE(desk.b.write("UPDATE owner SET phone = '222'", desk.bob).ok());
    desk.a.push();
    desk.a.pull();
    desk.b.push();
    // Node A has not pulled since: it knows nothing of the other value.
    REQUIRE(desk.a.write("UPDATE owner SET phone = '333'", desk.ann).ok());
    desk.a.push();
    CHECK(desk.central.psql("SELECT count(*) FROM sync_item WHERE status = 'open'") >= "1");
    CHECK(desk.central.psql("SELECT count(*) FROM sync_item WHERE action = 'moot'") == "0");
}

TEST_CASE("decisions: a conflict about a row that is deleted for good is moot", "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    REQUIRE(desk.a.write("DELETE FROM owner WHERE id = '" + desk.owner + "'", desk.ann).ok());
    desk.require_equal();
    CHECK(desk.item("status || action || reason") ==
          "resolvedmootThe row was deleted for good: there is nothing left to decide.");
}

TEST_CASE("decisions: HQ decides without a node, and every node hears it", "[exchange][decisions]") {
    Desk desk;
    desk.conflict();
    const std::string id = desk.item("id");
    const auto decide = [&](const std::string& action, std::optional<std::string> value = std::nullopt) {
        const Status done = central::decide_at_hq(
            desk.central.pool(), {id, "conflict", action, std::move(value), std::nullopt, "hq:eve@hq.example", ""},
            now());
        return done.ok() ? std::string("ok") : done.error().slug;
    };
    CHECK(decide("explode") == "action_unknown");
    CHECK(decide("retry") == "action_unavailable");
    CHECK(decide("setValue") == "bad_value");
    CHECK(decide("setValue", "7") == "decision_refused");
    CHECK(decide("useMine") == "ok");
    desk.require_equal();
    CHECK(desk.outcomes() == "refused done");
    CHECK(desk.a.read("SELECT phone FROM owner") == "222");
    CHECK(desk.a.read("SELECT decided_by FROM sync_item") == "hq:eve@hq.example");
    CHECK(desk.central.psql("SELECT actor FROM audit_log WHERE action = 'item decide' ORDER BY id DESC LIMIT 1") ==
          "hq:eve@hq.example");
    // A node's person who undoes it comes as late as anybody, when HQ was faster.
    REQUIRE(desk.decide(desk.b, "keep", desk.bob).ok());
    CHECK(decide("keep") == "ok");
    desk.require_equal();
    CHECK(desk.central.psql("SELECT outcome FROM item_decision WHERE actor = '" + desk.bob + "'") == "late");
    CHECK(central::decide_at_hq(desk.central.pool(), {new_id(), "conflict", "keep", {}, {}, "hq:eve", ""}, now())
              .error()
              .slug == "item_unknown");
}
