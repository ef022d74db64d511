// What goes wrong around a migration: it is stopped in the middle, someone else holds the tables, another one runs, the
// old server goes on writing.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <thread>
#include <vector>

#include "tests/central/store/migrate_fixture.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/temp_dir.h"

namespace vetchart::test {
namespace {

constexpr auto kDeadline = std::chrono::seconds(30);

/// Something that happens in another thread, waited for with a deadline.
class Event {
public:
    void set() {
        const std::lock_guard guard(lock_);
        happened_ = true;
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock guard(lock_);
        return changed_.wait_for(guard, kDeadline, [&] { return happened_; });
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    bool happened_ = false;
};

/// Stops the server process of the migration that runs on `url`.
void stop_migration(const std::string& url) {
    rows_of(url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
            "application_name = 'vetchart-central-migrate'");
}

const char* const kNewOwner =
    R"(INSERT INTO "Owner" VALUES ('late', 'Late', 'Owner', 'late@x.example', '1', '', NULL, now(), now()))";

/// An old server: writes an owner, its patient and a bill in one transaction, over and over, until it is refused.
class OldServer {
public:
    OldServer(std::string url, std::string name) : url_(std::move(url)), name_(std::move(name)) {
        thread_ = std::thread([this] { write(); });
    }
    ~OldServer() { join(); }
    void join() {
        if (thread_.joinable()) thread_.join();
    }
    Event warm;                             ///< 20 were acknowledged.
    std::vector<std::string> acknowledged;  ///< Read after join().
    std::string refusal;                    ///< SQLSTATE that ended it.

private:
    void write() {
        try {
            pqxx::connection connection(url_ + " application_name=" + name_);
            const auto deadline = std::chrono::steady_clock::now() + kDeadline;
            for (int n = 0; std::chrono::steady_clock::now() < deadline; ++n) {
                const std::string id = name_ + std::to_string(n);
                pqxx::work transaction(connection);
                transaction.exec("INSERT INTO \"Owner\" VALUES ('" + id + "', 'F', 'L', '" + id +
                                 "@x.example', '1', 'A', NULL, now(), now())");
                transaction.exec("INSERT INTO \"Patient\" VALUES ('" + id +
                                 "', 'N', 'Dog', 'B', 3, 'Male', 5, 'kg', 'active', NULL, NULL, '" + id +
                                 "', now(), now())");
                transaction.exec("INSERT INTO \"Bill\" VALUES ('" + id + "', 'N-" + id + "', '" + id + "', '" + id +
                                 "', NULL, '{}', '[]', 1, 0, 1, 'sent', now(), now() + interval '1 day', NULL, now(), "
                                 "now())");
                transaction.commit();
                acknowledged.push_back(id);
                if (n == 20) warm.set();
            }
        } catch (const pqxx::transaction_rollback&) {
            refusal = "40P01";
        } catch (const pqxx::sql_error& e) {
            refusal = e.sqlstate();
        }
        warm.set();
    }

    std::string url_, name_;
    std::thread thread_;
};

}  // namespace

TEST_CASE("migrate: stopped anywhere, also in the middle of a phase, the database is as it was", "[central][migrate]") {
    const auto url = legacy_database("dirty");
    const auto before = dump_of(url);
    int lines = 0;
    auto rehearsal = quiet_options(url);
    rehearsal.dry_run = true;
    rehearsal.say = [&](const std::string&) { ++lines; };
    REQUIRE(central::migrate(rehearsal));
    REQUIRE(lines > 20);
    for (int stop_at = 1; stop_at <= lines; stop_at += 4) {
        CAPTURE(stop_at);
        const TempDir folder;
        int line = 0;
        auto options = quiet_options(url);
        options.report = folder / "report.csv";
        options.say = [&](const std::string&) {
            if (++line == stop_at) stop_migration(url);
        };
        const auto result = central::migrate(options);
        CHECK_FALSE(std::filesystem::exists(folder / "report.csv.part"));
        REQUIRE_FALSE(result);
        CHECK(result.error().code == Errc::unavailable);
        REQUIRE(dump_of(url) == before);
        CHECK_FALSE(std::filesystem::exists(folder / "report.csv"));
    }
    const auto result = central::migrate(quiet_options(url));
    REQUIRE(result);
    CHECK(result->applied == central::central_schema_version());
}

TEST_CASE("migrate: a report that cannot be written is refused before anything is done", "[central][migrate]") {
    const auto url = legacy_database("clean");
    const TempDir folder;
    auto options = quiet_options(url);
    int lines = 0;
    options.say = [&](const std::string&) { ++lines; };
    for (const auto& file : {folder / "no such folder/report.csv", folder.path()}) {
        options.report = file;
        const auto result = central::migrate(options);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == Errc::invalid_input);
        CHECK(result.error().slug == "report");
    }
    CHECK(lines == 0);
    CHECK(central::migration_status(url)->is_legacy);
}

TEST_CASE("migrate: of two at once the second says that it waits, and then has nothing to do", "[central][migrate]") {
    const auto url = legacy_database("clean");
    Event second_waits;
    std::thread second;
    int applied = -1;
    auto later = quiet_options(url);
    later.say = [&](const std::string& line) {
        if (line.starts_with("another migration is running, waiting for it")) second_waits.set();
    };
    auto first = quiet_options(url);
    bool waited = false;
    first.say = [&](const std::string&) {
        if (second.joinable()) return;
        second = std::thread([&] {
            const auto result = central::migrate(later);
            applied = result ? result->applied : -1;
        });
        waited = second_waits.wait();
    };
    const auto result = central::migrate(first);
    second.join();
    REQUIRE(result);
    CHECK(waited);
    CHECK(result->applied == central::central_schema_version());
    CHECK(applied == 0);
}

TEST_CASE("migrate: whoever still holds a legacy table is named, and nothing is changed", "[central][migrate]") {
    const auto url = legacy_database("clean");
    const auto before = dump_of(url);
    pqxx::connection connection(url + " application_name=old-server");
    pqxx::work transaction(connection);
    transaction.exec(kNewOwner);
    auto options = quiet_options(url);
    SECTION("for longer than the lock timeout") {
        options.lock_timeout_s = 1;
        const auto result = central::migrate(options);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == Errc::busy);
        CHECK(result.error().context.find("\"Owner\" (pid " + std::to_string(connection.backendpid()) +
                                          ", old-server)") != std::string::npos);
        transaction.abort();
        CHECK(dump_of(url) == before);
    }
    SECTION("and lets go in time: what it committed is taken along") {
        options.say = [&](const std::string& line) {
            if (line.starts_with("waiting up to")) transaction.commit();
        };
        REQUIRE(central::migrate(options));
        CHECK(rows_of(url, "SELECT count(*) FROM legacy_id WHERE legacy_id = 'late'") == "1");
    }
}

TEST_CASE("migrate: what an old server that goes on writing was told is saved arrives; the rest fails cleanly",
          "[central][migrate]") {
    const auto url = legacy_database("clean");
    OldServer one(url, "writer-one"), two(url, "writer-two");
    REQUIRE(one.warm.wait());
    REQUIRE(two.warm.wait());
    const auto result = central::migrate(quiet_options(url));
    one.join();
    two.join();
    REQUIRE((result ? "" : result.error().context) == "");
    std::set<std::string> arrived;
    pqxx::connection connection(url);
    pqxx::nontransaction transaction(connection);
    for (const auto& row : transaction.exec("SELECT l.legacy_id FROM legacy_id l JOIN bill b ON b.id = l.id "
                                            "JOIN owner o ON o.id = b.owner_id WHERE l.legacy_id LIKE 'writer%'")) {
        arrived.insert(row[0].as<std::string>());
    }
    std::size_t acknowledged = 0;
    for (const auto* server : {&one, &two}) {
        CHECK((server->refusal == "42P01" || server->refusal == "40P01"));
        for (const auto& id : server->acknowledged) {
            CAPTURE(id);
            REQUIRE(arrived.count(id) == 1);
        }
        acknowledged += server->acknowledged.size();
    }
    CHECK(arrived.size() == acknowledged);
}

}  // namespace vetchart::test
