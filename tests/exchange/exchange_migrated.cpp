// The rows of a dirty legacy database, migrated and pulled to a node: both engines keep the deletion rules on them.
#include <catch2/catch.hpp>

#include "central/store/migrate.h"
#include "tests/exchange/world.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

std::string migrated_dirty_database() {
    auto& server = PrivatePostgres::instance();
    const std::string folder = std::string(VETCHART_TEST_DATA) + "/legacy/";
    central::MigrateOptions options;
    options.url = server.new_database();
    options.say = [](const std::string&) {};
    std::string script = "\\i " + folder + "legacy_tables.sql\n";
    for (const std::string table : {"User", "Owner", "Patient", "MedicalRecord", "Appointment", "Bill"}) {
        script += "\\copy \"" + table + "\" from '" + folder + "dirty/" + table + ".csv' csv header\n";
    }
    server.psql(options.url, script);
    const auto result = central::migrate(options);
    REQUIRE(result);
    return options.url;
}

/// SQLSTATE (or the text) with which central refuses, "" when it does not; nothing is kept.
std::string central_refuses(CentralWorld& central, const std::string& sql) {
    try {
        central.psql("BEGIN; " + sql + "; ROLLBACK");
        return {};
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

struct Rule {
    const char* what;
    const char* find;    ///< A migrated row the rule protects: its id.
    const char* remove;  ///< DELETE, with $ for the id.
    const char* slug;    ///< "" where it is allowed.
};

const Rule kRules[] = {
    {"a patient with a record", "SELECT min(CAST(patient_id AS text)) FROM medical_record",
     "DELETE FROM patient WHERE id = '$'", "still_referenced"},
    {"a patient with an appointment alone",
     "SELECT min(CAST(patient_id AS text)) FROM appointment a WHERE NOT EXISTS (SELECT 1 FROM medical_record r WHERE "
     "r.patient_id = a.patient_id) AND NOT EXISTS (SELECT 1 FROM bill b WHERE b.patient_id = a.patient_id)",
     "DELETE FROM patient WHERE id = '$'", "still_referenced"},
    {"an owner with a bill", "SELECT min(CAST(owner_id AS text)) FROM bill", "DELETE FROM owner WHERE id = '$'",
     "still_referenced"},
    {"a record that a bill is joined to", "SELECT min(CAST(medical_record_id AS text)) FROM bill_medical_record",
     "DELETE FROM medical_record WHERE id = '$'", "still_referenced"},
    {"a bill with items", "SELECT min(CAST(bill_id AS text)) FROM bill_item", "DELETE FROM bill WHERE id = '$'",
     "still_referenced"},
    {"an issued bill without items",
     "SELECT min(CAST(id AS text)) FROM bill b WHERE issued_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bill_item i "
     "WHERE i.bill_id = b.id) AND NOT EXISTS (SELECT 1 FROM bill_medical_record j WHERE j.bill_id = b.id)",
     "DELETE FROM bill WHERE id = '$'", "bill_issued"},
    {"an item of a paid bill",
     "SELECT min(CAST(i.id AS text)) FROM bill_item i JOIN bill b ON b.id = i.bill_id WHERE b.status = 'paid'",
     "DELETE FROM bill_item WHERE id = '$'", "bill_closed"},
    {"a link of a paid bill",
     "SELECT min(CAST(bill_id AS text)) FROM bill_medical_record j JOIN bill b ON b.id = j.bill_id WHERE b.status = "
     "'paid'",
     "DELETE FROM bill_medical_record WHERE bill_id = '$'", "bill_closed"},
    {"the clinic", "SELECT min(CAST(id AS text)) FROM clinic", "DELETE FROM clinic WHERE id = '$'", "still_referenced"},
    {"an owner without a bill, whose patients stay",
     "SELECT min(CAST(id AS text)) FROM owner o WHERE NOT EXISTS (SELECT 1 FROM bill b WHERE b.owner_id = o.id)",
     "DELETE FROM owner WHERE id = '$'", ""},
    {"an appointment, whose bills stay", "SELECT min(CAST(appointment_id AS text)) FROM bill",
     "DELETE FROM appointment WHERE id = '$'", ""},
};

std::string with_id(std::string text, const std::string& id) { return text.replace(text.find('$'), 1, id); }

}  // namespace

TEST_CASE("migrated: a node gets every row, and both engines keep the deletion rules on them", "[exchange][migrate]") {
    CentralWorld central(migrated_dirty_database());
    NodeWorld node(central, "MAIN", "front desk");
    CHECK(picture_of(node) == picture_of(central, node.clinic_id()));
    for (const auto& [what, find, remove, slug] : kRules) {
        CAPTURE(what);
        const auto id = central.psql(find);
        if (id.empty()) continue;
        REQUIRE(node.read(find) == id);
        const auto refused = central_refuses(central, with_id(remove, id));
        CHECK((std::string(slug).empty() ? refused.empty() : refused.find(slug) != std::string::npos));
        if (std::string(slug).empty()) continue;
        const auto status = node.write(with_id(remove, id));
        REQUIRE_FALSE(status);
        CHECK(status.error().slug == slug);
    }
    // What is allowed goes through on the node, and reaches central.
    const auto owner = node.read(
        "SELECT p.owner_id FROM patient p WHERE NOT EXISTS (SELECT 1 FROM bill b WHERE b.owner_id = p.owner_id) "
        "AND p.owner_id IS NOT NULL ORDER BY 1 LIMIT 1");
    if (owner.empty()) return;
    const auto count = "SELECT count(*) FROM patient WHERE owner_id IS NULL";
    const auto orphans = node.read(count);
    REQUIRE(node.write("DELETE FROM owner WHERE id = '" + owner + "'"));
    CHECK(node.read(count) != orphans);
    node.sync();
    CHECK(central.psql("SELECT count(*) FROM owner WHERE id = '" + owner + "'") == "0");
    CHECK(picture_of(node) == picture_of(central, node.clinic_id()));
}

}  // namespace vetchart::test
