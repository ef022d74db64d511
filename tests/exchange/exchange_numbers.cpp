// What a node tells of itself, and the numbers it prints (docs/data-rules.md).
#include <catch2/catch.hpp>
#include <functional>

#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

struct Numbers {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};
    std::string owner = new_id(), patient = new_id();

    Numbers() {
        REQUIRE(a.write(owner_sql(clinic, owner, "Ada") + patient_sql(clinic, patient, owner)).ok());
        settle();
    }
    void settle() {
        for (int i = 0; i < 2; ++i) {
            a.sync();
            b.sync();
        }
    }
    static std::string code_of(NodeWorld& node) { return node.read("SELECT node_code FROM node_state"); }
    /// Makes a bill of `node` with that number printed; returns its id.
    std::string bill(NodeWorld& node, const std::string& number) {
        std::string id = new_id();
        REQUIRE(node.write(bill_sql(clinic, id, owner, patient, number)).ok());
        return id;
    }
    std::string number_of(const std::string& bill) {
        return central.psql("SELECT provisional_number FROM bill WHERE id = '" + bill + "'");
    }
    std::string notices() {
        return central.psql(
            "SELECT string_agg(code || ' ' || (mine #>> '{}') || ' ' || (theirs #>> '{}') || ' ' || "
            "status, ';' ORDER BY opened_at, id) FROM sync_item WHERE kind = 'notice'");
    }
    /// Sends a push without transactions, with what the node tells of itself.
    Answer<sync::PushReply> tell(const std::function<void(sync::NodeHealth&)>& change) {
        auto request = a.next_push();
        change(request.health);
        return a.deliver(request);
    }
};

}  // namespace

TEST_CASE("exchange numbers: a bill number above what central gave out is never stored and moves nothing",
          "[exchange][numbers]") {
    Numbers world;
    world.bill(world.a, Numbers::code_of(world.a) + "-000001");
    world.settle();
    for (const std::int64_t told : {std::int64_t{2}, std::int64_t{1'000'000}, INT64_MAX}) {
        const int before = world.central.signs();
        const auto answer = world.tell([&](sync::NodeHealth& health) { health.highest_bill_number = told; });
        REQUIRE_FALSE(answer.is_refused());
        REQUIRE(world.central.signs() == before + 1);
        REQUIRE(world.central.psql("SELECT max(highest_bill_number) FROM sync_node") == "0");
    }
    const int before = world.central.signs();
    REQUIRE_FALSE(world.tell([](sync::NodeHealth& health) { health.highest_bill_number = 1; }).is_refused());
    REQUIRE(world.central.signs() == before);
    REQUIRE(world.central.psql("SELECT max(highest_bill_number) FROM sync_node") == "1");
    // The next change of timeline goes on from what was given out.
    world.central.psql("UPDATE central_state SET timeline = 4711");
    const std::string id = world.bill(world.b, Numbers::code_of(world.b) + "-000001");
    world.settle();
    REQUIRE(world.central.psql("SELECT bill_number FROM bill WHERE id = '" + id + "'") == "BILL-010002");
}

TEST_CASE("exchange numbers: what a node tells of itself is stored only as it can be", "[exchange][numbers]") {
    Numbers world;
    REQUIRE_FALSE(world
                      .tell([](sync::NodeHealth& health) {
                          health.pending_changes = INT64_MAX;
                          health.oldest_pending_at = "9999-12-31T23:59:59.999Z";
                          health.sent_at = "0001-01-01T00:00:00.000Z";
                      })
                      .is_refused());
    REQUIRE(world.central.psql("SELECT pending_changes, oldest_pending_at <= clock_timestamp(), clock_offset_ms "
                               "FROM sync_node WHERE name = 'front desk'") == "2147483647|t|4000000000000");
    for (const char* nonsense : {"highest_bill_number = -1", "highest_bill_number = 9223372036854775807",
                                 "pending_changes = -1", "clock_offset_ms = 9223372036854775807", "schema_version = 0",
                                 "app_version = E'1\\n2'", "name = E'desk\\x1b[2J'", "name = ''"}) {
        INFO(nonsense);
        REQUIRE_THROWS(world.central.psql(std::string("UPDATE sync_node SET ") + nonsense));
    }
    auto request = world.a.next_push();
    for (const char* code : {"", "ABCD", "ABCDEF", "abcde", "A/CDE"}) {
        request.node_code = code;
        REQUIRE_FALSE(sync::parse_push_request(sync::to_json(request)).ok());
    }
}

TEST_CASE(
    "exchange numbers: a bill with another node's number is taken under a suffix, with a notice, and the other "
    "keeps its own",
    "[exchange][numbers]") {
    Numbers world;
    const std::string theirs = Numbers::code_of(world.b) + "-000001";
    const std::string squatted = world.bill(world.a, theirs);
    world.settle();
    REQUIRE(world.number_of(squatted) == theirs + "/2");
    REQUIRE(world.notices() == "provisional_number_taken " + theirs + " " + theirs + "/2 open");
    REQUIRE(world.a.read("SELECT kind || status FROM sync_item") == "noticeopen");
    REQUIRE(world.b.read("SELECT kind || status FROM sync_item") == "noticeopen");
    // Found by what is printed, on every node.
    for (NodeWorld* node : {&world.a, &world.b}) {
        REQUIRE(node->read("SELECT count(*) FROM bill WHERE instr(provisional_number, '" + theirs + "') = 1") == "1");
    }
    const std::string own = world.bill(world.b, theirs);
    world.settle();
    REQUIRE(world.number_of(own) == theirs);
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_item") == "1");
    REQUIRE(picture_of(world.a) == picture_of(world.central, world.clinic));
    REQUIRE(picture_of(world.b) == picture_of(world.central, world.clinic));
}

TEST_CASE("exchange numbers: a number that is none of a node's is suffixed: central's, a final one's, any text",
          "[exchange][numbers]") {
    Numbers world;
    for (const char* number : {"CENTRAL-000001", "BILL-000007", "7", "BILL-9223372036854775807", "/2"}) {
        INFO(number);
        const std::string id = world.bill(world.a, number);
        world.settle();
        REQUIRE(world.number_of(id) == (std::string(number) == "/2" ? "/2" : std::string(number) + "/2"));
    }
    REQUIRE(world.central.psql("SELECT count(*) FROM bill") == "5");
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_item WHERE kind = 'quarantine'") == "0");
    // The longest text a node may hold is taken, too.
    const std::string id = world.bill(world.a, std::string(100, 'x'));
    world.settle();
    REQUIRE(world.number_of(id) == std::string(89, 'x') + "/2");
}

TEST_CASE("exchange numbers: a number used twice by its own node is taken under a suffix, with a notice",
          "[exchange][numbers]") {
    Numbers world;
    const std::string number = Numbers::code_of(world.a) + "-000001";
    world.bill(world.a, number);
    world.a.push();
    // As a copy of the node's file would, that wrote on: the code is its own, and it has not heard of the first.
    world.central.psql("UPDATE sync_node_code SET node_id = (SELECT id FROM sync_node WHERE name = 'laptop')");
    const std::string second = world.bill(world.b, number);
    world.settle();
    REQUIRE(world.number_of(second) == number + "/2");
    REQUIRE(world.notices() == "provisional_number_taken " + number + " " + number + "/2 open");
    REQUIRE(world.b.read("SELECT provisional_number FROM bill WHERE id = '" + second + "'") == number + "/2");
    REQUIRE(picture_of(world.b) == picture_of(world.central, world.clinic));
}

TEST_CASE("exchange numbers: codes of lives that central never heard of stand, a few a node", "[exchange][numbers]") {
    Numbers world;
    const std::string kept = world.bill(world.a, "XAAAA-000001");
    world.settle();
    REQUIRE(world.number_of(kept) == "XAAAA-000001");
    // From here it is that node's, and nobody else's.
    const std::string late = world.bill(world.b, "XAAAA-000002");
    world.settle();
    REQUIRE(world.number_of(late) == "XAAAA-000002/2");
    for (char last = 'B'; last <= 'Z'; ++last) world.bill(world.a, std::string("XAAA") + last + "-000001");
    world.settle();
    REQUIRE(world.central.psql("SELECT count(*) FROM sync_node_code WHERE code LIKE 'XAAA_'") == "16");
    REQUIRE(world.central.psql("SELECT count(*) FROM bill WHERE provisional_number LIKE '%/2'") == "11");
}

TEST_CASE("exchange numbers: a node begins a hundred lives a day at most", "[exchange][numbers]") {
    Numbers world;
    world.central.psql(
        "INSERT INTO sync_incarnation (incarnation, node_id, last_digest) SELECT gen_random_uuid(), n.id, "
        "sha256('') FROM sync_node n, generate_series(1, 99) WHERE n.name = 'front desk'");
    auto request = world.a.next_push();
    request.incarnation = new_id();
    const auto refused = world.a.deliver(request);
    REQUIRE(refused.is_refused());
    REQUIRE(refused.refusal().code == "too_many_lives");
    REQUIRE(refused.refusal().status == 503);
    world.central.psql("UPDATE sync_incarnation SET started_at = started_at - interval '2 days'");
    REQUIRE_FALSE(world.a.deliver(request).is_refused());
}

TEST_CASE("exchange: a time zone that central does not know is held in words, and the clinic keeps its own",
          "[exchange][numbers]") {
    Numbers world;
    const std::string boss = new_id();
    world.central.psql(
        "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES ('" +
        boss + "', '" + world.clinic + "', 'boss@north.example', 'boss', 'Bo', 'Ss', 'hash', '[\"admin\"]')");
    // It has the form of one, which is all that the file knows.
    REQUIRE(world.a.write("UPDATE clinic SET timezone = 'Mars/Olympus'", boss).ok());
    const auto results = world.a.push();
    REQUIRE(results.at(0).outcome == sync::Outcome::held);
    REQUIRE(world.central.psql("SELECT code || '/' || reason FROM sync_quarantine") ==
            "unknown_timezone/Central knows no such time zone. One is Europe/Berlin.");
    REQUIRE(world.central.psql("SELECT timezone FROM clinic") == "UTC");
    for (const char* wrong : {"EST5EDT", "UTC+3", "posixrules", "Europe"}) {
        REQUIRE_FALSE(world.a.write("UPDATE clinic SET timezone = '" + std::string(wrong) + "'").ok());
        REQUIRE_THROWS(world.central.psql("UPDATE clinic SET timezone = '" + std::string(wrong) + "'"));
    }
    REQUIRE_THROWS(world.central.psql("UPDATE clinic SET timezone = 'Mars/Olympus'"));
}
