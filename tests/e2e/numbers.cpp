#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "sync/base/uuid.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

namespace vetchart::e2e {
namespace {

constexpr int kNodes = 4;
constexpr int kWritersPerNode = 4;
constexpr int kSqlWriters = 16;
constexpr int kBillsPerWriter = 100;
constexpr int kRollbackEvery = 10;

/// Bills as a DBA's script inserts them, each in a transaction of its own; some are rolled back.
std::string bills_script(const std::string& clinic, const Visit& visit, int writer) {
    std::ostringstream script;
    for (int i = 0; i < kBillsPerWriter; ++i) {
        const bool refused = i % kRollbackEvery == 0;
        script << "BEGIN; INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, "
                  "tax_cents, total_cents, status, bill_date, due_date, created_at, updated_at) VALUES ('"
               << to_string(random_uuid_v4(test::chance())) << "', '" << clinic << "', '" << visit.owner << "', '"
               << visit.patient << "', 'SQL" << writer << "-" << i
               << "', 100, 0, 100, 'draft', '2026-11-22', '2026-12-22', now(), now()); "
               << (refused ? "ROLLBACK;\n" : "COMMIT;\n");
    }
    return script.str();
}

}  // namespace

TEST_CASE("e2e: 32 writers through nodes and through SQL get one number for each bill", "[e2e][numbers]") {
    Cluster cluster;
    std::vector<Node*> nodes;
    for (int i = 0; i < kNodes; ++i)
        nodes.push_back(&cluster.add_node("n" + std::to_string(i), i < 2 ? "NORTH" : "SOUTH"));
    std::vector<Visit> visits;
    for (const Node* node : nodes) visits.push_back(make_visit(*node, "of" + node->name()));
    REQUIRE(cluster.settle(nodes));
    const auto north = cluster.clinic_id("NORTH");
    const auto south = cluster.clinic_id("SOUTH");

    std::atomic<int> refused = 0;
    std::atomic<int> failed_scripts = 0;
    std::vector<std::thread> writers;
    for (int i = 0; i < kNodes * kWritersPerNode; ++i) {
        writers.emplace_back([&, i] {
            const auto n = static_cast<std::size_t>(i % kNodes);
            for (int k = 0; k < kBillsPerWriter; ++k) {
                const auto reply = nodes[n]->post("/api/bills", sample_bill(visits[n].owner, visits[n].patient));
                if (reply.status != 201) ++refused;
            }
        });
    }
    for (int i = 0; i < kSqlWriters; ++i) {
        writers.emplace_back([&, i] {
            const bool at_north = i % 2 == 0;
            try {
                test::PrivatePostgres::instance().psql(
                    cluster.database(), bills_script(at_north ? north : south, visits[at_north ? 0 : 2], i));
            } catch (const std::exception&) {
                ++failed_scripts;
            }
        });
    }
    for (auto& writer : writers) writer.join();
    REQUIRE(refused == 0);
    REQUIRE(failed_scripts == 0);
    REQUIRE(cluster.settle(nodes, std::chrono::seconds(180)));

    constexpr int kBySql = kSqlWriters * (kBillsPerWriter - kBillsPerWriter / kRollbackEvery);
    constexpr int kBills = kNodes + kNodes * kWritersPerNode * kBillsPerWriter + kBySql;
    CHECK(cluster.sql("SELECT count(*) FROM bill") == std::to_string(kBills));
    CHECK(cluster.sql("SELECT count(DISTINCT bill_number) FROM bill") == std::to_string(kBills));
    CHECK(cluster.sql("SELECT count(*) FROM bill WHERE bill_number !~ '^BILL-[0-9]{6,}$'") == "0");
    CHECK(cluster.sql("SELECT count(DISTINCT provisional_number) FROM bill") == std::to_string(kBills));
    CHECK(cluster.sql("SELECT count(*) FROM sync_item WHERE kind <> 'notice'") == "0");
    // Gaps come from rolled-back transactions alone: no more numbers were drawn than were asked for by an insert.
    const auto drawn =
        cluster.sql("SELECT max(substr(bill_number, 6)::bigint) - min(substr(bill_number, 6)::bigint) + 1 FROM bill");
    CHECK(std::stoi(drawn) <= kBills + kSqlWriters * kBillsPerWriter / kRollbackEvery);
    cluster.require_same_rows({nodes[0], nodes[1]}, "NORTH");
    cluster.require_same_rows({nodes[2], nodes[3]}, "SOUTH");
    WARN(kBills << " bills, " << drawn << " numbers drawn");
}

TEST_CASE("e2e: a number stays the same however often the bill is sent and changed", "[e2e][numbers]") {
    Cluster cluster;
    Node& front = cluster.add_node("front", "NORTH");
    const Visit visit = make_visit(front, "same");
    REQUIRE(cluster.settle({&front}));
    const auto number = front.get("/api/bills/" + visit.bill).json().at("billNumber").get<std::string>();
    CHECK(number == "BILL-000001");
    for (int i = 0; i < 5; ++i) {
        const auto note = "change " + std::to_string(i);
        REQUIRE(front.put("/api/bills/" + visit.bill, {{"notes", note}, {"billNumber", "BILL-999999"}}).status == 200);
        REQUIRE(cluster.settle({&front}));
        CHECK(front.get("/api/bills/" + visit.bill).json().at("billNumber") == number);
    }
    // Found by both printed texts.
    for (const auto& text : {number, visit.provisional_number}) {
        const auto found = front.get("/api/bills?q=" + text).json();
        REQUIRE(found.size() == 1);
        CHECK(found.at(0).at("id") == visit.bill);
    }
}

}  // namespace vetchart::e2e
