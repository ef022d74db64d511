#include "central/intake/life.h"

#include <pqxx/pqxx>

namespace vetchart::central {
namespace {

constexpr std::int64_t kLivesOfADayMax = 100;

constexpr const char* kLife = R"(
SELECT id, last_seq, encode(last_digest, 'hex') AS last_digest, node_id::text AS node_id
FROM sync_incarnation WHERE incarnation = $1::uuid FOR UPDATE)";
constexpr const char* kLivesOfADay =
    "SELECT count(*) FROM sync_incarnation WHERE node_id = $1::uuid AND started_at > $2::timestamptz - interval '1 "
    "day'";
constexpr const char* kNewLife = R"(
INSERT INTO sync_incarnation (incarnation, node_id, last_seq, last_digest, started_at)
VALUES ($1::uuid, $2::uuid, 0, decode($3, 'hex'), $4::timestamptz) RETURNING id)";
constexpr const char* kNewCode = R"(
INSERT INTO sync_node_code (code, node_id, incarnation, taken_at) VALUES ($1, $2::uuid, $3::uuid, $4::timestamptz)
ON CONFLICT (code) DO NOTHING)";
constexpr const char* kCurrentCode = R"(
UPDATE sync_node n SET code = c.code FROM sync_node_code c WHERE n.id = $1::uuid AND c.node_id = n.id AND c.code = $2)";
constexpr const char* kMoveLife =
    "UPDATE sync_incarnation SET last_seq = $2::bigint, last_digest = decode($3, 'hex') WHERE id = $1::int";

Answer<Life> begin_life(pqxx::dbtransaction& db, const std::string& node_id, const sync::PushRequest& request,
                        const Digest& seed, UtcMillis at) {
    const std::string now = format_utc(at);
    const auto lives = db.exec_params1(kLivesOfADay, node_id, now)[0].as<std::int64_t>();
    if (lives >= kLivesOfADayMax) return Refusal{503, "too_many_lives", "This node began too often today."};
    Life life;
    life.id = db.exec_params1(kNewLife, request.incarnation, node_id, to_hex(seed), now)[0].as<std::int64_t>();
    life.last_digest = seed;
    life.is_new = true;
    db.exec_params(kNewCode, request.node_code, node_id, request.incarnation, now);
    db.exec_params(kCurrentCode, node_id, request.node_code);
    return life;
}

}  // namespace

Answer<Life> open_life(pqxx::dbtransaction& db, const std::string& node_id, const sync::PushRequest& request,
                       UtcMillis now) {
    const Digest seed = sync::chain_seed(request.incarnation);
    const pqxx::result rows = db.exec_params(kLife, request.incarnation);
    if (rows.empty()) return begin_life(db, node_id, request, seed, now);
    const auto row = rows[0];
    if (row["node_id"].as<std::string>() != node_id) {
        return Refusal{409, "fork", "Another node pushed under this incarnation.", {{"lastCommon", 0}}};
    }
    const auto digest = digest_from_hex(row["last_digest"].as<std::string>());
    VC_ASSERT(digest.has_value());
    return Life{row["id"].as<std::int64_t>(), row["last_seq"].as<std::int64_t>(), *digest, *digest == seed};
}

void move_life(pqxx::dbtransaction& db, Life& life, const sync::Transaction& last) {
    life.last_seq = last.last_seq;
    life.last_digest = last.digest;
    life.is_new = false;
    db.exec_params(kMoveLife, life.id, life.last_seq, to_hex(life.last_digest));
}

}  // namespace vetchart::central
