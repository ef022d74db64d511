#include <catch2/catch.hpp>

#include "central/archive/archive.h"
#include "edge/store/log/attention.h"
#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

/// A clinic with two nodes, an owner, and a patient with a record and an issued bill.
struct ArchiveWorld {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};
    std::string owner = new_id(), patient = new_id(), record = new_id(), bill = new_id();

    ArchiveWorld() {
        REQUIRE(a.write(owner_sql(clinic, owner, "Ada", "ada@mail.example") + patient_sql(clinic, patient, owner) +
                        record_sql(clinic, record, patient))
                    .ok());
        REQUIRE(a.write(bill_sql(clinic, bill, owner, patient, "AAAAA-000001") + item_sql(clinic, new_id(), bill, 0) +
                        link_sql(clinic, bill, record) + "UPDATE bill SET status = 'paid'")
                    .ok());
        settle();
    }

    void settle() {
        for (int i = 0; i < 3; ++i) {
            a.sync();
            b.sync();
        }
    }
    void archive(const std::string& which) {
        const auto moved = central::archive_patient(central.pool(), "os:test", which, "moved away");
        REQUIRE(moved.ok());
    }
    central::RestoredPatient restore(const std::string& which) {
        const auto restored = central::restore_patient(central.pool(), "os:test", which, now());
        INFO((restored ? "" : restored.error().context));
        REQUIRE(restored.ok());
        return *restored;
    }
    void require_equal() {
        const std::string all = picture_of(central, clinic);
        REQUIRE(picture_of(a) == all);
        REQUIRE(picture_of(b) == all);
    }
    void require_settled() {
        for (NodeWorld* node : {&a, &b}) {
            REQUIRE(node->read("SELECT count(*) FROM sync_txn WHERE state <> 'settled'") == "0");
            REQUIRE(node->read("SELECT count(*) FROM sync_txn WHERE waiting = 1") == "0");
            REQUIRE(node->read("SELECT count(*) FROM sync_base") == "0");
            REQUIRE(node->read("SELECT count(*) FROM sync_item WHERE status = 'open'") == "0");
            REQUIRE(node->read("SELECT count(*) FROM pragma_foreign_key_check") == "0");
        }
        REQUIRE(central.psql("SELECT count(*) FROM held_row") == "0");
    }
    std::string held(const std::string& column) {
        return central.psql("SELECT string_agg(" + column +
                            ", ',' ORDER BY first_seq) FROM sync_quarantine WHERE "
                            "status = 'open'");
    }
};

}  // namespace

TEST_CASE("exchange archive: nodes see a patient go, with its issued bill, and come back", "[exchange][archive]") {
    ArchiveWorld world;
    world.archive(world.patient);
    world.settle();
    for (NodeWorld* node : {&world.a, &world.b}) {
        REQUIRE(node->read("SELECT count(*) FROM patient") == "0");
        REQUIRE(node->read("SELECT count(*) FROM medical_record") == "0");
        REQUIRE(node->read("SELECT count(*) FROM bill") == "0");
        REQUIRE(node->read("SELECT count(*) FROM owner") == "1");
    }
    world.require_equal();
    world.restore(world.patient);
    world.settle();
    REQUIRE(world.b.read("SELECT bill_number || status FROM bill") == "BILL-000001paid");
    REQUIRE(world.b.read("SELECT owner_name_snapshot FROM medical_record") == "Ada Test");
    world.require_equal();
    world.require_settled();
}

TEST_CASE("exchange archive: work on a patient archived meanwhile is kept, and comes in when it is brought back",
          "[exchange][archive]") {
    ArchiveWorld world;
    const std::string record = new_id(), bill = new_id(), visit = new_id(), free = new_id();
    // Offline on node A: a record, a bill of an old and the new record, an edit of the patient, and other work.
    REQUIRE(world.a.write(record_sql(world.clinic, record, world.patient)).ok());
    REQUIRE(world.a
                .write(bill_sql(world.clinic, bill, world.owner, world.patient, "AAAAA-000002") +
                       item_sql(world.clinic, new_id(), bill, 0) + link_sql(world.clinic, bill, record) +
                       link_sql(world.clinic, bill, world.record) + "UPDATE bill SET status = 'sent' WHERE id = '" +
                       bill + "'")
                .ok());
    REQUIRE(world.a.write("UPDATE patient SET name = 'Max', notes = 'shy'").ok());
    REQUIRE(world.a.write(owner_sql(world.clinic, free, "Free")).ok());
    REQUIRE(world.b
                .write("INSERT INTO appointment (id, clinic_id, patient_id, date, reason) VALUES ('" + visit + "', '" +
                       world.clinic + "', '" + world.patient + "', '2026-12-01', 'Check')")
                .ok());
    world.archive(world.patient);

    auto results = world.a.push();
    REQUIRE(results.size() == 4);
    for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(results[i].outcome == sync::Outcome::held);
        REQUIRE(results[i].code == "archived");
        REQUIRE(results[i].reason->find("Rex was archived on 20") == 0);
    }
    REQUIRE(results[3].outcome == sync::Outcome::applied);
    world.settle();
    // Kept, and said so on both nodes; on its own node it waits in the log.
    REQUIRE(world.held("code") == "archived,archived,archived,archived");
    REQUIRE(world.b.read("SELECT count(*) FROM sync_item WHERE status = 'open' AND code = 'archived'") == "4");
    REQUIRE(world.a.read("SELECT count(*) FROM sync_txn WHERE outcome = 'held' AND waiting = 1") == "3");
    REQUIRE(world.b.read("SELECT count(*) FROM patient") == "0");
    REQUIRE(world.b.read("SELECT count(*) FROM owner") == "2");
    // Whose it is, what, and why, can be read on either: the patient itself is not there to look it up.
    const auto list = edge::list_attention(world.b.database(), {{world.clinic}, {}, false});
    REQUIRE(list.ok());
    int seen = 0;
    for (const auto& item : sync::Json::parse(*list)) {
        REQUIRE(item["code"] == "archived");
        REQUIRE(item["actor"] == kSomebody);
        REQUIRE(item["reason"].get<std::string>().find("Rex was archived on 20") == 0);
        REQUIRE(item["mine"].is_object());
        seen += item["node"] == "front desk" ? 1 : 0;
    }
    REQUIRE(seen == 3);

    // Corrections of what is held are held with it, in later pushes too. The record is not visible any more on its
    // node, so a correction can only be one that was under way.
    const std::string again = new_id();
    REQUIRE(world.a.write(owner_sql(world.clinic, again, "Again")).ok());
    REQUIRE(world.a.push().at(0).outcome == sync::Outcome::applied);

    const auto restored = world.restore(world.patient);
    REQUIRE(restored.replayed == 4);
    REQUIRE(restored.still_held == 0);
    world.settle();
    REQUIRE(world.b.read("SELECT name || notes FROM patient") == "Maxshy");
    REQUIRE(world.b.read("SELECT count(*) FROM medical_record") == "2");
    REQUIRE(world.b.read("SELECT bill_number || status || provisional_number FROM bill WHERE id = '" + bill + "'") ==
            "BILL-000002sentAAAAA-000002");
    REQUIRE(world.a.read("SELECT count(*) FROM bill_medical_record") == "3");
    REQUIRE(world.a.read("SELECT reason FROM appointment") == "Check");
    world.require_equal();
    world.require_settled();
    REQUIRE(world.central.psql("SELECT string_agg(DISTINCT action || decided_by, ',') FROM sync_quarantine") ==
            "restoredos:test");
    // What was answered stays as it was answered.
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_transaction WHERE outcome = 'held'") == "4");
}

TEST_CASE("exchange archive: what builds on held work waits with it, across batches", "[exchange][archive]") {
    ArchiveWorld world;
    const std::string record = new_id();
    REQUIRE(world.a.write(record_sql(world.clinic, record, world.patient) + "UPDATE owner SET phone = '111'").ok());
    world.archive(world.patient);
    REQUIRE(world.a.push().at(0).code == "archived");
    // The node has not pulled yet: it goes on with what it sees.
    REQUIRE(world.a.write("UPDATE medical_record SET diagnosis = 'better' WHERE id = '" + record + "'").ok());
    REQUIRE(world.a.push().at(0).code == "archived");
    REQUIRE(world.a.write("UPDATE owner SET phone = '222'").ok());
    REQUIRE(world.a.write("UPDATE owner SET phone = '333'").ok());
    auto results = world.a.push();
    REQUIRE(results.at(0).code == "archived");
    REQUIRE(results.at(1).code == "archived");
    // Another node's work on the same owner flows.
    REQUIRE(world.b.write("UPDATE owner SET notes = 'kind'").ok());
    REQUIRE(world.b.push().at(0).outcome == sync::Outcome::applied);
    REQUIRE(world.central.psql("SELECT count(*) FROM held_row") == "5");
    world.settle();
    REQUIRE(world.restore(world.patient).replayed == 4);
    world.settle();
    REQUIRE(world.b.read("SELECT phone || notes FROM owner") == "333kind");
    REQUIRE(world.b.read("SELECT diagnosis FROM medical_record WHERE id = '" + record + "'") == "better");
    world.require_equal();
    world.require_settled();
}

TEST_CASE("exchange archive: work for two archived patients waits for both", "[exchange][archive]") {
    ArchiveWorld world;
    const std::string other = new_id(), record = new_id(), second = new_id();
    REQUIRE(world.b.write(patient_sql(world.clinic, other, world.owner)).ok());
    world.settle();
    REQUIRE(
        world.a.write(record_sql(world.clinic, record, world.patient) + record_sql(world.clinic, second, other)).ok());
    world.archive(world.patient);
    world.archive(other);
    REQUIRE(world.a.push().at(0).code == "archived");
    auto restored = world.restore(world.patient);
    REQUIRE(restored.replayed == 0);
    REQUIRE(restored.still_held == 1);
    world.settle();
    REQUIRE(world.held("code") == "archived");
    restored = world.restore(other);
    REQUIRE(restored.replayed == 1);
    world.settle();
    REQUIRE(world.b.read("SELECT count(*) FROM medical_record") == "3");
    world.require_equal();
    world.require_settled();
}

TEST_CASE("exchange archive: what comes in with the patient and meets other work is decided as if just pushed",
          "[exchange][archive]") {
    ArchiveWorld world;
    const std::string bill = new_id(), item = new_id();
    REQUIRE(world.a
                .write(bill_sql(world.clinic, bill, world.owner, world.patient, "AAAAA-000002") +
                       item_sql(world.clinic, item, bill, 0))
                .ok());
    world.settle();
    REQUIRE(world.a.write("UPDATE bill_item SET description = 'Longer exam' WHERE id = '" + item + "'").ok());
    REQUIRE(world.a.write("UPDATE bill_item SET description = 'Longest exam' WHERE id = '" + item + "'").ok());
    world.archive(world.patient);
    REQUIRE(world.a.push().size() == 2);
    world.restore(world.patient);
    // Nothing was in the way of it then: it is in.
    world.settle();
    REQUIRE(world.b.read("SELECT description FROM bill_item WHERE id = '" + item + "'") == "Longest exam");

    REQUIRE(world.a
                .write("UPDATE bill_item SET description = 'Short exam' WHERE id = '" + item +
                       "'; UPDATE patient SET notes = 'a'")
                .ok());
    REQUIRE(world.a.write("UPDATE bill_item SET description = 'No exam' WHERE id = '" + item + "'").ok());
    world.central.psql("UPDATE bill SET status = 'paid' WHERE id = '" + bill + "'");
    world.archive(world.patient);
    REQUIRE(world.a.push().size() == 2);
    const auto restored = world.restore(world.patient);
    REQUIRE(restored.replayed == 2);
    REQUIRE(restored.still_held == 0);
    world.settle();
    // Paid meanwhile: its items stay, both changes are kept in one item, and the rest of their transactions is in.
    REQUIRE(world.a.read("SELECT group_concat(code) FROM sync_item WHERE status = 'open'") == "bill_changed");
    REQUIRE(world.central.psql("SELECT jsonb_array_length(changes) FROM sync_conflict WHERE status = 'open'") == "2");
    REQUIRE(world.b.read("SELECT description FROM bill_item WHERE id = '" + item + "'") == "Longest exam");
    REQUIRE(world.b.read("SELECT notes FROM patient WHERE id = '" + world.patient + "'") == "a");
    world.require_equal();
}

TEST_CASE("exchange archive: an answer that was lost until after the return settles all the same",
          "[exchange][archive]") {
    ArchiveWorld world;
    REQUIRE(world.a.write(record_sql(world.clinic, new_id(), world.patient)).ok());
    world.archive(world.patient);
    const auto request = world.a.next_push();
    REQUIRE(world.a.deliver(request).reply().results.at(0).code == "archived");
    REQUIRE(world.restore(world.patient).replayed == 1);
    world.a.pull();
    REQUIRE(world.a.read("SELECT count(*) FROM medical_record") == "2");
    world.settle();
    world.require_equal();
    world.require_settled();
}

TEST_CASE("exchange archive: deleting what is archived, or naming it, is held too", "[exchange][archive]") {
    ArchiveWorld world;
    const std::string visit = new_id(), other = new_id(), bill = new_id();
    REQUIRE(world.a
                .write("INSERT INTO appointment (id, clinic_id, patient_id, date, reason) VALUES ('" + visit + "', '" +
                       world.clinic + "', '" + world.patient + "', '2026-12-01', 'Check');" +
                       patient_sql(world.clinic, other, world.owner))
                .ok());
    world.settle();
    REQUIRE(
        world.a.write("DELETE FROM bill_medical_record WHERE false; UPDATE appointment SET status = 'completed'").ok());
    REQUIRE(world.a
                .write(bill_sql(world.clinic, bill, world.owner, other, "AAAAA-000002") +
                       "UPDATE bill SET appointment_id = '" + visit + "' WHERE id = '" + bill + "'")
                .ok());
    REQUIRE(world.b.write("DELETE FROM appointment").ok());
    world.archive(world.patient);
    for (const auto& result : world.a.push()) REQUIRE(result.code == "archived");
    REQUIRE(world.b.push().at(0).code == "archived");
    world.settle();
    REQUIRE(world.restore(world.patient).replayed == 3);
    world.settle();
    // In whatever order the nodes are taken, all end alike and nothing is lost without a word.
    REQUIRE(picture_of(world.b, true) == picture_of(world.central, world.clinic));
    REQUIRE(picture_of(world.a, true) == picture_of(world.central, world.clinic));
    REQUIRE(world.b.read("SELECT count(*) FROM bill") == "2");
}

TEST_CASE("exchange archive: an animal put away comes back to the owner its own was merged into",
          "[exchange][archive]") {
    ArchiveWorld world;
    const std::string survivor = new_id(), last = new_id();
    REQUIRE(world.a.write(owner_sql(world.clinic, survivor, "Eva") + owner_sql(world.clinic, last, "Mia")).ok());
    world.settle();
    world.archive(world.patient);
    world.settle();
    // As the node's own merge does it, twice over.
    for (const auto& [from, to] : {std::pair{world.owner, survivor}, {survivor, last}}) {
        REQUIRE(world.a
                    .write("UPDATE patient SET owner_id = '" + to + "' WHERE owner_id = '" + from +
                           "'; UPDATE bill SET owner_id = '" + to + "' WHERE owner_id = '" + from +
                           "'; UPDATE owner SET merged_into = '" + to +
                           "', deleted_at = '2026-11-22T10:00:00.000Z' WHERE id = '" + from + "'")
                    .ok());
    }
    world.settle();
    world.restore(world.patient);
    world.settle();
    REQUIRE(world.b.read("SELECT owner_id FROM patient") == last);
    REQUIRE(world.b.read("SELECT owner_id FROM bill") == last);
    REQUIRE(world.b.read("SELECT owner_name_snapshot FROM medical_record") == "Ada Test");
    world.require_equal();
    world.require_settled();
}

TEST_CASE("exchange archive: held work that began in another clinic of its node comes in, too", "[exchange][archive]") {
    CentralWorld central;
    const std::string north = central.clinic("NORTH"), south = central.clinic("SOUTH");
    NodeWorld a{central, "NORTH", "laptop"};
    central.psql("INSERT INTO sync_node_clinic (node_id, clinic_id) VALUES ('" +
                 a.read("SELECT node_id FROM node_state") + "', '" + south + "')");
    const std::string owner = new_id(), patient = new_id(), other = new_id();
    REQUIRE(a.write(owner_sql(north, owner, "Ada") + patient_sql(north, patient, owner)).ok());
    a.sync();
    REQUIRE(central::archive_patient(central.pool(), "os:test", patient, "x").ok());
    const Status cursor = a.database().maintain([&south](edge::Connection& connection) -> Status {
        connection.exec(("INSERT INTO sync_cursor (clinic_id, schema_version) VALUES ('" + south + "', 7)").c_str());
        return Done{};
    });
    REQUIRE(cursor.ok());
    a.pull();
    // One transaction over both: its head, and so its item, is the other clinic's.
    NodeWorld b{central, "NORTH", "desk"};
    REQUIRE(a.write(owner_sql(south, other, "Eva") +
                    "INSERT INTO appointment (id, clinic_id, patient_id, date, reason) "
                    "SELECT '" +
                    new_id() + "', '" + north + "', '" + patient + "', '2026-12-01', 'Check' WHERE 0")
                .ok());
    a.sync();
    REQUIRE(central::restore_patient(central.pool(), "os:test", patient, now()).ok());
    a.sync();
    // By the shell: what a person writes in two clinics at once is a transaction of each.
    a.shell("UPDATE owner SET notes = 'x' WHERE id = '" + other + "'; UPDATE patient SET name = 'Max' WHERE id = '" +
            patient + "';");
    REQUIRE(central::archive_patient(central.pool(), "os:test", patient, "x").ok());
    REQUIRE(a.push().at(0).code == "archived");
    const auto restored = central::restore_patient(central.pool(), "os:test", patient, now());
    REQUIRE(restored.ok());
    REQUIRE(restored->replayed == 1);
    a.sync();
    REQUIRE(a.read("SELECT name FROM patient") == "Max");
    REQUIRE(a.read("SELECT notes FROM owner WHERE id = '" + other + "'") == "x");
    REQUIRE(a.read("SELECT count(*) FROM sync_txn WHERE state <> 'settled'") == "0");
    REQUIRE(central.psql("SELECT count(*) FROM held_row") == "0");
}
