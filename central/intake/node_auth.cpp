#include "central/intake/node_auth.h"

#include <sodium.h>

#include <optional>
#include <pqxx/pqxx>

#include "sync/base/digest.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

constexpr std::string_view kScheme = "Node ";
constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kSecretSizeMax = 100;

constexpr const char* kFind = R"(
SELECT n.name AS node_name, n.code AS node_code, n.state AS node_state, encode(n.secret_hash, 'hex') AS secret_hash,
       coalesce(n.last_seen_at < clock_instant() - interval '5 seconds', true) AS contact_due,
       coalesce(n.last_pull_at < clock_instant() - interval '5 seconds', true) AS pull_due,
       c.id AS clinic_id, c.code AS clinic_code, c.name AS clinic_name, s.state
FROM sync_node n
LEFT JOIN sync_node_clinic s ON s.node_id = n.id
LEFT JOIN clinic c ON c.id = s.clinic_id
WHERE n.id = $1::uuid ORDER BY c.code COLLATE "C")";

constexpr const char* kNote = R"(
UPDATE sync_node SET last_seen_at = clock_instant(),
       last_pull_at = CASE WHEN $2::boolean THEN clock_instant() ELSE last_pull_at END
WHERE id = (SELECT id FROM sync_node WHERE id = $1::uuid FOR NO KEY UPDATE SKIP LOCKED))";

RefusedNode refused(std::string because, const std::string& node_id) {
    if (because == "revoked")
        return {{403, "node_revoked", "This node was revoked."}, std::move(because), node_id, "", ""};
    return {{401, "node_unknown", "Central does not know this node."}, std::move(because), node_id, "", ""};
}

bool secret_matches(std::string_view secret, std::string_view stored_hex) {
    const auto stored = digest_from_hex(stored_hex).value_or(Digest{});
    const Digest given = sha256(secret);
    return sodium_memcmp(stored.data(), given.data(), given.size()) == 0;
}

}  // namespace

bool has_node_form(std::string_view header) {
    if (!header.starts_with(kScheme)) return false;
    header.remove_prefix(kScheme.size());
    return header.size() > kUuidSize + 1 && header.size() <= kUuidSize + 1 + kSecretSizeMax &&
           header[kUuidSize] == '.' && parse_uuid(header.substr(0, kUuidSize)).has_value();
}

Result<Answer<AuthenticatedNode, RefusedNode>> authenticate(Pool& pool, std::string_view authorization) {
    using Authenticated = Answer<AuthenticatedNode, RefusedNode>;
    if (!has_node_form(authorization)) return Authenticated(refused("no credentials", ""));
    const std::string id(authorization.substr(kScheme.size(), kUuidSize));
    const std::string_view secret = authorization.substr(kScheme.size() + kUuidSize + 1);
    std::optional<RefusedNode> refusal;
    AuthenticatedNode node;
    VC_TRY(pool.read("authenticate", [&](pqxx::dbtransaction& db) -> Status {
        const auto rows = db.exec_params(kFind, id);
        if (rows.empty()) {
            refusal = refused("unknown id", id);
            return Done{};
        }
        const auto head = rows[0];
        node.name = head["node_name"].c_str();
        node.code = head["node_code"].c_str();
        const bool is_active = std::string_view(head["node_state"].c_str()) == "active";
        if (!secret_matches(secret, head["secret_hash"].c_str())) {
            refusal = refused("wrong secret", id);
        } else if (!is_active) {
            refusal = refused("revoked", id);
        }
        if (refusal) {
            refusal->node_name = node.name;
            refusal->node_code = node.code;
            return Done{};
        }
        node.contact_due = head["contact_due"].as<bool>();
        node.pull_due = head["pull_due"].as<bool>();
        node.identity.node_id = id;
        for (const auto& row : rows) {
            if (row["clinic_id"].is_null()) continue;
            node.identity.clinics.push_back(sync::ScopedClinic{row["clinic_id"].c_str(), row["clinic_code"].c_str(),
                                                               row["clinic_name"].c_str(), row["state"].c_str()});
        }
        return Done{};
    }));
    if (refusal) return Authenticated(std::move(*refusal));
    return Authenticated(std::move(node));
}

Status note_contact(Pool& pool, const std::string& node_id, bool pulled) {
    return pool.transact("note contact", [&](pqxx::work& db) -> Status {
        db.exec_params(kNote, node_id, pulled);
        return Done{};
    });
}

const sync::ScopedClinic* find_clinic(const NodeIdentity& node, std::string_view clinic_id) {
    for (const sync::ScopedClinic& clinic : node.clinics) {
        if (clinic.id == clinic_id) return &clinic;
    }
    return nullptr;
}

}  // namespace vetchart::central
