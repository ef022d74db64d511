#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <pqxx/pqxx>

#include "central/reports/run_report.h"
#include "central/store/migrate.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"
#include "tests/support/temp_dir.h"

/// The reports on a streaming standby: a primary and a replica of the test's own, stopped at its end.
namespace vetchart::test {
namespace {

constexpr std::chrono::seconds kPatience{30};

std::string as_server(const std::string& command) {
    return (geteuid() == 0 ? "runuser -u postgres -- " : "") + ("/usr/lib/postgresql/15/bin/" + command);
}

/// One server in a folder of its own, with its socket there.
class Server {
public:
    Server() {
        if (geteuid() == 0) run("chown postgres: " + folder());
    }
    ~Server() {
        if (!running_) return;
        try {
            stop();
        } catch (const std::exception& e) {
            std::fprintf(stderr, "%s\n", e.what());
        }
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::string folder() const { return folder_.path().string(); }
    [[nodiscard]] std::string url(const std::string& user) const {
        return "host=" + folder() + " user=" + user + " dbname=postgres";
    }
    void initialise() { run(as_server("initdb -D " + folder() + "/data -U vet -A trust -E UTF8 --locale=C.UTF-8 -N")); }
    void copy(const Server& primary) {
        run(as_server("pg_basebackup -h " + primary.folder() + " -U vet -D " + folder() +
                      "/data -R -X stream -c fast"));
    }
    void start() {
        run(as_server("pg_ctl -D " + folder() + "/data -l " + folder() + "/log -w -o \"-c listen_addresses='' " +
                      "-c unix_socket_directories='" + folder() + "' -c fsync=off\" start >/dev/null"));
        running_ = true;
    }
    void stop() {
        running_ = false;
        run(as_server("pg_ctl -D " + folder() + "/data -m fast -w stop"));
    }

private:
    TempDir folder_;
    bool running_ = false;
};

void execute(const Server& server, const std::string& sql) {
    pqxx::connection connection(server.url("vet"));
    pqxx::work transaction(connection);
    transaction.exec(sql);
    transaction.commit();
}

std::string ask(const Server& server, const std::string& sql) {
    pqxx::connection connection(server.url("vet"));
    return value_of(connection, sql);
}

/// Until the replica has replayed all that the primary has written.
void catch_up(const Server& primary, const Server& replica) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const std::string target = ask(primary, "SELECT pg_current_wal_flush_lsn()");
    pqxx::connection connection(replica.url("vet"));
    const std::string reached = "SELECT coalesce(pg_last_wal_replay_lsn() >= '" + target + "', false)";
    while (value_of(connection, reached) != "t") REQUIRE(std::chrono::steady_clock::now() < deadline);
}

void add_bill(const Server& primary, int number) {
    const std::string id = "'00000000-0000-7000-8000-00000000001" + std::to_string(number) + "'";
    execute(primary,
            "INSERT INTO bill (id, clinic_id, owner_id, patient_id, status, subtotal_cents, tax_cents, total_cents, "
            "bill_date, due_date, issued_at) SELECT " +
                id +
                ", p.clinic_id, p.owner_id, p.id, 'sent', 100, 7, 107, '2026-01-05', '2026-02-05', "
                "'2026-01-05T10:00:00Z' FROM patient p");
}

/// What a report of the replica says: the bills of January, and how old it is; by a login that may read no more.
struct Answer {
    std::string bills, data_as_of;
};

Answer january(const Server& replica) {
    central::PoolOptions options;
    options.url = replica.url("bi_replica");
    central::Pool pool(options, test::chance());
    const auto result =
        central::run_report(pool, std::chrono::seconds(30), {"revenue", "2026-01-01", "2026-01-31", "", ""});
    if (!result) FAIL(result.error().context);
    REQUIRE(result->clinics.size() == 1);
    return {result->rows.empty() ? "0" : result->rows.front().at(3).value_or(""), result->clinics.front().data_as_of};
}

std::string now_of(const Server& server) {
    return ask(server, "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')");
}

}  // namespace

TEST_CASE("reports: a streaming standby never says it is fresher than it is", "[central][reports][replica]") {
    Server primary, replica;
    primary.initialise();
    primary.start();
    central::MigrateOptions options;
    options.url = primary.url("vet");
    REQUIRE(central::migrate(options).ok());
    execute(primary,
            "CREATE ROLE bi_replica LOGIN IN ROLE vetchart_report; "
            "INSERT INTO clinic (id, code, name) VALUES ('00000000-0000-7000-8000-000000000001', 'NORTH', 'North'); "
            "INSERT INTO owner (id, clinic_id, first_name, last_name) SELECT '00000000-0000-7000-8000-000000000002', "
            "id, 'Ada', 'Holm' FROM clinic; "
            "INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) SELECT "
            "'00000000-0000-7000-8000-000000000003', clinic_id, id, 'Rex', 'Dog', 'male' FROM owner");
    replica.copy(primary);
    replica.start();
    REQUIRE(ask(replica, "SELECT pg_is_in_recovery()") == "t");

    add_bill(primary, 1);
    catch_up(primary, replica);
    CHECK(january(replica).bills == "1");

    // A replica that lags: its figures are those of before, and so is its day.
    execute(replica, "SELECT pg_wal_replay_pause()");
    const std::string paused = now_of(primary);
    add_bill(primary, 2);
    const Answer lagging = january(replica);
    CHECK(lagging.bills == "1");
    CHECK(lagging.data_as_of <= paused);
    execute(replica, "SELECT pg_wal_replay_resume()");
    catch_up(primary, replica);
    CHECK(january(replica).bills == "2");

    // One that is cut off and started again has replayed nothing since: it is no fresher for that.
    primary.stop();
    const std::string cut = now_of(replica);
    replica.stop();
    replica.start();
    const Answer alone = january(replica);
    CHECK(alone.bills == "2");
    CHECK(alone.data_as_of <= cut);

    replica.stop();
    central::PoolOptions gone;
    gone.url = replica.url("bi_replica");
    central::Pool pool(gone, test::chance());
    CHECK(central::run_report(pool, std::chrono::seconds(30), {"revenue"}).error().code == Errc::unavailable);
}

}  // namespace vetchart::test
