#include "edge/store/log/sync_status.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "edge/store/file/bind.h"
#include "edge/store/file/search_index.h"

namespace vetchart::edge {
namespace {

constexpr const char* kState = R"(
SELECT node_id, node_name, node_code, incarnation, central_url, last_push_at, last_pull_at, last_contact_at, last_error,
       (SELECT clock_offset_ms FROM sync_control) AS clock_offset_ms, link_state, link_state_since, clock_wrong_since
FROM node_state)";

constexpr const char* kAheadSince = "SELECT ahead_since FROM node_state";

constexpr const char* kPending = R"(
SELECT coalesce((SELECT sum(last_seq - first_seq + 1) FROM sync_txn WHERE state IN ('local', 'sent')), 0)
         + (SELECT count(*) FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state)),
       (SELECT count(*) FROM sync_txn WHERE state IN ('local', 'sent'))
         + (SELECT count(DISTINCT coalesce(txn, '')) FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state)),
       coalesce((SELECT at FROM sync_txn WHERE state IN ('local', 'sent') ORDER BY first_seq LIMIT 1),
                (SELECT min(at) FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state))))";

constexpr const char* kItems = R"(
SELECT count(*) FILTER (WHERE kind = 'conflict'), count(*) FILTER (WHERE kind = 'quarantine'),
       count(*) FILTER (WHERE kind = 'notice'),
       (SELECT count(DISTINCT item_id) FROM item_decision WHERE outcome IS NULL) FROM sync_item WHERE status = 'open')";

constexpr const char* kClinics = R"(
SELECT k.id, coalesce(c.code, ''), coalesce(c.name, ''), coalesce(s.state, 'active'), coalesce(s.version, 0),
       coalesce(s.loading, 0), coalesce(s.page_rows, 0), s.feed_rows
FROM (SELECT clinic_id AS id FROM sync_cursor UNION SELECT id FROM clinic) k
LEFT JOIN clinic c ON c.id = k.id LEFT JOIN sync_cursor s ON s.clinic_id = k.id ORDER BY c.code, k.id)";

std::optional<std::string> read_text(Connection& connection, const char* sql) {
    SQLite::Statement& query = connection.statement(sql);
    VC_ASSERT(query.executeStep());
    return optional_text(query.getColumn(0));
}

/// Since when a state lasts: a lost line since the last success, a refusal (central's, a file's) since it was seen.
std::optional<std::string> since_of(const SyncStatus& status, const std::optional<std::string>& noted) {
    if (status.state == sync::LinkState::clock && status.clock_wrong_since) return status.clock_wrong_since;
    if (!sync::is_lost_line(status.state)) return noted;
    const auto success = last_success(status);
    return success ? success : noted;
}

/// Chooses the state to show: first what does not heal by waiting, then a wrong clock, whether or not there is a line.
void read_link(SQLite::Statement& query, SyncStatus& status) {
    status.clock_wrong_since = optional_text(query.getColumn("clock_wrong_since"));
    status.state = sync::parse_link_state(query.getColumn("link_state").getString());
    if (sync::heals_by_waiting(status.state) && status.clock_wrong_since) status.state = sync::LinkState::clock;
    if (status.node_id.empty()) status.state = sync::LinkState::alone;
    status.state_since = since_of(status, optional_text(query.getColumn("link_state_since")));
}

void read_state(Connection& connection, SyncStatus& status) {
    SQLite::Statement& query = connection.statement(kState);
    VC_ASSERT(query.executeStep());
    status.node_id = query.getColumn(0).getString();
    status.node_name = query.getColumn(1).getString();
    status.node_code = query.getColumn(2).getString();
    status.incarnation = query.getColumn(3).getString();
    status.central_url = query.getColumn(4).getString();
    status.last_push_at = optional_text(query.getColumn(5));
    status.last_pull_at = optional_text(query.getColumn(6));
    status.last_contact_at = optional_text(query.getColumn(7));
    status.last_error = optional_text(query.getColumn(8));
    status.clock_offset_ms = query.getColumn(9).getInt64();
    status.schema_version = edge_schema_version();
    read_link(query, status);
}

void read_counts(Connection& connection, SyncStatus& status) {
    SQLite::Statement& pending = connection.statement(kPending);
    VC_ASSERT(pending.executeStep());
    status.pending_changes = pending.getColumn(0).getInt64();
    status.pending_transactions = pending.getColumn(1).getInt64();
    status.oldest_pending_at = optional_text(pending.getColumn(2));
    if (const auto ahead = read_text(connection, kAheadSince); ahead && status.oldest_pending_at) {
        status.oldest_pending_at = std::min(*ahead, *status.oldest_pending_at);
    }
    SQLite::Statement& items = connection.statement(kItems);
    VC_ASSERT(items.executeStep());
    status.conflicts = items.getColumn(0).getInt64();
    status.quarantined = items.getColumn(1).getInt64();
    status.notices = items.getColumn(2).getInt64();
    status.decided = items.getColumn(3).getInt64();
}

void read_clinics(Connection& connection, SyncStatus& status) {
    SQLite::Statement& query = connection.statement(kClinics);
    while (query.executeStep()) {
        SyncStatus::Clinic clinic{query.getColumn(0).getString(), query.getColumn(1).getString(),
                                  query.getColumn(2).getString(), query.getColumn(3).getString(),
                                  query.getColumn(4).getInt64(),  query.getColumn(5).getInt() != 0,
                                  query.getColumn(6).getInt64(),  std::nullopt};
        if (!query.getColumn(7).isNull()) clinic.feed_rows = query.getColumn(7).getInt64();
        status.clinics.push_back(std::move(clinic));
    }
}

}  // namespace

std::optional<std::string> last_success(const SyncStatus& status) {
    return std::max({status.last_push_at, status.last_pull_at, status.last_contact_at});
}

Result<SyncStatus> read_sync_status(Database& database) {
    SyncStatus status;
    VC_TRY(database.snapshot([&status](Connection& connection) -> Status {
        read_state(connection, status);
        read_counts(connection, status);
        read_clinics(connection, status);
        status.rebuilds = read_rebuilds(connection);
        return Done{};
    }));
    // The search is asked apart from the rest, so that one that is gone keeps nobody from the status.
    const Status searched = database.snapshot([&status](Connection& connection) -> Status {
        status.search_complete = !is_search_behind(connection);
        return Done{};
    });
    if (!searched) status.search_complete = false;
    // Damage comes before any trouble with central, and cannot be noted in the damaged file.
    if (const auto damage = database.damage()) {
        status.damaged = true;
        status.state = sync::LinkState::damaged;
        status.last_error = damage->slug + ": " + damage->context;
    }
    return status;
}

}  // namespace vetchart::edge
