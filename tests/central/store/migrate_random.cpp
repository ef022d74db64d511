// Random dirt by the thousand in the old server's tables: whatever stood there, every row arrives, every rule holds,
// every repair is told with what it was, and what was fine is as it was (tests/data/legacy/oracle.sql checks it).
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

#include "tests/central/store/migrate_fixture.h"
#include "tests/support/chance.h"
#include "tests/support/temp_dir.h"

namespace vetchart::test {
namespace {

/// One kind of dirt: what a column gets instead.
struct Dirt {
    const char* table;
    const char* column;
    std::vector<const char*> values;  ///< SQL expressions over the row.
};

const std::vector<Dirt>& kinds_of_dirt() {
    static const std::vector<const char*> times = {
        "'infinity'",      "'-infinity'",   "'0001-01-01'", "'9999-12-31 23:59:59.999'",
        "'0044-03-15 BC'", "'12026-01-01'", "'1970-01-01'", "\"updatedAt\" + interval '1 day'",
        "'9999-12-31'",    "NULL"};
    static const std::vector<const char*> words = {"''",
                                                   "'  '",
                                                   "NULL",
                                                   "U&'\\00A0\\3000'",
                                                   "repeat('ä', 150)",
                                                   "repeat('x', 30000)",
                                                   "E'a\\x01b\\x7f'",
                                                   "' padded '",
                                                   "U&'\\+01F415 dog'",
                                                   "E'two\\nlines'",
                                                   "repeat('y', 1200) || ' '",
                                                   "repeat(' ', 700)",
                                                   "'a,\"b\"'"};
    static const std::vector<const char*> amounts = {"'NaN'",
                                                     "'Infinity'",
                                                     "'-Infinity'",
                                                     "-5",
                                                     "1e300",
                                                     "3000000000",
                                                     "19.990000000000002",
                                                     "10.005",
                                                     "0.1 + 0.2",
                                                     "1e10",
                                                     "10000000000.01",
                                                     "0",
                                                     "-0.0",
                                                     "NULL",
                                                     "12.3456",
                                                     "1e-9",
                                                     "99999999.99"};
    static const std::vector<const char*> parents = {"'nobody'",
                                                     "''",
                                                     "NULL",
                                                     "' ' || \"patientId\"",
                                                     "'   '",
                                                     "U&'\\00A0\\2003'",
                                                     "'nöbody 2'",
                                                     "E'nöbody 2\\t'",
                                                     "'NÖBODY 2'",
                                                     "normalize('nöbody 2', NFD)",
                                                     "' (none) '",
                                                     "upper(\"patientId\")",
                                                     "'00000000-0000-4000-8000-000000000001'"};
    static const std::vector<Dirt> kinds = {
        {"User", "email", {"''", "NULL", "'u1@x.example'", "' U1@X.example '", "repeat('e', 300)", "'no at'"}},
        {"User", "username", {"''", "NULL", "'u1'", "'U1'", "' u1 '", "repeat('n', 150)"}},
        {"User", "firstName", words},
        {"User", "lastName", words},
        {"User",
         "password",
         {"''", "NULL", "'secret'", "'$argon2id$v=19$x'", "'$2b$10$short'", "repeat('p', 60)",
          "replace(password, '$2b$', '$2a$')"}},
        {"User",
         "roles",
         {"NULL", "'{}'", "'{admin,admin}'", "'{NULL}'", "'{\"Admin \"}'", "'{nurse}'", "'{{admin,vet},{staff,x}}'",
          "'{STAFF,veterinarian}'", "'{admin,NULL,nurse}'", "'{\"\"}'"}},
        {"Owner", "firstName", words},
        {"Owner", "lastName", words},
        {"Owner",
         "email",
         {"''", "NULL", "'o1@x.example'", "' O1@X.EXAMPLE '", "U&'\\00A0o2@x.example\\FEFF'", "'O2@x.example'",
          "repeat('e', 255)", "'no at'", "' '", "E'tab\\t@x.example'", "'É@x.example'", "'é@x.example'"}},
        {"Owner", "phone", words},
        {"Owner", "address", words},
        {"Owner", "notes", words},
        {"Patient", "name", words},
        {"Patient", "species", words},
        {"Patient", "breed", words},
        {"Patient", "assignedDoctor", words},
        {"Patient", "age", {"-1", "1000", "999", "0", "NULL", "2147483647", "-2147483648"}},
        {"Patient", "gender", {"'F'", "' m '", "'FEMALE'", "''", "NULL", "'neutered'", "'unknown'", "'Ｆ'", "'maLe'"}},
        {"Patient",
         "weight",
         {"'NaN'", "'Infinity'", "'-Infinity'", "0", "-1", "NULL", "1e15", "1e16", "1e300", "0.0004", "0.0005",
          "0.1 + 0.2", "12.3456789", "5e-324", "123456789012.345"}},
        {"Patient", "weightUnit", {"NULL", "''", "'KG'", "'kgs'", "'pounds'", "'stone'", "' lbs '", "'kilograms'"}},
        {"Patient", "status", {"'Active'", "'deceased'", "NULL", "''", "'INACTIVE '", "'new'", "'?!'"}},
        {"Patient", "handlingDifficulty", {"'Easy'", "'extreme'", "''", "NULL", "'HARD'", "' medium'"}},
        {"Patient",
         "ownerId",
         {"'nobody'", "' nobody'", "NULL", "''", "' '", "upper(\"ownerId\")", "'ghost owner'", "'Ghost Owner'",
          "\"ownerId\" || E'\\t'", "U&'\\00A0' || \"ownerId\"", "normalize(\"ownerId\", NFD)"}},
        {"MedicalRecord", "patientId", parents},
        {"MedicalRecord", "visitDate", times},
        {"MedicalRecord",
         "recordType",
         {"'Vaccine'", "'vaccination'", "'checkup'", "NULL", "''", "'Surgical'", "'DENTAL '", "'teeth'"}},
        {"MedicalRecord", "symptoms", words},
        {"MedicalRecord", "diagnosis", words},
        {"MedicalRecord", "treatment", words},
        {"MedicalRecord", "notes", words},
        {"MedicalRecord", "veterinarian", words},
        {"Appointment", "patientId", parents},
        {"Appointment", "date", times},
        {"Appointment",
         "time",
         {"'9:5'", "'09:30:15'", "'2:30 PM'", "'12 am'", "'25:00'", "'noon'", "''", "NULL", "' 09:30 '", "'24:00'",
          "'9'", "'13:00 pm'", "'0:0'", "'09:60'", "E'09:30\\n'", "'٠٩:٣٠'"}},
        {"Appointment", "duration", {"0", "-30", "1", "1440", "1441", "NULL", "2147483647"}},
        {"Appointment", "reason", words},
        {"Appointment",
         "status",
         {"'no_show'", "'done'", "'?!'", "NULL", "'Scheduled '", "'no show'", "'CANCELED'", "'missed'"}},
        {"Appointment", "notes", words},
        {"Appointment", "veterinarian", words},
        {"Bill",
         "ownerId",
         {"'nobody'", "E'\\nnobody '", "'Nobody'", "NULL", "''", "E'\\t '", "'(none)'",
          "(SELECT max(id) FROM \"Owner\")", "' ' || \"ownerId\"", "trim(\"ownerId\")", "normalize(\"ownerId\", NFD)"}},
        {"Bill", "patientId", parents},
        {"Bill",
         "appointmentId",
         {"'nothing'", "''", "'  '", "NULL", "(SELECT min(id) FROM \"Appointment\")",
          "(SELECT min(id) || '  ' FROM \"Appointment\")"}},
        {"Bill",
         "medicalRecordIds",
         {"NULL", "'{}'", "'{NULL}'", "'{\"\",\"  \"}'", "ARRAY['no such']",
          "ARRAY[(SELECT min(id) FROM \"MedicalRecord\"), (SELECT min(id) FROM \"MedicalRecord\")]",
          "ARRAY[' ' || (SELECT max(id) FROM \"MedicalRecord\") || ' ', (SELECT max(id) FROM \"MedicalRecord\")]",
          "ARRAY[[(SELECT min(id) FROM \"MedicalRecord\"), 'x'], [NULL, 'y']]",
          "ARRAY[upper((SELECT min(id) FROM \"MedicalRecord\"))]",
          // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one literal in two lines
          "ARRAY[(SELECT trim(max(id)) FROM \"MedicalRecord\"), "
          "(SELECT E'\\t' || trim(min(id)) FROM \"MedicalRecord\")]"}},
        {"Bill",
         "items",
         {"NULL", "'null'", "'{\"not\": \"a list\"}'", "'\"text\"'", "'[1, \"two\", null, [3]]'", "'[]'",
          "'[{\"description\": \"Exam\"}]'",
          "'[{\"description\": 5, \"quantity\": \"2\", \"unitPrice\": \"1.5\", \"totalPrice\": \"3\"}]'",
          "'[{\"description\": \"A\", \"quantity\": 1e400, \"unitPrice\": 1, \"totalPrice\": 1}]'",
          "'[{\"description\": \"A\", \"quantity\": -2, \"unitPrice\": -1, \"totalPrice\": 2}, {\"description\": "
          "\"B\", \"quantity\": 0}]'",
          "'[{\"description\": \"A\", \"quantity\": \"NaN\", \"unitPrice\": 0.333, \"totalPrice\": 0.67}]'",
          "'[{\"id\": \"1\", \"description\": null, \"quantity\": 1, \"unitPrice\": 1, \"totalPrice\": 1, \"tax\": "
          "true}]'",
          "jsonb_build_array(jsonb_build_object('description', repeat('d', 600), 'quantity', 1, 'unitPrice', 2, "
          "'totalPrice', 2))",
          "'[{\"id\": \"1\", \"description\": \"A\", \"quantity\": 2, \"unitPrice\": 10, \"totalPrice\": 25}, {\"id\": "
          "\"1\"}]'",
          "to_jsonb('[{\"description\": \"A\", \"quantity\": 2, \"unitPrice\": 10, \"totalPrice\": 20}]'::text)",
          "to_jsonb('[1, {\"broken'::text)"}},
        {"Bill", "subtotal", amounts},
        {"Bill", "tax", amounts},
        {"Bill", "totalAmount", amounts},
        {"Bill", "status", {"'PAID '", "'open'", "NULL", "''", "'void'", "'issued'", "'Cancelled'", "'canceled'"}},
        {"Bill", "billDate", times},
        {"Bill", "dueDate", times},
        {"Bill", "notes", words},
        {"Bill",
         "billNumber",
         {"'bill-000123'", "'BILL-0000123'", "' BILL-000124 '", "'BILL-000124'", "''", "NULL", "'  '",
          "'BILL-99999999999999999999'", "repeat('B', 150)", "'INV 77'", "'inv 77'", "'BILL-2024-001'"}},
    };
    return kinds;
}

const char* const kClean = R"(
ALTER TABLE "Patient" DROP CONSTRAINT "Patient_ownerId_fkey";
ALTER TABLE "MedicalRecord" DROP CONSTRAINT "MedicalRecord_patientId_fkey";
ALTER TABLE "Appointment" DROP CONSTRAINT "Appointment_patientId_fkey";
ALTER TABLE "Bill" DROP CONSTRAINT "Bill_ownerId_fkey", DROP CONSTRAINT "Bill_patientId_fkey",
    DROP CONSTRAINT "Bill_appointmentId_fkey";
DROP INDEX "User_email_key", "User_username_key", "Owner_email_key", "Bill_billNumber_key";
CREATE FUNCTION pg_temp.loosen() RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
    FOR r IN SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
              AND is_nullable = 'NO' AND column_name <> 'id' AND table_name NOT LIKE '\_%' LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP NOT NULL', r.table_name, r.column_name);
    END LOOP;
END $$;
SELECT pg_temp.loosen();
INSERT INTO "User" SELECT 'u' || n, 'u' || n || '@x.example', 'u' || n, 'First', 'Last',
    '$2b$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK', '{staff}', '2020-01-01', '2021-01-01'
    FROM generate_series(1, 60) n;
INSERT INTO "Owner" SELECT CASE n % 5 WHEN 0 THEN gen_random_uuid()::text WHEN 1 THEN 'owner ' || n WHEN 2
    THEN 'ÖWNER-' || n
    ELSE 'c' || md5('o' || n) END, 'F' || n, 'L', 'o' || n || '@x.example', '+1 555', 'Street', NULL,
    timestamp '2020-01-01' + n % 7 * interval '1 h', '2021-01-01' FROM generate_series(1, 300) n;
INSERT INTO "Patient" SELECT CASE n % 9 WHEN 0 THEN repeat('long', 100) || n
    ELSE 'c' || md5('p' || n) END, 'Pet' || n, 'Dog',
    'Mix', n % 20, 'Male', 1 + n / 10.0, 'kg', 'active', NULL, 'easy', o.id, '2020-01-01', '2021-01-01'
    FROM generate_series(1, 400) n JOIN (SELECT id, row_number() OVER () AS nth FROM "Owner") o ON o.nth = 1 + n % 300;
INSERT INTO "MedicalRecord" SELECT 'c' || md5('r' || n), p.id, timestamp '2021-05-05' + n * interval '7 h', 'dental',
    's', 'd', 't',
    NULL, 'Dr Lee', '2020-01-01', '2021-01-01'
    FROM generate_series(1, 500) n JOIN (SELECT id, row_number() OVER () AS nth
        FROM "Patient") p ON p.nth = 1 + n % 400;
INSERT INTO "Appointment" SELECT 'c' || md5('a' || n), p.id, timestamp '2021-05-05' + n * interval '7 h', '10:30', 30,
    'Check',
    'completed', NULL, 'Dr Lee', '2020-01-01', '2021-01-01'
    FROM generate_series(1, 400) n JOIN (SELECT id, row_number() OVER () AS nth
        FROM "Patient") p ON p.nth = 1 + n % 400;
INSERT INTO "Bill" SELECT 'c' || md5('b' || r.id), 'BILL-' || lpad((row_number() OVER ())::text, 6, '0'), p."ownerId",
    p.id, NULL,
    ARRAY[r.id], '[{"id": "1", "description": "Exam", "quantity": 2, "unitPrice": 18.75, "totalPrice": 37.5}]', 37.5,
        3, 40.5,
    'sent', '2021-06-01', '2021-07-01', NULL, '2020-01-01', '2021-01-01'
    FROM "MedicalRecord" r JOIN "Patient" p ON p.id = r."patientId";
)";

/// Ids of parents that are odd themselves, while their rows go by the plain one; twins that differ by blanks alone; and
/// bills where every kind of owner meets every kind of patient. %R: rarity, %1: a random number.
const char* const kOddIds = R"(
UPDATE "Bill" SET "ownerId" = (ARRAY[NULL, '', ' ', 'nobody', 'nobody ', '(none)', "ownerId", "ownerId" || ' ',
        lower("ownerId")])[1 + abs(hashtextextended(id, %1 + 1)) % 9],
    "patientId" = (ARRAY[NULL, E'\n', 'nobody', ' nobody', "patientId", E'\t' || "patientId",
        (SELECT max(id) FROM "Patient")])[1 + abs(hashtextextended(id, %1 + 2)) % 7]
 WHERE hashtextextended(id, %1 + 3) % %R IN (0, 1, 2);
INSERT INTO "Owner" SELECT id || ' ', 'Twin', "lastName", NULL, phone, address, notes, "createdAt", "updatedAt"
    FROM "Owner" WHERE hashtextextended(id, %1 + 4) % %R = 0;
INSERT INTO "Patient" SELECT E'\t' || id, 'Twin', species, breed, age, gender, weight, "weightUnit", status,
    "assignedDoctor", "handlingDifficulty", ' ' || "ownerId", "createdAt", "updatedAt"
    FROM "Patient" WHERE hashtextextended(id, %1 + 5) % %R = 0;
UPDATE "Owner" SET id = U&'\00A0' || id WHERE hashtextextended(id, %1 + 6) % %R = 0;
UPDATE "Patient" SET id = id || E' \n' WHERE hashtextextended(id, %1 + 7) % %R = 0;
UPDATE "MedicalRecord" SET id = ' ' || id || ' ' WHERE hashtextextended(id, %1 + 8) % %R = 0;
UPDATE "Appointment" SET id = id || ' ' WHERE hashtextextended(id, %1 + 9) % %R = 0;
UPDATE "Owner" SET id = '' WHERE %1 % 2 = 0 AND id = (SELECT min(id) FROM "Owner");
UPDATE "Patient" SET id = '   ' WHERE %1 % 3 = 0 AND id = (SELECT min(id) FROM "Patient");
)";

/// A value of every kind of dirt goes to each row with the chance of one in `rarity`: several meet on one row.
std::string plant(std::mt19937_64& random, unsigned rarity) {
    std::string script = kClean;
    for (const auto& kind : kinds_of_dirt()) {
        for (const char* const value : kind.values) {
            script += std::string("UPDATE \"") + kind.table + "\" SET \"" + kind.column + "\" = " + value +
                      " WHERE hashtextextended(id, " + std::to_string(random() >> 1U) + ") % " +
                      std::to_string(rarity) + " = 0;\n";
        }
    }
    script += kOddIds;
    const auto fill = [&script](const std::string& mark, const std::string& value) {
        for (auto at = script.find(mark); at != std::string::npos; at = script.find(mark)) {
            script.replace(at, mark.size(), value);
        }
    };
    fill("%R", std::to_string(rarity));
    fill("%1", std::to_string(random() >> 8U));
    return script;
}

int rounds() {
    const char* given = std::getenv("VETCHART_MIGRATE_ROUNDS");
    return given != nullptr ? std::atoi(given) : 2;
}

}  // namespace

TEST_CASE("migrate: random dirt by the thousand loses no row, breaks no rule, and every repair is told",
          "[central][migrate][random]") {
    const auto from = seed_of_run();
    for (std::uint64_t seed = from; seed < from + static_cast<std::uint64_t>(rounds()); ++seed) {
        INFO("VETCHART_SEED=" << seed);
        std::cout << "migrate random: VETCHART_SEED=" << seed << std::endl;
        std::mt19937_64 random(seed);
        const auto url = empty_legacy_database();
        PrivatePostgres::instance().psql(url, plant(random, 20 + static_cast<unsigned>(random() % 200)));
        keep_raw(url);
        const auto before = dump_of(url);
        const TempDir folder;
        auto options = quiet_options(url);
        options.dry_run = true;
        options.report = folder / "dry.csv";
        const auto dry = central::migrate(options);
        REQUIRE((dry ? "" : dry.error().context) == "");
        REQUIRE(dump_of(url) == before);
        options.dry_run = false;
        options.report = folder / "real.csv";
        const auto real = central::migrate(options);
        REQUIRE((real ? "" : real.error().context) == "");
        CHECK(real->issues > 100);
        CHECK(text_of(folder / "dry.csv") == text_of(folder / "real.csv"));
        REQUIRE(problems_of(url) == "");
        // All checks and keys were validated, and no hash or password is in the report.
        CHECK(rows_of(url, "SELECT conname FROM pg_constraint WHERE NOT convalidated") == "");
        CHECK(rows_of(url, "SELECT count(*) FROM migration_issue WHERE original ~ 'secret|argon2|^p{60}$'") == "0");
        const auto again = central::migrate(quiet_options(url));
        REQUIRE(again);
        CHECK(again->applied == 0);
    }
}

}  // namespace vetchart::test
