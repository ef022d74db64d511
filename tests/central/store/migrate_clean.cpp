// The clean legacy data, value by value against the CSVs it came from.
#include <catch2/catch.hpp>

#include "central/store/migrate.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

struct Comparison {
    const char* what;
    const char* differing;  ///< Rows that differ or are missing: must be none.
};

#define VETCHART_INSTANT(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')"
#define VETCHART_STAMPS                                                                               \
    " OR " VETCHART_INSTANT("n.created_at") " IS DISTINCT FROM r.\"createdAt\" OR " VETCHART_INSTANT( \
        "n.updated_at") " IS DISTINCT FROM r.\"updatedAt\""

/// A row of raw data `r`, its new id `l` and its new row `n`.
constexpr Comparison kComparisons[] = {
    {"staff", R"(SELECT r.id FROM raw."User" r LEFT JOIN legacy_id l ON l.table_name = 'User' AND l.legacy_id = r.id
        LEFT JOIN staff n ON n.id = l.id WHERE n.id IS NULL OR n.email <> r.email OR n.username <> r.username
        OR n.first_name <> r."firstName" OR n.last_name <> r."lastName" OR n.password_hash <> r.password
        OR n.roles <> (SELECT '[' || string_agg('"' || x || '"', ',' ORDER BY x) || ']' FROM unnest(r.roles::text[]) x)
        OR NOT n.active)" VETCHART_STAMPS},
    {"owner", R"(SELECT r.id FROM raw."Owner" r LEFT JOIN legacy_id l ON l.table_name = 'Owner' AND l.legacy_id = r.id
        LEFT JOIN owner n ON n.id = l.id WHERE n.id IS NULL OR n.first_name <> r."firstName"
        OR n.last_name <> r."lastName" OR n.email IS DISTINCT FROM r.email OR n.phone IS DISTINCT FROM r.phone
        OR n.address <> r.address OR n.notes IS DISTINCT FROM r.notes OR n.deleted_at IS NOT NULL)" VETCHART_STAMPS},
    {"patient", R"(SELECT r.id FROM raw."Patient" r LEFT JOIN legacy_id l ON l.table_name = 'Patient'
        AND l.legacy_id = r.id LEFT JOIN patient n ON n.id = l.id
        LEFT JOIN legacy_id lo ON lo.table_name = 'Owner' AND lo.legacy_id = r."ownerId"
        WHERE n.id IS NULL OR n.owner_id IS DISTINCT FROM lo.id OR n.name <> r.name OR n.species <> r.species
        OR n.breed <> r.breed OR n.age IS DISTINCT FROM r.age::integer OR n.gender::text <> lower(r.gender)
        OR n.weight_milli <> r.weight::numeric * 1000 OR n.weight_unit::text <> r."weightUnit"
        OR n.status::text <> r.status OR n.assigned_doctor IS DISTINCT FROM r."assignedDoctor"
        OR n.handling_difficulty::text IS DISTINCT FROM r."handlingDifficulty")" VETCHART_STAMPS},
    {"medical_record", R"(SELECT r.id FROM raw."MedicalRecord" r LEFT JOIN legacy_id l ON l.table_name = 'MedicalRecord'
        AND l.legacy_id = r.id LEFT JOIN medical_record n ON n.id = l.id
        LEFT JOIN legacy_id lp ON lp.table_name = 'Patient' AND lp.legacy_id = r."patientId"
        WHERE n.id IS NULL OR n.patient_id IS DISTINCT FROM lp.id OR n.visit_date::text <> left(r."visitDate", 10)
        OR ()" VETCHART_INSTANT("n.visited_at") R"( <> r."visitDate") OR (n.visited_at IS NULL AND
            r."visitDate" NOT LIKE '% 00:00:00.000') OR n.record_type::text <> r."recordType"
        OR n.symptoms <> r.symptoms OR n.diagnosis <> r.diagnosis OR n.treatment <> r.treatment
        OR n.notes IS DISTINCT FROM r.notes OR n.veterinarian <> r.veterinarian)" VETCHART_STAMPS},
    {"appointment", R"(SELECT r.id FROM raw."Appointment" r LEFT JOIN legacy_id l ON l.table_name = 'Appointment'
        AND l.legacy_id = r.id LEFT JOIN appointment n ON n.id = l.id
        LEFT JOIN legacy_id lp ON lp.table_name = 'Patient' AND lp.legacy_id = r."patientId"
        WHERE n.id IS NULL OR n.patient_id IS DISTINCT FROM lp.id OR n.date::text <> left(r.date, 10)
        OR n."time" IS DISTINCT FROM r."time" OR n.duration IS DISTINCT FROM r.duration::integer OR n.reason <> r.reason
        OR n.status::text <> r.status OR n.notes IS DISTINCT FROM r.notes
        OR n.veterinarian <> r.veterinarian)" VETCHART_STAMPS},
    {"bill", R"(SELECT r.id FROM raw."Bill" r LEFT JOIN legacy_id l ON l.table_name = 'Bill' AND l.legacy_id = r.id
        LEFT JOIN bill n ON n.id = l.id
        LEFT JOIN legacy_id lo ON lo.table_name = 'Owner' AND lo.legacy_id = r."ownerId"
        LEFT JOIN legacy_id lp ON lp.table_name = 'Patient' AND lp.legacy_id = r."patientId"
        LEFT JOIN legacy_id la ON la.table_name = 'Appointment' AND la.legacy_id = r."appointmentId"
        WHERE n.id IS NULL OR n.bill_number <> r."billNumber" OR n.provisional_number <> r."billNumber"
        OR n.owner_id IS DISTINCT FROM lo.id OR n.patient_id IS DISTINCT FROM lp.id
        OR n.appointment_id IS DISTINCT FROM la.id OR n.subtotal_cents <> r.subtotal::numeric * 100
        OR n.tax_cents <> r.tax::numeric * 100 OR n.total_cents <> r."totalAmount"::numeric * 100
        OR n.status::text <> r.status OR n.bill_date::text <> left(r."billDate", 10)
        OR n.due_date::text <> left(r."dueDate", 10) OR n.notes IS DISTINCT FROM r.notes
        OR (n.issued_at IS NULL) <> (r.status IN ('draft', 'cancelled'))
        OR (n.paid_at IS NULL) <> (r.status <> 'paid')
        OR (n.cancelled_at IS NULL) <> (r.status <> 'cancelled'))" VETCHART_STAMPS},
    {"bill_item", R"(SELECT r.id, e.nth FROM raw."Bill" r
        CROSS JOIN LATERAL jsonb_array_elements(r.items::jsonb) WITH ORDINALITY AS e (item, nth)
        LEFT JOIN legacy_id l ON l.table_name = 'Bill' AND l.legacy_id = r.id
        LEFT JOIN bill_item n ON n.bill_id = l.id AND n.position = e.nth - 1
        WHERE n.id IS NULL OR n.description <> e.item ->> 'description'
        OR n.quantity_milli <> (e.item ->> 'quantity')::numeric * 1000
        OR n.unit_price_cents <> (e.item ->> 'unitPrice')::numeric * 100
        OR n.total_price_cents <> (e.item ->> 'totalPrice')::numeric * 100)"},
    {"bill_medical_record",
     R"(SELECT r.id, x FROM raw."Bill" r CROSS JOIN LATERAL unnest(r."medicalRecordIds"::text[]) x
        LEFT JOIN legacy_id lb ON lb.table_name = 'Bill' AND lb.legacy_id = r.id
        LEFT JOIN legacy_id lr ON lr.table_name = 'MedicalRecord' AND lr.legacy_id = x
        LEFT JOIN bill_medical_record n ON n.bill_id = lb.id AND n.medical_record_id = lr.id WHERE n.bill_id IS NULL)"},
    {"rows too many", R"(SELECT * FROM (VALUES
        ((SELECT count(*) FROM staff), (SELECT count(*) FROM raw."User")),
        ((SELECT count(*) FROM owner), (SELECT count(*) FROM raw."Owner")),
        ((SELECT count(*) FROM patient), (SELECT count(*) FROM raw."Patient")),
        ((SELECT count(*) FROM medical_record), (SELECT count(*) FROM raw."MedicalRecord")),
        ((SELECT count(*) FROM appointment), (SELECT count(*) FROM raw."Appointment")),
        ((SELECT count(*) FROM bill), (SELECT count(*) FROM raw."Bill")),
        ((SELECT count(*) FROM bill_item), (SELECT sum(jsonb_array_length(items::jsonb)) FROM raw."Bill")),
        ((SELECT count(*) FROM bill_medical_record),
         (SELECT sum(cardinality("medicalRecordIds"::text[])) FROM raw."Bill"))) v (became, was) WHERE became <> was)"},
    {"repairs", "SELECT * FROM migration_issue"},
    {"clinic and version", R"(SELECT clinic_id, version FROM owner UNION SELECT clinic_id, version FROM bill_item
        UNION SELECT id, version FROM clinic UNION SELECT clinic_id, version FROM sync_counter EXCEPT
        SELECT c.id, p.version FROM clinic c JOIN sync_position p ON p.clinic_id = c.id WHERE c.code = 'MAIN')"},
};

}  // namespace

TEST_CASE("migrate: the clean legacy database arrives whole, value by value, with nothing reported",
          "[central][migrate]") {
    const auto url = legacy_database("clean");
    central::MigrateOptions options;
    options.url = url;
    const auto result = central::migrate(options);
    REQUIRE(result);
    CHECK(result->issues == 0);
    CHECK(result->repairs.empty());
    CHECK(result->arrived.size() == 6);
    load_raw(url, "clean");
    auto& server = PrivatePostgres::instance();
    for (const auto& [what, differing] : kComparisons) {
        CAPTURE(what);
        CHECK(server.psql(url, differing).empty());
    }
    pqxx::connection connection(url);
    CHECK(value_of(connection, "SELECT count(*) FROM \"_prisma_migrations\"") == "1");
    CHECK(value_of(connection, "SELECT string_agg(extname, ',') FROM pg_extension") == "plpgsql");
    // UUIDv5 of 'Owner:c4dc..' in the namespace of docs/schema.md, computed elsewhere.
    CHECK(value_of(connection, "SELECT id FROM legacy_id WHERE legacy_id = 'c4dc3cd6089065c3146e80a9c'") ==
          "3a74b251-8b50-582e-b5ae-d2d7fe65ae20");

    // The next bill follows the highest printed number.
    const auto highest = value_of(connection, R"(SELECT max(substr("billNumber", 6)::bigint) FROM raw."Bill")");
    pqxx::work transaction(connection);
    const auto row = transaction.exec1(
        "INSERT INTO bill (id, clinic_id, owner_id, patient_id, subtotal_cents, tax_cents, total_cents, bill_date, "
        "due_date) "
        "SELECT gen_random_uuid(), p.clinic_id, p.owner_id, p.id, 0, 0, 0, '2026-11-22', '2026-12-22' FROM patient p "
        "LIMIT 1 "
        "RETURNING bill_number, version");
    const auto next = std::to_string(std::stoll(highest) + 1);
    CHECK(row[0].as<std::string>() == "BILL-" + std::string(6 - next.size(), '0') + next);
    CHECK(row[1].as<int>() == 2);
}

TEST_CASE("migrate: a printed name that one member of the staff has becomes that person, any other stays as it is",
          "[central][migrate]") {
    const auto url = legacy_database("clean");
    auto& server = PrivatePostgres::instance();
    server.psql(url, R"(
        INSERT INTO "User" (id, email, username, "firstName", "lastName", password, roles, "createdAt", "updatedAt")
        SELECT v.id, v.id || '@x.example', v.id, v.first, v.last, 'none', '{veterinarian}', now(), now() FROM (VALUES
            ('brown', 'Michael', 'Brown'), ('lee1', 'J', 'Lee'), ('lee2', 'J.', 'LEE')) v (id, first, last);
        UPDATE "MedicalRecord" SET veterinarian = 'Dr. michael BROWN' WHERE veterinarian = 'Michael Brown'
           AND id > 'c8';)");
    load_raw(url, "clean");
    central::MigrateOptions options;
    options.url = url;
    REQUIRE(central::migrate(options));
    pqxx::connection connection(url);
    const std::string brown = value_of(connection, "SELECT id FROM legacy_id WHERE legacy_id = 'brown'");
    for (const std::string table : {"medical_record", "appointment"}) {
        CAPTURE(table);
        CHECK(value_of(connection, "SELECT count(*) > 0 FROM " + table + " WHERE veterinarian_id IS NOT NULL") == "t");
        CHECK(value_of(connection, "SELECT count(*) FROM " + table +
                                       " WHERE (veterinarian_id IS NOT NULL) <> "
                                       "(veterinarian ILIKE '%michael brown')") == "0");
        CHECK(value_of(connection, "SELECT count(*) FROM " + table + " WHERE veterinarian_id <> '" + brown + "'") ==
              "0");
        CHECK(value_of(connection, "SELECT max(version) FROM " + table) == "1");
    }
    CHECK(value_of(connection,
                   "SELECT count(DISTINCT veterinarian) FROM medical_record WHERE veterinarian_id IS NOT "
                   "NULL") == "2");
    CHECK(value_of(connection,
                   "SELECT count(*) FROM patient WHERE (assigned_doctor_id IS NOT NULL) <> "
                   "(coalesce(assigned_doctor, '') = 'Michael Brown')") == "0");
}

}  // namespace vetchart::test
