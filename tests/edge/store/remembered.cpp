// What a node remembers of the feed, for a central that comes back from the past.
#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "edge/store/log/sync_store.h"
#include "tests/edge/store/chart_fixture.h"

using namespace vetchart;
using namespace vetchart::edge;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;

namespace {

sync::PullReply page(std::int64_t version) {
    sync::PullReply page;
    page.clinic = row_uuid(1, 1);
    page.more = false;
    page.position = sync::Position{version, "token" + std::to_string(version)};
    return page;
}

sync::Json service_item() {
    return {{"id", row_uuid(9, 1)},
            {"clinic_id", row_uuid(1, 1)},
            {"description", "Visit"},
            {"unit_price_cents", 100},
            {"active", 1},
            {"created_at", "2026-01-01T00:00:00.000Z"},
            {"updated_at", "2026-01-01T00:00:00.000Z"}};
}

/// A node that pulls the clinic and whose own work is settled.
void follow_clinic(ChartFile& file) {
    SyncStore store(file.database());
    REQUIRE(store.lives.new_incarnation("ABCDE").ok());
    REQUIRE(store.log.seal().ok());
    const Status settled = file.database().maintain([](Connection& connection) -> Status {
        connection.exec(("UPDATE sync_txn SET state = 'settled'; DELETE FROM sync_base; INSERT INTO sync_cursor "
                         "(clinic_id, schema_version) VALUES ('" +
                         row_uuid(1, 1) + "', 1)")
                            .c_str());
        return Done{};
    });
    REQUIRE(settled.ok());
}

}  // namespace

TEST_CASE("remembered: the last 1,000 positions, and the last of each day before them", "[store][remembered]") {
    ChartFile file;
    follow_clinic(file);
    // 3 a day, so that the days before the last 1,000 are full.
    file.shell(
        "INSERT INTO sync_position WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
        "SELECT '" +
        row_uuid(1, 1) +
        "', i, 't', strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', '+' || ((i - 1) * 8) || ' hours') FROM n;");
    SyncStore store(file.database());
    REQUIRE(store.inbox.store_page(page(3001), UtcMillis{std::chrono::hours(24 * 25000)}).ok());
    CHECK(file.value("SELECT count(*) FROM sync_position WHERE version > 2001") == "1000");
    CHECK(file.value("SELECT count(*) FROM sync_position WHERE version <= 2001") == "667");
    CHECK(file.value("SELECT count(*) FROM sync_position WHERE version < 2001 AND version % 3 <> 0") == "0");
    CHECK(file.value("SELECT token || applied_at FROM sync_position WHERE version = 3001") ==
          "token30012038-06-13T00:00:00.000Z");
}

TEST_CASE("remembered: a deletion that was applied, until its row comes back", "[store][remembered]") {
    ChartFile file;
    follow_clinic(file);
    SyncStore store(file.database());
    sync::PullReply gone = page(7);
    gone.rows.push_back({"service_item", row_uuid(9, 1), 6, nullptr});
    REQUIRE(store.inbox.store_page(gone, UtcMillis{}).ok());
    CHECK(file.value("SELECT table_name || version || applied_at FROM sync_tombstone WHERE row_id = '" +
                     row_uuid(9, 1) + "'") == "service_item61970-01-01T00:00:00.000Z");
    sync::PullReply back = page(9);
    back.rows.push_back({"service_item", row_uuid(9, 1), 8, service_item()});
    REQUIRE(store.inbox.store_page(back, UtcMillis{}).ok());
    CHECK(file.value("SELECT count(*) FROM sync_tombstone") == "0");
    CHECK(file.value("SELECT description FROM service_item WHERE id = '" + row_uuid(9, 1) + "'") == "Visit");
}
