#include "central/intake/pull.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <iostream>
#include <pqxx/pqxx>
#include <random>
#include <thread>

#include "central/store/clinics.h"
#include "sync/base/uuid.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"

namespace vetchart::central {
namespace {

using RowKey = std::pair<std::string, std::string>;  // Table and id.

/// A migrated central with one clinic's chart, and a node that has it in its scope.
struct Feed {
    std::string url = test::central_database();
    Pool pool{[this] {
                  PoolOptions options;
                  options.url = url;
                  return options;
              }(),
              test::chance()};
    pqxx::connection direct{url};
    NodeIdentity node{to_string(random_uuid_v4(test::chance())),
                      {sync::ScopedClinic{test::kClinic, "NORTH", "North", "active"}}};

    Feed() { test::fill_chart(direct); }

    void run(const std::string& sql) { REQUIRE(test::refusal_of(direct, sql).empty()); }

    Answer<PulledPage> page(std::optional<sync::Position> position, std::optional<sync::PageKey> after, int limit) {
        const auto outcome = pull(pool, node, sync::PullRequest{test::kClinic, position, after, limit});
        REQUIRE(outcome.ok());
        return *outcome;
    }

    std::string refusal(const sync::PullRequest& request) {
        const auto outcome = pull(pool, node, request);
        REQUIRE(outcome.ok());
        return outcome->is_refused() ? std::to_string(outcome->refusal().status) + " " + outcome->refusal().code : "";
    }
};

sync::PullReply reply_of(const Answer<PulledPage>& answer) {
    REQUIRE_FALSE(answer.is_refused());
    const PulledPage& page = answer.reply();
    auto reply = sync::parse_pull_reply(page.body);
    REQUIRE(reply.ok());
    CHECK(reply->rows.size() == page.row_count);
    CHECK(reply->more == page.more);
    CHECK(reply->position.has_value() == !reply->more);
    return *reply;
}

bool comes_after(const sync::FeedRow& left, const sync::FeedRow& right) {
    return std::tie(left.version, left.table, left.id) > std::tie(right.version, right.table, right.id);
}

/// A walk over pages of `limit`, as a node does it.
struct Walk {
    std::map<RowKey, sync::FeedRow> rows;
    std::size_t seen = 0;
    std::optional<sync::Position> position;

    void go(
        Feed& feed, int limit, const std::function<void()>& between_pages = [] {}) {
        std::optional<sync::PageKey> after;
        std::optional<sync::FeedRow> last;
        for (;;) {
            const auto reply = reply_of(feed.page(position, after, limit));
            for (const auto& row : reply.rows) {
                if (last) CHECK(comes_after(row, *last));
                last = row;
                ++seen;
                rows[{row.table, row.id}] = row;
            }
            if (!reply.more) {
                position = reply.position;
                return;
            }
            REQUIRE(last.has_value());
            after = sync::PageKey{last->version, last->table, last->id};
            between_pages();
        }
    }
};

/// What the clinic's feed must hold, read from the tables themselves: key to version.
std::map<RowKey, std::int64_t> truth_of(Feed& feed) {
    std::map<RowKey, std::int64_t> truth;
    pqxx::nontransaction transaction(feed.direct);
    const std::string clinic = transaction.quote(std::string(test::kClinic));
    const auto add = [&](const std::string& sql) {
        for (const auto& row : transaction.exec(sql)) {
            truth[{row[0].c_str(), row[1].c_str()}] = row[2].as<std::int64_t>();
        }
    };
    add("SELECT 'clinic', id, version FROM clinic WHERE id = " + clinic);
    for (const std::string table : {"staff", "owner", "patient", "medical_record", "appointment", "service_item",
                                    "bill", "bill_item", "sync_item"}) {
        add("SELECT '" + table + "', id, version FROM " + table + " WHERE clinic_id = " + clinic);
    }
    add("SELECT 'bill_medical_record', bill_id || '/' || medical_record_id, version FROM bill_medical_record "
        "WHERE clinic_id = " +
        clinic);
    add("SELECT table_name, row_id, version FROM sync_tombstone WHERE clinic_id = " + clinic);
    return truth;
}

std::map<RowKey, std::int64_t> versions_of(const Walk& walk) {
    std::map<RowKey, std::int64_t> versions;
    for (const auto& [key, row] : walk.rows) versions[key] = row.version;
    return versions;
}

const std::string kClinicText = std::string("'") + test::kClinic + "'";

std::string insert_owners(int count) {
    return "INSERT INTO owner (id, clinic_id, first_name, last_name, address) SELECT gen_random_uuid(), " +
           kClinicText + ", 'O', 'O', '' FROM generate_series(1, " + std::to_string(count) + ")";
}

/// Some random work on the clinic, in one transaction.
std::string random_work(std::mt19937& random) {
    const std::string where = " WHERE clinic_id = " + kClinicText +
                              " AND first_name = 'O' AND id IN (SELECT id FROM "
                              "owner WHERE first_name = 'O' ORDER BY random() LIMIT 3)";
    switch (random() % 5) {
        case 0: return insert_owners(1 + static_cast<int>(random() % 20));
        case 1: return "UPDATE owner SET notes = random()::text" + where;
        case 2: return "DELETE FROM owner" + where;
        case 3: return "UPDATE patient SET notes = random()::text WHERE clinic_id = " + kClinicText;
        default: return "UPDATE owner SET deleted_at = now()::timestamptz(3)" + where;
    }
}

}  // namespace

TEST_CASE("pull: a walk gives each row once, in order, whatever the page's size", "[central][pull]") {
    Feed feed;
    const auto seed = std::random_device{}();
    std::mt19937 random(seed);
    INFO("seed " << seed);
    for (int i = 0; i < 40; ++i) feed.run(random_work(random));
    const auto truth = truth_of(feed);
    for (const int limit : {1, 7, 5000}) {
        Walk walk;
        walk.go(feed, limit);
        CHECK(walk.seen == truth.size());
        CHECK((versions_of(walk) == truth));
    }
}

TEST_CASE("pull: images have all columns but version, tombstones are null", "[central][pull]") {
    Feed feed;
    feed.run("DELETE FROM bill_medical_record");
    Walk walk;
    walk.go(feed, 100);
    const auto& owner = walk.rows.at({"owner", test::kOwner}).image;
    CHECK(owner.at("clinic_id") == test::kClinic);
    CHECK_FALSE(owner.contains("version"));
    CHECK(owner.at("created_at").get<std::string>().size() == 24);
    const auto join = walk.rows.at({"bill_medical_record", std::string(test::kBill) + "/" + test::kRecord});
    CHECK(join.image.is_null());
    CHECK(walk.rows.contains({"clinic", test::kClinic}));
}

TEST_CASE("pull: from a position come only the rows that changed since", "[central][pull]") {
    Feed feed;
    Walk walk;
    walk.go(feed, 100);
    const auto first = walk.seen;
    walk.go(feed, 100);
    CHECK(walk.seen == first);
    feed.run(std::string("UPDATE owner SET notes = 'x' WHERE id = '") + test::kOwner + "'");
    feed.run(std::string("UPDATE owner SET notes = 'y' WHERE id = '") + test::kOwner + "'");
    walk.go(feed, 100);
    CHECK(walk.seen == first + 1);
    CHECK(walk.rows.at({"owner", test::kOwner}).image.at("notes") == "y");
    CHECK((versions_of(walk) == truth_of(feed)));
}

TEST_CASE("pull: walks beside writers end with what the tables hold", "[central][pull]") {
    Feed feed;
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    feed.run(insert_owners(300));
    std::atomic<bool> stop = false;
    std::atomic<int> commits = 0;
    std::vector<std::thread> writers;
    for (unsigned int i = 0; i < 3; ++i) {
        writers.emplace_back([&, i] {
            std::mt19937 random(seed + i);
            pqxx::connection own(feed.url);
            while (!stop) {
                try {
                    if (test::refusal_of(own, random_work(random)).empty()) ++commits;
                } catch (const pqxx::transaction_rollback&) {  // A deadlock of two writers is theirs alone.
                }
            }
        });
    }
    Walk walk;
    int walks = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while ((commits < 150 || walks < 5) && std::chrono::steady_clock::now() < deadline) {
        walk.go(feed, 50);
        ++walks;
    }
    stop = true;
    for (auto& writer : writers) writer.join();
    CHECK(commits >= 150);
    walk.go(feed, 50);
    CHECK((versions_of(walk) == truth_of(feed)));
}

TEST_CASE("pull: a position central never gave out is refused, never skipped over", "[central][pull]") {
    Feed feed;
    Walk walk;
    walk.go(feed, 100);
    auto position = *walk.position;
    CHECK(feed.refusal({test::kClinic, position, std::nullopt, 10}).empty());
    const std::string unknown = "409 position_unknown";
    CHECK(feed.refusal({test::kClinic, sync::Position{position.version, to_string(random_uuid_v4(test::chance()))},
                        std::nullopt, 10}) == unknown);
    CHECK(feed.refusal({test::kClinic, sync::Position{position.version + 1, position.token}, std::nullopt, 10}) ==
          unknown);
    CHECK(feed.refusal({test::kClinic, std::nullopt, sync::PageKey{position.version + 1, "owner", test::kOwner}, 10}) ==
          unknown);
    CHECK(feed.refusal({test::kClinic, sync::Position{0, to_string(random_uuid_v4(test::chance()))}, std::nullopt, 10})
              .empty());
}

TEST_CASE("pull: another clinic, and a key that is none, are refused", "[central][pull]") {
    Feed feed;
    CHECK(feed.refusal({test::kOtherClinic, std::nullopt, std::nullopt, 10}) == "403 clinic_forbidden");
    for (const auto& key : {sync::PageKey{1, "hq_user", test::kOwner}, sync::PageKey{1, "owner", "x"},
                            sync::PageKey{1, "bill_medical_record", test::kOwner},
                            sync::PageKey{1, "owner'; DROP TABLE owner", test::kOwner}}) {
        CAPTURE(key.table);
        CHECK(feed.refusal({test::kClinic, std::nullopt, key, 10}) == "422 unknown_table");
    }
    const auto outcome = pull(feed.pool, NodeIdentity{feed.node.node_id, {}},
                              sync::PullRequest{test::kClinic, std::nullopt, std::nullopt, 10});
    CHECK(outcome->refusal().status == 403);
}

TEST_CASE("pull: no row of another clinic is ever in a page", "[central][pull]") {
    Feed feed;
    feed.run(std::string("INSERT INTO clinic (id, code, name) VALUES ('") + test::kOtherClinic +
             "', 'OTHERX', 'Other') ON CONFLICT DO NOTHING");
    feed.run(
        std::string("INSERT INTO owner (id, clinic_id, first_name, last_name, address) SELECT gen_random_uuid(), '") +
        test::kOtherClinic + "', 'X', 'X', '' FROM generate_series(1, 50)");
    Walk walk;
    walk.go(feed, 7);
    CHECK((versions_of(walk) == truth_of(feed)));
}

TEST_CASE("pull: a page of large rows is bounded by its bytes", "[central][pull]") {
    Feed feed;
    feed.run(
        "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, symptoms, diagnosis, "
        "treatment, veterinarian) SELECT gen_random_uuid(), " +
        kClinicText + ", '" + test::kPatient +
        "', '2026-01-01', 'treatment', repeat('s', 20000), repeat('d', 20000), repeat(U&'\\00e9', 20000), 'Dr' "
        "FROM generate_series(1, 100)");
    const PulledPage page = feed.page(std::nullopt, std::nullopt, 5000).reply();
    CHECK(page.more);
    CHECK(page.body.size() <= sync::kBatchBytesMax + 1024);
    CHECK(page.body.size() > sync::kBatchBytesMax / 2);
    Walk walk;
    walk.go(feed, 5000);
    CHECK((versions_of(walk) == truth_of(feed)));
}

TEST_CASE("pull: what changed is told per clinic", "[central][pull]") {
    Feed feed;
    Walk walk;
    walk.go(feed, 5000);
    const auto version = walk.position->version;
    CHECK(changed_clinics(feed.pool, {{test::kClinic, version}})->empty());
    CHECK(*changed_clinics(feed.pool, {{test::kClinic, version - 1}, {test::kOtherClinic, 1000000}}) ==
          std::vector<std::string>{test::kClinic});
}

}  // namespace vetchart::central
