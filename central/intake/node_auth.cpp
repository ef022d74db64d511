#include "central/intake/node_auth.h"

#include <sodium.h>

#include <pqxx/pqxx>

#include "sync/base/digest.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

constexpr std::string_view kScheme = "Node ";
constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kSecretSizeMax = 100;

constexpr const char* kFind = R"(
SELECT n.name, n.code, n.state, encode(n.secret_hash, 'hex'),
       coalesce(n.last_seen_at < clock_instant() - interval '5 seconds', true),
       coalesce(n.last_pull_at < clock_instant() - interval '5 seconds', true),
       c.id, c.code, c.name, s.state
FROM sync_node n
LEFT JOIN sync_node_clinic s ON s.node_id = n.id
LEFT JOIN clinic c ON c.id = s.clinic_id
WHERE n.id = $1::uuid ORDER BY c.code COLLATE "C")";

constexpr const char* kNote = R"(
UPDATE sync_node SET last_seen_at = clock_instant(),
       last_pull_at = CASE WHEN $2::boolean THEN clock_instant() ELSE last_pull_at END
WHERE id = (SELECT id FROM sync_node WHERE id = $1::uuid FOR NO KEY UPDATE SKIP LOCKED))";

AuthOutcome refused(int status, const char* code, const char* message) {
    return AuthOutcome{std::nullopt, Refusal{status, sync::ErrorReply{code, message, {}}}, {}, {}, {}, {}};
}

AuthOutcome unknown_node() { return refused(401, "node_unknown", "central does not know this node"); }

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

Result<AuthOutcome> authenticate(Pool& pool, std::string_view authorization) {
    if (!has_node_form(authorization)) return unknown_node();
    const std::string id(authorization.substr(kScheme.size(), kUuidSize));
    const std::string_view secret = authorization.substr(kScheme.size() + kUuidSize + 1);
    AuthOutcome outcome;
    VC_TRY(pool.read("authenticate", [&](pqxx::dbtransaction& transaction) -> Status {
        const auto rows = transaction.exec_params(kFind, id);
        if (rows.empty() || !secret_matches(secret, rows[0][3].c_str())) {
            outcome = unknown_node();
            outcome.because = rows.empty() ? "unknown id" : "wrong secret";
        } else if (std::string_view(rows[0][2].c_str()) != "active") {
            outcome = refused(403, "node_revoked", "this node was revoked");
            outcome.because = "revoked";
        }
        if (outcome.refusal) {
            outcome.refused_id = id;
            if (rows.empty()) return Done{};
            outcome.refused_name = rows[0][0].c_str();
            outcome.refused_code = rows[0][1].c_str();
            return Done{};
        }
        AuthenticatedNode node{NodeIdentity{id, {}}, rows[0][0].c_str(), rows[0][1].c_str(), rows[0][4].as<bool>(),
                               rows[0][5].as<bool>()};
        for (const auto& row : rows) {
            if (row[6].is_null()) continue;
            node.identity.clinics.push_back(
                sync::ScopedClinic{row[6].c_str(), row[7].c_str(), row[8].c_str(), row[9].c_str()});
        }
        outcome.node = std::move(node);
        return Done{};
    }));
    return outcome;
}

Status note_contact(Pool& pool, const std::string& node_id, bool pulled) {
    return pool.transact("note contact", [&](pqxx::work& transaction) -> Status {
        transaction.exec_params(kNote, node_id, pulled);
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
