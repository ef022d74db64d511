#include <catch2/catch.hpp>

#include "tests/exchange/two_nodes.h"

using namespace vetchart;
using namespace vetchart::test;

TEST_CASE("exchange: a closed bill that was opened, changed and closed again is one clean transaction", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), patient = new_id(), bill = new_id(), item = new_id(), record = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + patient_sql(world.clinic, patient, owner) +
                       record_sql(world.clinic, record, patient) +
                       bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001") +
                       item_sql(world.clinic, item, bill, 0) + "UPDATE bill SET status = 'paid';")
                .ok());
    world.settle();
    REQUIRE(world.b
                .write("UPDATE bill SET status = 'sent';" + link_sql(world.clinic, bill, record) +
                       "UPDATE bill SET status = 'paid';")
                .ok());
    const auto results = world.b.push();
    REQUIRE(results.at(0).outcome == sync::Outcome::applied);
    world.settle();
    REQUIRE(world.a.read("SELECT count(*) FROM bill_medical_record") == "1");
    REQUIRE(world.central.psql("SELECT status FROM bill") == "paid");
    world.require_equal();
}

TEST_CASE("exchange: a bill drafted, itemised, sent and cancelled arrives whole, however the line cuts it",
          "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), patient = new_id(), bill = new_id(), record = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + patient_sql(world.clinic, patient, owner) +
                       record_sql(world.clinic, record, patient) +
                       bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001"))
                .ok());
    const bool in_pieces = GENERATE(false, true);
    const auto step = [&](const std::string& sql) {
        REQUIRE(world.a.write(sql).ok());
        if (in_pieces) world.a.sync();
    };
    step(item_sql(world.clinic, new_id(), bill, 0));
    step(item_sql(world.clinic, new_id(), bill, 1) + "UPDATE bill SET total_cents = 2, subtotal_cents = 2;");
    step("UPDATE bill_item SET position = 7 WHERE position = 1; UPDATE bill SET status = 'sent';");
    step(link_sql(world.clinic, bill, record));
    step("UPDATE bill SET status = 'cancelled', cancel_reason = 'twice';");
    world.settle();
    CHECK(world.central.psql("SELECT count(*) FROM sync_item") == "0");
    CHECK(world.central.psql("SELECT status, cancel_reason, total_cents, issued_at IS NOT NULL FROM bill") ==
          "cancelled|twice|2|t");
    CHECK(world.central.psql("SELECT count(*) FROM bill_item") == "2");
    world.require_equal();
}

TEST_CASE("exchange: a bill that B pays stays paid and whole when A sends its draft with another item", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), patient = new_id(), bill = new_id(), item = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + patient_sql(world.clinic, patient, owner) +
                       bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001") +
                       item_sql(world.clinic, item, bill, 0))
                .ok());
    world.settle();
    const std::string before = world.central.psql("SELECT description FROM bill_item");
    REQUIRE(world.b.write("UPDATE bill SET status = 'paid'").ok());
    world.b.sync();
    REQUIRE(world.a.write("UPDATE bill_item SET description = 'Other'; UPDATE bill SET status = 'sent'").ok());
    const auto results = world.a.push();
    REQUIRE(results.at(0).outcome == sync::Outcome::merged);
    world.settle();
    REQUIRE(world.central.psql("SELECT status FROM bill") == "paid");
    REQUIRE(world.central.psql("SELECT description FROM bill_item") == before);
    REQUIRE(world.b.read("SELECT status FROM bill") == "paid");
    REQUIRE(world.a.read("SELECT code FROM sync_item WHERE status = 'open'") == "bill_changed");
    REQUIRE(world.central.psql("SELECT mine ->> 'status', theirs ->> 'status' FROM sync_conflict") == "sent|paid");
    world.require_equal();
}

TEST_CASE("exchange: owners are merged with their issued bills, which change nothing else", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), other = new_id(), patient = new_id(), bill = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + owner_sql(world.clinic, other, "Ada") +
                       patient_sql(world.clinic, patient, owner) +
                       bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001") +
                       "UPDATE bill SET status = 'paid';")
                .ok());
    world.settle();
    CHECK(world.b.write("UPDATE bill SET owner_id = '" + other + "'").error().slug == "bill_issued");
    CHECK(world.b.write("UPDATE bill SET total_cents = 9").error().slug == "bill_issued");
    CHECK_THROWS(world.central.psql("UPDATE bill SET owner_id = '" + other + "'"));
    CHECK_THROWS(world.central.psql("UPDATE bill SET subtotal_cents = 9"));
    REQUIRE(world.b
                .write("UPDATE owner SET merged_into = '" + other + "', deleted_at = updated_at WHERE id = '" + owner +
                       "'; UPDATE patient SET owner_id = '" + other + "'; UPDATE bill SET owner_id = '" + other + "'")
                .ok());
    REQUIRE(world.b.push().at(0).outcome == sync::Outcome::applied);
    world.settle();
    CHECK(world.a.read("SELECT owner_id FROM bill") == other);
    world.require_equal();
}

TEST_CASE("exchange: a bill that an older node cancelled without a reason arrives with one that says so",
          "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), patient = new_id(), bill = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + patient_sql(world.clinic, patient, owner) +
                       bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001") + "UPDATE bill SET status = 'sent'")
                .ok());
    REQUIRE(world.a.write("UPDATE bill SET status = 'cancelled', cancel_reason = 'x'").ok());
    auto request = world.a.next_push();
    auto previous = sync::chain_seed(request.incarnation);
    for (auto& transaction : request.transactions) {
        for (auto& change : transaction.changes)
            if (change.op == sync::Op::update)
                change.old_values.erase("cancel_reason"), change.new_values.erase("cancel_reason");
        previous = transaction.digest = sync::expected_digest(previous, transaction);
    }
    CHECK(world.a.deliver(request).reply().results.back().outcome == sync::Outcome::applied);
    CHECK(world.central.psql("SELECT status, cancel_reason FROM bill") == "cancelled|No reason was given.");
}

TEST_CASE("exchange: a bill that was issued stays issued, in both engines", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), patient = new_id(), bill = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + patient_sql(world.clinic, patient, owner) +
                       bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001"))
                .ok());
    REQUIRE(world.a.write("UPDATE bill SET status = 'sent'").ok());
    const Status refused = world.a.write("UPDATE bill SET status = 'draft', issued_at = NULL");
    REQUIRE(refused.error().slug == "immutable");
    world.settle();
    REQUIRE_THROWS(world.central.psql("UPDATE bill SET status = 'draft', issued_at = NULL"));
    REQUIRE_THROWS(world.central.psql("DELETE FROM bill"));
    world.require_equal();
}
