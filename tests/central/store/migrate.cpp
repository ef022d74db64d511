#include "central/store/migrate.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/central/store/migrate_fixture.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

using central::migrate;
using central::MigrateOptions;
using central::migration_status;

MigrateOptions options_for(const std::string& url) { return quiet_options(url); }

std::string psql(const std::string& url, const std::string& sql) { return rows_of(url, sql); }

}  // namespace

TEST_CASE("migrate: an empty database reaches the current schema and has no clinic", "[central][migrate]") {
    const auto url = PrivatePostgres::instance().new_database();
    const auto result = migrate(options_for(url));
    REQUIRE(result);
    CHECK(result->from == 0);
    CHECK(result->to == central::central_schema_version());
    CHECK(result->applied == result->to);
    CHECK(result->issues == 0);
    CHECK(psql(url, "SELECT count(*) FROM clinic") == "0");
    CHECK(psql(url, "SELECT length(jwt_key) FROM central_state") == "32");
    CHECK(psql(url, "SELECT string_agg(extname, ',') FROM pg_extension") == "plpgsql");
    const auto status = migration_status(url);
    REQUIRE(status);
    CHECK(status->pending.empty());
    CHECK(status->applied.size() == static_cast<std::size_t>(status->latest));
}

TEST_CASE("migrate: a second run does nothing", "[central][migrate]") {
    const auto url = PrivatePostgres::instance().new_database();
    REQUIRE(migrate(options_for(url)));
    const auto before = dump_of(url);
    const auto result = migrate(options_for(url));
    REQUIRE(result);
    CHECK(result->applied == 0);
    CHECK(result->from == result->to);
    CHECK(dump_of(url) == before);
}

TEST_CASE("migrate: a failure after any phase leaves a legacy database as it was", "[central][migrate]") {
    const auto url = legacy_database("clean");
    const auto before = dump_of(url);
    for (int phase = 1; phase <= central::central_schema_version() + 1; ++phase) {  // The last: after the rules.
        auto options = options_for(url);
        options.fail_at_phase = phase;
        CAPTURE(phase);
        REQUIRE_FALSE(migrate(options));
        REQUIRE(dump_of(url) == before);
    }
}

TEST_CASE("migrate: a dry run reports and changes nothing", "[central][migrate]") {
    const auto url = legacy_database("dirty");
    const auto before = dump_of(url);
    const TempDir folder;
    auto options = options_for(url);
    options.dry_run = true;
    options.report = folder / "report.csv";
    const auto result = migrate(options);
    REQUIRE(result);
    CHECK(result->issues > 0);
    CHECK(text_of(*options.report)
              .find("\"Patient\",\"ce0e4bd6a36e53eed8db069a2\",\"gender\",\"neutered\",\"unknown\"") !=
          std::string::npos);
    CHECK(dump_of(url) == before);
    CHECK(migration_status(url)->is_legacy);
}

TEST_CASE("migrate: what it cannot take over refuses the whole, in one sentence, and leaves the database as it was",
          "[central][migrate]") {
    const auto url = legacy_database("clean");
    psql(url, R"(ALTER TABLE "MedicalRecord" ALTER COLUMN "visitDate" TYPE bytea USING 'x')");
    const auto before = dump_of(url);
    const auto result = migrate(options_for(url));
    REQUIRE_FALSE(result);
    CHECK(result.error().slug == "legacy_refused");
    CHECK(result.error().context == "\"MedicalRecord\".\"visitDate\" is of type bytea, which cannot be taken over");
    CHECK(dump_of(url) == before);
}

TEST_CASE("migrate: an applied file that differs, and a newer database, are refused", "[central][migrate]") {
    const auto url = central_database();
    SECTION("changed") {
        psql(url, "UPDATE schema_migration SET checksum = 'x' WHERE number = 3");
        CHECK(migrate(options_for(url)).error().slug == "schema_changed");
        CHECK(migration_status(url).error().code == Errc::corrupt);
    }
    SECTION("newer") {
        psql(url,
             "INSERT INTO schema_migration (number, name, checksum) SELECT max(number) + 1, 'later', 'x' "
             "FROM schema_migration");
        CHECK(migrate(options_for(url)).error().slug == "schema_newer");
        CHECK(central::require_current_schema(url).error().slug == "schema_newer");
        CHECK(migrate(options_for(url)).error().code == Errc::corrupt);
    }
}

TEST_CASE("migrate: bad parameters are refused before anything is done", "[central][migrate]") {
    const auto url = PrivatePostgres::instance().new_database();
    for (const char* const code : {"", "a", "main", "TOO-LONG", "ABCDEFGHIJKLMNOPQ"}) {
        auto options = options_for(url);
        options.legacy_clinic = code;
        CHECK(migrate(options).error().code == Errc::invalid_input);
    }
    for (const char* const currency : {"", "usd", "USDX", "U1D"}) {
        auto options = options_for(url);
        options.currency = currency;
        CHECK(migrate(options).error().code == Errc::invalid_input);
    }
    CHECK(migration_status(url)->current == 0);
}

TEST_CASE("migrate: a server that is not there is unavailable", "[central][migrate]") {
    const TempDir nowhere;
    CHECK(migrate(options_for("host=" + nowhere.path().string() + " dbname=x")).error().code == Errc::unavailable);
}

TEST_CASE("migrate: two at once run one after the other", "[central][migrate]") {
    const auto url = legacy_database("clean");
    std::array<int, 2> applied{};
    std::array<std::thread, 2> threads;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        threads[i] = std::thread([&, i] {
            const auto result = migrate(options_for(url));
            applied[i] = result ? result->applied : -1;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(std::min(applied[0], applied[1]) == 0);
    CHECK(std::max(applied[0], applied[1]) == central::central_schema_version());
}

TEST_CASE("migrate: the dirty legacy database comes out as its list of anomalies says", "[central][migrate]") {
    const auto url = legacy_database("dirty");
    const auto rows_before =
        psql(url, R"(SELECT (SELECT count(*) FROM "Owner") || ' ' || (SELECT count(*) FROM "Patient")
        || ' ' || (SELECT count(*) FROM "MedicalRecord") || ' ' || (SELECT count(*) FROM "Appointment") || ' ' ||
        (SELECT count(*) FROM "Bill") || ' ' || (SELECT count(*) FROM "User"))");
    const auto result = migrate(options_for(url));
    REQUIRE(result);
    CHECK(psql(url, R"(SELECT (SELECT count(*) FROM owner) || ' ' || (SELECT count(*) FROM patient) || ' ' ||
        (SELECT count(*) FROM medical_record) || ' ' || (SELECT count(*) FROM appointment) || ' ' ||
        (SELECT count(*) FROM bill) || ' ' || (SELECT count(*) FROM staff))") == rows_before);

    PrivatePostgres::instance().psql(url,
                                     "CREATE TABLE expected (legacy_table text, legacy_id text, legacy_column text, "
                                     "planted text, outcome text);\n\\copy expected from '" +
                                         std::string(VETCHART_TEST_DATA) + "/legacy/dirty/expected.csv' csv header\n");
    INFO("anomalies that should have been reported and were not, or the other way round");
    CHECK(psql(url, R"(SELECT e.legacy_table, e.legacy_id, e.legacy_column FROM expected e
        LEFT JOIN migration_issue i ON i.table_name = e.legacy_table AND i.legacy_id = e.legacy_id
             AND i.column_name = e.legacy_column
        WHERE (e.outcome LIKE '%reported%' OR e.outcome LIKE '%in the report') <> (i.id IS NOT NULL))") == "");
    CHECK(psql(url, R"(SELECT i.table_name, i.legacy_id, i.column_name FROM migration_issue i
        LEFT JOIN expected e ON i.table_name = e.legacy_table AND i.legacy_id = e.legacy_id
             AND i.column_name = e.legacy_column
        WHERE e.legacy_id IS NULL AND i.table_name <> 'User')") == "");
    INFO("enum, age, weight, time and e-mail values differ from the list");
    CHECK(psql(url, R"(SELECT e.* FROM expected e JOIN legacy_id l ON (l.table_name, l.legacy_id) =
            (e.legacy_table, e.legacy_id) CROSS JOIN LATERAL (
        SELECT CASE WHEN e.legacy_column = 'weight' THEN 'weight_milli'
                    ELSE lower(regexp_replace(e.legacy_column, '([A-Z])', '_\1', 'g')) END AS col) c
        CROSS JOIN LATERAL (SELECT to_jsonb(x) ->> c.col AS became FROM patient x WHERE x.id = l.id UNION ALL
            SELECT to_jsonb(x) ->> c.col FROM medical_record x WHERE x.id = l.id UNION ALL
            SELECT to_jsonb(x) ->> c.col FROM appointment x WHERE x.id = l.id UNION ALL
            SELECT to_jsonb(x) ->> c.col FROM owner x WHERE x.id = l.id UNION ALL
            SELECT to_jsonb(x) ->> c.col FROM bill x WHERE x.id = l.id) v
        WHERE e.legacy_column NOT IN ('medicalRecordIds', 'totalAmount', 'items', 'dueDate', 'billNumber')
          AND coalesce(v.became, 'NULL') <> regexp_replace(e.outcome, '(,| \().*$', ''))") == "");
    CHECK(psql(url, "SELECT bill_number_text(last_value + 1) FROM bill_number_seq") == "BILL-1000000");
    CHECK(psql(url,
               "SELECT roles, password_hash = '' FROM staff WHERE username IN ('ghost', 'nurse') ORDER BY username") ==
          "[]|t\n[\"staff\"]|f");
    CHECK(psql(url, "SELECT count(*) FROM bill WHERE provisional_number IS DISTINCT FROM bill_number") == "0");
}

}  // namespace vetchart::test
