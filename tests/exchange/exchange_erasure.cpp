#include <catch2/catch.hpp>
#include <filesystem>

#include "central/archive/archive.h"
#include "central/store/erasure.h"
#include "edge/store/check/check.h"
#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

struct ErasureWorld {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};
    std::string owner = new_id(), patient = new_id(), record = new_id();

    ErasureWorld() {
        REQUIRE(a.write(owner_sql(clinic, owner, "Adalbert", "adalbert@mail.example") +
                        "UPDATE owner SET phone = "
                        "'+1-555-0100', address = 'Hillside 3';" +
                        patient_sql(clinic, patient, owner) + record_sql(clinic, record, patient))
                    .ok());
        REQUIRE(b.write(owner_sql(clinic, new_id(), "Someone", "someone@mail.example")).ok());
        settle();
    }

    void settle() {
        for (int i = 0; i < 3; ++i) {
            a.sync();
            b.sync();
        }
    }
    void erase() {
        const auto erased = central::erase_owner(central.pool(), {owner, "asked for", "os:test"});
        INFO((erased ? "" : erased.error().context));
        REQUIRE(erased.ok());
    }
    /// Gives the patient, on `node`, to somebody named `first`.
    void hand_over(NodeWorld& node, const std::string& first) const {
        const std::string heir = new_id();
        REQUIRE(node.write(owner_sql(clinic, heir, first) + "UPDATE patient SET owner_id = '" + heir +
                           "' WHERE id = '" + patient + "'")
                    .ok());
    }
    void require_equal() {
        const std::string all = picture_of(central, clinic);
        REQUIRE(picture_of(a) == all);
        REQUIRE(picture_of(b) == all);
    }
    void require_gone(NodeWorld& node) {
        const std::string bytes = node.file_bytes();
        for (const char* trace : {"dalbert", "555-0100", "5550100", "illside 3", "Dorothea", "555-0177"}) {
            INFO(trace);
            REQUIRE(bytes.find(trace) == std::string::npos);
        }
        REQUIRE(bytes.find("someone@mail.example") != std::string::npos);
        const auto report = edge::check_database(node.database());
        REQUIRE(report.ok());
        REQUIRE(report->damage.empty());
        REQUIRE(report->differences.empty());
    }
    void require_gone_at_central() {
        for (const char* table : {"owner", "medical_record", "sync_journal", "sync_item", "sync_tombstone",
                                  "sync_stage", "archive.medical_record", "audit_log"}) {
            INFO(table);
            REQUIRE(central.psql("SELECT count(*) FROM " + std::string(table) +
                                 " t WHERE to_jsonb(t)::text ~ "
                                 "'dalbert|555-0100|illside 3|Dorothea|555-0177'") == "0");
        }
    }
    void require_gone_everywhere() {
        require_gone_at_central();
        require_gone(a);
        require_gone(b);
        require_equal();
    }
};

}  // namespace

TEST_CASE("exchange erasure: the person is gone from every node's file, byte for byte", "[exchange][erasure]") {
    ErasureWorld world;
    const Status kept = world.a.database().maintain([&world](edge::Connection& connection) -> Status {
        connection.exec(("INSERT INTO idempotency VALUES ('k', 'vet', 'POST', '/api/owners', 'd', 201, '{\"id\":\"" +
                         world.owner + "\",\"firstName\":\"Adalbert\"}', '2026-01-01T00:00:00.000Z')")
                            .c_str());
        return Done{};
    });
    REQUIRE(kept.ok());
    // Many other rows, so that pages split and trees are rebuilt around the person's.
    for (int i = 0; i < 20; ++i) {
        std::string sql;
        for (int j = 0; j < 20; ++j) sql += owner_sql(world.clinic, new_id(), "N" + std::to_string(i * 100 + j));
        sql += "UPDATE owner SET notes = printf('%.*c', " + std::to_string(10 + i * 7) + ", 'x') WHERE id <> '" +
               world.owner + "'; UPDATE owner SET notes = 'Adalbert calls " + std::to_string(i) + "' WHERE id = '" +
               world.owner + "'";
        REQUIRE(world.a.write(sql).ok());
        world.a.push();
    }
    world.settle();
    REQUIRE(world.a.file_bytes().find("dalbert") != std::string::npos);
    world.erase();
    world.require_gone_at_central();
    world.a.pull();
    world.b.pull(3);
    for (NodeWorld* node : {&world.a, &world.b}) {
        REQUIRE(node->read("SELECT first_name || coalesce(phone, '-') || address FROM owner WHERE id = '" +
                           world.owner + "'") == "(erased)-");
        REQUIRE(node->read("SELECT owner_name_snapshot || coalesce(owner_phone_snapshot, '-') FROM medical_record") ==
                "(erased)-");
        REQUIRE(node->read("SELECT count(*) FROM sync_item WHERE status = 'open'") == "0");
        world.require_gone(*node);
    }
    REQUIRE(world.a.read("SELECT key || path || status || body_digest || body FROM idempotency") ==
            "k/api/owners201{\"id\":\"" + world.owner + "\"}");
    world.settle();
    world.require_equal();
    // A node that comes later never hears of the person.
    NodeWorld late{world.central, "NORTH", "late"};
    world.require_gone(late);
}

TEST_CASE("exchange erasure: unsent work about the person is taken without the person", "[exchange][erasure]") {
    ErasureWorld world;
    const std::string later = new_id(), other = new_id(), second = new_id();
    world.b.pull();
    REQUIRE(world.b
                .write("UPDATE owner SET first_name = 'Dorothea', phone = '+1-555-0177' WHERE id = '" + world.owner +
                       "'; UPDATE patient SET name = 'Max'")
                .ok());
    REQUIRE(world.b
                .write(record_sql(world.clinic, later, world.patient) + patient_sql(world.clinic, other, world.owner) +
                       record_sql(world.clinic, second, other))
                .ok());
    // Sealed before the erasure: the digest is of what was written.
    const auto request = world.b.next_push();
    REQUIRE(world.b.store().log.not_sent().ok());
    world.erase();
    world.b.pull();
    REQUIRE(world.b.read("SELECT first_name FROM owner WHERE id = '" + world.owner + "'") == "(erased)");
    REQUIRE_FALSE(world.b.deliver(request).is_refused());
    REQUIRE(world.b.deliver(world.b.next_push()).reply().results.size() == 2);  // the same again, as if it was lost
    world.settle();
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_item WHERE kind <> 'notice'") == "0");
    REQUIRE(world.a.read("SELECT name FROM patient WHERE id = '" + world.patient + "'") == "Max");
    REQUIRE(world.a.read("SELECT group_concat(owner_name_snapshot) FROM medical_record") ==
            "(erased),(erased),(erased)");
    world.require_gone_everywhere();
    REQUIRE(world.b.read("SELECT count(*) FROM sync_txn WHERE state <> 'settled'") == "0");
    // A word typed about them afterwards goes the same way.
    REQUIRE(
        world.a.write("UPDATE owner SET first_name = 'Dorothea', merged_into = NULL WHERE id = '" + world.owner + "'")
            .ok());
    world.settle();
    world.a.sync();
    world.require_gone_at_central();
    world.require_gone(world.a);
    world.require_equal();
}

TEST_CASE("exchange erasure: what was held for an archived patient comes back without the person",
          "[exchange][erasure]") {
    ErasureWorld world;
    REQUIRE(world.b
                .write(record_sql(world.clinic, new_id(), world.patient) +
                       "UPDATE owner SET phone = '+1-555-0177' WHERE id = '" + world.owner + "'")
                .ok());
    REQUIRE(central::archive_patient(world.central.pool(), "os:test", world.patient, "x").ok());
    REQUIRE(world.b.push().at(0).code == "archived");
    world.erase();
    world.settle();
    world.require_gone_at_central();
    world.require_gone(world.b);
    REQUIRE(central::restore_patient(world.central.pool(), "os:test", world.patient, now())->replayed == 1);
    world.settle();
    REQUIRE(world.a.read("SELECT group_concat(DISTINCT owner_name_snapshot) FROM medical_record") == "(erased)");
    REQUIRE(world.b.read("SELECT count(*) FROM medical_record") == "2");
    world.require_equal();
    world.require_gone(world.a);
    world.require_gone(world.b);
}

TEST_CASE("exchange erasure: another owner's unsent work is untouched", "[exchange][erasure]") {
    ErasureWorld world;
    const std::string record = new_id(), old = new_id();
    REQUIRE(world.a.write(record_sql(world.clinic, old, world.patient)).ok());
    world.hand_over(world.a, "Evelina");
    REQUIRE(world.a.write(record_sql(world.clinic, record, world.patient)).ok());
    world.erase();
    world.settle();
    REQUIRE(world.b.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + old + "'") == "(erased)");
    world.require_gone_at_central();
    world.require_gone(world.a);
    world.require_equal();
    // After the push of the change of hands central knows whose the patient is.
    const std::string newest = new_id();
    REQUIRE(world.b.write(record_sql(world.clinic, newest, world.patient)).ok());
    world.settle();
    REQUIRE(world.a.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + newest + "'") ==
            "Evelina Test");
    world.require_equal();
}

TEST_CASE("exchange erasure: a file that cannot be rewritten at once is rewritten after a later pull",
          "[exchange][erasure]") {
    ErasureWorld world;
    world.erase();
    {
        edge::ReadLease reader = world.a.database().read();
        reader->exec("BEGIN; SELECT count(*) FROM owner");
        world.a.pull();
        // The file is new; only its WAL is held, so it is not rewritten a second time.
        REQUIRE(world.a.read("SELECT file_dirty FROM erasure_state") == "3");
        const auto report = edge::check_database(world.a.database());
        REQUIRE(report->differences.size() == 1);
        REQUIRE(report->differences[0].find("erased owner's bytes") != std::string::npos);
    }
    world.a.pull();
    REQUIRE(world.a.read("SELECT file_dirty FROM erasure_state") == "0");
    world.require_gone(world.a);
}

TEST_CASE("exchange erasure: who writes on under the old name after the animal changed hands brings no name back",
          "[exchange][erasure]") {
    ErasureWorld world;
    const std::string record = new_id(), own = new_id();
    world.hand_over(world.a, "Evelina");
    world.a.sync();
    world.erase();
    // The laptop has heard of neither: to it the animal is Adalbert's still.
    REQUIRE(world.b.write(record_sql(world.clinic, record, world.patient)).ok());
    REQUIRE(world.b.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + record + "'") ==
            "Adalbert Test");
    world.b.push();
    world.require_gone_at_central();
    REQUIRE(world.a.write(record_sql(world.clinic, own, world.patient)).ok());
    world.settle();
    REQUIRE(world.a.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + record + "'") == "(erased)");
    REQUIRE(world.b.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + own + "'") == "Evelina Test");
    world.require_gone_everywhere();
}

TEST_CASE("exchange erasure: the new owner's name stands in records that come together with the change of hands",
          "[exchange][erasure]") {
    ErasureWorld world;
    const std::string before = new_id(), after = new_id(), late = new_id();
    REQUIRE(world.b.write(record_sql(world.clinic, before, world.patient)).ok());
    world.hand_over(world.b, "Evelina");
    REQUIRE(world.b.write(record_sql(world.clinic, after, world.patient)).ok());
    world.hand_over(world.b, "Gerda");
    REQUIRE(world.b.write(record_sql(world.clinic, late, world.patient)).ok());
    world.erase();
    world.settle();
    const auto name = [&world](const std::string& record) {
        return world.a.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + record + "'");
    };
    REQUIRE(name(before) == "(erased)");
    REQUIRE(name(after) == "Evelina Test");
    REQUIRE(name(late) == "Gerda Test");
    world.require_gone_everywhere();
}

TEST_CASE("exchange erasure: the new owner's name stands in records that come after a change of hands that is held",
          "[exchange][erasure]") {
    ErasureWorld world;
    const std::string before = new_id(), after = new_id(), edited = new_id();
    world.b.pull();
    REQUIRE(central::archive_patient(world.central.pool(), "os:test", world.patient, "x").ok());
    world.erase();
    // To the laptop nothing has happened to the animal, and what it does about it is held.
    REQUIRE(world.b.write(record_sql(world.clinic, before, world.patient)).ok());
    world.hand_over(world.b, "Evelina");
    REQUIRE(world.b.push().back().code == "archived");
    REQUIRE(world.b.write(record_sql(world.clinic, after, world.patient)).ok());
    REQUIRE(world.b.push().at(0).code == "archived");
    REQUIRE(world.b
                .write("UPDATE owner SET phone = '+1-555-0200' WHERE first_name = 'Evelina';" +
                       record_sql(world.clinic, edited, world.patient))
                .ok());
    REQUIRE(world.b.push().at(0).code == "archived");
    world.settle();
    REQUIRE(central::restore_patient(world.central.pool(), "os:test", world.patient, now())->replayed == 4);
    world.settle();
    const auto snapshot = [&world](const std::string& record) {
        return world.a.read(
            "SELECT owner_name_snapshot || coalesce(owner_phone_snapshot, '') FROM medical_record WHERE id = '" +
            record + "'");
    };
    CHECK(snapshot(before) == "(erased)");
    CHECK(snapshot(after) == "Evelina Test");
    CHECK(snapshot(edited) == "Evelina Test+1-555-0200");
    world.require_gone_everywhere();
}

TEST_CASE(
    "exchange erasure: the former owner's name stands in held records of an animal given to the erased afterwards",
    "[exchange][erasure]") {
    ErasureWorld world;
    const std::string animal = new_id(), record = new_id(), other = new_id();
    REQUIRE(world.b.write(owner_sql(world.clinic, other, "Evelina") + patient_sql(world.clinic, animal, other)).ok());
    world.settle();
    REQUIRE(central::archive_patient(world.central.pool(), "os:test", animal, "x").ok());
    world.erase();
    REQUIRE(world.b.write(record_sql(world.clinic, record, animal)).ok());
    world.b.push();
    REQUIRE(world.b.write("UPDATE patient SET owner_id = '" + world.owner + "' WHERE id = '" + animal + "'").ok());
    REQUIRE(world.b.push().at(0).code == "archived");
    REQUIRE(central::restore_patient(world.central.pool(), "os:test", animal, now())->replayed == 2);
    world.settle();
    CHECK(world.a.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + record + "'") == "Evelina Test");
    world.require_gone_everywhere();
}

TEST_CASE("exchange erasure: a name typed afterwards goes from the log of records that were deleted again, too",
          "[exchange][erasure]") {
    ErasureWorld world;
    const std::string record = new_id();
    world.erase();
    world.settle();
    REQUIRE(world.a.write("UPDATE owner SET first_name = 'Dorothea' WHERE id = '" + world.owner + "'").ok());
    world.a.push();
    REQUIRE(world.a.write(record_sql(world.clinic, record, world.patient)).ok());
    REQUIRE(world.a.read("SELECT owner_name_snapshot FROM medical_record WHERE id = '" + record + "'") ==
            "Dorothea (erased)");
    world.a.push();
    REQUIRE(world.a.write("DELETE FROM medical_record WHERE id = '" + record + "'").ok());
    world.settle();
    world.require_gone_everywhere();
}

TEST_CASE("exchange erasure: what a node wrote and deleted again before it heard of it goes from its log, too",
          "[exchange][erasure]") {
    ErasureWorld world;
    const std::string animal = new_id(), made = new_id(), sent = new_id();
    world.hand_over(world.a, "Evelina");
    world.a.sync();
    world.erase();
    // Of an animal central never heard of; and of one that is somebody else's, taken and deleted between two pulls.
    REQUIRE(
        world.b.write(patient_sql(world.clinic, animal, world.owner) + record_sql(world.clinic, made, animal)).ok());
    REQUIRE(world.b
                .write("DELETE FROM medical_record WHERE id = '" + made + "'; DELETE FROM patient WHERE id = '" +
                       animal + "'")
                .ok());
    REQUIRE(world.b.write(record_sql(world.clinic, sent, world.patient)).ok());
    world.b.push();
    REQUIRE(world.b.write("DELETE FROM medical_record WHERE id = '" + sent + "'").ok());
    world.b.push();
    world.settle();
    world.require_gone_everywhere();
}

TEST_CASE("exchange erasure: an animal given to the erased afterwards is known as theirs when the owner's row is gone",
          "[exchange][erasure]") {
    ErasureWorld world;
    const std::string animal = new_id();
    REQUIRE(world.a.write("DELETE FROM medical_record; DELETE FROM patient").ok());
    world.a.push();
    world.erase();
    REQUIRE(world.b.write(patient_sql(world.clinic, animal, world.owner)).ok());
    world.b.push();
    world.central.psql("DELETE FROM owner WHERE id = '" + world.owner + "'");
    REQUIRE(world.b.write(record_sql(world.clinic, new_id(), animal)).ok());
    REQUIRE(world.b.read("SELECT owner_name_snapshot FROM medical_record WHERE patient_id = '" + animal + "'") ==
            "Adalbert Test");
    world.b.push();
    world.require_gone_at_central();
    world.settle();
    world.require_gone_everywhere();
}
