#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "schema/embedded.h"
#include "sync/base/json.h"
#include "tests/edge/store/chart_fixture.h"
#include "tests/support/chance.h"

namespace {

using vetchart::Done;
using vetchart::Errc;
using vetchart::Error;
using vetchart::Status;
using vetchart::edge::Connection;
using vetchart::edge::Database;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;
using vetchart::test::TempDir;

std::string setting(Connection& connection, const std::string& name) {
    return connection.raw().execAndGet("PRAGMA " + name).getString();
}

std::string insert_owner(int n) {
    return "INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ('" + row_uuid(2, n) + "', '" +
           row_uuid(1, 1) + "', 'A', 'B')";
}

/// A file of the schema before this one, as an older program left it.
void make_old_file(const std::filesystem::path& file) {
    SQLite::Database old(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    const auto tables = vetchart::schema::sqlite_tables();
    for (const auto& each : tables.first(tables.size() - 1)) old.exec(std::string(each.text));
    old.exec("INSERT INTO clinic (id, code, name) VALUES ('" + row_uuid(1, 1) + "', 'OLD', 'Old'); " +
             "PRAGMA user_version = " + std::to_string(tables.size() - 1) + "; PRAGMA application_id = 1447384131");
}

}  // namespace

TEST_CASE("edge database: every connection has the settings that keep the data safe", "[store][database]") {
    ChartFile chart;
    const Status wrote = chart.database().maintain([](Connection& writer) -> Status {
        CHECK(setting(writer, "journal_mode") == "wal");
        CHECK(setting(writer, "synchronous") == "2");
        CHECK(setting(writer, "foreign_keys") == "1");
        CHECK(setting(writer, "recursive_triggers") == "1");
        CHECK(setting(writer, "busy_timeout") == "5000");
        return Done{};
    });
    CHECK(wrote.ok());
    auto reader = chart.database().read();
    CHECK(setting(*reader, "foreign_keys") == "1");
    CHECK(setting(*reader, "busy_timeout") == "5000");
    CHECK_THROWS_AS(reader->exec("DELETE FROM clinic"), SQLite::Exception);
}

TEST_CASE("edge database: the embedded schema is the SQL files, byte for byte", "[store][database]") {
    int number = 0;
    for (const auto& file : vetchart::schema::sqlite_tables()) {
        CHECK(file.number == number + 1);
        number = file.number;
        CHECK(file.text.ends_with(";\n"));
    }
    CHECK(vetchart::edge::edge_schema_version() == number);
    for (const auto& files : {vetchart::schema::sqlite_views(), vetchart::schema::sqlite_rules()}) {
        for (const auto& file : files) {
            CHECK(file.number == 0);
            CHECK(file.text.ends_with(";\n"));
        }
    }
}

TEST_CASE("edge database: a second open changes nothing", "[store][database]") {
    ChartFile chart;
    const std::string schema = chart.value("SELECT group_concat(sql) FROM sqlite_schema");
    const std::string cookie = chart.value("PRAGMA schema_version");
    CHECK(Database::open(chart.file(), vetchart::test::chance()).ok());
    CHECK(chart.value("PRAGMA schema_version") == cookie);
    CHECK(chart.value("SELECT group_concat(sql) FROM sqlite_schema") == schema);
    CHECK_FALSE(std::filesystem::exists(chart.file().string() + ".before-4"));
}

TEST_CASE("edge database: an older file is upgraded in place and a copy of it kept", "[store][database]") {
    TempDir folder;
    const auto file = folder / "vetchart.db";
    make_old_file(file);
    auto opened = Database::open(file, vetchart::test::chance());
    REQUIRE(opened.ok());
    const auto kept = file.string() + ".before-" + std::to_string(vetchart::edge::edge_schema_version());
    SQLite::Database copy(kept, SQLite::OPEN_READONLY);
    CHECK(copy.execAndGet("PRAGMA user_version").getInt() == vetchart::edge::edge_schema_version() - 1);
    CHECK(copy.execAndGet("SELECT code FROM clinic").getString() == "OLD");
    CHECK(copy.execAndGet("PRAGMA integrity_check").getString() == "ok");
    CHECK((*opened)->read()->raw().execAndGet("SELECT code FROM clinic").getString() == "OLD");
    CHECK((*opened)->read()->raw().execAndGet("SELECT count(*) FROM change_log").getInt() == 0);
}

TEST_CASE("edge database: an upgrade that fails leaves the file as it was", "[store][database]") {
    TempDir folder;
    const auto file = folder / "vetchart.db";
    make_old_file(file);
    {
        SQLite::Database old(file.string(), SQLite::OPEN_READWRITE);
        old.exec("CREATE TABLE search_mark (x)");
    }
    auto opened = Database::open(file, vetchart::test::chance());
    REQUIRE_FALSE(opened.ok());
    SQLite::Database after(file.string(), SQLite::OPEN_READONLY);
    CHECK(after.execAndGet("PRAGMA user_version").getInt() == vetchart::edge::edge_schema_version() - 1);
    CHECK(after.execAndGet("SELECT count(*) FROM sqlite_schema WHERE name = 'search_doc'").getInt() == 0);
}

TEST_CASE("edge database: a damaged, foreign or newer file is refused and left alone", "[store][database]") {
    TempDir folder;
    const auto file = folder / "vetchart.db";
    std::string slug;
    SECTION("no database at all") {
        std::ofstream(file) << std::string(4096, 'x');
        slug = "database_damaged";
    }
    SECTION("of another program") {
        SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE t (x)");
        slug = "schema_unknown";
    }
    SECTION("of a newer program") {
        REQUIRE(Database::open(file, vetchart::test::chance()).ok());
        SQLite::Database(file.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 9999");
        slug = "schema_newer";
    }
    SECTION("of before the first release") {
        make_old_file(file);
        SQLite::Database(file.string(), SQLite::OPEN_READWRITE)
            .exec("DROP TABLE schema_rule; DROP TABLE sync_control; PRAGMA user_version = 17");
        slug = "schema_before_release";
    }
    auto opened = Database::open(file, vetchart::test::chance());
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == Errc::corrupt);
    CHECK(opened.error().slug == slug);
    CHECK(Database::open_read_only(file).error().code == Errc::corrupt);
}

TEST_CASE("edge database: reading beside the daemon needs a file of the same schema", "[store][database]") {
    TempDir folder;
    CHECK_FALSE(Database::open_read_only(folder / "absent.db").ok());
    ChartFile chart;
    auto beside = Database::open_read_only(chart.file());
    REQUIRE(beside.ok());
    CHECK((*beside)->read()->raw().execAndGet("SELECT count(*) FROM owner").getInt() == 2);
    CHECK_FALSE((*beside)->write({}, [](Connection&) -> Status { return Done{}; }).ok());
    make_old_file(folder / "old.db");
    CHECK(Database::open_read_only(folder / "old.db").error().slug == "schema_older");
}

TEST_CASE("edge database: a write that errs or throws leaves nothing behind", "[store][database]") {
    ChartFile chart;
    const std::string before = chart.dump();
    int told = 0;
    chart.database().on_commit([&] { ++told; });
    const Status erred = chart.database().write({}, [](Connection& connection) -> Status {
        connection.exec(insert_owner(7).c_str());
        return Error{Errc::invalid_input, "no", "test_slug"};
    });
    CHECK(erred.error().slug == "test_slug");
    const Status threw = chart.database().write({}, [](Connection& connection) -> Status {
        connection.exec(insert_owner(7).c_str());
        throw std::runtime_error("broken");
    });
    CHECK(threw.error().code == Errc::internal);
    const Status refused = chart.database().write({}, [](Connection& connection) -> Status {
        connection.exec(insert_owner(7).c_str());
        connection.exec("UPDATE patient SET age = -1");
        return Done{};
    });
    CHECK(refused.error().slug == "patient_age_check");
    const Status dangling = chart.database().apply([](Connection& connection) -> Status {
        connection.exec("DELETE FROM patient");
        return Done{};
    });
    CHECK(dangling.error().slug == "foreign_key");
    CHECK(chart.dump() == before);
    CHECK(told == 0);
    CHECK(chart.write(insert_owner(7)).ok());
    CHECK(told == 1);
    CHECK(chart.value("SELECT applying || coalesce(txn, '') || coalesce(actor, '') FROM sync_control") == "0");
}

TEST_CASE("edge database: what cannot be parsed is not quoted by its error", "[store][database]") {
    ChartFile chart;
    const Status status = chart.database().write({}, [](Connection&) -> Status {
        const auto never = nlohmann::json::parse("{\"diagnosis\": \"Diabetes mellitus");
        (void)never;
        return Done{};
    });
    REQUIRE(status.error().code == Errc::internal);
    CHECK(status.error().context.find("Diabetes") == std::string::npos);
    CHECK(status.error().context.find("parse_error") != std::string::npos);
}

TEST_CASE("edge database: a commit that logged nothing tells nobody", "[store][database]") {
    ChartFile chart;
    int told = 0;
    chart.database().on_commit([&] { ++told; });
    CHECK(chart.write("UPDATE owner SET last_name = last_name").ok());
    CHECK(chart.database()
              .maintain([](Connection& connection) -> Status {
                  connection.exec("UPDATE node_state SET last_error = 'x'");
                  return Done{};
              })
              .ok());
    CHECK(told == 0);
}

TEST_CASE("edge database: a snapshot does not see what is committed meanwhile", "[store][database]") {
    ChartFile chart;
    const Status read = chart.database().snapshot([&](Connection& connection) -> Status {
        const auto owners = [&] {
            SQLite::Statement& query = connection.statement("SELECT count(*) FROM owner");
            query.executeStep();
            return query.getColumn(0).getInt();
        };
        CHECK(owners() == 2);
        CHECK(chart.write(insert_owner(7)).ok());
        CHECK(owners() == 2);
        return Done{};
    });
    CHECK(read.ok());
    // The same connection comes back from the pool, with no snapshot and no half-read statement left.
    CHECK(chart.database().read()->raw().execAndGet("SELECT count(*) FROM owner").getInt() == 3);
}

TEST_CASE("edge database: writers on many threads wait for each other", "[store][database]") {
    ChartFile chart;
    constexpr int kThreads = 8;
    constexpr int kEach = 25;
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) {
                if (!chart.write(insert_owner(1000 + t * kEach + i)).ok()) ++failed;
                if (!chart.database()
                         .snapshot([](Connection& connection) -> Status {
                             connection.statement("SELECT count(*) FROM owner").executeStep();
                             return Done{};
                         })
                         .ok()) {
                    ++failed;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(failed == 0);
    CHECK(chart.value("SELECT count(*) FROM owner") == std::to_string(2 + kThreads * kEach));
    CHECK(chart.value("SELECT count(DISTINCT txn) FROM change_log") == std::to_string(1 + kThreads * kEach));
}

TEST_CASE("edge database: a write gives up when another process holds the file", "[store][database]") {
    ChartFile chart;
    SQLite::Database other(chart.file().string(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    const Status answer = chart.write(insert_owner(7));
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == Errc::busy);
    other.exec("COMMIT");
    CHECK(chart.write(insert_owner(7)).ok());
}

namespace {

/// Writes owners 100.. one transaction each, telling every commit by one byte, until it is killed.
[[noreturn]] void write_until_killed(const std::filesystem::path& file, int told) {
    auto database = Database::open(file, vetchart::test::chance());
    if (!database) _exit(1);
    for (int n = 100;; ++n) {
        const Status done = (*database)->write({}, [n](Connection& connection) -> Status {
            connection.exec(insert_owner(n).c_str());
            connection.exec(("UPDATE owner SET notes = 'n' WHERE id = '" + row_uuid(2, n) + "'").c_str());
            return Done{};
        });
        if (!done.ok() || ::write(told, "x", 1) != 1) _exit(1);
    }
}

/// Kills the child after `wanted` commits; returns how many it told, which may be a few more.
int run_and_kill(const std::filesystem::path& file, int wanted) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) write_until_killed(file, ends[1]);
    close(ends[1]);
    int told = 0;
    char byte = 0;
    while (told < wanted && read(ends[0], &byte, 1) == 1) ++told;
    kill(child, SIGKILL);
    int state = 0;
    waitpid(child, &state, 0);
    while (read(ends[0], &byte, 1) == 1) ++told;
    close(ends[0]);
    REQUIRE(WIFSIGNALED(state));
    return told;
}

}  // namespace

TEST_CASE("edge database: kill -9 of a writer loses no commit it told of, and leaves none half done",
          "[store][database]") {
    TempDir folder;
    for (int round = 0; round < 12; ++round) {
        const auto file = folder / ("r" + std::to_string(round) + ".db");
        {
            auto made = Database::open(file, vetchart::test::chance());
            REQUIRE(made.ok());
            REQUIRE((*made)
                        ->write({},
                                [](Connection& connection) -> Status {
                                    connection.exec(("INSERT INTO clinic (id, code, name) VALUES ('" + row_uuid(1, 1) +
                                                     "', 'N1', 'N')")
                                                        .c_str());
                                    return Done{};
                                })
                        .ok());
        }
        const int told = run_and_kill(file, 3 + round * 7);
        auto after = Database::open(file, vetchart::test::chance());
        REQUIRE(after.ok());
        auto lease = (*after)->read();
        const int kept = lease->raw().execAndGet("SELECT count(*) FROM owner").getInt();
        CHECK((kept == told || kept == told + 1));
        CHECK(lease->raw().execAndGet("SELECT count(*) FROM owner WHERE notes IS NULL").getInt() == 0);
        CHECK(lease->raw().execAndGet("SELECT count(*) FROM change_log").getInt() == 1 + 2 * kept);
        CHECK(lease->raw().execAndGet("PRAGMA integrity_check").getString() == "ok");
        CHECK(lease->raw().execAndGet("SELECT applying || coalesce(txn, '') FROM sync_control").getString() == "0");
    }
}
