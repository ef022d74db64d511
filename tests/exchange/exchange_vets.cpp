// The id of a veterinarian on its way.
#include <catch2/catch.hpp>

#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

std::string staff_sql(const std::string& clinic, const std::string& id, const std::string& email) {
    return "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES ('" +
           id + "', '" + clinic + "', '" + email + "', '" + email +
           "', 'Rosa', 'Allen', 'none', '[\"admin\",\"veterinarian\"]');";
}

std::string treated_by(const std::string& record, const std::string& staff) {
    return "UPDATE medical_record SET veterinarian = 'Dr. Rosa Allen', veterinarian_id = '" + staff + "' WHERE id = '" +
           record + "';";
}

/// A clinic with a veterinarian at central, and two nodes.
struct Treated {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    std::string rosa = new_id();
    std::string owner = new_id(), patient = new_id(), record = new_id();
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};

    Treated() {
        central.psql(staff_sql(clinic, rosa, "rosa@north.example"));
        a.pull();
        REQUIRE(a.write(owner_sql(clinic, owner, "Eva") + patient_sql(clinic, patient, owner) +
                        record_sql(clinic, record, patient))
                    .ok());
    }
};

constexpr const char* kSigned = "SELECT veterinarian || ' ' || coalesce(veterinarian_id, '-') FROM medical_record";
}  // namespace

TEST_CASE("exchange: a node's veterinarian is the same person at central and on the other node", "[exchange][vets]") {
    Treated world;
    REQUIRE(world.a.write(treated_by(world.record, world.rosa)).ok());
    REQUIRE(world.a
                .write("UPDATE patient SET assigned_doctor = 'Rosa', assigned_doctor_id = '" + world.rosa +
                       "'; INSERT INTO appointment (id, clinic_id, patient_id, date, reason, veterinarian_id) VALUES "
                       "('" +
                       new_id() + "', '" + world.clinic + "', '" + world.patient + "', '2026-03-01', 'Check', '" +
                       world.rosa + "')")
                .ok());
    world.a.sync();
    world.b.sync();
    CHECK(world.b.read(kSigned) == "Dr. Rosa Allen " + world.rosa);
    CHECK(world.b.read("SELECT assigned_doctor_id FROM patient") == world.rosa);
    CHECK(world.b.read("SELECT veterinarian_id FROM appointment") == world.rosa);
    CHECK(picture_of(world.a) == picture_of(world.central, world.clinic));
    CHECK(picture_of(world.b) == picture_of(world.central, world.clinic));
}
