#include "central/store/pool.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <future>
#include <pqxx/pqxx>
#include <thread>

#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

namespace vetchart::central {
namespace {

using std::chrono::milliseconds;
using test::PrivatePostgres;

PoolOptions options_for(const std::string& url, std::size_t size_max = 4) {
    PoolOptions options;
    options.url = url;
    options.size_max = size_max;
    return options;
}

const std::string& plain_database() {
    static const std::string url = PrivatePostgres::instance().new_database();
    return url;
}

Status run_sql(Pool& pool, const std::string& sql) {
    return pool.transact("test", [&](pqxx::work& transaction) -> Status {
        transaction.exec(sql);
        return Done{};
    });
}

int backend_of(Pool& pool) {
    int pid = 0;
    const auto status = pool.transact("test", [&](pqxx::work& transaction) -> Status {
        pid = transaction.exec("SELECT pg_backend_pid()")[0][0].as<int>();
        return Done{};
    });
    REQUIRE(status.ok());
    return pid;
}

/// Ends a session from outside and returns when it is gone.
void terminate(int pid) {
    const auto text = PrivatePostgres::instance().psql(
        plain_database(), "SELECT pg_terminate_backend(" + std::to_string(pid) + ", 10000)");
    REQUIRE(text == "t\n");
}

/// A variable of the environment for the length of a test.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

}  // namespace

TEST_CASE("pool: a work that succeeds is committed, one that fails or throws is not", "[central][pool]") {
    Pool pool(options_for(PrivatePostgres::instance().new_database()), test::chance());
    REQUIRE(run_sql(pool, "CREATE TABLE t (x int)").ok());
    REQUIRE(run_sql(pool, "INSERT INTO t VALUES (1)").ok());
    const auto failed = pool.transact("test", [](pqxx::work& transaction) -> Status {
        transaction.exec("INSERT INTO t VALUES (2)");
        return Error{Errc::forbidden, "no", "no"};
    });
    CHECK(failed.error().code == Errc::forbidden);
    CHECK_FALSE(run_sql(pool, "INSERT INTO t VALUES (3); SELECT 1/0").ok());
    std::string rows;
    REQUIRE(pool.read("test",
                      [&](pqxx::dbtransaction& transaction) -> Status {
                          rows = transaction.exec("SELECT string_agg(x::text, ',') FROM t")[0][0].c_str();
                          return Done{};
                      })
                .ok());
    CHECK(rows == "1");
    CHECK(pool.gauge().open == 1);
    CHECK(pool.gauge().idle == 1);
}

TEST_CASE("pool: never more connections than allowed, and a wait that ends", "[central][pool]") {
    auto options = options_for(plain_database(), 1);
    options.connection_timeout = milliseconds(300);
    Pool pool(options, test::chance());
    std::promise<void> holding, release;
    std::thread holder([&] {
        (void)pool.transact("hold", [&](pqxx::work&) -> Status {
            holding.set_value();
            release.get_future().wait();
            return Done{};
        });
    });
    holding.get_future().wait();
    const auto begun = std::chrono::steady_clock::now();
    const auto refused = run_sql(pool, "SELECT 1");
    const auto waited = std::chrono::steady_clock::now() - begun;
    release.set_value();
    holder.join();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::busy);
    CHECK(refused.error().slug == "pool_exhausted");
    CHECK(waited >= milliseconds(290));
    CHECK(waited < milliseconds(5000));
    CHECK(run_sql(pool, "SELECT 1").ok());
    CHECK(pool.gauge().open == 1);
}

TEST_CASE("pool: many threads share few connections and all get their turn", "[central][pool]") {
    Pool pool(options_for(plain_database(), 3), test::chance());
    std::vector<std::future<int>> workers;
    for (int i = 0; i < 16; ++i) {
        workers.push_back(std::async(std::launch::async, [&pool] {
            int done = 0;
            for (int n = 0; n < 25; ++n) done += run_sql(pool, "SELECT 1").ok() ? 1 : 0;
            return done;
        }));
    }
    for (auto& worker : workers) CHECK(worker.get() == 25);
    CHECK(pool.gauge().open <= 3);
}

TEST_CASE("pool: a connection that died while idle is replaced before anybody notices", "[central][pool]") {
    Pool pool(options_for(plain_database()), test::chance());
    const int first = backend_of(pool);
    terminate(first);
    CHECK(run_sql(pool, "SELECT 1").ok());
    CHECK(backend_of(pool) != first);
    CHECK(pool.gauge().open == 1);
}

TEST_CASE("pool: a connection lost during the work is unavailable, and dropped", "[central][pool]") {
    Pool pool(options_for(plain_database()), test::chance());
    int runs = 0;
    const auto lost = pool.transact("test", [&](pqxx::work& transaction) -> Status {
        ++runs;
        terminate(transaction.exec("SELECT pg_backend_pid()")[0][0].as<int>());
        transaction.exec("SELECT 1");
        return Done{};
    });
    REQUIRE_FALSE(lost.ok());
    CHECK(lost.error().code == Errc::unavailable);
    CHECK(runs == 1);
    CHECK(pool.gauge().open == 0);
    CHECK(run_sql(pool, "SELECT 1").ok());
}

TEST_CASE("pool: a connection lost at COMMIT leaves the outcome unknown", "[central][pool]") {
    Pool pool(options_for(plain_database()), test::chance());
    const auto lost = pool.transact("test", [&](pqxx::work& transaction) -> Status {
        terminate(transaction.exec("SELECT pg_backend_pid()")[0][0].as<int>());
        return Done{};
    });
    REQUIRE_FALSE(lost.ok());
    CHECK(lost.error().code == Errc::outcome_unknown);
    CHECK(pool.gauge().open == 0);
}

TEST_CASE("pool: an unreachable server is unavailable, and its place in the pool is free again", "[central][pool]") {
    Pool pool(options_for("host=" + PrivatePostgres::instance().socket_dir() + " port=1 user=vet dbname=none", 1),
              test::chance());
    for (int i = 0; i < 3; ++i) {
        const auto status = run_sql(pool, "SELECT 1");
        REQUIRE_FALSE(status.ok());
        CHECK(status.error().code == Errc::unavailable);
    }
    CHECK(pool.gauge().open == 0);
}

TEST_CASE("pool: what PostgreSQL refuses becomes the documented error, without row values", "[central][pool]") {
    Pool pool(options_for(test::central_database()), test::chance());
    struct Row {
        const char* sql;
        Errc code;
        const char* slug;
    };
    const auto row =
        GENERATE(Row{"INSERT INTO clinic (id, code, name) VALUES (gen_random_uuid(), 'SECRET', 'a'), "
                     "(gen_random_uuid(), 'SECRET', 'b')",
                     Errc::conflict, "clinic_code_key"},
                 Row{"INSERT INTO clinic (id, code, name) VALUES (gen_random_uuid(), 'secret', 'a')", Errc::conflict,
                     "clinic_code_check"},
                 Row{"INSERT INTO clinic (id, code, name) VALUES (gen_random_uuid(), 'SECRET', NULL)", Errc::conflict,
                     "clinic_name_not_null"},
                 Row{"INSERT INTO sync_node_clinic (node_id, clinic_id) VALUES (gen_random_uuid(), gen_random_uuid())",
                     Errc::conflict, "sync_node_clinic_node_id_fkey"},
                 Row{"TRUNCATE owner CASCADE", Errc::conflict, "truncate_refused"},
                 Row{"SELECT 'secret'::integer", Errc::invalid_input, "invalid_value"},
                 Row{"SET LOCAL statement_timeout = '50ms'; SELECT pg_sleep(20)", Errc::busy, "busy"},
                 Row{"SELECT secret FROM clinic", Errc::internal, ""},
                 Row{"DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", Errc::busy, "busy"},
                 Row{"DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", Errc::busy, "busy"},
                 Row{"DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", Errc::out_of_space, ""},
                 Row{"DO $$ BEGIN RAISE SQLSTATE '53300'; END $$", Errc::unavailable, ""},
                 Row{"DO $$ BEGIN RAISE SQLSTATE '25006'; END $$", Errc::unavailable, ""});
    CAPTURE(row.sql);
    const auto status = run_sql(pool, row.sql);
    REQUIRE_FALSE(status.ok());
    CHECK(to_string(status.error().code) == std::string(to_string(row.code)));
    CHECK(status.error().slug == row.slug);
    CAPTURE(status.error().context);
    CHECK(status.error().context.find("SECRET") == std::string::npos);
    CHECK(status.error().context.find("secret") == std::string::npos);
}

TEST_CASE("pool: a lock held by someone else is busy", "[central][pool]") {
    const std::string url = test::central_database();
    Pool pool(options_for(url), test::chance());
    pqxx::connection other(url);
    pqxx::work holder(other);
    holder.exec("LOCK TABLE audit_log");
    const auto status = run_sql(pool, "SET LOCAL lock_timeout = '100ms'; LOCK TABLE audit_log");
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == Errc::busy);
    CHECK(pool.gauge().open == 1);
}

TEST_CASE("pool: each transaction has its own settings, whatever the session had", "[central][pool]") {
    Pool pool(options_for(plain_database(), 1), test::chance());
    REQUIRE(run_sql(pool, "SET TimeZone = 'Asia/Tokyo'; SET search_path = pg_catalog; SET lock_timeout = 0").ok());
    std::string shown;
    const auto status = pool.transact("test", [&](pqxx::work& transaction) -> Status {
        for (const char* name : {"TimeZone", "search_path", "lock_timeout", "transaction_isolation"}) {
            shown += transaction.exec(std::string("SHOW ") + name)[0][0].c_str() + std::string("; ");
        }
        return Done{};
    });
    REQUIRE(status.ok());
    CHECK(shown == "UTC; public, pg_temp; 4s; read committed; ");
}

TEST_CASE("pool: an idle connection is closed after its time", "[central][pool]") {
    auto options = options_for(plain_database());
    options.idle_max = milliseconds(0);
    Pool pool(options, test::chance());
    REQUIRE(run_sql(pool, "SELECT 1").ok());
    CHECK(pool.gauge().open == 0);
}

TEST_CASE("pool: its variables are read, and a wrong one is named", "[central][pool]") {
    const Variable max("PGPOOL_MAX", "7");
    const Variable idle("PGPOOL_IDLE", "1234");
    const Variable url("DATABASE_URL", "postgresql://somewhere/db");
    const auto options = pool_options_from_environment("");
    REQUIRE(options.ok());
    CHECK(options->size_max == 7);
    CHECK(options->idle_max == milliseconds(1234));
    CHECK(options->connection_timeout == milliseconds(5000));
    CHECK(options->url == "postgresql://somewhere/db");
    CHECK(pool_options_from_environment("host=here")->url == "host=here");
    for (const char* wrong : {"0", "-1", "many", "7x", "99999999999999999999"}) {
        const Variable bad("PGPOOL_CONN_TIMEOUT", wrong);
        const auto refused = pool_options_from_environment("");
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().context.starts_with("PGPOOL_CONN_TIMEOUT"));
    }
}

TEST_CASE("pool: a connection string gets what it lacks, in its own form", "[central][pool]") {
    PoolOptions options;
    options.url = "postgresql://me@there/db?connect_timeout=9";
    const auto uri = connection_string(options);
    CHECK(uri.starts_with("postgresql://me@there/db?connect_timeout=9&"));
    CHECK(uri.find("client_encoding=UTF8") != std::string::npos);
    options.url = "host=there";
    CHECK(connection_string(options).starts_with("host=there connect_timeout=5 "));
}

}  // namespace vetchart::central
