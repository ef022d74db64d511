// The archival path (docs/retention.md): a patient with its whole history, out of the live tables and back.

#include "central/archive/archive.h"

#include <catch2/catch.hpp>
#include <iostream>
#include <random>
#include <thread>

#include "sync/base/uuid.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"

namespace vetchart::test {
namespace {

using central::archive_patient;
using central::restore_patient;

const char* const kTables[] = {"owner", "patient",   "medical_record",     "appointment",
                               "bill",  "bill_item", "bill_medical_record"};

UtcMillis now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string quoted(const std::string& text) { return "'" + text + "'"; }

central::PoolOptions options_for(const std::string& url) {
    central::PoolOptions options;
    options.url = url;
    return options;
}

/// The chart of fill_chart, a pool, and a plain connection beside it.
struct World {
    std::string url = central_database();
    central::Pool pool{options_for(url), test::chance()};
    pqxx::connection direct{url};

    World() { fill_chart(direct); }

    std::string value(const std::string& sql) { return value_of(direct, sql); }
    std::string run(const std::string& sql) { return refusal_of(direct, sql); }

    /// Every live row, without what a move changes (version) or may change (`less`).
    std::string picture(const std::string& less = "") {
        std::string all;
        for (const std::string table : kTables) {
            all += value("SELECT string_agg((to_jsonb(t) - 'version'" + less +
                         ")::text, E'\\n' ORDER BY (to_jsonb(t) "
                         "- 'version' - 'updated_at')::text) FROM " +
                         table + " t") +
                   "\n";
        }
        return all;
    }

    std::string archived_rows() {
        std::string counts;
        for (const std::string table : kTables) {
            if (table != "owner") counts += value("SELECT count(*) FROM archive." + table) + " ";
        }
        return counts;
    }

    std::string patient(const std::string& name) {
        const std::string id = new_row_id(test::chance(), now());
        REQUIRE(run("INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES (" + quoted(id) +
                    ", " + quoted(kClinic) + ", " + quoted(kOwner) + ", " + quoted(name) + ", 'Cat', 'female')") == "");
        return id;
    }
};

}  // namespace

TEST_CASE("archive: a patient goes with its whole history and comes back as it stood", "[central][archive]") {
    World world;
    REQUIRE(world.run("UPDATE bill SET status = 'sent'; UPDATE bill SET status = 'paid'") == "");
    REQUIRE(world.run(insert_bill(", status, cancel_reason, deleted_at", ", 'cancelled', 'r', '2026-05-01'")) == "");
    REQUIRE(world.run(insert_bill()) == "");
    REQUIRE(
        world.run("UPDATE appointment SET deleted_at = '2026-05-02'; UPDATE patient SET deleted_at = '2026-05-03'") ==
        "");
    const std::string before = world.picture();

    const auto move = archive_patient(world.pool, "os:test", kPatient, "moved away");
    REQUIRE(move.ok());
    CHECK(move->counts["bill"] == 3);
    CHECK(move->counts["medical_record"] == 1);
    CHECK(world.value("SELECT count(*) FROM patient") == "0");
    CHECK(world.value("SELECT count(*) FROM bill") == "0");
    CHECK(world.value("SELECT count(*) FROM owner") == "1");
    CHECK(world.archived_rows() == "1 1 1 3 1 1 ");
    // The nodes lose them by tombstones of the same version.
    CHECK(world.value("SELECT count(*) FROM sync_tombstone") == "8");
    CHECK(world.value("SELECT count(DISTINCT version) FROM sync_tombstone") == "1");
    CHECK(world.value("SELECT detail ->> 'reason' FROM audit_log WHERE action = 'archive patient'") == "moved away");

    const auto list = central::list_archive(world.pool, false);
    REQUIRE(list.ok());
    REQUIRE(list->size() == 1);
    CHECK(list->front().patient_name == "Rex");
    CHECK(list->front().clinic_code == "NORTH");

    REQUIRE(restore_patient(world.pool, "os:test", kPatient, now()).ok());
    CHECK(world.picture() == before);
    CHECK(world.archived_rows() == "0 0 0 0 0 0 ");
    CHECK(world.value("SELECT count(*) FROM sync_tombstone") == "0");
    CHECK(world.value("SELECT count(*) FROM audit_log WHERE subject = '" + std::string(kPatient) + "'") == "2");
    CHECK(central::list_archive(world.pool, false)->empty());
    CHECK(central::list_archive(world.pool, true)->front().restored_by == "os:test");
}

TEST_CASE("archive: what cannot be archived or brought back is told in a sentence", "[central][archive]") {
    World world;
    CHECK(archive_patient(world.pool, "os:test", "17", "x").error().slug == "bad_id");
    CHECK(archive_patient(world.pool, "os:test", kPatient, " \t").error().slug == "bad_reason");
    CHECK(archive_patient(world.pool, "os:test", kPatient, std::string(1001, 'x')).error().slug == "bad_reason");
    const auto unknown = archive_patient(world.pool, "os:test", kOwner, "x");
    CHECK(unknown.error().code == Errc::not_found);
    CHECK(unknown.error().slug == "patient_unknown");
    CHECK(restore_patient(world.pool, "os:test", kPatient, now()).error().slug == "not_archived");
    CHECK(restore_patient(world.pool, "os:test", kOwner, now()).error().slug == "patient_unknown");
    CHECK(restore_patient(world.pool, "os:test", "no id", now()).error().slug == "bad_id");
    REQUIRE(archive_patient(world.pool, "os:test", kPatient, "x").ok());
    const auto twice = archive_patient(world.pool, "os:test", kPatient, "x");
    CHECK(twice.error().slug == "already_archived");
    CHECK(twice.error().context.find("this patient was archived on 20") != std::string::npos);
    CHECK(world.value("SELECT count(*) FROM archive.entry") == "1");
    CHECK(world.value("SELECT count(*) FROM audit_log WHERE action <> 'migrate'") == "1");
}

TEST_CASE("archive: nothing leaves the archive but alive, whoever tries", "[central][archive]") {
    World world;
    REQUIRE(world.run("UPDATE bill SET status = 'paid'") == "");
    // A copy put in by hand must be a copy; then, and only then, an issued bill could go.
    CHECK(world.run("DELETE FROM bill_item") == "VC003");
    CHECK(world.run("INSERT INTO archive.entry (id, clinic_id, patient_id, actor, reason) VALUES (gen_random_uuid(), " +
                    quoted(kClinic) + ", " + quoted(kPatient) +
                    ", 'x', 'x'); INSERT INTO archive.bill SELECT b.id, "
                    "b.owner_id, b.patient_id FROM bill b") != "");
    CHECK(world.run("WITH e AS (INSERT INTO archive.entry (id, clinic_id, patient_id, actor, reason) VALUES "
                    "(gen_random_uuid(), " +
                    quoted(kClinic) + ", " + quoted(kPatient) +
                    ", 'x', 'x') RETURNING id) "
                    "INSERT INTO archive.patient SELECT (jsonb_populate_record(NULL::archive.patient, to_jsonb(p) || "
                    "jsonb_build_object('name', 'Other', 'entry_id', e.id))).* FROM patient p, e") == "VC009");
    REQUIRE(archive_patient(world.pool, "os:test", kPatient, "x").ok());
    for (const std::string table :
         {"patient", "medical_record", "appointment", "bill", "bill_item", "bill_medical_record", "entry"}) {
        INFO(table);
        CHECK(world.run("DELETE FROM archive." + table) == "VC009");
        CHECK(world.run("TRUNCATE archive." + table + " CASCADE") == "VC008");
        if (table != "entry") CHECK(world.run("UPDATE archive." + table + " SET created_at = now()") == "VC009");
    }
    CHECK(world.run("UPDATE archive.entry SET reason = 'other'") == "VC009");
    CHECK(world.run("SET LOCAL vetchart.erasure = 'on'; UPDATE archive.bill SET total_cents = 1") == "VC009");
    // What archived rows name stays.
    CHECK(world.run("DELETE FROM owner") == "VC001");
    CHECK(world.run("DELETE FROM clinic WHERE id = " + quoted(kClinic)) == "VC001");
    CHECK(world.run("SET LOCAL session_replication_role = replica; DELETE FROM archive.bill") == "VC009");
}

TEST_CASE("archive: numbers of archived bills stay taken, and come back", "[central][archive]") {
    World world;
    REQUIRE(world.run(insert_bill(", provisional_number", ", 'AAAAA-000001'")) == "");
    const std::string numbers = world.value("SELECT string_agg(bill_number, ',' ORDER BY bill_number) FROM bill");
    REQUIRE(archive_patient(world.pool, "os:test", kPatient, "x").ok());
    const std::string other = world.patient("Mia");
    const auto bill_of_other = [&](const std::string& columns, const std::string& values) {
        return "INSERT INTO bill (id, clinic_id, owner_id, patient_id, subtotal_cents, tax_cents, total_cents, "
               "bill_date, due_date" +
               columns + ") VALUES (gen_random_uuid(), " + quoted(kClinic) + ", " + quoted(kOwner) + ", " +
               quoted(other) + ", 5, 0, 5, '2026-03-02', '2026-04-01'" + values + ")";
    };
    REQUIRE(world.run("SELECT setval('bill_number_seq', 1, false)") == "");
    REQUIRE(world.run(bill_of_other(", provisional_number", ", 'AAAAA-000001'")) == "");
    CHECK(world.value("SELECT bill_number || ' ' || provisional_number FROM bill") == "BILL-000003 AAAAA-000001/2");
    // After a failover central counts from the highest number it finds, wherever that is.
    REQUIRE(world.run("SELECT setval('bill_number_seq', 1, false); UPDATE central_state SET epoch = 2; SELECT "
                      "set_config('vetchart.keep_number', 'on', true); DELETE FROM bill") == "");
    REQUIRE(world.run(bill_of_other("", "")) == "");
    CHECK(world.value("SELECT bill_number FROM bill") == "BILL-010003");
    REQUIRE(restore_patient(world.pool, "os:test", kPatient, now()).ok());
    CHECK(world.value("SELECT string_agg(bill_number, ',' ORDER BY bill_number) FROM bill WHERE patient_id = " +
                      quoted(kPatient)) == numbers);
    CHECK(world.value("SELECT count(*) FROM bill WHERE provisional_number = 'AAAAA-000001'") == "1");
}

TEST_CASE("archive: nothing takes the place of what is archived", "[central][archive]") {
    World world;
    const std::string number = world.value("SELECT bill_number FROM bill");
    const std::string other = world.patient("Mia");
    REQUIRE(archive_patient(world.pool, "os:test", kPatient, "x").ok());
    // Not by hand from the tombstone either: the archive has the whole of it.
    CHECK(world.run("INSERT INTO patient SELECT (jsonb_populate_record(NULL::patient, image)).* FROM sync_tombstone "
                    "WHERE table_name = 'patient'") == "VC009");
    CHECK(world.run("SELECT set_config('vetchart.keep_number', 'on', true); INSERT INTO bill (id, clinic_id, owner_id, "
                    "patient_id, subtotal_cents, tax_cents, total_cents, bill_date, due_date, bill_number) VALUES "
                    "(gen_random_uuid(), " +
                    quoted(kClinic) + ", " + quoted(kOwner) + ", " + quoted(other) +
                    ", 5, 0, 5, '2026-03-02', '2026-04-01', " + quoted(number) + ")") == "23505");
    REQUIRE(restore_patient(world.pool, "os:test", kPatient, now()).ok());
    CHECK(world.value("SELECT bill_number FROM bill") == number);
}

TEST_CASE("archive: links between two patients come back with whichever comes last", "[central][archive]") {
    const bool other_first = GENERATE(false, true);
    World world;
    const std::string other = world.patient("Mia"), record = new_row_id(test::chance(), now()),
                      visit = new_row_id(test::chance(), now());
    REQUIRE(world.run("INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) "
                      "VALUES (" +
                      quoted(record) + ", " + quoted(kClinic) + ", " + quoted(other) +
                      ", '2026-03-01', 'dental', 'J Lee'); INSERT INTO appointment (id, clinic_id, patient_id, date, "
                      "reason) VALUES (" +
                      quoted(visit) + ", " + quoted(kClinic) + ", " + quoted(other) +
                      ", '2026-03-01', 'Check'); UPDATE bill SET appointment_id = " + quoted(visit) +
                      ", status = "
                      "'draft'; INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES (" +
                      quoted(kClinic) + ", " + quoted(kBill) + ", " + quoted(record) +
                      "); UPDATE bill SET status = "
                      "'paid'") == "");
    const std::string before = world.picture(" - 'updated_at'");
    const std::string first = other_first ? other : kPatient, second = other_first ? std::string(kPatient) : other;
    REQUIRE(archive_patient(world.pool, "os:test", other, "x").ok());
    CHECK(world.value("SELECT appointment_id FROM bill") == "");
    CHECK(world.value("SELECT count(*) FROM bill_medical_record") == "1");
    REQUIRE(archive_patient(world.pool, "os:test", kPatient, "x").ok());
    REQUIRE(restore_patient(world.pool, "os:test", first, now()).ok());
    CHECK(world.value("SELECT count(*) FROM bill_medical_record") == (other_first ? "0" : "1"));
    REQUIRE(restore_patient(world.pool, "os:test", second, now()).ok());
    CHECK(world.picture(" - 'updated_at'") == before);
    CHECK(world.value("SELECT count(*) FROM archive.cut_link") == "0");
    CHECK(world.archived_rows() == "0 0 0 0 0 0 ");
}

TEST_CASE("archive: a bill that names an appointment of an archived patient gets it back, unless it has another",
          "[central][archive]") {
    World world;
    const std::string other = world.patient("Mia"), visit = new_row_id(test::chance(), now());
    REQUIRE(world.run("INSERT INTO appointment (id, clinic_id, patient_id, date, reason) VALUES (" + quoted(visit) +
                      ", " + quoted(kClinic) + ", " + quoted(other) +
                      ", '2026-03-01', 'Check'); UPDATE bill SET "
                      "appointment_id = " +
                      quoted(visit)) == "");
    REQUIRE(archive_patient(world.pool, "os:test", other, "x").ok());
    REQUIRE(world.run("UPDATE bill SET appointment_id = " + quoted(kAppointment)) == "");
    REQUIRE(restore_patient(world.pool, "os:test", other, now()).ok());
    CHECK(world.value("SELECT appointment_id FROM bill") == kAppointment);
    CHECK(world.value("SELECT count(*) FROM archive.cut_link") == "0");
}

TEST_CASE("archive: what went for good meanwhile is not named any more", "[central][archive]") {
    World world;
    const std::string keeper = new_row_id(test::chance(), now()), other = world.patient("Mia");
    REQUIRE(world.run("INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES (" + quoted(keeper) + ", " +
                      quoted(kClinic) + ", 'Eva', 'Lund'); UPDATE patient SET owner_id = " + quoted(keeper) +
                      "; UPDATE medical_record SET notes = 'x'") == "");
    // A record that never had a snapshot does not get one on its way back.
    REQUIRE(world.run("SET LOCAL vetchart.erasure = 'on'; UPDATE medical_record SET owner_name_snapshot = NULL, "
                      "owner_phone_snapshot = NULL") == "");
    REQUIRE(archive_patient(world.pool, "os:test", kPatient, "x").ok());
    REQUIRE(world.run("DELETE FROM patient WHERE id = " + quoted(other)) == "");
    REQUIRE(world.run("DELETE FROM owner WHERE id = " + quoted(keeper)) == "");
    REQUIRE(restore_patient(world.pool, "os:test", kPatient, now()).ok());
    CHECK(world.value("SELECT coalesce(owner_id::text, 'none') FROM patient") == "none");
    CHECK(world.value("SELECT coalesce(owner_name_snapshot, 'none') FROM medical_record") == "none");
}

TEST_CASE("archive: two at once: one does it, the other is told", "[central][archive]") {
    World world;
    std::vector<std::string> slugs(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < slugs.size(); ++i) {
        threads.emplace_back([&world, &slugs, i] {
            const auto move = archive_patient(world.pool, "os:test", kPatient, "x");
            slugs[i] = move ? "done" : move.error().slug;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(std::count(slugs.begin(), slugs.end(), "done") == 1);
    CHECK(std::count(slugs.begin(), slugs.end(), "already_archived") == 3);
    CHECK(world.archived_rows() == "1 1 1 1 1 1 ");
}

TEST_CASE("archive: the archive's tables have the live tables' columns and the entry", "[central][archive]") {
    World world;
    for (const std::string table : kTables) {
        if (table == "owner") continue;
        INFO(table);
        const std::string columns =
            "SELECT string_agg(column_name || ' ' || udt_name || ' ' || is_nullable, ',' ORDER "
            "BY column_name) FROM information_schema.columns WHERE table_name = " +
            quoted(table) + " AND column_name <> 'entry_id' AND table_schema = ";
        CHECK(world.value(columns + "'archive'") == world.value(columns + "'public'"));
    }
}

TEST_CASE("archive: patients archived and brought back at random leave the charts as they were",
          "[central][archive][random]") {
    const auto seed = static_cast<std::uint32_t>(seed_of_run());
    INFO("VETCHART_SEED=" << seed);
    std::cout << "archive random: VETCHART_SEED=" << seed << std::endl;
    World world;
    REQUIRE(world.run("SELECT setseed(" + std::to_string(static_cast<double>(seed % 1000) / 1000.0) + R"();
        INSERT INTO patient (id, clinic_id, owner_id, name, species, gender)
        SELECT gen_random_uuid(), p.clinic_id, p.owner_id, 'P' || n, 'Dog', 'male'
          FROM patient p, generate_series(1, 9) n;
        INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian)
        SELECT gen_random_uuid(), p.clinic_id, p.id, '2026-01-01', 'dental', 'Dr ' || n
          FROM patient p, generate_series(1, 6) n;
        INSERT INTO appointment (id, clinic_id, patient_id, date, reason)
        SELECT gen_random_uuid(), p.clinic_id, p.id, '2026-01-01', 'Visit ' || n
          FROM patient p, generate_series(1, 4) n;
        INSERT INTO bill (id, clinic_id, owner_id, patient_id, subtotal_cents, tax_cents, total_cents, bill_date,
                          due_date, appointment_id)
        SELECT gen_random_uuid(), p.clinic_id, p.owner_id, p.id, n, 0, n, '2026-01-01', '2026-02-01',
               (SELECT a.id FROM appointment a WHERE n > 0 ORDER BY random() LIMIT 1)
          FROM patient p, generate_series(1, 5) n;
        INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents,
                               total_price_cents)
        SELECT gen_random_uuid(), b.clinic_id, b.id, n, 'Item', 1000, 1, 1 FROM bill b, generate_series(1, 3) n;
        INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id)
        SELECT b.clinic_id, b.id, m.id FROM bill b JOIN medical_record m ON random() < 0.05 ON CONFLICT DO NOTHING;
        UPDATE bill SET cancel_reason = 'r',
               status = (ARRAY['draft', 'sent', 'paid', 'overdue', 'cancelled']::bill_status[])
                            [1 + floor(random() * 5)])") == "");
    const std::string before = world.picture(" - 'updated_at'");
    std::vector<std::string> patients;
    for (int i = 0; i < 10; ++i) {
        patients.push_back(world.value("SELECT id FROM patient ORDER BY id OFFSET " + std::to_string(i) + " LIMIT 1"));
    }
    std::mt19937 random(seed);
    std::vector<bool> away(patients.size());
    const auto turn = [&](std::size_t i) {
        if (away[i]) {
            REQUIRE(restore_patient(world.pool, "os:test", patients[i], now()).ok());
        } else {
            REQUIRE(archive_patient(world.pool, "os:test", patients[i], "x").ok());
        }
        away[i] = !away[i];
    };
    for (int step = 0; step < 60; ++step) turn(random() % patients.size());
    for (std::size_t i = 0; i < patients.size(); ++i) {
        if (away[i]) turn(i);
    }
    CHECK(world.picture(" - 'updated_at'") == before);
    CHECK(world.archived_rows() == "0 0 0 0 0 0 ");
    CHECK(world.value("SELECT count(*) FROM archive.cut_link") == "0");
    CHECK(world.value("SELECT count(*) FROM sync_tombstone") == "0");
}

}  // namespace vetchart::test
