// The id of a veterinarian on its way: with the person, before the person is known, and without.
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
constexpr const char* kSignedAtCentral =
    "SELECT veterinarian || ' ' || coalesce(veterinarian_id::text, '-') FROM medical_record";

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

TEST_CASE("exchange: who is not of central's staff holds no medical record up: the printed name stands",
          "[exchange][vets]") {
    Treated world;
    const std::string gone = new_id();
    // As a shell without foreign keys and triggers could leave it, or a staff row deleted at central meanwhile.
    world.central.psql(staff_sql(world.clinic, gone, "gone@north.example"));
    world.a.sync();
    world.central.psql("DELETE FROM staff WHERE id = '" + gone + "'");
    REQUIRE(world.a.write(treated_by(world.record, gone)).ok());
    for (const auto& result : world.a.push()) CHECK(result.outcome == sync::Outcome::applied);
    CHECK(world.central.psql(kSignedAtCentral) == "Dr. Rosa Allen -");
    world.a.pull();
    world.b.sync();
    CHECK(world.a.read(kSigned) == "Dr. Rosa Allen -");
    CHECK(picture_of(world.a) == picture_of(world.central, world.clinic));
    CHECK(picture_of(world.b) == picture_of(world.central, world.clinic));
}

TEST_CASE("exchange: a node that worked alone brings its records whole, also of who is at central already",
          "[exchange][vets]") {
    CentralWorld central;
    const std::string clinic = central.clinic("NORTH");
    NodeWorld alone{central, "NORTH", "laptop", Beginning::alone};
    const std::string own = alone.clinic_id();
    const std::string ada = alone.read("SELECT id FROM staff");
    const std::string owner = new_id(), patient = new_id(), record = new_id(), other = new_id(), ben = new_id();
    REQUIRE(alone.write(staff_sql(own, ben, "ben@north.example"), ada).ok());
    REQUIRE(alone
                .write(owner_sql(own, owner, "Eva") + patient_sql(own, patient, owner) +
                           record_sql(own, record, patient) + record_sql(own, other, patient) +
                           treated_by(record, ada) + treated_by(other, ben),
                       ada)
                .ok());
    // Central knows ada by her e-mail, under another id.
    central.psql(staff_sql(clinic, new_id(), "ada@clinic.example"));
    alone.join("NORTH");
    alone.sync();
    CHECK(central.psql("SELECT count(*) FROM sync_item WHERE kind = 'quarantine'") == "0");
    const std::string of = std::string(kSignedAtCentral) + " WHERE id = ";
    CHECK(central.psql(of + "'" + record + "'") == "Dr. Rosa Allen -");
    CHECK(central.psql(of + "'" + other + "'") == "Dr. Rosa Allen " + ben);
    CHECK(picture_of(alone) == picture_of(central, clinic));
}
