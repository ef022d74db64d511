#include "central/intake/push.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <set>

#include "central/intake/push_check.h"
#include "central/intake/push_numbers.h"
#include "central/intake/push_obstacles.h"
#include "central/intake/push_people.h"
#include "central/intake/push_records.h"
#include "central/intake/push_rows.h"
#include "central/intake/push_stage.h"
#include "central/intake/push_take.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kLockNode = "SELECT state, last_pull_at IS NULL FROM sync_node WHERE id = $1::uuid FOR UPDATE";
constexpr const char* kScope = R"(
SELECT c.id::text, c.code, c.name, s.state
FROM sync_node_clinic s JOIN clinic c ON c.id = s.clinic_id WHERE s.node_id = $1::uuid)";
constexpr const char* kLockCounters =
    "SELECT clinic_id FROM sync_counter WHERE clinic_id = ANY($1::uuid[]) ORDER BY clinic_id FOR UPDATE";
constexpr const char* kLife = R"(
SELECT id, last_seq, encode(last_digest, 'hex'), node_id::text
FROM sync_incarnation WHERE incarnation = $1::uuid FOR UPDATE)";
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
constexpr const char* kVersions = "SELECT clinic_id::text, version FROM sync_counter WHERE clinic_id = ANY($1::uuid[])";
constexpr const char* kHealth = R"(
UPDATE sync_node SET last_seen_at = $2::timestamptz, last_push_at = $2::timestamptz, pending_changes = $3::int,
       oldest_pending_at = $4::timestamptz, clock_offset_ms = $6::bigint,
       highest_bill_number = CASE WHEN $5::bigint <= given_bill_number() THEN greatest(highest_bill_number, $5::bigint)
                                  ELSE highest_bill_number END
WHERE id = $1::uuid RETURNING $5::bigint > given_bill_number())";
constexpr const char* kLivesOfADay =
    "SELECT count(*) FROM sync_incarnation WHERE node_id = $1::uuid AND started_at > $2::timestamptz - interval '1 "
    "day'";
constexpr std::int64_t kLivesOfADayMax = 100;
constexpr std::int64_t kClockOffsetMax = 4'000'000'000'000;  ///< ms: a clock that fell back to 1970 is within.
struct Life {
    std::int64_t id = 0;
    std::int64_t last_seq = 0;
    Digest last_digest{};
    bool is_new = false;  ///< Nothing was taken from it yet: any seq may be its first.
};

/// One push inside one database transaction. `outcome` is the answer; a refusal rolls everything back.
class Intake {
public:
    Intake(pqxx::work& transaction, const NodeIdentity& node, const sync::PushRequest& request, UtcMillis now, Rng& rng)
        : transaction_(transaction), node_(node), request_(request), context_{node.node_id, 0, now, rng} {}

    PushOutcome run() {
        if (auto refusal = lock_and_check()) return *refusal;
        Life life;
        if (auto refusal = open_life(life)) return *refusal;
        context_.incarnation_id = life.id;
        if (request_.part) {
            if (auto answer = take_part(life)) return *answer;
        }
        if (auto refusal = answer_repeats(life)) return *refusal;
        if (auto refusal = check_chain(life)) return *refusal;
        if (!fresh_.empty()) {
            if (auto refusal = take_fresh(life)) return *refusal;
        }
        note_health(batch());
        reply_.last_seq = life.last_seq;
        return PushOutcome{std::move(reply_), std::nullopt, 0, number_beyond_};
    }

private:
    std::optional<PushOutcome> lock_and_check() {
        const pqxx::result node = transaction_.exec_params(kLockNode, node_.node_id);
        if (node.empty()) return refuse(401, "node_unknown", "This node is not known here.");
        if (node[0][0].as<std::string>() != "active") return refuse(403, "node_revoked", "This node was revoked.");
        never_pulled_ = node[0][1].as<bool>();
        std::vector<sync::ScopedClinic> clinics;
        for (const auto& row : transaction_.exec_params(kScope, node_.node_id)) {
            clinics.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                               row[3].as<std::string>()});
        }
        if (auto refusal = check_push(request_, clinics, column_catalog(transaction_))) return refusal;
        std::set<std::string> touched;
        for (const auto& one : request_.transactions) {
            for (const auto& change : one.changes) touched.insert(change.clinic_id);
        }
        // The parts that came before may be about any clinic of the node.
        for (const auto& clinic : clinics) {
            if (request_.part) touched.insert(clinic.id);
        }
        clinics_.assign(touched.begin(), touched.end());
        // From here nothing of these clinics moves until this transaction ends; only now is anything read.
        transaction_.exec_params(kLockCounters, id_array(clinics_));
        transaction_.exec0("SET LOCAL vetchart.intake = 'on'");
        reply_.server_time = format_utc(context_.now);
        return std::nullopt;
    }

    std::optional<PushOutcome> open_life(Life& life) {
        const std::string seed = to_hex(sync::chain_seed(request_.incarnation));
        const pqxx::result rows = transaction_.exec_params(kLife, request_.incarnation);
        if (rows.empty()) {
            const std::string now = format_utc(context_.now);
            const auto lives = transaction_.exec_params1(kLivesOfADay, node_.node_id, now)[0].as<std::int64_t>();
            if (lives >= kLivesOfADayMax) return refuse(503, "too_many_lives", "This node began too often today.");
            life.id = transaction_.exec_params1(kNewLife, request_.incarnation, node_.node_id, seed, now)[0]
                          .as<std::int64_t>();
            transaction_.exec_params(kNewCode, request_.node_code, node_.node_id, request_.incarnation, now);
            transaction_.exec_params(kCurrentCode, node_.node_id, request_.node_code);
        } else {
            if (rows[0][3].as<std::string>() != node_.node_id) {
                return refuse(409, "fork", "Another node pushed under this incarnation.", {{"lastCommon", 0}});
            }
            life.id = rows[0][0].as<std::int64_t>();
            life.last_seq = rows[0][1].as<std::int64_t>();
        }
        const auto digest = digest_from_hex(rows.empty() ? seed : rows[0][2].as<std::string>());
        VC_ASSERT(digest.has_value());
        life.last_digest = *digest;
        life.is_new = to_hex(*digest) == seed;
        return std::nullopt;
    }

    /// What the node still keeps for itself once this push is answered: what it counted, less what arrived with it.
    void note_health(const std::vector<sync::Transaction>& arrived) {
        const sync::NodeHealth& health = request_.health;
        std::int64_t waiting = health.pending_changes;
        for (const sync::Transaction& one : arrived) waiting -= static_cast<std::int64_t>(one.changes.size());
        waiting = std::clamp<std::int64_t>(waiting, 0, INT32_MAX);
        const auto sent_at = parse_utc(health.sent_at);
        const std::int64_t offset = sent_at ? (context_.now - *sent_at).count() : 0;
        const auto told =
            transaction_.exec_params1(kHealth, context_.node_id, format_utc(context_.now), waiting,
                                      waiting > 0 ? oldest_pending(arrived) : std::nullopt, health.highest_bill_number,
                                      std::clamp(offset, -kClockOffsetMax, kClockOffsetMax));
        if (told[0].as<bool>()) number_beyond_ = health.highest_bill_number;
    }

    /// Since when the node waits, told by it; never after now, whatever its clock says.
    [[nodiscard]] std::optional<std::string> oldest_pending(const std::vector<sync::Transaction>& arrived) const {
        auto oldest = parse_utc(request_.health.oldest_pending_at.value_or(""));
        if (!oldest) return std::nullopt;
        // Times never decrease on a node: what is left was written after what came.
        if (const auto at = arrived.empty() ? std::nullopt : parse_utc(arrived.back().at))
            oldest = std::max(*oldest, *at);
        return format_utc(std::min(*oldest, context_.now));
    }

    /// Stores a part; the last one makes the transaction whole in `whole_`. Answers when there is more to come.
    std::optional<PushOutcome> take_part(const Life& life) {
        const sync::Part part = *request_.part;
        const sync::Transaction& share = request_.transactions.front();
        if (share.last_seq <= life.last_seq) return std::nullopt;  // a repeat of what was taken whole
        if (part.index + 1 < part.count) {
            auto refusal = stage_part(transaction_, context_, {life.last_seq, life.is_new}, share, part);
            if (refusal) return refusal;
            note_health({});
            reply_.last_seq = life.last_seq;
            reply_.staged = true;
            return PushOutcome{std::move(reply_), std::nullopt, 0, number_beyond_};
        }
        return assemble(life, part);
    }

    std::optional<PushOutcome> assemble(const Life& life, const sync::Part& part) {
        whole_ = request_;
        whole_->part.reset();
        sync::Transaction& all = whole_->transactions.front();
        return join_parts(transaction_, context_, {life.last_seq, life.is_new}, part, all);
    }

    [[nodiscard]] const std::vector<sync::Transaction>& batch() const {
        return whole_ ? whole_->transactions : request_.transactions;
    }

    /// What was taken before is answered from what was stored; `fresh_` gets the rest.
    std::optional<PushOutcome> answer_repeats(const Life& life) {
        if (batch().empty()) return std::nullopt;
        std::map<std::int64_t, Stored> stored;
        if (!life.is_new && batch().front().first_seq <= life.last_seq) {
            stored = read_stored(transaction_, life.id, batch().front().first_seq, life.last_seq);
        }
        std::int64_t last_common = batch().front().first_seq - 1;
        for (const sync::Transaction& one : batch()) {
            if (life.is_new || one.first_seq > life.last_seq) {
                fresh_.push_back(&one);
                continue;
            }
            const auto found = stored.find(one.first_seq);
            const bool same = found != stored.end() && found->second.digest == to_hex(one.digest) &&
                              found->second.result.last_seq == one.last_seq;
            if (!same) {
                return refuse(409, "fork", "Central has another transaction at this place.",
                              {{"lastCommon", last_common}});
            }
            reply_.results.push_back(found->second.result);
            last_common = one.last_seq;
        }
        return std::nullopt;
    }

    /// The fresh transactions follow what was taken, without a gap, each linked to the one before.
    std::optional<PushOutcome> check_chain(const Life& life) {
        if (fresh_.empty()) return std::nullopt;
        if (!life.is_new && fresh_.front()->first_seq != life.last_seq + 1) {
            return refuse(409, "gap", "The first transaction does not follow the last one taken.",
                          {{"lastSeq", life.last_seq}});
        }
        Digest previous = life.last_digest;
        for (const sync::Transaction* one : fresh_) {
            if (one->digest != sync::expected_digest(previous, *one)) {
                const bool first = one == fresh_.front() && !life.is_new;
                return first ? refuse(409, "fork", "The digest does not continue what was taken before.",
                                      {{"lastCommon", life.last_seq}})
                             : refuse(422, "digest_wrong", "A transaction's digest does not fit its content.");
            }
            previous = one->digest;
        }
        return std::nullopt;
    }

    /// The digests fit what was sent; from here on the erased persons' values are gone.
    void erase_fresh() {
        for (const sync::Transaction* one : fresh_) erased_.push_back(*one);
        erased_ = without_erased(transaction_, node_.node_id, erased_);
        for (std::size_t i = 0; i < fresh_.size(); ++i) fresh_[i] = &erased_[i];
    }

    std::optional<PushOutcome> take_fresh(Life& life) {
        sync::Picture picture = read_picture(transaction_, batch());
        if (auto refusal = check_picture(whole_ ? *whole_ : request_, picture)) return refusal;
        const Watch watch = read_watch(transaction_, clinics_, node_.node_id);
        read_obstacles(transaction_, watch, clinics_, node_.node_id, batch(), picture);
        read_people(transaction_, node_.node_id, batch(), picture);
        picture.set_moment(context_.now, never_pulled_);
        if (watch.erased) erase_fresh();
        claim_numbers(transaction_, node_.node_id, fresh_);
        std::vector<Taken> taken = take_transactions(transaction_, fresh_, picture);
        open_items(transaction_, context_, taken);
        audit_people(transaction_, context_, taken);
        std::map<std::string, std::int64_t> versions;
        for (const auto& row : transaction_.exec_params(kVersions, id_array(clinics_))) {
            versions[row[0].as<std::string>()] = row[1].as<std::int64_t>();
        }
        record_batch(transaction_, context_, taken, versions);
        for (const Taken& one : taken) reply_.results.push_back(result_of(one, versions));
        life.last_seq = fresh_.back()->last_seq;
        transaction_.exec_params(kMoveLife, life.id, life.last_seq, to_hex(fresh_.back()->digest));
        return std::nullopt;
    }

    pqxx::work& transaction_;
    const NodeIdentity& node_;
    const sync::PushRequest& request_;
    PushContext context_;
    bool never_pulled_ = false;  ///< A node that worked alone still brings what it had.
    std::vector<std::string> clinics_;
    std::vector<const sync::Transaction*> fresh_;
    std::optional<sync::PushRequest> whole_;
    std::vector<sync::Transaction> erased_;  ///< `fresh_` points into it when an erasure concerns the batch.
    sync::PushReply reply_;
    std::optional<std::int64_t> number_beyond_;
};

}  // namespace

Result<PushOutcome> take_push(Pool& pool, const NodeIdentity& node, const sync::PushRequest& request, UtcMillis now) {
    PushOutcome outcome;
    const Status status = pool.transact("push", [&](pqxx::work& transaction) -> Status {
        outcome = Intake(transaction, node, request, now, pool.rng()).run();
        // A refusal changes nothing: rolled back by this error, which stays inside this function.
        if (outcome.refusal) return Error{Errc::invalid_input, "push refused: " + outcome.refusal->code, "refused"};
        return Done{};
    });
    if (!status && !outcome.refusal) return status.error();
    return outcome;
}

}  // namespace vetchart::central
