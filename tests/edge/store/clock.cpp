// A computer's clock that is wrong, and one that was.
#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "edge/store/log/sync_store.h"
#include "tests/edge/api/fixture.h"
#include "tests/edge/store/chart_fixture.h"

namespace {

using namespace vetchart;
using namespace std::chrono_literals;
using edge::SyncStore;
using test::ChartFile;
using test::row_uuid;

constexpr std::int64_t kDayMs = 86'400'000;

UtcMillis now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// The most that an instant of the node's rows or log lies ahead of this test's clock, in days; rounded.
std::string days_ahead(ChartFile& chart, const std::string& instants) {
    return chart.value("SELECT CAST(round(max(julianday(t)) - julianday('" + format_utc(now()) +
                       "')) AS INTEGER) FROM (" + instants + ")");
}

const std::string kLogged = "SELECT at AS t FROM change_log WHERE seq > (SELECT max(seq) FROM change_log) - 3";

}  // namespace

TEST_CASE("clock: all times of what the daemon writes are of the corrected clock", "[store][clock]") {
    ChartFile chart;
    SyncStore store(chart.database());
    const std::string before = chart.value("SELECT max(seq) FROM change_log");
    REQUIRE(store.link.note_contact(-30 * kDayMs, now() - 30 * 24h).ok());
    CHECK(store.link.clock_offset() == std::chrono::milliseconds(-30 * kDayMs));
    REQUIRE(chart
                .write("INSERT INTO owner (id, clinic_id, first_name, last_name, address) VALUES ('" + row_uuid(2, 77) +
                       "', '" + row_uuid(1, 1) + "', 'F', 'L', '')")
                .ok());
    REQUIRE(chart.write("UPDATE patient SET notes = 'x'").ok());
    const std::string fresh = "SELECT created_at AS t FROM owner WHERE id = '" + row_uuid(2, 77) +
                              "' UNION ALL SELECT updated_at FROM patient UNION ALL SELECT at FROM change_log "
                              "WHERE seq > " +
                              before;
    CHECK(days_ahead(chart, fresh) == "-30");
    const auto status = store.status();
    REQUIRE(status.ok());
    CHECK(status->state == sync::LinkState::alone);
    CHECK(status->clock_wrong_since.has_value());
}

TEST_CASE("clock: a time once ahead does not stay ahead after the repair", "[store][clock]") {
    ChartFile chart;
    SyncStore store(chart.database());
    REQUIRE(store.lives.new_incarnation("AB2CD").ok());
    REQUIRE(store.log.seal().ok());
    // The computer's clock is 400 days ahead, and nobody knows: as the corrected clock says so.
    const auto ahead = 400 * 24h;
    REQUIRE(store.link.note_contact(400 * kDayMs, now() + ahead).ok());
    REQUIRE(chart.write("UPDATE owner SET notes = 'ahead'").ok());
    REQUIRE(chart.write("UPDATE bill SET status = 'sent' WHERE issued_at IS NULL").ok());
    sync::PushReply nothing;
    REQUIRE(store.log.acknowledge("", nothing, now() + ahead).ok());
    CHECK(days_ahead(chart, kLogged) == "400");

    REQUIRE(store.link.note_contact(0, now()).ok());
    const std::string instants =
        "SELECT at AS t FROM change_log UNION ALL SELECT updated_at FROM owner UNION ALL SELECT updated_at FROM bill "
        "UNION ALL SELECT issued_at FROM bill UNION ALL SELECT new ->> '$.updated_at' FROM change_log "
        "UNION ALL SELECT new ->> '$.issued_at' FROM change_log UNION ALL SELECT last_push_at FROM node_state "
        "UNION ALL SELECT last_contact_at FROM node_state";
    CHECK(days_ahead(chart, instants) == "0");
    // Row and log say the same, so central and the node do.
    CHECK(chart.value("SELECT count(*) FROM change_log l JOIN owner o ON o.id = l.row_id WHERE l.table_name = 'owner' "
                      "AND l.new ->> '$.notes' = 'ahead' AND l.new ->> '$.updated_at' IS NOT o.updated_at") == "0");
    REQUIRE(chart.write("UPDATE owner SET notes = 'after'").ok());
    CHECK(days_ahead(chart, kLogged) == "0");
    CHECK(chart.value("SELECT applying FROM sync_control") == "0");
}

TEST_CASE("clock: what waits with a time ahead counts as waiting from when that was seen", "[store][clock]") {
    ChartFile chart;
    SyncStore store(chart.database());
    REQUIRE(store.lives.new_incarnation("AB2CD").ok());
    REQUIRE(store.link.note_contact(400 * kDayMs, now() + 400 * 24h).ok());
    REQUIRE(chart.write("UPDATE owner SET notes = 'ahead'").ok());
    REQUIRE(store.log.seal().ok());
    // Repaired without central: what is sealed keeps its time.
    const Error offline{Errc::unavailable, "no connection", "no_connection"};
    REQUIRE(store.link.clock_was_set(400 * kDayMs, now()).ok());
    REQUIRE(store.link.note_failure(offline, now()).ok());
    const auto waits_since = [&] { return parse_utc(store.status()->oldest_pending_at.value()).value(); };
    CHECK(waits_since() - now() < 1min);
    REQUIRE(store.link.note_failure(offline, now() + 48h).ok());
    // So the line turns amber after a day like any other.
    CHECK(waits_since() - now() < 1min);
}

TEST_CASE("clock: set back while the node did not run, times begin anew by it", "[store][clock]") {
    ChartFile chart;
    SyncStore store(chart.database());
    REQUIRE(store.link.note_contact(-400 * kDayMs, now()).ok());
    // Corrected by what was measured it would be long before the last contact.
    REQUIRE(store.link.look_at_clock(now()).ok());
    CHECK(store.link.clock_offset() == 0ms);
    CHECK_FALSE(store.status()->clock_wrong_since.has_value());
    REQUIRE(chart.write("UPDATE owner SET notes = 'x'").ok());
    CHECK(days_ahead(chart, kLogged) == "0");
}

TEST_CASE("clock: a failure is told since the last success, and a success ends it", "[store][clock]") {
    ChartFile chart;
    SyncStore store(chart.database());
    chart.shell("UPDATE node_state SET node_id = 'n';");
    const auto at = now() - 3h;
    REQUIRE(store.link.note_contact(0, at).ok());
    const auto told = [&](const Error& error) {
        REQUIRE(store.link.note_failure(error, now()).ok());
        auto status = store.status();
        REQUIRE(status.ok());
        return *status;
    };
    const auto lost = told({Errc::unavailable, "no connection", "no_connection"});
    CHECK(lost.state == sync::LinkState::no_network);
    CHECK(lost.state_since == format_utc(at));
    CHECK(lost.last_error == "no_connection: no connection");
    const auto revoked = told({Errc::forbidden, "central refuses", "node_revoked"});
    CHECK(revoked.state == sync::LinkState::revoked);
    CHECK(revoked.state_since > format_utc(at));
    REQUIRE(store.link.note_working().ok());
    const auto well = store.status();
    CHECK(well->state == sync::LinkState::working);
    CHECK_FALSE(well->last_error.has_value());
}

TEST_CASE("sessions: one begun by a clock that was ahead ends with the repair, and pushes nobody out",
          "[store][clock]") {
    std::atomic<std::int64_t> ahead_ms{400 * kDayMs};
    test::ApiNode node(test::ApiNode::State::set_up, [&](edge::ApiOptions& options) {
        options.now = [&] { return now() + std::chrono::milliseconds(ahead_ms); };
    });
    const std::string first = node.log_in("vet", test::ApiNode::kPassword);
    // As many as a person may have: of more the oldest end.
    node.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO login_session "
        "SELECT i || s.id, staff_id, email, mark, created_at, expires_at FROM n, login_session s");
    ahead_ms = 0;
    CHECK(node.send("GET", "/api/owners", nullptr, "", {{"Authorization", "Bearer " + first}}).status == 403);
    const std::string fresh = node.log_in("vet", test::ApiNode::kPassword);
    CHECK(node.send("GET", "/api/owners", nullptr, "", {{"Authorization", "Bearer " + fresh}}).status == 200);
    CHECK(node.number("SELECT count(*) FROM login_session WHERE created_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', "
                      "'+5 minutes')") == 0);
}
