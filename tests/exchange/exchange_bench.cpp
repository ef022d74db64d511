// How fast central accepts pushes, for a comparison of two trees in one run: exchange_tests "[.bench]".
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

constexpr int kTransactions = 2000;

/// Pushes all that `node` has; milliseconds spent in central's answers, JSON both ways included.
double push_timed(NodeWorld& node) {
    double spent_ms = 0;
    for (;;) {
        const sync::PushRequest request = node.next_push();
        if (request.transactions.empty()) return spent_ms;
        const auto began = std::chrono::steady_clock::now();
        const auto answer = node.deliver(request);
        spent_ms += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
        REQUIRE_FALSE(answer.is_refused());
        REQUIRE(node.store().log.acknowledge(request.incarnation, answer.reply(), now()).ok());
    }
}

void report(const char* what, double spent_ms) {
    std::cout << what << ": " << kTransactions << " transactions in " << static_cast<int>(spent_ms) << " ms, "
              << static_cast<int>(kTransactions * 1000 / spent_ms) << "/s\n";
}

}  // namespace

TEST_CASE("exchange bench: new charts, edits and held work", "[.bench]") {
    CentralWorld central;
    const std::string clinic = central.clinic("NORTH");
    NodeWorld node(central, "NORTH", "front desk");
    for (int i = 0; i < kTransactions; ++i) {
        const std::string owner = new_id(), patient = new_id();
        REQUIRE(node.write(owner_sql(clinic, owner, "Ada") + patient_sql(clinic, patient, owner) +
                           record_sql(clinic, new_id(), patient))
                    .ok());
    }
    report("new charts (3 rows each)", push_timed(node));
    node.pull();
    for (int i = 0; i < kTransactions; ++i) {
        const std::string row = "(SELECT id FROM owner ORDER BY id LIMIT 1 OFFSET " + std::to_string(i) + ")";
        REQUIRE(node.write("UPDATE owner SET notes = 'edit " + std::to_string(i) + "' WHERE id = " + row).ok());
    }
    report("edits (1 row each)", push_timed(node));
    node.pull();
    // Somebody whom central does not know adds staff: each is held whole, one by one.
    for (int i = 0; i < kTransactions; ++i) {
        const std::string name = "s" + std::to_string(i);
        REQUIRE(node.write("INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, "
                           "roles) VALUES ('" +
                           new_id() + "', '" + clinic + "', '" + name + "@mail.example', '" + name +
                           "', 'Sam', 'Test', 'x', '[\"staff\"]')")
                    .ok());
    }
    report("held", push_timed(node));
}
