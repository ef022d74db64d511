#include "central/intake/push_parts.h"

#include <pqxx/pqxx>

#include "sync/model/change_json.h"

namespace vetchart::central {
namespace {

// One transaction of a node at a time: its first part takes the place of all that came before.
constexpr const char* kForgetNode =
    "DELETE FROM sync_stage s USING sync_incarnation i WHERE i.id = s.incarnation_id AND i.node_id = $1::uuid";
constexpr const char* kSoFar = R"(
SELECT count(*) AS parts, coalesce(sum(bytes), 0) AS bytes, coalesce(bool_and(part_count = $3::int), true) AS same_count
FROM sync_stage WHERE incarnation_id = $1::int AND first_seq = $2::bigint)";
constexpr const char* kAll = "SELECT coalesce(sum(bytes), 0) FROM sync_stage";
constexpr const char* kIsRepeat = R"(
SELECT changes = $4::jsonb FROM sync_stage
WHERE incarnation_id = $1::int AND first_seq = $2::bigint AND part = $3::int)";
constexpr const char* kStage = R"(
INSERT INTO sync_stage (incarnation_id, first_seq, part, part_count, changes, bytes, staged_at)
VALUES ($1::int, $2::bigint, $3::int, $4::int, $5::jsonb, $6::bigint, $7::timestamptz))";
constexpr const char* kStaged = R"(
SELECT changes::text FROM sync_stage
WHERE incarnation_id = $1::int AND first_seq = $2::bigint AND part_count = $3::int AND part = $4::int)";
constexpr const char* kForgetTaken =
    "DELETE FROM sync_stage WHERE incarnation_id = $1::int AND first_seq <= $2::bigint";

Refusal begin_again(const Life& life) {
    return {409,
            "gap",
            "Parts of this transaction are missing: send it again from the first part.",
            {{"lastSeq", life.last_seq}}};
}

Refusal too_large() {
    return {413, "transaction_too_large", "One transaction of this size is more than central accepts."};
}

}  // namespace

Refusal gap(const Life& life) {
    return {409, "gap", "The first transaction does not follow the last one taken.", {{"lastSeq", life.last_seq}}};
}

std::optional<Refusal> store_part(pqxx::dbtransaction& db, const Receipt& receipt, const Life& life,
                                  const sync::Transaction& share, const sync::Part& part) {
    if (!life.is_continued_by(share)) return gap(life);
    if (part.count > kStagePartsMax) return too_large();
    if (part.index == 0) db.exec_params(kForgetNode, receipt.node_id);
    const auto so_far = db.exec_params1(kSoFar, life.id, share.first_seq, part.count);
    const auto parts = so_far["parts"].as<int>();
    const std::string changes = sync::changes_json(share.changes);
    if (!so_far["same_count"].as<bool>() || part.index > parts) return begin_again(life);
    if (part.index < parts) {
        const auto same = db.exec_params(kIsRepeat, life.id, share.first_seq, part.index, changes);
        const bool is_same = !same.empty() && same[0][0].as<bool>();
        return is_same ? std::nullopt : std::optional(begin_again(life));
    }
    const auto bytes = static_cast<std::int64_t>(changes.size());
    if (so_far["bytes"].as<std::int64_t>() + bytes > kStageBytesMax) return too_large();
    if (db.exec1(kAll)[0].as<std::int64_t>() + bytes > kStageAllBytesMax) {
        return Refusal{503, "stage_full", "Central keeps too many unfinished transactions now: try again later."};
    }
    db.exec_params(kStage, life.id, share.first_seq, part.index, part.count, changes, bytes, format_utc(receipt.now));
    return std::nullopt;
}

std::optional<Refusal> join_parts(pqxx::dbtransaction& db, const Life& life, const sync::Part& part,
                                  sync::Transaction& whole) {
    if (part.count > kStagePartsMax) return too_large();
    std::vector<sync::Change> last = std::move(whole.changes);
    whole.changes.clear();
    std::int64_t next_seq = whole.first_seq;
    const auto append = [&](std::vector<sync::Change>&& changes) {
        for (sync::Change& change : changes) {
            if (change.seq != next_seq++) return false;
            whole.changes.push_back(std::move(change));
        }
        return true;
    };
    for (int index = 0; index < part.index; ++index) {
        // One part at a time: together they are many times the batch that a push may be.
        const auto rows = db.exec_params(kStaged, life.id, whole.first_seq, part.count, index);
        if (rows.empty()) return begin_again(life);
        auto changes = sync::parse_changes(rows[0][0].c_str());
        if (!changes || !append(std::move(changes).value())) return begin_again(life);
        if (whole.changes.size() > kWholeChangesMax) return too_large();
    }
    if (!append(std::move(last)) || next_seq != whole.last_seq + 1) return begin_again(life);
    if (whole.changes.size() > kWholeChangesMax) return too_large();
    db.exec_params(kForgetTaken, life.id, whole.first_seq);
    return std::nullopt;
}

}  // namespace vetchart::central
