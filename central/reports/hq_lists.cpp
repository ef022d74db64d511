#include "central/reports/hq_lists.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kCursorDigitsMax = 18;

constexpr const char* kOverview = R"(
SELECT jsonb_build_object(
    'clinics', (SELECT count(*) FROM clinic),
    'nodes', (SELECT jsonb_build_object('active', count(*) FILTER (WHERE state = 'active'),
                  'revoked', count(*) FILTER (WHERE state = 'revoked'),
                  'silentForADay', count(*) FILTER (WHERE state = 'active'
                      AND coalesce(last_seen_at, enrolled_at) < clock_transaction() - interval '1 day'))
                  FROM sync_node),
    'pendingChanges', (SELECT coalesce(sum(pending_changes), 0) FROM sync_node WHERE state = 'active'),
    'oldestPendingAt', (SELECT wire_instant(min(oldest_pending_at)) FROM sync_node WHERE state = 'active'),
    'oldestDataAsOf', (SELECT wire_instant(min(data_as_of)) FROM report.freshness),
    'conflicts', (SELECT count(*) FROM sync_item WHERE status = 'open' AND kind = 'conflict'),
    'quarantined', (SELECT count(*) FROM sync_item WHERE status = 'open' AND kind = 'quarantine'),
    'notices', (SELECT count(*) FROM sync_item WHERE status = 'open' AND kind = 'notice')))";
constexpr const char* kClinics = R"(
SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.clinic_id, 'code', f.clinic_code, 'name', f.clinic_name,
    'currency', f.currency, 'timezone', c.timezone, 'timezoneKnown', f.timezone_known, 'dataAsOf',
    wire_instant(f.data_as_of), 'activeNodes', f.active_nodes, 'pendingChanges', f.pending_changes, 'oldestPendingAt',
    wire_instant(f.oldest_pending_at), 'conflicts', f.conflicts, 'quarantined', f.quarantined)
    ORDER BY f.clinic_code COLLATE "C"), '[]')
FROM report.freshness f JOIN clinic c ON c.id = f.clinic_id)";
constexpr const char* kNodes = R"(
SELECT coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'name', n.name, 'code', n.code, 'state', n.state,
    'clinics', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'state', s.state) ORDER BY c.code), '[]')
                FROM sync_node_clinic s JOIN clinic c ON c.id = s.clinic_id WHERE s.node_id = n.id),
    'enrolledAt', wire_instant(n.enrolled_at), 'lastSeenAt', wire_instant(n.last_seen_at),
    'lastPushAt', wire_instant(n.last_push_at), 'lastPullAt', wire_instant(n.last_pull_at),
    'pendingChanges', n.pending_changes, 'oldestPendingAt', wire_instant(n.oldest_pending_at),
    'clockOffsetMs', n.clock_offset_ms, 'schemaVersion', n.schema_version, 'appVersion', n.app_version)
    ORDER BY n.name COLLATE "C", n.id), '[]')
FROM sync_node n)";
constexpr const char* kClinicByCode = "SELECT 1 FROM clinic WHERE code = $1";
constexpr std::string_view kItem = R"(
jsonb_build_object('id', i.id, 'kind', i.kind, 'clinicId', i.clinic_id, 'clinicCode', c.code,
    'table', i.table_name, 'rowId', i.row_id, 'column', i.column_name, 'code', i.code, 'title', i.title,
    'reason', i.reason, 'mine', i.mine, 'theirs', i.theirs, 'base', i.base, 'actor', actor_name(i.actor),
    'at', wire_instant(i.at),
    'openedAt', wire_instant(i.opened_at), 'nodeId', i.node_id, 'node', n.name, 'status', i.status,
    'action', i.action, 'decidedBy', actor_name(i.decided_by), 'decidedAt', wire_instant(i.decided_at),
    'actions', i.actions, 'version', i.version))";
constexpr std::string_view kFromItems = R"(
FROM sync_item i JOIN clinic c ON c.id = i.clinic_id LEFT JOIN sync_node n ON n.id = i.node_id
)";
// One row more than asked for tells that there is a next page.
constexpr std::string_view kItemsPage = R"(
WHERE i.kind = $1 AND ($2 = 'all' OR i.status = $2) AND ($3 = '' OR c.code = $3)
  AND ($4 = '' OR (i.opened_at, i.id) < ((SELECT o.opened_at FROM sync_item o WHERE o.id = nullif($4, '')::uuid),
                                         nullif($4, '')::uuid))
ORDER BY i.opened_at DESC, i.id DESC LIMIT $5)";
// A password's hash is nobody's to see.
constexpr std::string_view kWithChanges = R"( || jsonb_build_object('changes', (
    SELECT jsonb_agg(e.x || jsonb_build_object('old', CASE jsonb_typeof(e.x -> 'old') WHEN 'object'
                                                   THEN (e.x -> 'old') - 'password_hash' END,
                                               'new', CASE jsonb_typeof(e.x -> 'new') WHEN 'object'
                                                   THEN (e.x -> 'new') - 'password_hash' END) ORDER BY e.place)
      FROM jsonb_array_elements(i.changes) WITH ORDINALITY AS e (x, place))))";
constexpr const char* kAudit = R"(
SELECT a.id::text, jsonb_build_object('id', a.id, 'at', wire_instant(a.at), 'actor', a.actor, 'action', a.action,
    'subject', a.subject, 'address', a.address, 'login', a.login, 'detail', a.detail)
FROM audit_log a WHERE ($1 = '' OR a.id < nullif($1, '')::bigint) ORDER BY a.id DESC LIMIT $2)";

Result<std::string> one_value(Pool& pool, const char* what, const char* sql) {
    std::string json;
    VC_TRY(pool.read(what, [&](pqxx::dbtransaction& transaction) -> Status {
        json = transaction.exec(sql)[0][0].c_str();
        return Done{};
    }));
    return json;
}

/// Rows of (cursor, JSON), one more than `limit` where there is a next page.
std::string page_of(const pqxx::result& rows, int limit) {
    std::string json = "{\"items\":[";
    const auto shown = std::min<std::size_t>(rows.size(), static_cast<std::size_t>(limit));
    for (std::size_t i = 0; i < shown; ++i) {
        const auto row = rows[static_cast<pqxx::result::size_type>(i)];
        json.append(i > 0 ? "," : "").append(row[1].c_str());
    }
    json += "],\"next\":";
    if (rows.size() <= shown) return json + "null}";
    return json + "\"" + rows[static_cast<pqxx::result::size_type>(shown - 1)][0].c_str() + "\"}";
}

Error bad_cursor() { return Error{Errc::invalid_input, "cursor is not one of a former answer", "bad_cursor"}; }

}  // namespace

Result<std::string> hq_overview(Pool& pool) { return one_value(pool, "hq overview", kOverview); }
Result<std::string> hq_clinics(Pool& pool) { return one_value(pool, "hq clinics", kClinics); }
Result<std::string> hq_nodes(Pool& pool) { return one_value(pool, "hq nodes", kNodes); }

Result<std::string> hq_items(Pool& pool, const std::string& kind, const std::string& status, const std::string& clinic,
                             const HqPage& page) {
    if (!page.cursor.empty() && !parse_uuid(page.cursor)) return bad_cursor();
    std::string json;
    VC_TRY(pool.read("hq items", [&](pqxx::dbtransaction& transaction) -> Status {
        if (!clinic.empty() && transaction.exec_params(kClinicByCode, clinic).empty()) {
            return Error{Errc::not_found, "no clinic has the code " + clinic, "clinic_not_found"};
        }
        static const std::string query =
            "SELECT i.id::text, " + std::string(kItem) + std::string(kFromItems) + std::string(kItemsPage);
        json = page_of(transaction.exec_params(query, kind, status, clinic, page.cursor, page.limit + 1), page.limit);
        return Done{};
    }));
    return json;
}

Result<std::string> hq_item(Pool& pool, const std::string& kind, const std::string& id) {
    const Error unknown{Errc::not_found, "there is no such item", "item_unknown"};
    if (!parse_uuid(id)) return unknown;
    std::string json;
    VC_TRY(pool.read("hq item", [&](pqxx::dbtransaction& transaction) -> Status {
        static const std::string query = "SELECT " + std::string(kItem) + std::string(kWithChanges) +
                                         std::string(kFromItems) + "WHERE i.kind = $1 AND i.id = $2::uuid";
        const pqxx::result rows = transaction.exec_params(query, kind, id);
        if (rows.empty()) return unknown;
        json = rows[0][0].c_str();
        return Done{};
    }));
    return json;
}

Result<std::string> hq_audit(Pool& pool, const HqPage& page) {
    const bool digits = page.cursor.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || page.cursor.size() > kCursorDigitsMax) return bad_cursor();
    std::string json;
    VC_TRY(pool.read("hq audit", [&](pqxx::dbtransaction& transaction) -> Status {
        json = page_of(transaction.exec_params(kAudit, page.cursor, page.limit + 1), page.limit);
        return Done{};
    }));
    return json;
}

}  // namespace vetchart::central
