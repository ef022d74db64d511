#include <catch2/catch.hpp>
#include <random>
#include <regex>

#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"

namespace vetchart::e2e {
namespace {

bool is_offline(const Node& node) {
    const auto status = node.status();
    return status.is_object() && !status.value("online", true);
}

void require_final(const Node& node, const Visit& visit) {
    const auto bill = node.get("/api/bills/" + visit.bill).json();
    INFO(node.name() << " " << bill.dump());
    REQUIRE(bill.at("numberStatus") == "final");
    REQUIRE(std::regex_match(bill.at("billNumber").get<std::string>(), std::regex("BILL-[0-9]{6,}")));
    REQUIRE(bill.at("provisionalNumber") == visit.provisional_number);
    REQUIRE(bill.at("items").size() == 3);
    REQUIRE(bill.at("medicalRecordIds").size() == 2);
    REQUIRE(bill.at("totalAmount") == 288.9);
    REQUIRE(bill.at("syncState") == "confirmed");
}

}  // namespace

TEST_CASE("e2e: offline work on two nodes reaches central and each other with final numbers", "[e2e]") {
    Cluster cluster;
    Node& front = cluster.add_node("front", "NORTH");
    Node& laptop = cluster.add_node("laptop", "NORTH");
    Node& south = cluster.add_node("south", "SOUTH");
    REQUIRE(cluster.stop_central() == 0);

    const Visit one = make_visit(front, "one");
    const Visit two = make_visit(laptop, "two");
    REQUIRE(eventually([&] { return is_offline(front) && is_offline(laptop); }));
    for (const Node* node : {&front, &laptop}) CHECK(node->post("/api/sync/now", Json::object()).status == 503);
    for (const auto& [node, visit] : {std::pair{&front, &one}, std::pair{&laptop, &two}}) {
        const auto bill = node->get("/api/bills/" + visit->bill).json();
        CHECK(bill.at("numberStatus") == "provisional");
        CHECK(bill.at("billNumber") == visit->provisional_number);
        // Also after an attempt that failed: it says "not sent yet".
        CHECK(bill.at("syncState") == "local");
        const auto status = node->status();
        CHECK(status.at("pendingTransactions") == 6);
        CHECK(status.at("oldestPendingAt").is_string());
    }
    CHECK(laptop.get("/api/owners/" + one.owner).status == 404);

    cluster.start_central();
    REQUIRE(cluster.settle({&front, &laptop, &south}));
    for (const Node* node : {&front, &laptop}) {
        require_final(*node, one);
        require_final(*node, two);
    }
    cluster.require_same_rows({&front, &laptop}, "NORTH");
    CHECK(south.get("/api/owners").json().empty());
    CHECK(cluster.sql("SELECT count(*) = 2 AND count(DISTINCT bill_number) = 2 FROM bill") == "t");
}

TEST_CASE("e2e: a soft-deleted owner's patients and records stand on every node", "[e2e]") {
    Cluster cluster;
    Node& front = cluster.add_node("front", "NORTH");
    Node& laptop = cluster.add_node("laptop", "NORTH");
    const Visit visit = make_visit(front, "leaving");
    REQUIRE(cluster.settle({&front, &laptop}));
    REQUIRE(laptop.remove("/api/owners/" + visit.owner + "?withPatients=keep").status == 200);
    REQUIRE(cluster.settle({&front, &laptop}));
    for (const Node* node : {&front, &laptop}) {
        CHECK(node->get("/api/owners").json().empty());
        const auto patient = node->get("/api/patients/" + visit.patient).json();
        CHECK(patient.at("owner").at("id") == visit.owner);
        CHECK(patient.at("owner").at("deletedAt").is_string());
        CHECK(node->get("/api/records/patient/" + visit.patient).json().size() == 2);
        CHECK(node->get("/api/bills").json().size() == 1);
    }
    cluster.require_same_rows({&front, &laptop}, "NORTH");
}

TEST_CASE("e2e: two nodes that both edit at random while online end with the same rows", "[e2e]") {
    Cluster cluster;
    std::vector<Node*> nodes{&cluster.add_node("front", "NORTH"), &cluster.add_node("laptop", "NORTH")};
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<std::string> owners;
    for (int i = 0; i < 120; ++i) {
        Node& node = *nodes[random() % 2];
        const auto mark = "r" + std::to_string(i);
        switch (owners.empty() ? 0 : random() % 5) {
            case 0: owners.push_back(node.create("/api/owners", sample_owner(mark))); break;
            case 1: (void)node.put("/api/owners/" + owners[random() % owners.size()], {{"phone", mark}}); break;
            case 2: (void)node.put("/api/owners/" + owners[random() % owners.size()], {{"notes", mark}}); break;
            case 3: (void)node.post("/api/patients", sample_patient(owners[random() % owners.size()], mark)); break;
            default:
                if (random() % 4 == 0) (void)node.remove("/api/owners/" + owners[random() % owners.size()]);
        }
        if (random() % 25 == 0) (void)node.post("/api/sync/now", Json::object());
    }
    REQUIRE(cluster.settle(nodes));
    cluster.require_same_rows(nodes, "NORTH");
}

TEST_CASE("e2e: another node's change arrives within two seconds while online", "[e2e]") {
    Cluster cluster;
    Node& front = cluster.add_node("front", "NORTH");
    Node& laptop = cluster.add_node("laptop", "NORTH");
    REQUIRE(cluster.settle({&front, &laptop}));
    const auto owner = front.create("/api/owners", sample_owner("quick"));
    const auto asked = std::chrono::steady_clock::now();
    REQUIRE(eventually([&] { return laptop.get("/api/owners/" + owner).status == 200; }));
    const auto took = std::chrono::steady_clock::now() - asked;
    CHECK(std::chrono::duration_cast<std::chrono::milliseconds>(took).count() < 2000);
}

}  // namespace vetchart::e2e
