#include "central/intake/enroll.h"

#include <pqxx/pqxx>

#include "central/store/audit.h"
#include "central/store/nodes.h"
#include "sync/base/digest.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"
#include "sync/model/change.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kNameCodePointsMax = 100;

constexpr const char* kLockInvite =
    "SELECT clinic_ids::text, used_by, used_at IS NOT NULL, expires_at <= clock_instant() FROM sync_invite "
    "WHERE token_hash = decode($1, 'hex') FOR UPDATE";
constexpr const char* kUseInvite =
    "UPDATE sync_invite SET used_at = clock_instant(), used_by = $2::uuid "
    "WHERE token_hash = decode($1, 'hex')";
constexpr const char* kRepeatedNode =
    "SELECT n.id FROM sync_node n JOIN sync_incarnation i ON i.node_id = n.id "
    "WHERE n.id = $1::uuid AND i.incarnation = $2::uuid AND i.last_seq = 0 AND n.state = 'active' "
    "AND n.last_seen_at IS NULL FOR UPDATE OF n";
constexpr const char* kInsertNode =
    "INSERT INTO sync_node (id, name, code, secret_hash, state, enrolled_at, schema_version, app_version) "
    "VALUES ($1::uuid, $2, $3, decode($4, 'hex'), 'active', clock_instant(), $5, $6)";
constexpr const char* kRenewNode =
    "UPDATE sync_node SET name = $2, code = $3, secret_hash = decode($4, 'hex'), schema_version = $5, "
    "app_version = $6 WHERE id = $1::uuid";
constexpr const char* kInsertScope =
    "INSERT INTO sync_node_clinic (node_id, clinic_id, state) SELECT $1::uuid, c, 'active' FROM unnest($2::uuid[]) c";
constexpr const char* kInsertCode =
    "INSERT INTO sync_node_code (code, node_id, incarnation, taken_at) "
    "VALUES ($1, $2::uuid, $3::uuid, clock_instant()) "
    "ON CONFLICT (code) DO UPDATE SET incarnation = EXCLUDED.incarnation "
    "WHERE sync_node_code.node_id = EXCLUDED.node_id RETURNING code";
// An incarnation that never pushed belongs to an enrolment whose answer was lost: the new node takes it over.
constexpr const char* kInsertIncarnation =
    "INSERT INTO sync_incarnation (incarnation, node_id, last_seq, last_digest, started_at) "
    "VALUES ($1::uuid, $2::uuid, 0, decode($3, 'hex'), clock_instant()) "
    "ON CONFLICT (incarnation) DO UPDATE SET node_id = EXCLUDED.node_id "
    "WHERE sync_incarnation.last_seq = 0 AND NOT EXISTS (SELECT 1 FROM sync_node n "
    "WHERE n.id = sync_incarnation.node_id AND n.id <> EXCLUDED.node_id AND n.last_seen_at IS NOT NULL) RETURNING id";
constexpr const char* kScope =
    "SELECT c.id, c.code, c.name, s.state FROM sync_node_clinic s JOIN clinic c ON c.id = s.clinic_id "
    "WHERE s.node_id = $1::uuid ORDER BY c.code COLLATE \"C\"";
constexpr const char* kEpoch = "SELECT epoch FROM central_state";

using Enrolled = Answer<sync::EnrollReply, RefusedEnrolment>;

RefusedEnrolment refused(int status, const char* code, const char* sentence) { return {{status, code, sentence}}; }

std::optional<RefusedEnrolment> refuse_values(const sync::EnrollRequest& request) {
    if (!sync::is_node_code(request.node_code)) {
        return refused(422, "invalid_value", "nodeCode must be five characters of A-Z and 0-9.");
    }
    if (!parse_uuid(request.incarnation)) return refused(422, "invalid_value", "incarnation must be an id.");
    const auto name = trim_blanks(request.node_name);
    if (name.empty() || code_point_count(name) > kNameCodePointsMax) {
        return refused(422, "invalid_value", "nodeName must have 1 to 100 characters.");
    }
    return std::nullopt;
}

/// The enrolment's state while its transaction runs.
struct Enrolment {
    const sync::EnrollRequest& request;
    std::string token_hash, node_id, secret;
    bool is_repeat = false;
    std::string because = {}, used_by = {};  ///< Why an invitation gives no right, and who used it.
};

/// Locks the invite; the clinics' array text, or nullopt when the token gives no right.
std::optional<std::string> lock_invite(pqxx::work& db, Enrolment& enrolment) {
    const auto rows = db.exec_params(kLockInvite, enrolment.token_hash);
    if (rows.empty() || rows[0][3].as<bool>()) {
        enrolment.because = rows.empty() ? "unknown" : "expired";
        return std::nullopt;
    }
    if (rows[0][2].as<bool>()) {
        enrolment.because = "used";
        if (rows[0][1].is_null()) return std::nullopt;
        enrolment.used_by = rows[0][1].c_str();
        const auto node = db.exec_params(kRepeatedNode, enrolment.used_by, enrolment.request.incarnation);
        if (node.empty()) return std::nullopt;
        enrolment.node_id = node[0][0].c_str();
        enrolment.is_repeat = true;
    }
    return std::string(rows[0][0].c_str());
}

void write_node(pqxx::work& db, const Enrolment& enrolment, const std::string& clinic_ids) {
    const auto& request = enrolment.request;
    const std::string name(trim_blanks(request.node_name));
    const std::string hash = to_hex(sha256(enrolment.secret));
    db.exec_params(enrolment.is_repeat ? kRenewNode : kInsertNode, enrolment.node_id, name, request.node_code, hash,
                   request.schema_version, request.app_version);
    if (enrolment.is_repeat) return;
    db.exec_params(kUseInvite, enrolment.token_hash, enrolment.node_id);
    db.exec_params(kInsertScope, enrolment.node_id, clinic_ids);
}

sync::EnrollReply reply_of(pqxx::work& db, const Enrolment& enrolment, UtcMillis now) {
    sync::EnrollReply reply;
    reply.node_id = enrolment.node_id;
    reply.secret = enrolment.secret;
    reply.server_time = format_utc(now);
    for (const auto& row : db.exec_params(kScope, enrolment.node_id)) {
        reply.clinics.push_back(sync::ScopedClinic{row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str()});
    }
    reply.epoch = db.exec(kEpoch)[0][0].as<std::int64_t>();
    return reply;
}

/// Ends the database transaction without its effects; the refusal says why.
Status roll_back() { return Error{Errc::forbidden, "enrolment refused", "refused"}; }

}  // namespace

Result<Enrolled> enroll(Pool& pool, const sync::EnrollRequest& request, UtcMillis now, const std::string& address) {
    if (auto refusal = refuse_values(request)) return Enrolled(std::move(*refusal));
    std::optional<RefusedEnrolment> refusal;
    sync::EnrollReply reply;
    const auto status = pool.transact("enroll", [&](pqxx::work& db) -> Status {
        Enrolment enrolment{request, to_hex(sha256(request.token)), new_row_id(pool.rng(), now),
                            random_token(pool.rng(), kSecretBytes)};
        const auto clinic_ids = lock_invite(db, enrolment);
        if (!clinic_ids) {
            refusal = refused(401, "token_invalid", "The enrolment token is unknown, used or expired.");
            refusal->invite = invite_number(request.token);
            refusal->because = enrolment.because;
            refusal->used_by = enrolment.used_by;
            return roll_back();
        }
        write_node(db, enrolment, *clinic_ids);
        if (db.exec_params(kInsertCode, request.node_code, enrolment.node_id, request.incarnation).empty()) {
            refusal = refused(409, "code_taken", "Another node has this code: draw another one.");
            return roll_back();
        }
        const auto seed = to_hex(sync::chain_seed(request.incarnation));
        if (db.exec_params(kInsertIncarnation, request.incarnation, enrolment.node_id, seed).empty()) {
            refusal = refused(409, "incarnation_taken", "Another node writes under this incarnation.");
            return roll_back();
        }
        audit(db, "node:" + enrolment.node_id, "node enroll", enrolment.node_id,
              {{"name", std::string(trim_blanks(request.node_name))},
               {"code", request.node_code},
               {"repeat", enrolment.is_repeat},
               {"invite", invite_number(request.token)}},
              address);
        reply = reply_of(db, enrolment, now);
        return Done{};
    });
    if (refusal) return Enrolled(std::move(*refusal));
    if (!status) return status.error();
    return Enrolled(std::move(reply));
}

Result<std::int64_t> read_epoch(Pool& pool) {
    std::int64_t epoch = 0;
    VC_TRY(pool.read("epoch", [&](pqxx::dbtransaction& db) -> Status {
        epoch = db.exec(kEpoch)[0][0].as<std::int64_t>();
        return Done{};
    }));
    return epoch;
}

}  // namespace vetchart::central
