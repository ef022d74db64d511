// The same legacy values in columns of other kinds: days, numbers and lists that stand as text, ids with blanks around.
// What can be read arrives as what it means; what cannot is told by what stood there.
#include <catch2/catch.hpp>

#include "tests/central/store/migrate_fixture.h"
#include "tests/central/store/schema_fixture.h"

namespace vetchart::test {
namespace {

/// What was told of one column of one row: original and outcome.
std::string told(const std::string& url, const std::string& id, const std::string& column) {
    return rows_of(url, "SELECT original, outcome FROM migration_issue WHERE legacy_id = '" + id +
                            "' AND column_name = '" + column + "'");
}

/// The clean database without its foreign keys: a parent may be missing.
std::string without_keys() {
    auto url = legacy_database("clean");
    rows_of(url, R"(
        ALTER TABLE "Patient" DROP CONSTRAINT "Patient_ownerId_fkey";
        ALTER TABLE "MedicalRecord" DROP CONSTRAINT "MedicalRecord_patientId_fkey";
        ALTER TABLE "Appointment" DROP CONSTRAINT "Appointment_patientId_fkey";
        ALTER TABLE "Bill" DROP CONSTRAINT "Bill_ownerId_fkey", DROP CONSTRAINT "Bill_patientId_fkey",
            DROP CONSTRAINT "Bill_appointmentId_fkey";)");
    return url;
}

}  // namespace

TEST_CASE("migrate: days and moments that stand as text in ISO 8601 arrive as they were", "[central][migrate]") {
    const auto url = legacy_database("clean");
    keep_raw(url);
    rows_of(url, R"(
        ALTER TABLE "MedicalRecord" ALTER "visitDate" TYPE text USING
            to_char("visitDate", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
        ALTER TABLE "Appointment" ALTER date TYPE varchar(40) USING
            to_char(date AT TIME ZONE 'UTC' AT TIME ZONE 'UTC' + interval '2 h', 'YYYY-MM-DD HH24:MI:SS.MS+02:00');
        ALTER TABLE "Bill" ALTER "billDate" DROP DEFAULT;
        ALTER TABLE "Bill" ALTER "billDate" TYPE text USING ' ' || "billDate"::date || ' ',
            ALTER "dueDate" TYPE text USING to_char("dueDate", 'YYYY-MM-DD"T"HH24:MI'),
            ALTER "updatedAt" TYPE text USING "updatedAt"::text;)");
    must_migrate(url);
    // (A bill's issued_at and paid_at come from its moments, of which only the day is compared.)
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url, "SELECT count(*) FROM migration_issue") == "0");
}

TEST_CASE("migrate: text that is no day or number is told by what it was, and a stand-in takes its place",
          "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, R"(
        ALTER TABLE "MedicalRecord" ALTER "visitDate" TYPE text, ALTER "createdAt" DROP DEFAULT;
        ALTER TABLE "MedicalRecord" ALTER "createdAt" TYPE text;
        ALTER TABLE "Patient" ALTER age TYPE text, ALTER weight TYPE text;
        ALTER TABLE "Bill" ALTER "totalAmount" TYPE text, ALTER subtotal TYPE text, ALTER tax TYPE text;
        ALTER TABLE "Appointment" ALTER duration TYPE text;
        CREATE TABLE sample AS SELECT
            (SELECT min(id) FROM "MedicalRecord") AS record, (SELECT max(id) FROM "MedicalRecord") AS other,
            (SELECT min(id) FROM "Patient") AS patient, (SELECT min(id) FROM "Bill") AS bill,
            (SELECT min(id) FROM "Appointment") AS appointment;
        UPDATE "MedicalRecord" SET "visitDate" = '31/12/2024', "createdAt" = '2024-12-31 10:00:00'
         WHERE id = (SELECT record FROM sample);
        UPDATE "MedicalRecord" SET "visitDate" = '2024-02-30' WHERE id = (SELECT other FROM sample);
        UPDATE "Patient" SET age = 'two', weight = '5 kg' WHERE id = (SELECT patient FROM sample);
        UPDATE "Bill" SET "totalAmount" = '1,234.50', subtotal = ' 12.50 ', tax = '0'
         WHERE id = (SELECT bill FROM sample);
        UPDATE "Appointment" SET duration = 'NaN' WHERE id = (SELECT appointment FROM sample);)");
    must_migrate(url);
    const auto id = [&](const std::string& column) { return rows_of(url, "SELECT " + column + " FROM sample"); };
    CHECK(told(url, id("record"), "visitDate") == "31/12/2024|2024-12-31 10:00:00");
    CHECK(told(url, id("other"), "visitDate").starts_with("2024-02-30|20"));
    CHECK(told(url, id("patient"), "age") == "two|NULL");
    CHECK(told(url, id("patient"), "weight") == "5 kg|NULL");
    CHECK(told(url, id("bill"), "totalAmount") == "1,234.50|0");
    CHECK(told(url, id("appointment"), "duration") == "NaN|NULL");
    CHECK(rows_of(url, "SELECT count(*) FROM migration_issue") == "6");
    CHECK(
        rows_of(url, "SELECT subtotal_cents FROM bill JOIN legacy_id l USING (id) JOIN sample ON l.legacy_id = bill") ==
        "1250");
}

TEST_CASE("migrate: a bcrypt hash that costs too much is no password, and that is told", "[central][migrate]") {
    const auto url = legacy_database("clean");
    const std::string rest = "abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK";
    rows_of(url, R"(UPDATE "User" SET password = '$2b$10$)" + rest + "'");
    rows_of(url, R"(UPDATE "User" SET password = '$2b$31$)" + rest + R"(' WHERE id = (SELECT min(id) FROM "User"))");
    must_migrate(url);
    CHECK(rows_of(url, "SELECT count(*) FROM staff WHERE password_hash = ''") == "1");
    CHECK(rows_of(url, "SELECT original || ', ' || outcome FROM migration_issue WHERE column_name = 'password_hash'") ==
          "(a bcrypt hash of cost 31; not kept), no login until a password is set");
    CHECK(rows_of(url,
                  "SELECT count(*) FROM staff s JOIN legacy_id l ON l.id = s.id JOIN migration_issue i ON "
                  "i.legacy_id = l.legacy_id WHERE s.password_hash = '' AND l.table_name = 'User'") == "1");
}

TEST_CASE("migrate: lists that stand as text are read", "[central][migrate]") {
    const auto url = legacy_database("clean");
    keep_raw(url);
    std::string as_text;
    SECTION("as JSON") { as_text = R"(to_json(%s)::text)"; }
    SECTION("as PostgreSQL prints an array") { as_text = R"(%s::text)"; }
    SECTION("with commas") { as_text = R"(array_to_string(%s, ', '))"; }
    const auto of = [&](const std::string& column) {
        std::string text = as_text;
        return text.replace(text.find("%s"), 2, column);
    };
    rows_of(url, "ALTER TABLE \"Bill\" ALTER \"medicalRecordIds\" TYPE text USING " + of("\"medicalRecordIds\"") +
                     "; ALTER TABLE \"User\" ALTER roles TYPE varchar(200) USING " + of("roles") +
                     "; ALTER TABLE \"Bill\" ALTER items TYPE text");
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url, "SELECT count(*) FROM migration_issue") == "0");
}

TEST_CASE("migrate: items that stand as text within the JSON become items, and that is told", "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, R"(UPDATE "Bill" SET items = to_jsonb(items::text))");
    keep_raw(url);
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url, R"(SELECT count(*) FILTER (WHERE outcome <> 'a list as text: read') || '|' || count(*) =
        '0|' || (SELECT count(*) FROM bill) FROM migration_issue)") == "t");
    CHECK(rows_of(url, "SELECT count(*) > 400 FROM bill_item") == "t");
}

TEST_CASE("migrate: an id with blanks around names the row without them", "[central][migrate]") {
    const auto url = without_keys();
    rows_of(url, R"(
        UPDATE "Patient" SET "ownerId" = "ownerId" || ' ';
        UPDATE "MedicalRecord" SET "patientId" = E'\t' || "patientId";
        UPDATE "Appointment" SET "patientId" = U&'\00A0' || "patientId";
        UPDATE "Bill" SET "ownerId" = ' ' || "ownerId" || ' ', "patientId" = "patientId" || E'\n',
            "appointmentId" = ' ' || "appointmentId";)");
    keep_raw(url);
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url,
                  "SELECT count(*) FROM migration_issue WHERE outcome !~ '^c[0-9a-f]{24} [(]blanks around the id'") ==
          "0");
    CHECK(rows_of(url, "SELECT count(*) FROM patient WHERE owner_id IS NULL OR name = '(missing patient)'") == "0");
    CHECK(rows_of(url, "SELECT count(*) > 0 FROM bill WHERE appointment_id IS NOT NULL") == "t");
}

TEST_CASE("migrate: rows that name the same missing parent share one stand-in, whatever blanks are around its id",
          "[central][migrate]") {
    const auto url = without_keys();
    rows_of(url, R"(
        ALTER TABLE "Bill" ALTER COLUMN "ownerId" DROP NOT NULL;
        UPDATE "Patient" SET "ownerId" = U&'\00A0nobody';
        UPDATE "Bill" SET "ownerId" = CASE hashtext(id) % 3
                                          WHEN 0 THEN 'nobody' WHEN 1 THEN ' nobody' END;
        UPDATE "MedicalRecord" SET "patientId" = CASE WHEN id < (SELECT max(id) FROM "MedicalRecord") THEN E'gone\n'
                                                      ELSE ' gone' END;)");
    keep_raw(url);
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url,
                  "SELECT string_agg(legacy_id, ',') FROM legacy_id JOIN owner USING (id) "
                  "WHERE first_name = '(missing owner)'") == "nobody");
    CHECK(rows_of(url,
                  "SELECT string_agg(legacy_id, ',') FROM legacy_id JOIN patient USING (id) "
                  "WHERE name = '(missing patient)'") == "gone");
    CHECK(rows_of(url,
                  "SELECT count(DISTINCT owner_id) FROM (SELECT owner_id FROM bill UNION ALL SELECT owner_id "
                  "FROM patient WHERE name <> '(missing patient)') x") == "1");
}

TEST_CASE("migrate: a blank id names nobody, and a bill of nobody goes to its patient's owner", "[central][migrate]") {
    const auto url = without_keys();
    rows_of(url, R"(
        CREATE TABLE sample AS SELECT b.id AS bill, b."ownerId" AS owner,
            (SELECT min(id) FROM "MedicalRecord") AS record, (SELECT min(id) FROM "Appointment") AS appointment,
            (SELECT min(id) FROM "Patient" WHERE id <> b."patientId") AS patient FROM "Bill" b
            JOIN "Patient" p ON p.id = b."patientId" AND p."ownerId" = b."ownerId" ORDER BY b.id LIMIT 1;
        UPDATE "Bill" SET "ownerId" = '  ', "appointmentId" = '' WHERE id = (SELECT bill FROM sample);
        UPDATE "Patient" SET "ownerId" = '' WHERE id = (SELECT patient FROM sample);
        UPDATE "MedicalRecord" SET "patientId" = '' WHERE id = (SELECT record FROM sample);
        UPDATE "Appointment" SET "patientId" = E'\t ' WHERE id = (SELECT appointment FROM sample);)");
    keep_raw(url);
    must_migrate(url);
    CHECK(problems_of(url) == "");
    const auto id = [&](const std::string& column) { return rows_of(url, "SELECT " + column + " FROM sample"); };
    CHECK(told(url, id("bill"), "ownerId") == "  |" + id("owner"));
    CHECK(told(url, id("bill"), "appointmentId") == "|NULL");
    CHECK(told(url, id("patient"), "ownerId") == "|NULL");
    CHECK(told(url, id("record"), "patientId") == "|(none)");
    CHECK(told(url, id("appointment"), "patientId") == "\t |(none)");
    CHECK(rows_of(url,
                  "SELECT string_agg(legacy_id, ',') FROM legacy_id JOIN patient USING (id) "
                  "WHERE name = '(missing patient)'") == "(none)");
    CHECK(rows_of(url, "SELECT count(*) FROM owner WHERE first_name = '(missing owner)'") == "0");
}

TEST_CASE("migrate: a row whose own id has blanks around it is named by the id without", "[central][migrate]") {
    const auto url = without_keys();
    rows_of(url, R"(
        UPDATE "Owner" SET id = id || ' '; UPDATE "MedicalRecord" SET id = E'\t' || id;
        INSERT INTO "Owner" SELECT trim(id), 'Twin', "lastName", 'twin@x.example', phone, address, notes, "createdAt",
            "updatedAt" FROM "Owner" WHERE id = (SELECT min(id) FROM "Owner");
        UPDATE "Bill" SET "ownerId" = ' ' || "ownerId";)");
    keep_raw(url);
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url, "SELECT count(*) FROM bill_medical_record") == "349");
    CHECK(rows_of(url, "SELECT count(*) FROM patient WHERE owner_id IS NULL") == "0");
    INFO("where both ids are there, the one without blanks is meant");
    CHECK(rows_of(url, R"(SELECT count(*) FROM bill WHERE owner_id = (SELECT id FROM legacy_id
        WHERE table_name = 'Owner' AND legacy_id = (SELECT min(legacy_id) FROM legacy_id WHERE table_name = 'Owner')
            || ' '))") == "0");
}

}  // namespace vetchart::test
