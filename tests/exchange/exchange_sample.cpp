#include <catch2/catch.hpp>

#include "central/sample/sample.h"
#include "tests/exchange/world.h"

namespace vetchart::test {

TEST_CASE("exchange: a node that enrols into a generated clinic gets all of it", "[exchange][sample]") {
    CentralWorld central;
    central::SampleOptions options;
    options.clinics = 2;
    options.patients = 90;
    options.years = 2;
    options.until = *central::parse_day("2026-06-30");
    central::SampleRun run;
    run.actor = "test";
    REQUIRE(central::make_sample(central.pool(), options, run).ok());
    NodeWorld node(central, "SAMPLE002", "front desk");
    node.pull(500);
    REQUIRE(std::stoi(node.read("SELECT count(*) FROM bill")) > 30);
    REQUIRE(node.read("SELECT count(*) FROM bill WHERE bill_number IS NULL") == "0");
    REQUIRE(picture_of(node) == picture_of(central, node.clinic_id()));
    // Work on a generated chart goes through as on any other.
    REQUIRE(node.write("UPDATE bill SET notes = 'called' WHERE id = (SELECT min(id) FROM bill)").ok());
    node.sync();
    REQUIRE(picture_of(node) == picture_of(central, node.clinic_id()));
}

}  // namespace vetchart::test
