// The feed (docs/data-rules.md): versions become visible in the order in which they were taken.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "sync/base/json.h"
#include "sync/catalogue/catalogue.h"
#include "tests/central/store/schema_fixture.h"

namespace vetchart::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kDeadline{30};

std::string insert_owner(const std::string& clinic) {
    return "INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES (gen_random_uuid(), '" + clinic +
           "', 'A', 'B') RETURNING id, version";
}

/// True once the backend `pid` waits for a lock; false at the deadline.
bool waits_for_lock(pqxx::connection& watcher, int pid) {
    const auto until = Clock::now() + kDeadline;
    while (Clock::now() < until) {
        if (value_of(watcher, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = " +
                                  std::to_string(pid)) == "1") {
            return true;
        }
    }
    return false;
}

/// A node's pull of one clinic's owners: what it has seen, and up to where.
struct Puller {
    pqxx::connection connection;
    std::string clinic;
    std::int64_t cursor = 0;
    std::set<std::string> seen;

    void pull() {
        pqxx::nontransaction transaction(connection);
        const auto rows = transaction.exec("SELECT id, version FROM owner WHERE clinic_id = '" + clinic +
                                           "' AND version > " + std::to_string(cursor) + " ORDER BY version, id");
        for (const auto& row : rows) {
            seen.insert(row[0].as<std::string>());
            cursor = row[1].as<std::int64_t>();
        }
    }
};

}  // namespace

TEST_CASE("feed: who took its version first and commits last is never skipped", "[central][schema]") {
    const auto url = central_database();
    pqxx::connection first(url), second(url), watcher(url);
    fill_chart(watcher);
    Puller puller{pqxx::connection(url), kClinic, 0, {}};
    puller.pull();
    const auto before = puller.cursor;

    pqxx::work slow(first);
    const auto slow_row = slow.exec1(insert_owner(kClinic));
    std::string quick_id;
    std::int64_t quick_version = 0;
    std::atomic<bool> quick_done{false};
    const int quick_pid = second.backendpid();
    std::thread quick([&] {
        pqxx::work transaction(second);
        const auto row = transaction.exec1(insert_owner(kClinic));
        quick_id = row[0].as<std::string>();
        quick_version = row[1].as<std::int64_t>();
        transaction.commit();
        quick_done = true;
    });
    const bool waited = waits_for_lock(watcher, quick_pid);
    puller.pull();
    const auto cursor_meanwhile = puller.cursor;
    const bool done_meanwhile = quick_done;
    slow.commit();
    quick.join();
    CHECK(waited);
    CHECK_FALSE(done_meanwhile);
    CHECK(cursor_meanwhile == before);
    CHECK(quick_version == slow_row[1].as<std::int64_t>() + 1);
    puller.pull();
    CHECK(puller.seen.contains(quick_id));
    CHECK(puller.seen.contains(slow_row[0].as<std::string>()));
}

TEST_CASE("feed: a clinic's stuck lock harms no other clinic", "[central][schema]") {
    const auto url = central_database();
    pqxx::connection first(url), second(url);
    fill_chart(second);
    pqxx::work slow(first);
    slow.exec(insert_owner(kClinic));
    CHECK(refusal_of(second, insert_owner(kOtherClinic)).empty());
    CHECK(refusal_of(second, "SET LOCAL lock_timeout = '50ms';" + insert_owner(kClinic)) == "55P03");
}

TEST_CASE("feed: a puller beside eight writers sees every row in the end", "[central][schema]") {
    const auto url = central_database();
    pqxx::connection connection(url);
    fill_chart(connection);
    std::vector<std::set<std::string>> written(8);
    std::atomic<int> running{static_cast<int>(written.size())};
    std::vector<std::thread> threads;
    for (auto& mine : written) {
        threads.emplace_back([&] {
            pqxx::connection own(url);
            for (int i = 0; i < 50; ++i) {
                pqxx::work transaction(own);
                mine.insert(transaction.exec1(insert_owner(kClinic))[0].as<std::string>());
                if (i % 3 == 0) mine.insert(transaction.exec1(insert_owner(kClinic))[0].as<std::string>());
                transaction.commit();
            }
            --running;
        });
    }
    Puller puller{pqxx::connection(url), kClinic, 0, {}};
    while (running > 0) puller.pull();
    puller.pull();
    for (auto& thread : threads) thread.join();
    for (const auto& mine : written) {
        for (const auto& id : mine) CHECK(puller.seen.contains(id));
    }
}

TEST_CASE("feed: one transaction takes one version and one token per clinic", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    CHECK(value_of(connection,
                   "SELECT count(DISTINCT version) FROM (SELECT version FROM owner UNION ALL SELECT version "
                   "FROM patient UNION ALL SELECT version FROM bill_item) x") == "1");
    CHECK(value_of(connection, "SELECT count(*) FROM sync_position WHERE clinic_id = '" + std::string(kClinic) + "'") ==
          "1");
    REQUIRE(refusal_of(connection,
                       "UPDATE owner SET phone = '1'; SAVEPOINT a; UPDATE patient SET age = 3; "
                       "ROLLBACK TO a; UPDATE patient SET age = 4")
                .empty());
    CHECK(value_of(connection, "SELECT o.version = 2 AND p.version = 2 FROM owner o, patient p") == "t");
    INFO("a version taken in a savepoint goes with it, and the lock with it");
    REQUIRE(refusal_of(connection,
                       "SAVEPOINT a; UPDATE owner SET phone = '2'; ROLLBACK TO a; "
                       "UPDATE patient SET age = 5")
                .empty());
    CHECK(value_of(connection, "SELECT version FROM patient") == "3");
    CHECK(value_of(connection, "SELECT count(*) FROM sync_position WHERE clinic_id = '" + std::string(kClinic) + "'") ==
          "3");
    INFO("an update that changes nothing is a new version too: that is how a decision re-stamps a row");
    REQUIRE(refusal_of(connection, "UPDATE patient SET age = age").empty());
    CHECK(value_of(connection, "SELECT version FROM patient") == "4");
    CHECK(value_of(connection, "SELECT count(*) FROM row_meta WHERE column_name = 'version'") == "0");
}

TEST_CASE("feed: triggers run for a session that replicates too", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    REQUIRE(refusal_of(connection, "SET LOCAL session_replication_role = replica; UPDATE patient SET age = 3").empty());
    CHECK(value_of(connection, "SELECT version FROM patient") == "2");
    CHECK(value_of(connection,
                   "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT "
                   "t.tgisinternal AND t.tgenabled <> 'A' AND c.relnamespace = 'public'::regnamespace") == "0");
    CHECK(value_of(connection,
                   "SELECT max(n) FROM (SELECT count(*) AS n FROM pg_trigger WHERE NOT tgisinternal "
                   "GROUP BY tgrelid, tgtype) x") == "1");
}

TEST_CASE("feed: row and tombstone exclude each other", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    const auto image = value_of(connection, "SELECT feed_image(a) FROM appointment a");
    REQUIRE(refusal_of(connection, "DELETE FROM appointment").empty());
    CHECK(value_of(connection,
                   "SELECT image FROM sync_tombstone WHERE table_name = 'appointment' AND version = 2 AND "
                   "row_id = '" +
                       std::string(kAppointment) + "'") == image);
    REQUIRE(refusal_of(connection,
                       "INSERT INTO appointment SELECT (jsonb_populate_record(NULL::appointment, image)).* FROM "
                       "(SELECT image || '{\"version\": 0}' AS image FROM sync_tombstone) t")
                .empty());
    CHECK(value_of(connection, "SELECT feed_image(a) FROM appointment a") == image);
    CHECK(value_of(connection, "SELECT count(*) FROM sync_tombstone") == "0");
    REQUIRE(refusal_of(connection, "DELETE FROM bill_medical_record").empty());
    CHECK(value_of(connection, "SELECT row_id FROM sync_tombstone") == std::string(kBill) + "/" + kRecord);
    INFO("both in one transaction, either way round");
    REQUIRE(refusal_of(connection,
                       "DELETE FROM appointment; INSERT INTO appointment SELECT "
                       "(jsonb_populate_record(NULL::appointment, image || '{\"version\": 0}')).* FROM "
                       "sync_tombstone WHERE table_name = 'appointment'")
                .empty());
    CHECK(value_of(connection, "SELECT count(*) FROM sync_tombstone WHERE table_name = 'appointment'") == "0");
}

TEST_CASE("feed: an image has every column but version and central's own, in canonical form", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    REQUIRE(refusal_of(connection,
                       "SET LOCAL TimeZone = 'Asia/Tokyo'; UPDATE patient SET created_at = "
                       "'2026-11-22T08:30:00.1236+00', birth_date = '2020-02-29'; "
                       "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, "
                       "roles) SELECT id, clinic_id, 'a', 'a', 'a', 'a', '', '[]' FROM owner; "
                       "INSERT INTO service_item (id, clinic_id, description, unit_price_cents) SELECT id, "
                       "clinic_id, 'a', 1 FROM owner; INSERT INTO item_decision (id, clinic_id, item_id, item_version, "
                       "action, actor) SELECT id, clinic_id, id, 1, 'keep', 'a' FROM owner")
                .empty());
    for (const sync::Table& known : sync::tables()) {
        const std::string table(known.name);
        CAPTURE(table);
        CHECK(value_of(connection,
                       "SELECT array_agg(k ORDER BY k)::text FROM (SELECT jsonb_object_keys(feed_image(t)) k "
                       "FROM (SELECT * FROM " +
                           table + " LIMIT 1) t0 JOIN " + table + " t USING (" +
                           (table == "bill_medical_record" ? "bill_id" : "id") + ")) x") ==
              value_of(connection,
                       "SELECT array_agg(column_name::text ORDER BY column_name::text)::text FROM "
                       "information_schema.columns WHERE table_schema = 'public' AND table_name = '" +
                           table + "' AND column_name NOT IN ('version', 'received_at')"));
    }
    value_of(connection, "SET TimeZone = 'America/New_York'; SET DateStyle = 'German, DMY'");
    const auto image = nlohmann::json::parse(value_of(connection, "SELECT feed_image(p) FROM patient p"));
    CHECK(image["created_at"] == "2026-11-22T08:30:00.124Z");
    CHECK(image["birth_date"] == "2020-02-29");
    CHECK(image["gender"] == "male");
    CHECK(image["age"].is_null());
    CHECK(image["id"] == kPatient);
    CHECK(nlohmann::json::parse(value_of(connection, "SELECT feed_image(s) FROM staff s"))["active"] == 1);
    CHECK(nlohmann::json::parse(value_of(connection, "SELECT feed_image(b) FROM bill b"))["total_cents"] == 1080);
}

TEST_CASE("feed: an item is a row of its clinic's feed, without the held transaction", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    REQUIRE(refusal_of(connection,
                       "INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, column_name, code, title, "
                       "reason, mine, theirs, changes, actor, at, actions) SELECT id, clinic_id, 'conflict', "
                       "'owner', id::text, 'phone', 'c', 't', 'r', '\"1\"', '\"2\"', '[]', 'a', now(), "
                       "'[\"keep\"]' FROM owner")
                .empty());
    const auto image = nlohmann::json::parse(value_of(connection, "SELECT feed_image(i) FROM sync_item i"));
    CHECK(image["mine"] == "\"1\"");
    CHECK(image["actions"] == "[\"keep\"]");
    CHECK_FALSE(image.contains("changes"));
    CHECK(value_of(connection, "SELECT version FROM sync_conflict") == "2");
    CHECK(value_of(connection, "SELECT count(*) FROM sync_quarantine") == "0");
}

TEST_CASE("feed: a commit wakes whoever listens, a rollback does not", "[central][schema]") {
    const auto url = central_database();
    pqxx::connection connection(url), listening(url);
    fill_chart(connection);
    struct Receiver : pqxx::notification_receiver {
        using pqxx::notification_receiver::notification_receiver;
        void operator()(const std::string& payload, int) override { payloads.push_back(payload); }
        std::vector<std::string> payloads;
    } receiver(listening, "vetchart_feed");
    {
        pqxx::work transaction(connection);
        transaction.exec(insert_owner(kClinic));
    }
    REQUIRE(refusal_of(connection, insert_owner(kOtherClinic)).empty());
    const auto until = Clock::now() + kDeadline;
    while (receiver.payloads.empty() && Clock::now() < until) listening.await_notification(1, 0);
    CHECK(receiver.payloads == std::vector<std::string>{kOtherClinic});
}

TEST_CASE("feed: the journal has a partition for each month ahead and one for the rest", "[central][schema]") {
    pqxx::connection connection(central_database());
    CHECK(value_of(connection, "SELECT make_journal_partitions(3)") == "0");
    CHECK(value_of(connection, "SELECT make_journal_partitions(5)") == "2");
    const std::string insert =
        "INSERT INTO sync_journal (received_at, node_id, incarnation_id, first_seq, last_seq, actor, at, "
        "outcome, changes) VALUES ($AT, gen_random_uuid(), 1, 1, 1, 'a', now(), 'applied', '[]')";
    const auto insert_at = [&](const std::string& at) {
        auto sql = insert;
        sql.replace(sql.find("$AT"), 3, at);
        return refusal_of(connection, sql);
    };
    CHECK(insert_at("now()").empty());
    CHECK(insert_at("now() + interval '2 years'").empty());
    CHECK(value_of(connection, "SELECT count(*) FROM sync_journal_default") == "1");
    CHECK(value_of(connection, "SELECT count(DISTINCT id) FROM sync_journal") == "2");
}

}  // namespace vetchart::test
