#include <catch2/catch.hpp>

#include "tests/central/store/migrate_fixture.h"
#include "tests/central/store/schema_fixture.h"

namespace vetchart::test {
namespace {

std::string refusal(const central::MigrateOptions& options) {
    const auto result = central::migrate(options);
    return result ? "" : result.error().slug + ": " + result.error().context;
}

/// An owner, a patient, and what the old server kept with days in it.
std::string database_with_days() {
    const auto url = empty_legacy_database();
    rows_of(url, R"(
        INSERT INTO "Owner" (id, "firstName", "lastName", email, phone, address, "updatedAt")
        VALUES ('o', 'A', 'B', 'a@b', '1', '', now());
        INSERT INTO "Patient" (id, name, species, breed, age, gender, weight, "ownerId", "updatedAt")
        VALUES ('p', 'Rex', 'dog', '', 1, 'Male', 9, 'o', now());
        INSERT INTO "Bill" (id, "billNumber", "ownerId", "patientId", items, subtotal, tax, "totalAmount", status,
                            "billDate", "dueDate", "createdAt", "updatedAt")
        SELECT id, 'BILL-' || id, 'o', 'p', '[]', 0, 0, 0, 'sent', made, due, made, made FROM (VALUES
            ('1', timestamp '2026-03-11 01:30:00', timestamp '2026-04-10 00:00:00'),
            ('2', timestamp '2026-03-10 14:00:00', timestamp '2026-03-10 00:00:00'),
            ('3', timestamp '2026-03-11 00:00:00', timestamp '2026-04-10 01:30:00'),
            ('4', timestamp '0001-01-01 03:00:00', timestamp '2026-04-10 00:00:00')) v (id, made, due);
        INSERT INTO "MedicalRecord" (id, "patientId", "visitDate", symptoms, diagnosis, treatment, veterinarian,
                                     "updatedAt")
        VALUES ('1', 'p', '2026-03-11 01:30:00', '', '', '', 'V', now()),
               ('2', 'p', '2026-03-11 00:00:00', '', '', '', 'V', now());
        INSERT INTO "Appointment" (id, "patientId", date, time, duration, reason, veterinarian, "createdAt",
                                   "updatedAt")
        SELECT id, 'p', date, time, 30, 'R', 'V', made, made FROM (VALUES
            ('picked', timestamp '2026-03-11 00:00:00', '09:30', timestamp '2026-03-01 10:00:00'),
            ('local', timestamp '2026-03-11 01:30:00', '21:30', timestamp '2026-03-01 10:00:00'),
            ('clock', timestamp '2026-03-11 01:30:00', '01:30', timestamp '2026-03-01 10:00:00'),
            ('moment', timestamp '2026-03-11 01:30:00', '09:30', timestamp '2026-03-11 01:30:00'),
            ('lost', timestamp '2026-03-11 01:30:00', '09:30', timestamp '2026-03-01 10:00:00'),
            ('blank', timestamp '2026-03-11 15:30:00', '', timestamp '2026-03-01 10:00:00'))
            v (id, date, time, made);)");
    return url;
}

std::string list(const std::string& url, const std::string& sql) {
    return rows_of(url, "SELECT string_agg(x, ', ' ORDER BY nth) FROM (" + sql + ") y (nth, x)");
}

}  // namespace

TEST_CASE("migrate: with the clinic's time zone an evening bill stays on its day, and a picked day is kept",
          "[central][migrate]") {
    const auto url = database_with_days();
    auto options = quiet_options(url);
    options.timezone = "America/New_York";
    REQUIRE(refusal(options) == "");
    CHECK(list(url, "SELECT bill_number, bill_date || ' ' || due_date FROM bill") ==
          "2026-03-10 2026-04-10, 2026-03-10 2026-03-10, 2026-03-11 2026-04-09, 0001-01-01 2026-04-10");
    INFO("an instant is kept as it was");
    CHECK(rows_of(url, "SELECT issued_at AT TIME ZONE 'UTC' FROM bill WHERE bill_number = 'BILL-1'") ==
          "2026-03-11 01:30:00");
    CHECK(list(url, "SELECT visited_at IS NULL, visit_date::text FROM medical_record") == "2026-03-10, 2026-03-11");
    CHECK(rows_of(url, "SELECT timezone FROM clinic") == "America/New_York");
    CHECK(
        list(url, "SELECT l.legacy_id, l.legacy_id || ' ' || a.date FROM appointment a JOIN legacy_id l USING (id)") ==
        "blank 2026-03-11, clock 2026-03-11, local 2026-03-10, lost 2026-03-10, moment 2026-03-10, picked "
        "2026-03-11");
}

TEST_CASE("migrate: an appointment's time of day that is kept nowhere is told", "[central][migrate]") {
    const auto url = database_with_days();
    auto options = quiet_options(url);
    options.timezone = GENERATE("America/New_York", "UTC");
    REQUIRE(refusal(options) == "");
    const std::string own = "its day is kept, its time of day is not (the appointment has a time of its own)";
    const std::string with_local = options.timezone == "UTC" ? "|local|2026-03-11 01:30:00" : "";
    CHECK(rows_of(url,
                  "SELECT string_agg('|' || legacy_id || '|' || original, '' ORDER BY legacy_id COLLATE \"C\") "
                  "FROM migration_issue WHERE column_name = 'date' AND outcome = '" +
                      own + "'") == "|blank|2026-03-11 15:30:00" + with_local + "|lost|2026-03-11 01:30:00");
}

TEST_CASE("migrate: without a time zone days are those of UTC, and an unknown zone is refused", "[central][migrate]") {
    const auto url = database_with_days();
    auto options = quiet_options(url);
    options.timezone = GENERATE("", "EST5EDT4", "new york", "America/Nowhere");
    CHECK(refusal(options) == "timezone: a time zone is an IANA name, such as America/New_York");
    must_migrate(url);
    CHECK(rows_of(url, "SELECT bill_date FROM bill WHERE bill_number = 'BILL-1'") == "2026-03-11");
    CHECK(rows_of(url, "SELECT timezone FROM clinic") == "UTC");
}

TEST_CASE("migrate: the clean legacy database has nothing to report in any zone", "[central][migrate]") {
    const auto url = legacy_database("clean");
    auto options = quiet_options(url);
    options.timezone = GENERATE("America/New_York", "Asia/Kolkata", "Pacific/Kiritimati");
    const auto result = central::migrate(options);
    REQUIRE(result);
    CHECK(result->issues == 0);
}

TEST_CASE("migrate: the seeder's own sequence is put aside, told, and counted on from", "[central][migrate]") {
    const auto url = legacy_database("clean");
    const auto next = [&url] { return rows_of(url, "SELECT bill_number_text(nextval('bill_number_seq'))"); };
    const auto told = [&url] {
        return rows_of(url, "SELECT outcome FROM migration_issue WHERE column_name = 'bill_number_seq'");
    };
    SECTION("ahead of the bills") {
        rows_of(url, "CREATE SEQUENCE bill_number_seq; SELECT setval('bill_number_seq', 4711)");
        must_migrate(url);
        CHECK(next() == "BILL-004712");
        CHECK(told() == "sequence renamed to legacy_bill_number_seq: bill numbers go on above 4711");
        CHECK(rows_of(url, "SELECT last_value FROM legacy_bill_number_seq") == "4711");
    }
    SECTION("behind them") {
        rows_of(url, "CREATE SEQUENCE bill_number_seq; SELECT setval('bill_number_seq', 3)");
        must_migrate(url);
        CHECK(next() == "BILL-000350");
    }
    SECTION("never used, with a name in its way") {
        rows_of(url, "CREATE SEQUENCE bill_number_seq START 900; CREATE TABLE legacy_bill_number_seq ()");
        must_migrate(url);
        CHECK(next() == "BILL-000350");
        CHECK(told() == "sequence renamed to legacy_bill_number_seq_");
    }
    SECTION("used by a column, and too far to count on from") {
        rows_of(url,
                "CREATE SEQUENCE bill_number_seq; SELECT setval('bill_number_seq', 200000000000000000); ALTER "
                "TABLE \"Bill\" ALTER COLUMN \"billNumber\" SET DEFAULT nextval('bill_number_seq')");
        must_migrate(url);
        CHECK(next() == "BILL-000350");
    }
}

TEST_CASE("migrate: what the project's own scripts leave is no obstacle, all at once", "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, R"(CREATE EXTENSION pgcrypto; CREATE SEQUENCE bill_number_seq; SELECT setval('bill_number_seq', 9);
        CREATE TABLE db_probes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), payload text NOT NULL,
                                created_at timestamptz NOT NULL DEFAULT now());
        CREATE TABLE owners (id serial PRIMARY KEY); CREATE TABLE patients (id serial PRIMARY KEY))");
    must_migrate(url);
    CHECK(rows_of(url, "SELECT count(*) FROM migration_issue") == "1");
    CHECK(rows_of(url, "SELECT to_regclass('idx_db_probes_created_at') IS NOT NULL") == "t");
}

TEST_CASE("migrate: it counts who can log in, for its last line", "[central][migrate]") {
    const auto url = legacy_database("dirty");
    const auto first = central::migrate(quiet_options(url));
    REQUIRE(first);
    CHECK(first->logins.clinic == "MAIN");
    CHECK(first->logins.with_login == first->logins.staff - 1);  // ghost has no password
    CHECK(first->logins.hq_admins == 0);
    const auto empty = empty_legacy_database();
    const auto none = central::migrate(quiet_options(empty));
    REQUIRE(none);
    CHECK(none->logins.staff == 0);
    CHECK(none->logins.admins == 0);
}

}  // namespace vetchart::test
