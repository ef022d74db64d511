#include "central/intake/push_stage.h"

#include <pqxx/pqxx>

#include "central/intake/push_check.h"

namespace vetchart::central {
namespace {

using sync::Json;

// One transaction of a node at a time: its first part takes the place of all that came before.
constexpr const char* kForgetNode =
    "DELETE FROM sync_stage s USING sync_incarnation i WHERE i.id = s.incarnation_id AND i.node_id = $1::uuid";
constexpr const char* kSoFar = R"(
SELECT count(*), coalesce(sum(bytes), 0), coalesce(bool_and(part_count = $3::int), true)
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

PushOutcome begin_again(const StagePlace& place) {
    return refuse(409, "gap", "Parts of this transaction are missing: send it again from the first part.",
                  {{"lastSeq", place.last_seq}});
}

PushOutcome too_large() {
    return refuse(413, "transaction_too_large", "One transaction of this size is more than central takes.");
}

bool follows(const StagePlace& place, const sync::Transaction& share) {
    return place.is_new || share.first_seq == place.last_seq + 1;
}

}  // namespace

std::optional<PushOutcome> stage_part(pqxx::dbtransaction& transaction, const PushContext& context,
                                      const StagePlace& place, const sync::Transaction& share, const sync::Part& part) {
    if (!follows(place, share)) {
        return refuse(409, "gap", "The first transaction does not follow the last one taken.",
                      {{"lastSeq", place.last_seq}});
    }
    if (part.count > kStagePartsMax) return too_large();
    if (part.index == 0) transaction.exec_params(kForgetNode, context.node_id);
    const auto so_far = transaction.exec_params1(kSoFar, context.incarnation_id, share.first_seq, part.count);
    const std::string changes = changes_text(share);
    if (!so_far[2].as<bool>() || part.index > so_far[0].as<int>()) return begin_again(place);
    if (part.index < so_far[0].as<int>()) {
        const auto same =
            transaction.exec_params(kIsRepeat, context.incarnation_id, share.first_seq, part.index, changes);
        return !same.empty() && same[0][0].as<bool>() ? std::nullopt : std::optional(begin_again(place));
    }
    const auto bytes = static_cast<std::int64_t>(changes.size());
    if (so_far[1].as<std::int64_t>() + bytes > kStageBytesMax) return too_large();
    if (transaction.exec1(kAll)[0].as<std::int64_t>() + bytes > kStageAllBytesMax) {
        return refuse(503, "stage_full", "Central keeps too many unfinished transactions now: try again later.");
    }
    transaction.exec_params(kStage, context.incarnation_id, share.first_seq, part.index, part.count, changes, bytes,
                            format_utc(context.now));
    return std::nullopt;
}

std::optional<PushOutcome> join_parts(pqxx::dbtransaction& transaction, const PushContext& context,
                                      const StagePlace& place, const sync::Part& part, sync::Transaction& whole) {
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
        // One at a time: the parts together are many times the batch that a push may be.
        const auto rows = transaction.exec_params(kStaged, context.incarnation_id, whole.first_seq, part.count, index);
        if (rows.empty() || !append(changes_from(Json::parse(rows[0][0].c_str())))) return begin_again(place);
        if (whole.changes.size() > kWholeChangesMax) return too_large();
    }
    if (!append(std::move(last)) || next_seq != whole.last_seq + 1) return begin_again(place);
    if (whole.changes.size() > kWholeChangesMax) return too_large();
    transaction.exec_params(kForgetTaken, context.incarnation_id, whole.first_seq);
    return std::nullopt;
}

}  // namespace vetchart::central
