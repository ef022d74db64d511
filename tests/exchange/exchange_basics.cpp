#include <catch2/catch.hpp>

#include "tests/exchange/two_nodes.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

std::string unsettled(NodeWorld& node) { return node.read("SELECT count(*) FROM sync_txn WHERE state <> 'settled'"); }

}  // namespace

TEST_CASE("exchange: a day's work of one node arrives whole at central and on the other node", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), patient = new_id(), record1 = new_id(), record2 = new_id(), bill = new_id();
    REQUIRE(world.a.write(owner_sql(world.clinic, owner, "Ada", "ada@mail.example")).ok());
    REQUIRE(world.a.write(patient_sql(world.clinic, patient, owner)).ok());
    REQUIRE(
        world.a.write(record_sql(world.clinic, record1, patient) + record_sql(world.clinic, record2, patient)).ok());
    std::string sql = bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001");
    for (int i = 0; i < 3; ++i) sql += item_sql(world.clinic, new_id(), bill, i);
    sql += link_sql(world.clinic, bill, record1) + link_sql(world.clinic, bill, record2);
    sql += "UPDATE bill SET status = 'paid' WHERE id = '" + bill + "';";
    REQUIRE(world.a.write(sql).ok());
    REQUIRE(world.a.read("SELECT bill_number FROM bill") == "NULL");
    world.settle();
    REQUIRE(world.a.read("SELECT bill_number FROM bill") == "BILL-000001");
    REQUIRE(world.b.read("SELECT bill_number || status FROM bill") == "BILL-000001paid");
    REQUIRE(world.b.read("SELECT count(*) FROM bill_item") == "3");
    REQUIRE(world.b.read("SELECT count(*) FROM bill_medical_record") == "2");
    REQUIRE(world.b.read("SELECT owner_name_snapshot FROM medical_record LIMIT 1") == "Ada Test");
    world.require_equal();
    REQUIRE(unsettled(world.a) == "0");
    REQUIRE(world.a.read("SELECT count(*) FROM sync_base") == "0");
}

TEST_CASE("exchange: a push whose answer was lost is answered again and takes effect once", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), patient = new_id(), bill = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + patient_sql(world.clinic, patient, owner) +
                       bill_sql(world.clinic, bill, owner, patient, "AAAAA-000001"))
                .ok());
    const auto request = world.a.next_push();
    const auto first = world.a.deliver(request);
    const auto second = world.a.deliver(request);
    REQUIRE_FALSE(second.is_refused());
    REQUIRE(second.reply().last_seq == first.reply().last_seq);
    REQUIRE(second.reply().results.size() == 1);
    REQUIRE(second.reply().results[0].versions == first.reply().results[0].versions);
    REQUIRE(world.central.psql("SELECT count(*), max(bill_number) FROM bill") == "1|BILL-000001");
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_transaction") == "1");
    world.settle();
    world.require_equal();
}

TEST_CASE("exchange: a gap, another digest and a wrong content are refused and change nothing", "[exchange]") {
    TwoNodes world;
    for (const char* name : {"One", "Two", "Three"})
        REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), name)).ok());
    auto request = world.a.next_push();
    REQUIRE(request.transactions.size() == 3);

    auto first_only = request;
    first_only.transactions.resize(1);
    REQUIRE_FALSE(world.a.deliver(first_only).is_refused());
    auto gap = request;
    gap.transactions.erase(gap.transactions.begin(), gap.transactions.begin() + 2);
    auto outcome = world.a.deliver(gap);
    REQUIRE(outcome.refusal().status == 409);
    REQUIRE(outcome.refusal().code == "gap");
    REQUIRE(outcome.refusal().details.at("lastSeq") == 1);

    auto other = request;
    other.transactions[0].digest[0] ^= 1;
    REQUIRE(world.a.deliver(other).refusal().code == "fork");
    auto changed = request;
    changed.transactions[2].changes[0].new_values["first_name"] = "Mallory";
    outcome = world.a.deliver(changed);
    REQUIRE(outcome.refusal().code == "digest_wrong");
    REQUIRE(outcome.refusal().status == 422);
    REQUIRE(world.central.psql("SELECT count(*) FROM owner") == "1");
    REQUIRE(world.central.psql("SELECT last_seq FROM sync_incarnation i JOIN sync_node n ON n.id = i.node_id WHERE "
                               "n.name = 'front desk'") == "1");
}

TEST_CASE("exchange: rows of another clinic, unknown tables and columns refuse the whole push", "[exchange]") {
    TwoNodes world;
    const std::string south = world.central.clinic("SOUTH");
    const std::string foreign = new_id();
    world.central.psql("INSERT INTO owner (id, clinic_id, first_name, last_name, address) VALUES ('" + foreign +
                       "', '" + south + "', 'A', 'B', '')");
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Ada")).ok());
    const auto good = world.a.next_push();
    const auto code_of = [&](auto change) {
        auto bad = good;
        change(bad.transactions[0].changes[0]);
        bad.transactions[0].digest = sync::expected_digest(sync::chain_seed(bad.incarnation), bad.transactions[0]);
        const auto outcome = world.a.deliver(bad);
        if (!outcome.is_refused()) return std::string("taken");
        return std::to_string(outcome.refusal().status) + " " + outcome.refusal().code;
    };
    REQUIRE(code_of([&](sync::Change& c) {
                c.clinic_id = south;
                c.new_values["clinic_id"] = south;
            }) == "403 clinic_forbidden");
    REQUIRE(code_of([&](sync::Change& c) {
                c.row_id = foreign;
                c.new_values["id"] = foreign;
            }) == "403 clinic_forbidden");
    REQUIRE(code_of([&](sync::Change& c) { c.table = "pg_authid"; }) == "422 unknown_table");
    REQUIRE(code_of([&](sync::Change& c) { c.new_values["is_admin"] = 1; }) == "422 unknown_column");
    REQUIRE(code_of([&](sync::Change& c) { c.row_id = "x'; DROP TABLE owner; --"; }) == "400 malformed");
    REQUIRE(world.central.psql("SELECT count(*) FROM owner") == "1");
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_transaction") == "0");
}

TEST_CASE("exchange: what is held is held whole with its reason while the rest flows", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id();
    // Nobody is logged in, and a shell changes the clinic.
    REQUIRE(world.b.write("UPDATE clinic SET phone = '1'; " + owner_sql(world.clinic, owner, "Bea")).ok());
    REQUIRE(world.b.write(owner_sql(world.clinic, new_id(), "Cid")).ok());
    const auto results = world.b.push();
    REQUIRE(results.size() == 2);
    REQUIRE(results[0].outcome == sync::Outcome::held);
    REQUIRE(results[0].code == "admin_needed");
    REQUIRE(results[0].item_id.has_value());
    REQUIRE(results[1].outcome == sync::Outcome::applied);
    world.settle();
    REQUIRE(world.central.psql("SELECT string_agg(first_name, ',' ORDER BY first_name) FROM owner") == "Cid");
    REQUIRE(world.central.psql("SELECT jsonb_array_length(changes) FROM sync_quarantine") == "2");
    REQUIRE(world.a.read("SELECT kind || status FROM sync_item") == "quarantineopen");
    REQUIRE(world.b.read("SELECT kind || status FROM sync_item") == "quarantineopen");
    // What was refused is shown beside what central has of it.
    REQUIRE(world.a.read("SELECT (mine ->> '$.phone') || (theirs ->> '$.phone') || (base ->> '$.phone') FROM "
                         "sync_item") == "1");
    // On its own node the held work is not lost: it waits, whole, in the log.
    REQUIRE(unsettled(world.b) == "1");
    REQUIRE(world.b.read("SELECT count(*) FROM change_log l JOIN sync_txn t ON l.seq BETWEEN t.first_seq AND "
                         "t.last_seq WHERE t.outcome = 'held'") == "2");
    REQUIRE(picture_of(world.a) == picture_of(world.central, world.clinic));
}

TEST_CASE("exchange: an owner whose e-mail another has comes in without it, and both are told", "[exchange]") {
    TwoNodes world;
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Ada", "same@mail.example")).ok());
    world.a.sync();
    const std::string second = new_id(), patient = new_id();
    REQUIRE(world.b
                .write(owner_sql(world.clinic, second, "Bea", "same@mail.example") +
                       patient_sql(world.clinic, patient, second))
                .ok());
    REQUIRE(world.b.push().at(0).outcome == sync::Outcome::merged);
    world.settle();
    REQUIRE(world.a.read("SELECT group_concat(first_name || coalesce(email, '-')) FROM (SELECT * FROM owner ORDER BY "
                         "first_name)") == "Adasame@mail.example,Bea-");
    REQUIRE(world.a.read("SELECT code || mine || (theirs ->> '$.first_name') FROM sync_item") ==
            "email_taken\"same@mail.example\"Ada");
    world.require_equal();
}

TEST_CASE("exchange: two nodes that change different columns of a row both keep their work", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id();
    REQUIRE(world.a.write(owner_sql(world.clinic, owner, "Ada")).ok());
    world.settle();
    REQUIRE(world.a.write("UPDATE owner SET phone = '111' WHERE id = '" + owner + "'").ok());
    REQUIRE(world.b.write("UPDATE owner SET address = 'Hill 3' WHERE id = '" + owner + "'").ok());
    world.a.sync();
    world.b.pull();  // a pull never takes local work away
    REQUIRE(world.b.read("SELECT phone || address FROM owner") == "111Hill 3");
    world.settle();
    REQUIRE(world.a.read("SELECT phone || address FROM owner") == "111Hill 3");
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_item") == "0");
    world.require_equal();
}

TEST_CASE("exchange: of two values for one column the later stands, and the other is kept as a conflict",
          "[exchange]") {
    TwoNodes world;
    const bool later_first = GENERATE(false, true);
    CAPTURE(later_first);
    const std::string owner = new_id();
    REQUIRE(world.a.write(owner_sql(world.clinic, owner, "Ada")).ok());
    world.settle();
    REQUIRE(world.a.write("UPDATE owner SET phone = '111' WHERE id = '" + owner + "'").ok());
    REQUIRE(world.b.write("UPDATE owner SET phone = '222', notes = 'kind' WHERE id = '" + owner + "'").ok());
    // By the clocks of both B's is the later one, or a tie: then what came first stays.
    NodeWorld& first = later_first ? world.b : world.a;
    NodeWorld& second = later_first ? world.a : world.b;
    first.push();
    const auto results = second.push();
    REQUIRE(results.at(0).outcome == sync::Outcome::merged);
    world.settle();
    const bool is_tie = world.central.psql("SELECT at = theirs_at FROM sync_conflict") == "t";
    const std::string stands = is_tie && !later_first ? "111" : "222", lost = stands == "111" ? "222" : "111";
    REQUIRE(world.b.read("SELECT phone || notes FROM owner") == stands + "kind");
    REQUIRE(world.a.read("SELECT mine || theirs || column_name FROM sync_item") ==
            "\"" + lost + "\"\"" + stands + "\"phone");
    // A person who compares the two sees whose each is.
    const std::string loser = lost == "222" ? "laptop" : "front desk", winner = lost == "222" ? "front desk" : "laptop";
    REQUIRE(
        world.a.read("SELECT node || '/' || theirs_node || '/' || (theirs_actor = actor) || '/' || (theirs_at >= at)"
                     " FROM sync_item") == loser + "/" + winner + "/1/1");
    world.require_equal();
    // The same value twice is no conflict.
    REQUIRE(world.a.write("UPDATE owner SET phone = '333'").ok());
    REQUIRE(world.b.write("UPDATE owner SET phone = '333'").ok());
    world.settle();
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_item") == "1");
    REQUIRE(world.central.psql("SELECT status, action FROM sync_item") == "resolved|moot");
    world.require_equal();
}

TEST_CASE("exchange: soft and hard deletes go both ways", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id(), other = new_id(), patient = new_id(), record = new_id();
    REQUIRE(world.a
                .write(owner_sql(world.clinic, owner, "Ada") + owner_sql(world.clinic, other, "Bob") +
                       patient_sql(world.clinic, patient, owner) + record_sql(world.clinic, record, patient))
                .ok());
    world.settle();
    REQUIRE(world.b.write("UPDATE owner SET deleted_at = '2026-11-22T10:00:00.000Z' WHERE id = '" + other + "'").ok());
    REQUIRE(world.a.write("DELETE FROM owner WHERE id = '" + owner + "'").ok());
    world.settle();
    REQUIRE(world.b.read("SELECT coalesce(owner_id, 'none') FROM patient") == "none");
    REQUIRE(world.b.read("SELECT count(*) FROM medical_record") == "1");
    REQUIRE(world.b.read("SELECT count(*) FROM owner") == "1");
    REQUIRE(world.a.read("SELECT deleted_at FROM owner") == "2026-11-22T10:00:00.000Z");
    REQUIRE(world.central.psql("SELECT row_id FROM sync_tombstone") == owner);
    world.require_equal();
    // Central's own deletion reaches the nodes too, and so does its return.
    world.central.psql("DELETE FROM medical_record");
    world.settle();
    REQUIRE(world.a.read("SELECT count(*) FROM medical_record") == "0");
    world.require_equal();
}

TEST_CASE("exchange: a pull never wedges on local work that cannot stand any more", "[exchange]") {
    TwoNodes world;
    const std::string owner = new_id();
    REQUIRE(world.a.write(owner_sql(world.clinic, owner, "Ada")).ok());
    world.settle();
    REQUIRE(world.a.write("DELETE FROM owner").ok());
    world.a.push();
    const std::string patient = new_id();
    REQUIRE(world.b.write(patient_sql(world.clinic, patient, owner)).ok());
    REQUIRE(world.b.write(owner_sql(world.clinic, new_id(), "Free")).ok());
    world.b.pull();
    REQUIRE(world.b.read("SELECT group_concat(waiting) FROM (SELECT waiting FROM sync_txn ORDER BY first_seq)") ==
            "1,0");
    REQUIRE(world.b.read("SELECT group_concat(first_name) FROM owner") == "Free");
    const auto results = world.b.push();
    REQUIRE(results[0].outcome == sync::Outcome::applied);
    world.settle();
    REQUIRE(world.b.read("SELECT coalesce(owner_id, 'nobody') FROM patient") == "nobody");
    REQUIRE(world.b.read("SELECT group_concat(code) FROM sync_item WHERE status = 'open'") == "link_lost");
    REQUIRE(picture_of(world.a) == picture_of(world.central, world.clinic));
}

TEST_CASE("exchange: a transaction over the bound goes in parts and arrives whole", "[exchange]") {
    TwoNodes world;
    // By the shell's way: unmarked rows, found together, are one transaction.
    const Status written = world.a.database().maintain([&](edge::Connection& connection) -> Status {
        for (int i = 0; i < 700; ++i)
            connection.exec(owner_sql(world.clinic, new_id(), "N" + std::to_string(i)).c_str());
        connection.exec("UPDATE owner SET notes = printf('%.*c', 9000, 'x')");
        return Done{};
    });
    REQUIRE(written.ok());
    auto request = world.a.next_push();
    REQUIRE(request.transactions.size() == 1);
    const auto parts = sync::split_parts(request, sync::kBatchBytesMax);
    REQUIRE(parts.size() >= 2);
    REQUIRE(world.a.deliver(parts.front()).reply().staged);
    REQUIRE(world.central.psql("SELECT count(*) FROM owner") == "0");
    // The line is cut and all of it is sent again.
    world.settle();
    REQUIRE(world.central.psql("SELECT count(*) FROM owner") == "700");
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_stage") == "0");
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_transaction") == "1");
    world.require_equal();
}

TEST_CASE("exchange: a transaction in parts is acknowledged for the clinics of all its parts", "[exchange]") {
    TwoNodes world;
    const std::string south = world.central.clinic("SOUTH");
    world.central.psql("INSERT INTO sync_node_clinic (node_id, clinic_id) SELECT id, '" + south +
                       "' FROM sync_node WHERE name = 'front desk'");
    const Status written = world.a.database().maintain([&](edge::Connection& connection) -> Status {
        connection.exec(("UPDATE sync_control SET applying = 1; INSERT INTO clinic (id, code, name) VALUES ('" + south +
                         "', 'SOUTH', 'South'); UPDATE sync_control SET applying = 0")
                            .c_str());
        connection.exec(owner_sql(south, new_id(), "First").c_str());
        for (int i = 0; i < 700; ++i) connection.exec(owner_sql(world.clinic, new_id(), "N").c_str());
        connection.exec("UPDATE owner SET notes = printf('%.*c', 9000, 'x') WHERE first_name = 'N'");
        return Done{};
    });
    REQUIRE(written.ok());
    const auto parts = sync::split_parts(world.a.next_push(), sync::kBatchBytesMax);
    REQUIRE(parts.size() >= 2);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) REQUIRE(world.a.deliver(parts[i]).reply().staged);
    const auto answer = world.a.deliver(parts.back());
    REQUIRE_FALSE(answer.is_refused());
    REQUIRE(answer.reply().results.at(0).versions.size() == 2);
    REQUIRE(world.central.psql("SELECT count(*) FROM owner WHERE clinic_id = '" + south + "'") == "1");
}

TEST_CASE("exchange: after a push central knows what the node still keeps to itself, not what just came",
          "[exchange]") {
    TwoNodes world;
    const auto waiting = [&] {
        return world.central.psql(
            "SELECT pending_changes, oldest_pending_at IS NULL FROM sync_node "
            "WHERE name = 'front desk'");
    };
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Ada")).ok());
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Bea")).ok());
    auto request = world.a.next_push();
    REQUIRE(request.transactions.size() == 2);
    request.transactions.pop_back();
    REQUIRE_FALSE(world.a.deliver(request).is_refused());
    REQUIRE(waiting() == "1|f");
    world.settle();
    REQUIRE(waiting() == "0|t");
}

TEST_CASE("exchange: a page at a time gives the same as one page", "[exchange]") {
    TwoNodes world;
    std::string sql;
    for (int i = 0; i < 25; ++i) sql += owner_sql(world.clinic, new_id(), "N" + std::to_string(i));
    REQUIRE(world.a.write(sql).ok());
    world.a.sync();
    world.b.pull(3);
    REQUIRE(world.b.read("SELECT count(*) FROM owner") == "25");
    REQUIRE(picture_of(world.b) == picture_of(world.central, world.clinic));
}

TEST_CASE("exchange: a node that worked alone joins a clinic with all its work, its staff matched by e-mail",
          "[exchange]") {
    CentralWorld central;
    const std::string clinic = central.clinic("NORTH");
    central.psql(
        "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES ('" +
        new_id() + "', '" + clinic + "', 'ada@clinic.example', 'ada', 'Ada', 'L', 'x', '[\"admin\"]')");
    NodeWorld other{central, "NORTH", "front desk"};
    NodeWorld alone{central, "NORTH", "laptop", Beginning::alone};
    const std::string own = alone.read("SELECT id FROM clinic");
    const std::string owner = new_id(), patient = new_id(), record = new_id(), bill = new_id();
    REQUIRE(
        alone.write(owner_sql(own, owner, "Eva") + patient_sql(own, patient, owner) + record_sql(own, record, patient))
            .ok());
    REQUIRE(alone
                .write(bill_sql(own, bill, owner, patient, "ALONE-000001") + item_sql(own, new_id(), bill, 0) +
                       link_sql(own, bill, record) + "UPDATE bill SET status = 'paid'")
                .ok());
    alone.join("NORTH");
    for (int i = 0; i < 2; ++i) {
        alone.sync();
        other.sync();
    }
    REQUIRE(central.psql("SELECT count(*) FROM sync_item") == "0");
    REQUIRE(central.psql("SELECT status, bill_number, provisional_number FROM bill") ==
            "paid|BILL-000001|ALONE-000001");
    REQUIRE(other.read("SELECT count(*) FROM staff") == "1");
    REQUIRE(picture_of(alone) == picture_of(central, clinic));
    REQUIRE(picture_of(other) == picture_of(central, clinic));
}
