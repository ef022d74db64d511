#include "central/store/nodes.h"

#include <pqxx/pqxx>
#include <set>

#include "central/store/audit.h"
#include "central/store/clinics.h"
#include "sync/base/digest.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kTokenBytes = 24;
constexpr std::size_t kNumberSize = 12;

constexpr const char* kInsertInvite =
    "INSERT INTO sync_invite (token_hash, clinic_ids, expires_at) "
    "VALUES (decode($1, 'hex'), $2::uuid[], $3::timestamptz)";
constexpr const char* kList = R"(
SELECT n.id, n.name, n.code, n.state,
       (SELECT coalesce(jsonb_agg(c.code || CASE s.state WHEN 'closing' THEN ' (closing)' ELSE '' END
                                  ORDER BY c.code), '[]')
        FROM sync_node_clinic s JOIN clinic c ON c.id = s.clinic_id WHERE s.node_id = n.id),
       to_char(n.last_seen_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(n.last_push_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(n.last_pull_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(n.oldest_pending_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       n.app_version, n.schema_version, n.pending_changes, n.clock_offset_ms,
       extract(epoch FROM clock_instant() - coalesce(n.oldest_pending_at, n.last_seen_at))::bigint
FROM sync_node n ORDER BY n.name COLLATE "C", n.id)";
constexpr const char* kFind = "SELECT id, name, code FROM sync_node WHERE id::text = $1 OR code = $1 OR name = $1";
constexpr const char* kRevoke =
    "UPDATE sync_node SET state = 'revoked' WHERE id = $1::uuid AND state <> 'revoked' RETURNING id";

std::optional<std::string> text_or_null(const pqxx::field& field) {
    return field.is_null() ? std::nullopt : std::optional<std::string>(field.c_str());
}

std::optional<std::int64_t> number_or_null(const pqxx::field& field) {
    return field.is_null() ? std::nullopt : std::optional<std::int64_t>(field.as<std::int64_t>());
}

NodeSummary summary_of(const pqxx::row& row) {
    NodeSummary node;
    node.id = row[0].c_str();
    node.name = row[1].c_str();
    node.code = row[2].c_str();
    node.state = row[3].c_str();
    node.clinics = sync::Json::parse(row[4].c_str()).get<std::vector<std::string>>();
    node.last_seen_at = text_or_null(row[5]);
    node.last_push_at = text_or_null(row[6]);
    node.last_pull_at = text_or_null(row[7]);
    node.oldest_pending_at = text_or_null(row[8]);
    node.app_version = text_or_null(row[9]);
    node.schema_version = number_or_null(row[10]);
    node.pending_changes = number_or_null(row[11]);
    node.clock_offset_ms = number_or_null(row[12]);
    node.lag_seconds = number_or_null(row[13]);
    return node;
}

}  // namespace

std::string invite_number(const std::string& token) { return to_hex(sha256(token)).substr(0, kNumberSize); }

Result<Invite> create_invite(Pool& pool, const std::string& actor, const std::vector<std::string>& clinic_codes,
                             std::chrono::hours ttl, UtcMillis now) {
    Invite invite{random_token(pool.rng(), kTokenBytes), format_utc(now + ttl)};
    VC_TRY(pool.transact("node invite", [&](pqxx::work& transaction) -> Status {
        // Each clinic counts once, however often it was named.
        const std::set<std::string> codes(clinic_codes.begin(), clinic_codes.end());
        std::string ids;
        for (const std::string& code : codes) {
            VC_TRY_ASSIGN(const std::string id, clinic_id_of(transaction, code));
            ids += (ids.empty() ? "{" : ",") + id;
        }
        transaction.exec_params(kInsertInvite, to_hex(sha256(invite.token)), ids + "}", invite.expires_at);
        audit(transaction, actor, "node invite", invite_number(invite.token),
              {{"clinics", codes}, {"expiresAt", invite.expires_at}});
        return Done{};
    }));
    return invite;
}

Result<std::vector<NodeSummary>> list_nodes(Pool& pool) {
    std::vector<NodeSummary> nodes;
    VC_TRY(pool.read("node list", [&](pqxx::dbtransaction& transaction) -> Status {
        for (const auto& row : transaction.exec(kList)) nodes.push_back(summary_of(row));
        return Done{};
    }));
    return nodes;
}

Result<std::string> revoke_node(Pool& pool, const std::string& actor, const std::string& node) {
    std::string id;
    VC_TRY(pool.transact("node revoke", [&](pqxx::work& transaction) -> Status {
        const auto rows = transaction.exec_params(kFind, node);
        if (rows.empty()) return Error{Errc::not_found, "no node is called " + node, "node_not_found"};
        if (rows.size() > 1) {
            return Error{Errc::conflict, "several nodes are called " + node + ": name one by its id", "ambiguous"};
        }
        id = rows[0][0].c_str();
        if (!transaction.exec_params(kRevoke, id).empty()) {
            audit(transaction, actor, "node revoke", id, {{"name", rows[0][1].c_str()}, {"code", rows[0][2].c_str()}});
        }
        return Done{};
    }));
    return id;
}

}  // namespace vetchart::central
