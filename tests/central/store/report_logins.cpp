#include "central/store/report_logins.h"

#include <catch2/catch.hpp>
#include <future>
#include <pqxx/pqxx>

#include "central/store/migrate.h"
#include "central/store/scram.h"
#include "tests/central/reports/fixture.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

/// A login that may read the reports, as an attacker: what PostgreSQL itself lets it do, and what is left of that.
namespace vetchart::central {
namespace {

using test::PrivatePostgres;

const std::string kPassword = "a password, long";
constexpr std::chrono::seconds kDeadline{20};

std::string as_role(std::string url, const std::string& role) {
    return url.replace(url.find("user=vet"), 8, "user=" + role);
}

PoolOptions pool_at(const std::string& url) {
    PoolOptions options;
    options.url = url;
    options.size_max = 2;
    return options;
}

MigrateResult migrated(const std::string& url) {
    MigrateOptions options;
    options.url = url;
    const auto result = migrate(options);
    INFO((result ? "" : result.error().context));
    REQUIRE(result.ok());
    return *result;
}

/// A database of its own, migrated by a role that owns it and may make roles, and is no superuser.
struct OwnedWorld {
    std::string super = PrivatePostgres::instance().new_database();
    std::string url = as_role(super, "central_owner");

    OwnedWorld() {
        run("DO $$ BEGIN CREATE ROLE central_owner LOGIN CREATEROLE; EXCEPTION WHEN duplicate_object THEN NULL; END "
            "$$");
        run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO central_owner', current_database()); END $$");
    }
    void run(const std::string& sql) const { PrivatePostgres::instance().psql(super, sql); }
};

/// Leaves out what concerns other tests' logins, since roles belong to the cluster.
std::vector<OpenDoor> about(std::vector<OpenDoor> doors, const std::string& login) {
    std::erase_if(doors, [&](const OpenDoor& door) {
        return door.what.starts_with("the login ") && !door.what.starts_with("the login " + login + " ");
    });
    return doors;
}

std::vector<OpenDoor> open_at(const std::string& url, const std::string& login) {
    const auto status = migration_status(url);
    REQUIRE(status.ok());
    return about(status->open, login);
}

std::string outcome_of(pqxx::connection& connection, const std::string& sql) {
    try {
        pqxx::work transaction(connection);
        transaction.exec("SET LOCAL transaction_read_only = off");
        transaction.exec(sql);
        transaction.commit();
        return "done";
    } catch (const pqxx::insufficient_privilege&) {
        return "denied";
    } catch (const pqxx::sql_error& e) {
        return e.sqlstate();
    }
}

/// What a member may not do, whatever it sets for itself.
const std::vector<std::string> kAttacks = {
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'x')",
    "CREATE TEMPORARY TABLE t (a int)",
    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE TABLE public.t (a int)",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE SCHEMA mine",
    "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))",
    "LOCK TABLE public.bill IN ACCESS SHARE MODE",
    "LOCK TABLE public.schema_migration IN ACCESS SHARE MODE",
    "LOCK TABLE report.fact_bill IN ACCESS EXCLUSIVE MODE",
    "SELECT * FROM report.fact_bill FOR UPDATE",
    "SELECT * FROM public.staff",
    "SELECT * FROM public.audit_log",
    "INSERT INTO public.audit_log (actor, action, subject) VALUES ('x', 'x', 'x')",
    "SELECT jwt_key FROM public.central_state",
    "SELECT * FROM pg_catalog.pg_statistic",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT pg_read_file('PG_VERSION')",
    "COPY report.fact_clinic TO PROGRAM 'cat'",
    "COPY report.fact_clinic TO '/tmp/x'",
    "SELECT nextval('public.bill_number_seq')",
    "SELECT public.erase_owner(gen_random_uuid(), 'x', 'y')",
    "SELECT public.make_journal_partitions()",
    "SET ROLE central_owner",
    "SET temp_file_limit = -1",
    "SET session_replication_role = replica",
    "SET lo_compat_privileges = on",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
    "ALTER ROLE CURRENT_USER SET temp_file_limit = -1",
    "GRANT vetchart_report TO central_owner"};

std::vector<std::string> successes(pqxx::connection& connection) {
    std::vector<std::string> done;
    for (const auto& attack : kAttacks) {
        if (outcome_of(connection, attack) == "done") done.push_back(attack);
    }
    return done;
}

/// A statement that goes on in a session of `url` until somebody ends it; its SQLSTATE.
std::future<std::string> endless(const std::string& url, const std::string& before) {
    return std::async(std::launch::async, [url, before] {
        try {
            pqxx::connection connection(url);
            pqxx::nontransaction session(connection);
            session.exec("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
            session.exec(before + "SELECT pg_sleep(60)");
            return std::string("finished");
        } catch (const pqxx::broken_connection&) {
            return std::string("broken");
        } catch (const pqxx::sql_error& e) {
            return e.sqlstate();
        }
    });
}

template <class Condition>
bool becomes_true(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (std::chrono::steady_clock::now() < deadline) {
        if (condition()) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("report logins: migrated by a superuser, a member can do nothing but read", "[central][reports][role]") {
    test::ReportWorld world;
    CHECK(about(migrated(world.url()).open, "bi_super").empty());
    Pool pool(pool_at(world.url()), test::chance());
    const auto faults = add_report_login(pool, "os:test", {"bi_super"}, kPassword);
    REQUIRE(faults.ok());
    CHECK(faults->empty());
    pqxx::connection reader(as_role(world.url(), "bi_super"));
    CHECK(successes(reader) == std::vector<std::string>{});
    CHECK(outcome_of(reader, "SELECT * FROM report.revenue") == "done");
    CHECK(test::value_of(reader, "SHOW statement_timeout") == "30s");
    CHECK(test::value_of(reader, "SHOW temp_file_limit") == "1GB");
    CHECK(open_at(world.url(), "bi_super").empty());
    CHECK(world.value("SELECT subject || ' ' || actor FROM audit_log WHERE action = 'report-login add'") ==
          "bi_super os:test");
    CHECK(remove_report_login(pool, "os:test", "bi_super").ok());
    CHECK(remove_report_login(pool, "os:test", "bi_super").error().slug == "login_not_found");
    CHECK(remove_report_login(pool, "os:test", "vet").error().slug == "login_not_found");
}

TEST_CASE("report logins: migrated by an owner who is no superuser, what is left is printed, and closes it",
          "[central][reports][role]") {
    OwnedWorld world;
    PrivatePostgres::instance().psql(test::central_database(), "SELECT 1");  // The role vetchart_report is there.
    auto open = about(migrated(world.url).open, "bi_owned");
    const auto statements = [&] {
        std::string all;
        for (const auto& door : open) all += door.statement + "; ";
        return all;
    };
    INFO(statements());
    CHECK(statements().find("REVOKE EXECUTE ON FUNCTION lo_creat(integer)") != std::string::npos);
    CHECK(statements().find("pg_logical_emit_message") != std::string::npos);
    CHECK(statements().find("TEMPORARY") == std::string::npos);  // The owner could close that himself.
    Pool pool(pool_at(world.url), test::chance());
    const auto faults = add_report_login(pool, "os:test", {"bi_owned"}, kPassword);
    REQUIRE(faults.ok());
    REQUIRE(faults->size() == 1);
    CHECK(faults->front().statement == "ALTER ROLE bi_owned SET temp_file_limit = '1GB'");
    {
        pqxx::connection reader(as_role(world.super, "bi_owned"));
        CHECK(successes(reader).size() == 4);  // Three ways to large objects, and the write-ahead log.
    }
    open = open_at(world.url, "bi_owned");
    for (const auto& door : open) world.run(door.statement);
    CHECK(open_at(world.url, "bi_owned").empty());
    pqxx::connection reader(as_role(world.super, "bi_owned"));
    CHECK(successes(reader) == std::vector<std::string>{});
    INFO("the large objects that it made before are its own, and nobody drops them unasked");
    CHECK(remove_report_login(pool, "os:test", "bi_owned").error().slug == "login_owns");
    world.run("DROP OWNED BY bi_owned");
    CHECK(remove_report_login(pool, "os:test", "bi_owned").ok());
}

TEST_CASE("report logins: a member that somebody made by hand, and what others gave, is told", "[central][reports]") {
    test::ReportWorld world;
    world.run(
        "DO $$ BEGIN CREATE ROLE bi_by_hand LOGIN CREATEDB IN ROLE vetchart_report, pg_read_all_data; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    world.run(
        "GRANT SELECT ON owner TO PUBLIC; GRANT SELECT (email) ON staff TO vetchart_report; "
        "GRANT CREATE ON SCHEMA public TO PUBLIC; CREATE FUNCTION risky() RETURNS int LANGUAGE sql "
        "SECURITY DEFINER RETURN 1");
    const auto open = about(migrated(world.url()).open, "bi_by_hand");
    std::vector<std::string> all;
    for (const auto& door : open) all.push_back(door.statement);
    const auto has = [&](const std::string& statement) {
        INFO(statement);
        CHECK(std::find(all.begin(), all.end(), statement) != all.end());
    };
    has("ALTER ROLE bi_by_hand CONNECTION LIMIT 5");
    has("ALTER ROLE bi_by_hand SET statement_timeout = '30s'");
    has("ALTER ROLE bi_by_hand SET idle_in_transaction_session_timeout = '60s'");
    has("ALTER ROLE bi_by_hand NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS");
    has("REVOKE pg_read_all_data FROM bi_by_hand");
    has("REVOKE ALL ON owner FROM PUBLIC");
    has("REVOKE ALL ON staff FROM vetchart_report");
    has("REVOKE EXECUTE ON FUNCTION risky() FROM PUBLIC");
    INFO("the schema was closed by the migration itself");
    CHECK(std::find(all.begin(), all.end(), "REVOKE CREATE ON SCHEMA public FROM PUBLIC") == all.end());
    for (const auto& statement : all) world.run(statement);
    CHECK(open_at(world.url(), "bi_by_hand").empty());
    world.run("DROP ROLE bi_by_hand");
}

TEST_CASE("report logins: central ends what runs over its time, whatever the session has set", "[central][reports]") {
    OwnedWorld world;
    migrated(world.url);
    Pool pool(pool_at(world.url), test::chance());
    REQUIRE(add_report_login(pool, "os:test", {"bi_long"}, kPassword).ok());
    const std::string reader = as_role(world.super, "bi_long");
    const auto ended = [&](std::chrono::milliseconds bound, EndedSession::Outcome outcome) {
        return becomes_true([&] {
            const auto sessions = end_long_report_sessions(pool, bound);
            REQUIRE(sessions.ok());
            return sessions->size() == 1 && sessions->front().login == "bi_long" &&
                   sessions->front().outcome == outcome;
        });
    };
    SECTION("a statement is cancelled") {
        auto running = endless(reader, "");
        CHECK(ended(std::chrono::milliseconds(200), EndedSession::Outcome::cancelled));
        CHECK(running.get() == "57014");
    }
    SECTION("one that catches the cancellation, or leaves its transaction open, loses its session") {
        pqxx::connection idle(reader);
        pqxx::work transaction(idle);
        transaction.exec("SET statement_timeout = 0; SELECT * FROM report.fact_bill");
        CHECK(ended(std::chrono::milliseconds(50), EndedSession::Outcome::terminated));
        CHECK_THROWS(transaction.exec("SELECT 1"));
    }
    SECTION("a login that central may not end is named") {
        world.run("REVOKE bi_long FROM central_owner");
        pqxx::connection out_of_reach(reader);
        const auto sessions = end_long_report_sessions(pool, std::chrono::milliseconds(0));
        REQUIRE(sessions.ok());
        REQUIRE(sessions->size() == 1);
        CHECK(sessions->front().outcome == EndedSession::Outcome::unreachable);
        bool told = false;
        for (const auto& door : open_at(world.url, "bi_long")) {
            told = told || door.statement == "GRANT bi_long TO central_owner";
        }
        CHECK(told);
    }
    SECTION("central's own sessions are left alone") {
        auto running = endless(world.url, "SELECT pg_backend_pid(); ");
        pqxx::connection direct(world.super);
        REQUIRE(becomes_true([&] {
            return test::value_of(direct,
                                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' "
                                  "AND usename = 'central_owner' AND state = 'active'") == "1";
        }));
        CHECK(end_long_report_sessions(pool, std::chrono::milliseconds(0))->empty());
        test::value_of(direct,
                       "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' "
                       "AND usename = 'central_owner' AND pid <> pg_backend_pid()");
        running.get();
    }
    world.run("DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bi_long'; END $$");
    world.run(
        "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM bi_long', current_database()); END $$; "
        "DROP ROLE bi_long");
}

TEST_CASE("report logins: no lock that a member can take stops a migration or the journal", "[central][reports]") {
    test::ReportWorld world;
    world.run(
        "DO $$ BEGIN CREATE ROLE bi_locker LOGIN IN ROLE vetchart_report; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    pqxx::connection reader(as_role(world.url(), "bi_locker"));
    pqxx::nontransaction session(reader);
    session.exec(
        "SELECT pg_advisory_lock(hashtextextended('vetchart migrate', 0)), "
        "pg_advisory_lock(hashtextextended('vetchart journal partitions', 0))");
    MigrateOptions options;
    options.url = world.url();
    std::vector<std::string> said;
    options.say = [&](const std::string& line) { said.push_back(line); };
    auto done = std::async(std::launch::async, [&] { return migrate(options).ok(); });
    REQUIRE(done.wait_for(kDeadline) == std::future_status::ready);
    CHECK(done.get());
    CHECK(said.empty());
    CHECK(world.value("SELECT make_journal_partitions()") == "0");
}

TEST_CASE("report logins: names, passwords and roles that cannot be", "[central][reports]") {
    test::ReportWorld world;
    Pool pool(pool_at(world.url()), test::chance());
    const auto refusal = [&](const std::string& name, const std::string& password = kPassword) {
        const auto made = add_report_login(pool, "os:test", {name}, password);
        return made ? "made" : made.error().slug;
    };
    for (const char* name : {"", "Bi", "pg_bi", "1bi", "bi;drop", "bi\"", "vetchart_report"}) {
        CHECK(refusal(name) == "bad_login_name");
    }
    CHECK(refusal("bi_names", "short") == "bad_password");
    CHECK(refusal("bi_names", "pässword long") == "bad_password");
    CHECK(refusal("vet") == "login_exists");
    CHECK(refusal("bi_names") == "made");
    CHECK(refusal("bi_names") == "login_exists");
    INFO("the password is kept as a verifier");
    CHECK(world.value("SELECT rolpassword LIKE 'SCRAM-SHA-256$4096:%' FROM pg_authid WHERE rolname = 'bi_names'") ==
          "t");
    CHECK(remove_report_login(pool, "os:test", "bi_names").ok());
    world.run(
        "DO $$ BEGIN CREATE ROLE no_maker LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; "
        "GRANT INSERT, SELECT ON audit_log TO no_maker");
    Pool poor(pool_at(as_role(world.url(), "no_maker")), test::chance());
    CHECK(add_report_login(poor, "os:test", {"bi_poor"}, kPassword).error().slug == "role_denied");
}

TEST_CASE("report logins: the verifier is that of RFC 5803, with a new salt each time", "[central][reports]") {
    ScramSalt salt{};
    for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<unsigned char>(i);
    CHECK(scram_verifier(kPassword, salt) ==
          "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$iKjO+B5/igXlxgBt10S/cgV3OVyoAGCoLtuKF9OUA/4="
          ":0pHze82zcdmyAqXY7G96Ck5gLMmZpe+1y/kY8TWYU1c=");
    CHECK(scram_verifier(test::chance(), kPassword) != scram_verifier(test::chance(), kPassword));
}

}  // namespace vetchart::central
