#include "central/accept/batch.h"

#include <catch2/catch.hpp>

namespace vetchart::central {
namespace {

const std::string kNorth = "018f0000-0000-7000-8000-000000000001", kSouth = "018f0000-0000-7000-8000-000000000002";
const std::string kAda = "018f0000-0000-7000-8000-00000000000a", kRex = "018f0000-0000-7000-8000-00000000000b",
                  kVet = "018f0000-0000-7000-8000-00000000000c";

sync::Change change_of(const char* table, const std::string& id, const std::string& clinic, sync::Json new_values) {
    sync::Change change;
    change.table = table;
    change.row_id = id;
    change.clinic_id = clinic;
    change.op = sync::Op::update;
    change.old_values = sync::Json::object();
    change.new_values = std::move(new_values);
    return change;
}

}  // namespace

TEST_CASE("batch: one pass finds the clinics, the rows written and the rows referenced", "[central][accept]") {
    sync::Transaction first, second;
    first.actor = kVet;
    first.changes = {change_of("owner", kAda, kNorth, {{"notes", "x"}}),
                     change_of("patient", kRex, kNorth, {{"owner_id", kAda}})};
    second.actor = "vet@clinic.example";
    second.changes = {change_of("patient", kRex, kSouth, {{"owner_id", "nobody"}})};
    const Batch batch({first, second});

    CHECK(batch.clinics() == std::set<std::string>{kNorth, kSouth});
    CHECK(batch.rows_written() == std::set<sync::RowKey>{{"owner", kAda}, {"patient", kRex}});
    // What is no id names no row: neither an old log's actor nor a parent that a node made up.
    CHECK(batch.rows_referenced() == std::set<sync::RowKey>{{"owner", kAda}, {"staff", kVet}});
    REQUIRE(batch.changes().size() == 3);
    REQUIRE(batch.changes_of("patient").size() == 2);
    CHECK(batch.changes_of("patient")[1].transaction == &batch.transactions()[1]);
    CHECK(batch.changes_of("bill").empty());
}

TEST_CASE("batch: values that are erased in place are gone from every list", "[central][accept]") {
    sync::Transaction transaction;
    transaction.changes = {change_of("owner", kAda, kNorth, {{"first_name", "Ada"}})};
    Batch batch({transaction});
    batch.erase_values([](sync::Transaction& erased) {
        sync::Transaction moved = std::move(erased);
        moved.changes[0].new_values = sync::Json::object();
        erased = std::move(moved);
    });
    CHECK(batch.changes_of("owner")[0].change == &batch.transactions()[0].changes[0]);
    CHECK(batch.changes_of("owner")[0].change->new_values.empty());
}

}  // namespace vetchart::central
