#include <catch2/catch.hpp>

#include "tests/central/reports/fixture.h"

/// Visits, vaccinations, patients, appointments and freshness of a small group, against figures by hand.
namespace vetchart::test {
namespace {

using Row = std::map<std::string, std::string>;

Row vaccinations(ReportWorld& world, const std::string& to) {
    return row_of(world.report("vaccinations", "2024-01-01", to), {"NORTH"});
}

}  // namespace

TEST_CASE("reports: visits by month, record type and veterinarian, soft-deleted ones left out", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    world.patient("A", "NORTH");
    world.visit({.patient = "A", .visit_date = "2026-01-31"});
    world.visit({.patient = "A", .visit_date = "2026-01-01"});
    world.visit({.patient = "A", .visit_date = "2026-01-02", .veterinarian = "B Kim"});
    world.visit({.patient = "A", .visit_date = "2026-01-03", .record_type = "dental"});
    world.visit({.patient = "A", .visit_date = "2026-02-01"});
    world.visit({.patient = "A", .visit_date = "2026-01-04", .deleted = true});
    const auto result = world.report("visits", "2026-01-01", "2026-01-31");
    CHECK(result.rows.size() == 3);
    CHECK(row_of(result, {"NORTH", "2026-01", "treatment", "J Lee"}).at("visits") == "2");
    CHECK(row_of(result, {"NORTH", "2026-01", "treatment", "B Kim"}).at("visits") == "1");
    CHECK(row_of(result, {"NORTH", "2026-01", "dental", "J Lee"}).at("visits") == "1");
}

TEST_CASE("reports: visits are a person's, by the id and whatever the spelling of the name", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    world.patient("A", "NORTH");
    const auto hire = [&](int number, const std::string& last) {
        const std::string id = "00000000-0000-7000-8000-00000000a00" + std::to_string(number);
        world.run(
            "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) "
            "VALUES ('" +
            id + "', '" + world.id_of("NORTH") + "', '" + id + "', '" + id + "', 'Ann', '" + last + "', 'none', '[]')");
        return id;
    };
    const std::string allen = hire(1, "Allen"), lee = hire(2, "Lee"), namesake = hire(3, "Lee");
    const auto visits = [&](const std::string& printed, const std::string& id = "") {
        world.visit({.patient = "A", .visit_date = "2026-01-05", .veterinarian = printed});
        if (!id.empty()) {
            world.run("UPDATE medical_record SET veterinarian_id = '" + id + "' WHERE veterinarian = '" + printed +
                      "'");
        }
    };
    visits("Ann Allen", allen);
    visits("A. A.", allen);
    visits("Dr. Ann Allen");  // of before she was on the staff
    visits("ALLEN, Ann");
    visits("Ann Lee", lee);
    visits("Lee, Ann", namesake);
    visits("Dr. Ann Lee");
    visits("Bo Kim");
    visits("Dr. bo kim");
    const auto rows = world.rows(
        "SELECT veterinarian, coalesce(veterinarian_id::text, '-'), visits FROM report.visits('2026-01-01', "
        "'2026-01-31') ORDER BY veterinarian COLLATE \"C\", 2");
    const std::vector<std::vector<std::string>> expected = {{"Ann Allen", allen, "4"},
                                                            {"Ann Lee", lee, "1"},
                                                            {"Ann Lee", namesake, "1"},
                                                            {"Bo Kim", "-", "2"},
                                                            {"Dr. Ann Lee", "-", "1"}};
    CHECK(rows == expected);
    CHECK(world.report("visits", "2026-01-01", "2026-01-31").rows.size() == 5);
    CHECK(world.report("visits", "2026-01-01", "2026-01-31", "NORTH").rows.size() == 5);
}

TEST_CASE("reports: a vaccination is due on its day, else after twelve months, leap days included",
          "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    world.run("UPDATE patient SET status = 'inactive'");
    world.patient("Leap", "NORTH");  // 29 February 2024: due 28 February 2025
    world.visit({.patient = "Leap", .visit_date = "2024-02-29", .record_type = "vaccine"});
    CHECK(world.value("SELECT due_on FROM report.vaccination_due('2024-12-31')") == "2025-02-28");
    CHECK(vaccinations(world, "2025-02-28").at("covered_patients") == "1");
    CHECK(vaccinations(world, "2025-02-28").at("due_30_days") == "1");
    CHECK(vaccinations(world, "2025-03-01").at("overdue") == "1");
    CHECK(vaccinations(world, "2025-01-29").at("due_30_days") == "1");
    CHECK(vaccinations(world, "2025-01-28").at("due_30_days") == "0");
    CHECK(vaccinations(world, "2025-01-28").at("covered_patients") == "1");

    world.patient("Said", "NORTH");  // the day said in the record wins, and the earliest of the day's records
    world.visit({.patient = "Said", .visit_date = "2023-01-10", .record_type = "vaccine", .next_due_on = "2030-01-01"});
    world.visit({.patient = "Said", .visit_date = "2024-01-10", .record_type = "vaccine", .next_due_on = "2027-01-10"});
    world.visit({.patient = "Said", .visit_date = "2024-01-10", .record_type = "vaccine", .next_due_on = "2024-02-29"});
    world.visit({.patient = "Said", .visit_date = "2024-06-01"});
    world.visit({.patient = "Said", .visit_date = "2024-07-01", .record_type = "vaccine", .deleted = true});
    CHECK(world.value("SELECT due_on FROM report.vaccination_due('2024-12-31') WHERE patient_id = '" +
                      world.id_of("Said") + "'") == "2024-02-29");
    world.patient("None", "NORTH");
    world.patient("Dead", "NORTH", ", deceased_on", ", '2024-03-01'");
    world.patient("Gone", "NORTH", ", deleted_at", ", now()");
    for (const char* who : {"Dead", "Gone"}) {
        world.visit({.patient = who, .visit_date = "2024-02-01", .record_type = "vaccine"});
    }
    const Row row = vaccinations(world, "2024-03-15");
    CHECK(row.at("given") == "5");  // two of Said's, Leap's, Dead's and Gone's
    CHECK(row.at("active_patients") == "3");
    CHECK(row.at("covered_patients") == "1");
    CHECK(row.at("overdue") == "1");
    CHECK(row.at("never_vaccinated") == "1");
    CHECK(row.at("coverage_percent") == "33.3");
    CHECK(vaccinations(world, "2024-02-29").at("active_patients") == "4");  // Dead still lived
    CHECK(vaccinations(world, "2024-02-29").at("covered_patients") == "3");
}

TEST_CASE("reports: patients are new once, return after, and lapse when 18 months passed", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    for (const char* who : {"A", "B", "C", "D"}) world.patient(who, "NORTH");
    world.visit({.patient = "A", .visit_date = "2024-01-31"});
    world.visit({.patient = "A", .visit_date = "2024-02-01"});
    world.visit({.patient = "A", .visit_date = "2024-02-20"});
    world.visit({.patient = "B", .visit_date = "2024-02-10"});
    world.visit({.patient = "B", .visit_date = "2024-02-11"});
    world.visit({.patient = "C", .visit_date = "2023-12-01", .deleted = true});
    world.visit({.patient = "C", .visit_date = "2024-02-12"});
    world.visit({.patient = "C", .visit_date = "2025-08-12"});  // 18 months to the day: came back in time
    world.visit({.patient = "D", .visit_date = "2024-08-31"});
    const auto result = world.report("patients", "2024-02-01", "2026-03-31");
    const Row february = row_of(result, {"NORTH", "2024-02"});
    CHECK(february.at("seen_patients") == "3");
    CHECK(february.at("new_patients") == "2");
    CHECK(february.at("returning_patients") == "1");
    CHECK(february.at("lapsed_patients") == "0");
    CHECK(row_of(result, {"NORTH", "2025-08"}).at("lapsed_patients") == "2");  // A on the 20th, B on the 11th
    CHECK(row_of(result, {"NORTH", "2025-08"}).at("returning_patients") == "1");
    CHECK(row_of(result, {"NORTH", "2026-02"}).at("lapsed_patients") ==
          "1");  // D: 31 August + 18 months is 28 February
    // Seen again within the range: no longer lapsed; archived, dead or inactive: not expected back.
    world.visit({.patient = "A", .visit_date = "2026-01-05"});
    world.run("UPDATE patient SET deceased_on = '2025-01-01' WHERE id = '" + world.id_of("B") + "'");
    world.run("UPDATE patient SET status = 'inactive' WHERE id = '" + world.id_of("D") + "'");
    const auto after = world.report("patients", "2024-02-01", "2026-03-31");
    CHECK(row_of(after, {"NORTH", "2025-08"}).at("lapsed_patients") == "0");
    CHECK(rows_of(after, {"NORTH", "2026-02"}).empty());
    CHECK(row_of(after, {"NORTH", "2026-01"}).at("returning_patients") == "1");
    // Half a month: who came on the 1st of it is not new on the 20th.
    CHECK(row_of(world.report("patients", "2024-02-15", "2024-02-29"), {"NORTH", "2024-02"}).at("returning_patients") ==
          "1");
    world.run("SELECT archive_patient('" + world.id_of("B") + "', 'os:test', 'left')");
    CHECK(row_of(world.report("patients", "2024-02-01", "2026-03-31"), {"NORTH", "2024-02"}).at("new_patients") == "2");
}

TEST_CASE("reports: no-shows are rated against those who were to come, by weekday", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    world.patient("A", "NORTH");
    for (const char* status : {"completed", "completed", "no-show", "cancelled", "scheduled"}) {
        world.appointment("A", "2026-03-02", status);  // a Monday
    }
    world.appointment("A", "2026-03-09", "completed");
    world.appointment("A", "2026-03-08", "cancelled");  // a Sunday
    world.appointment("A", "2026-03-02", "no-show", true);
    const auto result = world.report("appointments", "2026-03-01", "2026-03-31");
    const Row monday = row_of(result, {"NORTH", "1"});
    CHECK(monday.at("appointments") == "6");
    CHECK(monday.at("completed") == "3");
    CHECK(monday.at("no_show") == "1");
    CHECK(monday.at("cancelled") == "1");
    CHECK(monday.at("open") == "1");
    CHECK(monday.at("no_show_percent") == "25.0");
    CHECK(monday.at("cancelled_percent") == "16.7");
    CHECK(row_of(result, {"NORTH", "7"}).at("no_show_percent") == "-");
}

TEST_CASE("reports: every row set says how fresh each clinic is, and what is held back", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    world.clinic("SOUTH", "UTC");
    const auto node = [&](const std::string& name, const std::string& state, const std::string& seen,
                          const std::string& pending) {
        world.run(
            "INSERT INTO sync_node (id, name, code, secret_hash, state, enrolled_at, last_seen_at, "
            "pending_changes, oldest_pending_at, schema_version) VALUES (md5('" +
            name + "')::uuid, '" + name + "', '" + name + "', '', '" + state + "', '2026-01-01T00:00:00Z', " + seen +
            ", " + pending + ", 5)");
        world.run("INSERT INTO sync_node_clinic (node_id, clinic_id) VALUES (md5('" + name + "')::uuid, '" +
                  world.id_of("NORTH") + "')");
    };
    node("DESK", "active", "'2026-03-02T08:00:00Z'", "3, '2026-03-01T07:00:00Z'");
    node("LAPTOP", "active", "'2026-03-05T08:00:00Z'", "4, '2026-03-04T07:00:00Z'");
    node("LOST", "revoked", "'2026-01-02T08:00:00Z'", "99, '2026-01-01T07:00:00Z'");
    const auto item = [&](const std::string& kind, const std::string& status) {
        world.run(
            "INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, code, title, reason, actor, at, "
            "status, node_id) VALUES (gen_random_uuid(), '" +
            world.id_of("NORTH") + "', '" + kind + "', 'owner', 'x', 'c', 't', 'r', 'a', now(), '" + status +
            "', md5('DESK')::uuid)");
    };
    item("conflict", "open");
    item("conflict", "open");
    item("conflict", "resolved");
    item("quarantine", "open");
    item("notice", "open");
    for (const auto& report : central::reports()) {
        const auto result = world.report(std::string(report.name));
        REQUIRE(result.clinics.size() == 2);
        CHECK(result.clinics[0].code == "NORTH");
        CHECK(result.clinics[0].data_as_of == "2026-03-02T08:00:00.000Z");
        CHECK(result.clinics[0].pending_changes == 7);
        CHECK(result.clinics[0].oldest_pending_at == "2026-03-01T07:00:00.000Z");
        CHECK(result.clinics[0].conflicts == 2);
        CHECK(result.clinics[0].quarantined == 1);
        CHECK(result.clinics[1].data_as_of > "2026-03-06");  // central alone: now
        CHECK(result.clinics[1].pending_changes == 0);
    }
    const Row desk = row_of(world.report("sync-lag"), {"NORTH", "DESK"});
    CHECK(desk.at("pending_changes") == "3");
    CHECK(desk.at("conflicts") == "2");
    CHECK(desk.at("quarantined") == "1");
    CHECK(desk.at("schema_version") == "5");
    CHECK(row_of(world.report("sync-lag"), {"NORTH", "LOST"}).at("node_state") == "revoked");
    CHECK(world.report("sync-lag", "", "", "SOUTH").rows.empty());
    // A node that was never heard of: nothing is known since it was enrolled.
    world.run("UPDATE sync_node SET last_seen_at = NULL WHERE name = 'DESK'");
    CHECK(world.report("visits").clinics[0].data_as_of == "2026-01-01T00:00:00.000Z");
}

}  // namespace vetchart::test
