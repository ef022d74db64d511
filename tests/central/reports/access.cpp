#include <catch2/catch.hpp>
#include <cstdlib>

#include "central/reports/format.h"
#include "central/store/migrate.h"
#include "sync/base/json.h"
#include "tests/central/reports/fixture.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

/// Who may read the reports, from where, and in which forms they come.
namespace vetchart::test {
namespace {

using central::ReportQuery;

constexpr std::chrono::seconds kTime{30};

/// A login that is a member of vetchart_report and of nothing else; roles belong to the cluster.
std::string reader_url(ReportWorld& world) {
    world.run(
        "DO $$ BEGIN CREATE ROLE bi_reader LOGIN IN ROLE vetchart_report; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    std::string url = world.url();
    return url.replace(url.find("user=vet"), 8, "user=bi_reader");
}

central::PoolOptions pool_at(const std::string& url) {
    central::PoolOptions options;
    options.url = url;
    options.size_max = 1;
    return options;
}

/// How the statement ends: "denied", "" when it was allowed, else a refusal's SQLSTATE (a denial has none in libpqxx).
std::string denial_of(pqxx::connection& connection, const std::string& sql) {
    try {
        pqxx::work transaction(connection);
        transaction.exec(sql);
        return {};
    } catch (const pqxx::insufficient_privilege&) {
        return "denied";
    } catch (const pqxx::sql_error& e) {
        return e.sqlstate();
    }
}

std::string fault_of(central::Pool& pool, const ReportQuery& query, std::chrono::seconds time = kTime) {
    const auto result = central::run_report(pool, time, query);
    return result ? "" : result.error().slug;
}

void fill(ReportWorld& world) {
    world.clinic("NORTH", "UTC");
    world.clinic("EAST", "UTC", "EUR");
    world.patient("A", "NORTH");
    world.visit({.patient = "A", .visit_date = "2026-01-02", .veterinarian = "=1+2"});
    world.visit({.patient = "A", .visit_date = "2026-01-03", .veterinarian = "Lee, \"J\""});
    world.bill({.clinic = "NORTH", .issued_at = "2026-01-02T10:00:00Z", .subtotal = 123456, .tax = 78});
    world.bill({.clinic = "EAST", .issued_at = "2026-01-02T10:00:00Z", .subtotal = 5, .tax = 0});
    world.bill({.clinic = "EAST",
                .status = "cancelled",
                .issued_at = "2025-12-30T10:00:00Z",
                .cancelled_at = "2026-01-05T10:00:00Z",
                .subtotal = 7,
                .tax = 0});
}

}  // namespace

TEST_CASE("reports: the role vetchart_report reads every view of schema report and nothing else",
          "[central][reports][role]") {
    ReportWorld world;
    fill(world);
    pqxx::connection reader(reader_url(world));
    REQUIRE(value_of(reader, "SELECT current_user") == "bi_reader");
    const auto views = world.rows(
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = "
        "'report'::regnamespace AND c.relkind = 'v'");
    REQUIRE(views.size() == 18);
    for (const auto& view : views) CHECK(denial_of(reader, "SELECT * FROM " + view[0]) == "");
    const auto others = world.rows(
        "SELECT n.nspname || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = "
        "c.relnamespace WHERE n.nspname IN ('public', 'archive', 'report') AND c.relkind IN ('r', 'p', 'v', 'm', 'S') "
        "AND NOT (n.nspname = 'report' AND c.relkind = 'v')");
    REQUIRE(others.size() > 35);
    for (const auto& other : others) {
        INFO(other[0]);
        CHECK(denial_of(reader, "SELECT * FROM " + other[0]) == "denied");
        CHECK(denial_of(reader, "DELETE FROM " + other[0]) != "");
    }
    CHECK(denial_of(reader, "DELETE FROM report.fact_clinic") != "");
    CHECK(denial_of(reader, "CREATE TABLE report.mine (a int)") == "denied");
    CHECK(denial_of(reader, "CREATE TABLE public.mine (a int)") == "denied");
    CHECK(denial_of(reader, "SELECT archive_patient('" + world.id_of("A") + "', 'x', 'y')") == "denied");
    CHECK(world
              .value("SELECT array_to_string(setconfig, ',') FROM pg_db_role_setting WHERE setrole = "
                     "'vetchart_report'::regrole")
              .find("statement_timeout=30s") != std::string::npos);
    // The program itself needs no more.
    central::Pool pool(pool_at(reader_url(world)), test::chance());
    for (const auto& report : central::reports()) {
        CHECK(fault_of(pool, {std::string(report.name), "", "", "", "NORTH"}) == "");
    }
}

TEST_CASE("reports: every view and column says what it means", "[central][reports]") {
    ReportWorld world;
    CHECK(world.value("SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 "
                      "WHERE c.relnamespace = 'report'::regnamespace AND c.relkind = 'v' "
                      "AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)") ==
          "0");
}

TEST_CASE("reports: a second database of the cluster migrates beside the first", "[central][reports][role]") {
    central_database();
    central::MigrateOptions options;
    options.url = PrivatePostgres::instance().new_database();
    CHECK(central::migrate(options).ok());
    pqxx::connection connection(options.url);
    CHECK(value_of(connection, "SELECT has_table_privilege('vetchart_report', 'report.revenue', 'SELECT')") == "t");
}

TEST_CASE("reports: VETCHART_REPORT_URL sends them to a database that only reads", "[central][reports]") {
    ReportWorld primary, replica;
    fill(replica);
    setenv("VETCHART_REPORT_URL", (replica.url() + " options='-c default_transaction_read_only=on'").c_str(), 1);
    const auto source = central::report_source_from_environment(pool_at(primary.url()), 2);
    unsetenv("VETCHART_REPORT_URL");
    REQUIRE(source.ok());
    CHECK(source->pool.size_max == 2);
    central::Pool pool(source->pool, test::chance());
    for (const auto& report : central::reports()) {
        const auto result = central::run_report(pool, kTime, {std::string(report.name), "2025-12-01", "2026-01-31"});
        REQUIRE(result.ok());
        CHECK(result->clinics.size() == 2);
    }
    CHECK_FALSE(central::refresh_time_zones(pool).ok());
    setenv("VETCHART_REPORT_TIMEOUT", "0", 1);
    CHECK_FALSE(central::report_source_from_environment(pool_at(primary.url()), 2).ok());
    setenv("VETCHART_REPORT_TIMEOUT", "7", 1);
    CHECK(central::report_source_from_environment(pool_at(primary.url()), 2)->time_max == std::chrono::seconds(7));
    unsetenv("VETCHART_REPORT_TIMEOUT");
}

TEST_CASE("reports: bad input is refused by name and with a sentence", "[central][reports]") {
    ReportWorld world;
    fill(world);
    auto& pool = world.pool();
    CHECK(fault_of(pool, {"profit"}) == "report_not_found");
    CHECK(fault_of(pool, {"revenue", "2026-02-30"}) == "bad_range");
    CHECK(fault_of(pool, {"revenue", "yesterday"}) == "bad_range");
    CHECK(fault_of(pool, {"revenue", "2026-02-02", "2026-02-01"}) == "bad_range");
    CHECK(fault_of(pool, {"revenue", "9999-01-01"}) == "bad_range");  // after the default's end
    CHECK(fault_of(pool, {"revenue", "", "", "2026-02-01"}) == "bad_range");
    CHECK(fault_of(pool, {"revenue", "", "", "", "NOWHERE"}) == "clinic_not_found");
    CHECK(fault_of(pool, {"revenue", "", "", "", "NORTH\xff"}) == "clinic_not_found");
    CHECK(fault_of(pool, {"revenue", "0001-01-01", "9999-12-31"}) == "");
    CHECK(fault_of(pool, {"revenue", "", "0001-01-01"}) == "");
    CHECK(fault_of(pool, {"receivables", "", "", "9999-12-31"}) == "");
    CHECK(fault_of(pool, {"receivables", "", "2026-01-01", "2026-01-02"}) == "bad_range");
    CHECK(fault_of(pool, {"receivables", "2026-01-03", "2026-01-02"}) == "bad_range");
    CHECK(fault_of(pool, {"receivables", "2026-01-01", "2026-01-02"}) == "");
    CHECK(fault_of(pool, {"patients", "0001-01-01", "9999-12-31"}) == "");
    CHECK(fault_of(pool, {"vaccinations", "0001-01-01", "9999-12-31"}) == "");
}

TEST_CASE("reports: without days a report is over the last twelve whole months and the current one",
          "[central][reports]") {
    ReportWorld world;
    const auto now = world.rows("SELECT report.default_from()::text, report.default_to()::text").at(0);
    for (const char* const name : {"revenue", "visits", "vaccinations", "patients", "appointments"}) {
        const auto result = world.report(name);
        CHECK(result.from.value_or("") == now[0]);
        CHECK(result.to.value_or("") == now[1]);
    }
    CHECK(world.report("visits", "2025-03-04").from.value_or("") == "2025-03-04");
    INFO("to alone: from twelve months before its month");
    CHECK(world.report("visits", "", "2024-02-29").from.value_or("") == "2023-02-01");
    CHECK(world.report("visits", "", "0001-06-30").from.value_or("") == "0001-01-01");
}

TEST_CASE("reports: a login without its rights and a database without reports are told apart", "[central][reports]") {
    ReportWorld world;
    world.run("DO $$ BEGIN CREATE ROLE bi_stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    std::string url = world.url();
    central::Pool stranger(pool_at(url.replace(url.find("user=vet"), 8, "user=bi_stranger")), test::chance());
    CHECK(fault_of(stranger, {"revenue"}) == "report_schema_closed");
    central::Pool empty(pool_at(PrivatePostgres::instance().new_database()), test::chance());
    CHECK(fault_of(empty, {"revenue"}) == "report_schema_missing");
}

TEST_CASE("reports: one that takes too long ends, and says so", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    // The table is locked away from it: the report waits, and its own time is over before the lock's.
    pqxx::connection other(world.url());
    pqxx::work holder(other);
    holder.exec("LOCK TABLE bill IN ACCESS EXCLUSIVE MODE");
    CHECK(fault_of(world.pool(), {"revenue"}, std::chrono::seconds(1)) == "report_timeout");
    holder.abort();
    CHECK(fault_of(world.pool(), {"revenue"}) == "");
}

TEST_CASE("reports: JSON has exact decimals, and the clinics' freshness", "[central][reports]") {
    ReportWorld world;
    fill(world);
    const auto text = to_json(world.report("revenue", "2026-01-01", "2026-01-31"));
    CHECK(text.find("\"issuedTotal\":1235.34") != std::string::npos);
    const auto json = nlohmann::json::parse(text);
    CHECK(json["report"] == "revenue");
    CHECK(json["from"] == "2026-01-01");
    CHECK(json["to"] == "2026-01-31");
    REQUIRE(json["clinics"].size() == 2);
    for (const char* key : {"code", "name", "currency", "timezone", "dataAsOf", "pendingChanges", "oldestPendingAt",
                            "conflicts", "quarantined"}) {
        CHECK(json["clinics"][0].contains(key));
    }
    REQUIRE(json["rows"].size() == 2);
    CHECK(json["rows"][0]["clinicCode"] == "EAST");
    CHECK(json["rows"][0]["month"] == "2026-01");
    CHECK(json["rows"][0]["netTotal"] == -0.02);
    CHECK(json["rows"][0]["issuedBills"] == 1);
    const auto open = nlohmann::json::parse(to_json(world.report("receivables", "", "2026-03-31")));
    CHECK(open["from"].is_null());
    CHECK(open["asOf"] == "2026-03-31");
    CHECK(open["rows"][1]["due31To60"] == 1235.34);
    CHECK(nlohmann::json::parse(to_json(world.report("sync-lag")))["rows"].empty());
}

TEST_CASE("reports: CSV is quoted as RFC 4180 says and no cell is a formula", "[central][reports]") {
    using central::csv_cell;
    CHECK(csv_cell("plain") == "plain");
    CHECK(csv_cell("a,b") == "\"a,b\"");
    CHECK(csv_cell("say \"hi\"") == "\"say \"\"hi\"\"\"");
    CHECK(csv_cell("two\r\nlines") == "\"two\r\nlines\"");
    for (const std::string risky :
         {"=1+2", "+cmd", "-cmd", "@sum", "\tx", "=HYPERLINK(\"x\")", "-", "+", "-1-2", "=5"}) {
        INFO(risky);
        const auto cell = csv_cell(risky);
        CHECK((cell.starts_with("'") || cell.starts_with("\"'")));
    }
    CHECK(csv_cell("\rx") == "\"'\rx\"");
    for (const std::string number : {"-5", "-5.25", "+5", "12"}) CHECK(csv_cell(number) == number);
    ReportWorld world;
    fill(world);
    const auto visits = to_csv(world.report("visits", "2026-01-01", "2026-01-31"));
    CHECK(
        visits.starts_with("clinic_code,month,record_type,veterinarian,visits,data_as_of,pending_changes,"
                           "oldest_pending_at,conflicts,quarantined\r\nNORTH,2026-01,treatment,'=1+2,1,20"));
    CHECK(visits.find("\"Lee, \"\"J\"\"\"") != std::string::npos);
    const auto revenue = to_csv(world.report("revenue", "2026-01-01", "2026-01-31", "EAST"));
    CHECK(revenue.find(",-0.02,") != std::string::npos);
    CHECK(to_csv(world.report("sync-lag")).find("data_as_of") != std::string::npos);
    CHECK(central::file_name(world.report("revenue", "2026-01-01", "2026-01-31"), "csv") ==
          "revenue_2026-01-01_2026-01-31.csv");
}

TEST_CASE("reports: a table adds up each currency by itself and ends with the freshness", "[central][reports]") {
    ReportWorld world;
    fill(world);
    const auto text = to_table(world.report("revenue", "2026-01-01", "2026-01-31"));
    INFO(text);
    CHECK(text.find("1235.34") != std::string::npos);
    CHECK(text.find("total        EUR") != std::string::npos);
    CHECK(text.find("total        USD") != std::string::npos);
    CHECK(text.find("data as of") != std::string::npos);
    CHECK(to_table(world.report("appointments")).find("(no rows)") != std::string::npos);
}

}  // namespace vetchart::test
