#include "central/store/migrate_rules.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <regex>
#include <sstream>
#include <thread>

#include "central/store/migrate.h"
#include "schema/embedded.h"
#include "tests/central/store/migrate_fixture.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/private_postgres.h"

/// The rules, views and reports of schema/postgres: replaced whole where they differ; and the one clock.
namespace vetchart::test {
namespace {

using central::migrate;
using central::migration_status;
using central::require_current_schema;
using central::rule_files;

int count_of(const std::string& folder) {
    return static_cast<int>(std::count_if(rule_files().begin(), rule_files().end(),
                                          [&](const auto& file) { return file.folder == folder; }));
}

/// What a catalog says, one thing a line.
std::string catalog_of(const std::string& url) {
    return run("psql -XAtq -v ON_ERROR_STOP=1 -f " + std::string(VETCHART_SOURCE_DIR) +
               "/scripts/catalog_postgres.sql \"" + url + "\"");
}

void make_stale(const std::string& url, const std::string& file) {
    rows_of(url, "UPDATE schema_rule SET checksum = 'of before' WHERE name = '" + file + "'");
}

std::string moved(const std::string& url) { return url + " options=-cvetchart.clock=moved"; }

/// A login that reads the reports of `url`, as the docs say to make one.
std::string reader_of(const std::string& url) {
    rows_of(url, "DO $$ BEGIN CREATE ROLE clock_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    rows_of(url, "GRANT vetchart_report TO clock_reader");
    auto reader = url;
    return reader.replace(reader.find("user=vet"), 8, "user=clock_reader");
}

}  // namespace

TEST_CASE("rules: a file that differs is replaced with its folder, and what no file makes any more is dropped",
          "[central][rules]") {
    const auto url = central_database();
    const auto before = catalog_of(url);
    rows_of(url, R"(
        CREATE OR REPLACE FUNCTION refuse_issued_bill(bill uuid) RETURNS void LANGUAGE sql AS 'SELECT';
        CREATE FUNCTION old_rule() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER owner_old_rule AFTER DELETE ON owner FOR EACH ROW EXECUTE FUNCTION old_rule();
        CREATE FUNCTION of_a_dba() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        INSERT INTO schema_object VALUES ('function', 'public.old_rule()', 'rules'),
            ('trigger', 'owner_old_rule ON public.owner', 'rules');)");
    make_stale(url, "rules/bill.sql");
    CHECK(migration_status(url)->pending == std::vector<std::string>{"rules/bill.sql"});
    CHECK(require_current_schema(url).error().slug == "schema_old");
    const auto result = migrate(quiet_options(url));
    REQUIRE(result);
    CHECK(result->applied == 0);
    CHECK(result->replaced == count_of("rules"));
    CHECK(require_current_schema(url).ok());
    CHECK(migrate(quiet_options(url))->replaced == 0);
    rows_of(url, "DROP FUNCTION of_a_dba()");  // Who made it is not us: it was still there.
    CHECK(catalog_of(url) == before);
}

TEST_CASE("rules: what was made is known by name, each by one folder", "[central][rules]") {
    const auto url = central_database();
    CHECK(rows_of(url, "SELECT count(*) FROM schema_rule") == std::to_string(rule_files().size()));
    INFO("a function, view or trigger of central that no file of rules/, views/ or reports/ makes");
    CHECK(
        rows_of(url, R"(
        SELECT x FROM (SELECT format('%I.%I(%s)', pronamespace::regnamespace, proname, oidvectortypes(proargtypes))
                         FROM pg_proc WHERE pronamespace::regnamespace::text IN ('public', 'archive', 'report')
                       UNION ALL SELECT format('%I ON %s', tgname, CASE WHEN strpos(tgrelid::regclass::text, '.') = 0
                               THEN 'public.' ELSE '' END || tgrelid::regclass)
                         FROM pg_trigger WHERE NOT tgisinternal
                       UNION ALL SELECT format('%I.%I', schemaname, viewname) FROM pg_views
                        WHERE schemaname IN ('public', 'archive', 'report')) v (x)
         WHERE x NOT IN (SELECT name FROM schema_object) ORDER BY 1)") ==
        "public.bare_name(text)\npublic.clock_day(text)\npublic.clock_instant()\npublic.clock_is_moved()\n"
        "public.clock_transaction()\npublic.moved_clock()\npublic.printed_bill_number(text)\npublic.trim_blanks(text)");
}

TEST_CASE("rules: who hangs on a report keeps it while it can be replaced, and is named when it cannot",
          "[central][rules]") {
    const auto url = central_database();
    rows_of(url, R"(
        DO $$ BEGIN CREATE ROLE bi_tool; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        GRANT SELECT ON report.revenue TO bi_tool;
        REVOKE EXECUTE ON FUNCTION archive_patient(uuid, text, text) FROM PUBLIC;
        CREATE SCHEMA bi;
        CREATE VIEW bi.mine AS SELECT clinic_code, today FROM report.fact_clinic;)");
    const auto before = catalog_of(url);
    make_stale(url, "reports/3_money.sql");
    REQUIRE(migrate(quiet_options(url))->replaced == count_of("reports"));
    CHECK(catalog_of(url) == before);

    // A view that this program has with one column less than the database.
    rows_of(url, "CREATE OR REPLACE VIEW report.clock AS SELECT at, 1 AS more FROM central_clock");
    make_stale(url, "reports/1_facts.sql");
    const auto changed = dump_of(url);
    const auto refused = migrate(quiet_options(url));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().slug == "schema_depended_on");
    CHECK(refused.error().context.starts_with("view bi.mine hangs on what this version makes anew"));
    CHECK(dump_of(url) == changed);

    rows_of(url, "DROP VIEW bi.mine");
    const auto result = migrate(quiet_options(url));
    REQUIRE(result);
    CHECK(result->replaced == static_cast<int>(rule_files().size()));
    CHECK(catalog_of(url) == before);
}

TEST_CASE("rules: a function of somebody else's by a name that a file needs is not overwritten", "[central][rules]") {
    const auto url = central_database();
    rows_of(url, "DELETE FROM schema_object WHERE name = 'public.delete_group()'");
    make_stale(url, "rules/row.sql");
    const auto before = dump_of(url);
    const auto refused = migrate(quiet_options(url));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().slug == "schema_name_taken");
    CHECK(refused.error().context.find("function public.delete_group()") != std::string::npos);
    CHECK(dump_of(url) == before);
}

TEST_CASE("rules: two migrations at once replace them once", "[central][rules]") {
    const auto url = central_database();
    make_stale(url, "views/wire.sql");
    int replaced[2] = {-1, -1};
    std::thread other([&] { replaced[0] = migrate(quiet_options(url))->replaced; });
    replaced[1] = migrate(quiet_options(url))->replaced;
    other.join();
    CHECK(replaced[0] + replaced[1] == count_of("views"));
}

TEST_CASE("rules: a reader in the way makes a migration give up, and nothing is changed", "[central][rules]") {
    const auto url = central_database();
    make_stale(url, "reports/1_facts.sql");
    const auto before = dump_of(url);
    pqxx::connection reader(url);
    pqxx::work transaction(reader);
    transaction.exec("LOCK TABLE report.fact_bill IN ACCESS SHARE MODE");
    auto options = quiet_options(url);
    options.lock_timeout_s = 1;
    CHECK(migrate(options).error().slug == "schema_locked");
    CHECK(dump_of(url) == before);
}

TEST_CASE("migrate: a database of before the schema was cut anew is refused in words", "[central][migrate]") {
    const auto url = central_database();
    rows_of(url, "DROP TABLE schema_rule");
    CHECK(migrate(quiet_options(url)).error().slug == "schema_before_cut");
    CHECK(migration_status(url).error().code == Errc::corrupt);
    CHECK(require_current_schema(url).error().context.find("migrate into a new one") != std::string::npos);
}

TEST_CASE("clock: every instant and day follows the one row, where a session says so", "[central][rules]") {
    const auto url = central_database();
    rows_of(url,
            "INSERT INTO clinic (id, code, name, timezone) VALUES (gen_random_uuid(), 'NY', 'N', "
            "'America/New_York')");
    INFO("the setting alone moves nothing");
    CHECK(rows_of(moved(url), "SELECT clock_transaction() = now(), clock_instant() - now() < '1 minute'") == "t|t");
    rows_of(url, "UPDATE central_clock SET at = '2031-02-03T04:05:06.789Z'");
    CHECK(rows_of(moved(url),
                  "SET TIME ZONE 'UTC'; SELECT clock_instant(), clock_transaction(), clock_day('UTC'), "
                  "clock_day('America/New_York')") ==
          "2031-02-03 04:05:06.789+00|2031-02-03 04:05:06.789+00|2031-02-03|2031-02-02");
    CHECK(rows_of(moved(url), "SELECT today FROM report.fact_clinic") == "2031-02-02");
    CHECK(rows_of(moved(url), "SELECT report.default_from(), report.default_to()") == "2030-02-01|2031-02-28");
    rows_of(moved(url), "UPDATE clinic SET name = 'M'");
    CHECK(rows_of(moved(url),
                  "SELECT DISTINCT c.updated_at = clock_instant(), m.at = clock_instant() FROM clinic c, "
                  "row_meta m") == "t|t");
    INFO("a session that does not say so has the server's clock");
    CHECK(rows_of(url,
                  "SELECT today = (now() AT TIME ZONE timezone)::date, clock_transaction() = now() FROM "
                  "report.fact_clinic") == "t|t");
}

TEST_CASE("clock: a reader of the reports sees it and cannot move it", "[central][rules]") {
    const auto url = central_database();
    const auto reader = moved(reader_of(url));
    rows_of(url, "INSERT INTO clinic (id, code, name) VALUES (gen_random_uuid(), 'UTC', 'N')");
    CHECK(rows_of(reader, "SELECT today = (now() AT TIME ZONE 'UTC')::date FROM report.fact_clinic") == "t");
    rows_of(url, "UPDATE central_clock SET at = '2031-02-03T04:05:06Z'");
    CHECK(rows_of(reader, "SELECT today FROM report.fact_clinic") == "2031-02-03");
    for (const std::string attempt :
         {"UPDATE central_clock SET at = NULL", "UPDATE report.clock SET at = NULL",
          "CREATE OR REPLACE FUNCTION public.moved_clock() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"}) {
        CAPTURE(attempt);
        CHECK_THROWS_WITH(rows_of(reader, "SET default_transaction_read_only = off; " + attempt),
                          Catch::Contains("permission denied") || Catch::Contains("must be owner"));
    }
    CHECK(rows_of(url, "SELECT at FROM central_clock") != "");
}

TEST_CASE("clock: no file of the schema reads another one", "[central][rules]") {
    const std::regex other(R"(\b(now\(\)|(clock|statement|transaction)_timestamp|current_(date|time)|localtime))",
                           std::regex::icase);
    std::vector<std::string> found;
    const auto look = [&](const std::string& name, std::string_view text) {
        std::string line;
        for (std::istringstream lines{std::string(text)}; std::getline(lines, line);) {
            if (!line.starts_with("--") && std::regex_search(line, other)) found.push_back(name + ": " + line);
        }
    };
    // 1 to 7 have the old server's own defaults, a stop watch, and the clock itself.
    for (const auto& file : schema::postgres_tables().subspan(1)) look(std::string(file.name), file.text);
    for (const auto& file : rule_files()) look(file.name, file.text);
    CHECK(found == std::vector<std::string>{});
}

}  // namespace vetchart::test
