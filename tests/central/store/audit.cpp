#include "central/store/audit.h"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "central/store/audit_trail.h"
#include "tests/central/reports/fixture.h"
#include "tests/central/store/schema_fixture.h"

/// The audit: written once, by whom, from where, and bounded where anybody can cause a line.
namespace vetchart::central {
namespace {

using test::ReportWorld;
using Clock = AuditTrail::Clock;

std::string state_of(pqxx::connection& connection, const std::string& sql) {
    try {
        pqxx::work transaction(connection);
        transaction.exec(sql);
        transaction.commit();
        return {};
    } catch (const pqxx::insufficient_privilege&) {
        return "denied";
    } catch (const pqxx::sql_error& e) {
        return e.sqlstate();
    }
}

std::string as_role(std::string url, const std::string& role) {
    return url.replace(url.find("user=vet"), 8, "user=" + role);
}

Incident failure(const std::string& subject, const std::string& address = "192.0.2.7") {
    return Incident{"test refused", "nobody", subject, address};
}

}  // namespace

TEST_CASE("audit: a line is never changed, deleted or truncated, by central's own role neither", "[central][audit]") {
    ReportWorld world;
    world.run(
        "INSERT INTO audit_log (actor, action, subject, detail) VALUES ('os:a', 'x', 'y', '{\"reason\": \"r\"}')");
    pqxx::connection owner(world.url());
    for (const std::string prefix : {"", "SET LOCAL session_replication_role = replica; "}) {
        CHECK(state_of(owner, prefix + "UPDATE audit_log SET actor = 'os:b'") == "VC012");
        CHECK(state_of(owner, prefix + "DELETE FROM audit_log") == "VC012");
        CHECK(state_of(owner, prefix + "TRUNCATE audit_log") == "VC012");
    }
    INFO("an erasure may blank a reason and nothing else");
    const std::string erasing = "SET LOCAL vetchart.erasure = 'on'; UPDATE audit_log SET ",
                      line = " WHERE action = 'x'";
    CHECK(state_of(owner, erasing + "actor = 'os:b'" + line) == "VC012");
    CHECK(state_of(owner, erasing + "detail = '{}'" + line) == "VC012");
    CHECK(state_of(owner, erasing + "detail = '{\"reason\": \"s\", \"more\": 1}'" + line) == "VC012");
    CHECK(state_of(owner, erasing + "detail = '{\"reason\": \"s\"}'" + line) == "");
    CHECK(world.value("SELECT actor || (detail ->> 'reason') FROM audit_log WHERE action = 'x'") == "os:as");
}

TEST_CASE("audit: a login with no more than the right to add lines cannot touch one", "[central][audit]") {
    ReportWorld world;
    world.run(
        "DO $$ BEGIN CREATE ROLE audit_writer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; "
        "GRANT INSERT, SELECT ON audit_log TO audit_writer");
    pqxx::connection writer(as_role(world.url(), "audit_writer"));
    CHECK(state_of(writer, "INSERT INTO audit_log (actor, action, subject) VALUES ('hq:admin', 'x', 'y')") == "");
    INFO("it cannot pass for another login of the database");
    CHECK(world.value("SELECT login FROM audit_log WHERE action = 'x'") == "audit_writer");
    for (const char* sql : {"UPDATE audit_log SET actor = 'z'", "DELETE FROM audit_log", "TRUNCATE audit_log",
                            "ALTER TABLE audit_log DISABLE TRIGGER ALL", "DROP TABLE audit_log"}) {
        INFO(sql);
        CHECK(state_of(writer, sql) == "denied");
    }
}

TEST_CASE("audit: a line says from where, by the API's word or the database's", "[central][audit]") {
    ReportWorld world;
    REQUIRE(world.pool()
                .transact("test",
                          [](pqxx::work& transaction) -> Status {
                              audit(transaction, "os:a", "here", std::string(1000, 'x'), sync::Json::object());
                              audit(transaction, "hq:a", "there", "", sync::Json::object(), "192.0.2.9");
                              return Done{};
                          })
                .ok());
    CHECK(world.value("SELECT address || ' ' || length(subject) FROM audit_log WHERE action = 'here'") == "local 300");
    CHECK(world.value("SELECT address FROM audit_log WHERE action = 'there'") == "192.0.2.9");
    CHECK(world.value("SELECT login FROM audit_log WHERE action = 'there'") == "vet");
}

TEST_CASE("audit: what is repeated is one line with its number", "[central][audit]") {
    ReportWorld world;
    auto now = Clock::now();
    AuditTrail trail(world.pool(), std::chrono::milliseconds(0), [&] { return now; });
    for (int i = 0; i < 50; ++i) trail.note(failure("node 1"));
    trail.note(failure("node 1", "192.0.2.8"));
    const auto lines = [&] {
        return world.value(
            "SELECT string_agg(address || coalesce(' x' || (detail ->> 'times'), ''), ', ' ORDER BY id) FROM audit_log "
            "WHERE action = 'test refused'");
    };
    CHECK(lines() == "192.0.2.7, 192.0.2.8");
    trail.flush();
    CHECK(lines() == "192.0.2.7, 192.0.2.8");
    now += AuditTrail::kPeriod;
    trail.flush();
    CHECK(lines() == "192.0.2.7, 192.0.2.8, 192.0.2.7 x49");
    trail.note(failure("node 1"));
    CHECK(lines() == "192.0.2.7, 192.0.2.8, 192.0.2.7 x49, 192.0.2.7");
}

TEST_CASE("audit: ten thousand different failures make some sixty lines, and none goes uncounted", "[central][audit]") {
    ReportWorld world;
    auto now = Clock::now();
    {
        AuditTrail trail(world.pool(), std::chrono::milliseconds(0), [&] { return now; });
        for (int i = 0; i < 10000; ++i) trail.note(failure(std::to_string(i)));
        CHECK(world.value("SELECT count(*) FROM audit_log WHERE action = 'test refused'") == "60");
        INFO("another action has lines of its own");
        trail.note(Incident{"another", "nobody", "x", "192.0.2.7"});
        CHECK(world.value("SELECT count(*) FROM audit_log WHERE action = 'another'") == "1");
        now += AuditTrail::kPeriod;
        trail.flush();
        CHECK(world.value("SELECT detail ->> 'times' FROM audit_log WHERE action = 'audit left out' "
                          "AND subject = 'test refused'") == "9940");
        INFO("a minute gives a line");
        for (int i = 0; i < 100; ++i) trail.note(failure("later " + std::to_string(i)));
        CHECK(world.value("SELECT count(*) FROM audit_log WHERE action = 'test refused'") == "70");
    }
    CHECK(world.value("SELECT sum((detail ->> 'times')::integer) FROM audit_log WHERE action = 'audit left out'") ==
          "10030");
}

TEST_CASE("audit: what could not be written is told when it can be again", "[central][audit]") {
    ReportWorld world;
    auto now = Clock::now();
    AuditTrail trail(world.pool(), std::chrono::milliseconds(0), [&] { return now; });
    world.run("ALTER TABLE audit_log RENAME TO audit_away");
    trail.note(failure("node 1"));
    world.run("ALTER TABLE audit_away RENAME TO audit_log");
    now += AuditTrail::kPeriod;
    trail.flush();
    CHECK(world.value("SELECT detail ->> 'times' FROM audit_log WHERE action = 'audit left out'") == "1");
}

}  // namespace vetchart::central
