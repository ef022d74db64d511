#include "central/intake/push.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <set>

#include "central/accept/accept.h"
#include "central/accept/batch.h"
#include "central/accept/erased.h"
#include "central/accept/guards.h"
#include "central/accept/numbers.h"
#include "central/accept/people.h"
#include "central/accept/reads.h"
#include "central/accept/rows.h"
#include "central/attention/decisions.h"
#include "central/attention/items.h"
#include "central/attention/moot.h"
#include "central/intake/life.h"
#include "central/intake/push_check.h"
#include "central/intake/push_parts.h"
#include "central/intake/push_records.h"

// A push, in its order:
//
//  1. lock the node's row (one push of a node at a time), read its scope and check the content against it;
//  2. lock the counters of the clinics, in id order: from here on nothing of them moves;
//  3. open the life: how far central has this log. Store a part, or put the parts together;
//  4. answer repeats from what was recorded; what is left is fresh, and has to continue the chain of digests;
//  5. index the fresh part (Batch) and read the picture: the rows it touches, what blocks them, whose hands wrote it;
//  6. take the values of erased owners out, decide each transaction, write what was decided;
//     What brings decisions on items ends a batch; they are carried out once its own writes are made;
//  7. open the attention items, record outcomes and journal, move the life, note the node's health.
//
// Always: no row is read before step 2, and rows, outcomes and the life's end commit together. A refusal, at whatever
// step, rolls everything back; what the data rules say of a transaction is never a refusal, but holds it.
namespace vetchart::central {
namespace {

constexpr const char* kLockNode = R"(
SELECT state, last_pull_at IS NULL AS never_pulled FROM sync_node WHERE id = $1::uuid FOR UPDATE)";
constexpr const char* kScope = R"(
SELECT c.id::text, c.code, c.name, s.state
FROM sync_node_clinic s JOIN clinic c ON c.id = s.clinic_id WHERE s.node_id = $1::uuid)";
constexpr const char* kVersions = "SELECT clinic_id::text, version FROM sync_counter WHERE clinic_id = ANY($1::uuid[])";
constexpr const char* kHealth = R"(
UPDATE sync_node SET last_seen_at = $2::timestamptz, last_push_at = $2::timestamptz, pending_changes = $3::int,
       oldest_pending_at = $4::timestamptz, clock_offset_ms = $6::bigint,
       highest_bill_number = CASE WHEN $5::bigint <= given_bill_number() THEN greatest(highest_bill_number, $5::bigint)
                                  ELSE highest_bill_number END
WHERE id = $1::uuid RETURNING $5::bigint > given_bill_number())";
constexpr std::int64_t kClockOffsetMax = 4'000'000'000'000;  ///< ms: a clock that fell back to 1970 is within.

/// One push inside one database transaction.
class Push {
public:
    Push(pqxx::work& db, const NodeIdentity& node, sync::PushRequest request, UtcMillis now, Rng& rng)
        : db_(db), request_(std::move(request)), receipt_{node.node_id, 0, now, rng} {}

    /// The steps. Either accepted() is the answer, or the error rolls everything back; it is a refusal when refusal()
    /// is one.
    Status run() {
        VC_TRY(lock_node());
        VC_TRY(lock_clinics());
        VC_TRY(open_life());
        VC_TRY(join_parts());
        if (!accepted_.reply.staged) {
            VC_TRY(answer_repeats());
            VC_TRY(check_chain());
            if (!request_.transactions.empty()) VC_TRY(accept_fresh());
        }
        note_health();
        accepted_.reply.server_time = format_utc(receipt_.now);
        accepted_.reply.last_seq = life_.last_seq;
        return Done{};
    }

    [[nodiscard]] AcceptedPush accepted() && { return std::move(accepted_); }
    [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

private:
    Status refuse(std::optional<Refusal> refusal) {
        if (!refusal) return Done{};
        refusal_ = std::move(refusal);
        return Error{Errc::invalid_input, "push refused: " + refusal_->code, "refused"};
    }

    Status lock_node() {
        const pqxx::result rows = db_.exec_params(kLockNode, receipt_.node_id);
        if (rows.empty()) return refuse(Refusal{401, "node_unknown", "This node is not known here."});
        if (rows[0]["state"].as<std::string>() != "active") {
            return refuse(Refusal{403, "node_revoked", "This node was revoked."});
        }
        never_pulled_ = rows[0]["never_pulled"].as<bool>();
        return Done{};
    }

    Status lock_clinics() {
        std::vector<sync::ScopedClinic> scope;
        for (const auto& row : db_.exec_params(kScope, receipt_.node_id)) {
            scope.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                             row[3].as<std::string>()});
        }
        VC_TRY(refuse(check_content(request_.transactions, scope)));
        for (const sync::Transaction& transaction : request_.transactions) {
            for (const sync::Change& change : transaction.changes) clinics_.insert(change.clinic_id);
        }
        // The parts that came before may be about any clinic of the node.
        for (const sync::ScopedClinic& clinic : scope) {
            if (request_.part) clinics_.insert(clinic.id);
        }
        clinics_.merge(clinics_of_decisions(db_, request_.transactions));
        lock_counters(db_, clinics_);
        db_.exec0("SET LOCAL vetchart.intake = 'on'");
        return Done{};
    }

    Status open_life() {
        auto life = central::open_life(db_, receipt_.node_id, request_, receipt_.now);
        if (life.is_refused()) return refuse(life.refusal());
        life_ = life.reply();
        receipt_.incarnation_id = life_.id;
        return Done{};
    }

    /// A part that is not the last is stored, and the reply says so; the last one makes the transaction whole.
    Status join_parts() {
        if (!request_.part || life_.has(request_.transactions.front())) return Done{};
        const sync::Part part = *request_.part;
        if (part.index + 1 == part.count) {
            return refuse(central::join_parts(db_, life_, part, request_.transactions.front()));
        }
        VC_TRY(refuse(store_part(db_, receipt_, life_, request_.transactions.front(), part)));
        accepted_.reply.staged = true;
        return Done{};
    }

    /// What central has already is answered from what was recorded, and leaves the request.
    Status answer_repeats() {
        std::vector<sync::Transaction>& arrived = request_.transactions;
        if (arrived.empty()) return Done{};
        note_arrival();
        std::map<std::int64_t, RecordedTransaction> recorded;
        if (life_.has(arrived.front())) {
            recorded = read_recorded(db_, life_.id, arrived.front().first_seq, life_.last_seq);
        }
        std::int64_t last_common = arrived.front().first_seq - 1;
        auto fresh = arrived.begin();
        for (; fresh != arrived.end() && life_.has(*fresh); ++fresh) {
            const auto found = recorded.find(fresh->first_seq);
            const bool is_same = found != recorded.end() && found->second.digest == to_hex(fresh->digest) &&
                                 found->second.result.last_seq == fresh->last_seq;
            if (!is_same) {
                return refuse(Refusal{
                    409, "fork", "Central has another transaction at this place.", {{"lastCommon", last_common}}});
            }
            accepted_.reply.results.push_back(found->second.result);
            last_common = fresh->last_seq;
        }
        arrived.erase(arrived.begin(), fresh);
        return Done{};
    }

    /// The fresh transactions follow what central has, without a gap, each linked to the one before.
    Status check_chain() {
        const std::vector<sync::Transaction>& fresh = request_.transactions;
        if (fresh.empty()) return Done{};
        if (!life_.is_continued_by(fresh.front())) return refuse(gap(life_));
        Digest previous = life_.last_digest;
        for (const sync::Transaction& transaction : fresh) {
            if (transaction.digest != sync::expected_digest(previous, transaction)) {
                const bool is_first = &transaction == &fresh.front() && !life_.is_new;
                return refuse(is_first
                                  ? Refusal{409,
                                            "fork",
                                            "The digest does not continue what was taken before.",
                                            {{"lastCommon", life_.last_seq}}}
                                  : Refusal{422, "digest_wrong", "A transaction's digest does not fit its content."});
            }
            previous = transaction.digest;
        }
        return Done{};
    }

    /// Steps 5 to 7, a batch after the other.
    Status accept_fresh() {
        std::vector<sync::Transaction> fresh = std::move(request_.transactions);
        for (auto first = fresh.begin(); first != fresh.end();) {
            auto end = std::find_if(first, fresh.end(), brings_decisions);
            const bool decides = end != fresh.end();
            if (decides) ++end;
            std::vector<sync::Transaction> together(std::make_move_iterator(first), std::make_move_iterator(end));
            Batch batch(std::move(together));
            VC_TRY(accept_together(batch, decides));
            first = end;
        }
        return Done{};
    }

    /// `decides`: the last one brings decisions.
    Status accept_together(Batch& batch, bool decides) {
        sync::Picture picture;
        picture.set_moment(receipt_.now, never_pulled_);
        picture.set_node(receipt_.node_id);
        fill_picture(db_, batch, picture);
        VC_TRY(refuse(check_rows(batch, picture)));
        const Guards guards = read_guards(db_, clinics_, receipt_.node_id);
        block_rows(db_, guards, clinics_, receipt_.node_id, batch, picture);
        read_people(db_, receipt_.node_id, batch, picture);
        if (guards.erased) VC_TRY(erase_values(db_, receipt_.node_id, batch));
        claim_numbers(db_, receipt_.node_id, batch);
        std::vector<Decided> decided = accept_batch(db_, batch, picture, receipt_.rng);
        accepted_.internal_holds += static_cast<int>(std::count_if(
            decided.begin(), decided.end(), [](const Decided& each) { return each.code == sync::kHeldInternal; }));
        note_decided(db_, receipt_, decided);
        settle_moot(db_, receipt_, decided);
        Versions versions;
        for (const auto& row : db_.exec_params(kVersions, id_array(clinics_))) {
            versions[row[0].as<std::string>()] = row[1].as<std::int64_t>();
        }
        for (sync::TransactionResult& result : record_batch(db_, receipt_, decided, versions)) {
            accepted_.reply.results.push_back(std::move(result));
        }
        move_life(db_, life_, batch.transactions().back());
        if (decides) VC_TRY(carry_out(db_, receipt_, batch.transactions().back()));
        return Done{};
    }

    /// Repeats are among what arrived.
    void note_arrival() {
        for (const sync::Transaction& transaction : request_.transactions) {
            arrived_changes_ += static_cast<std::int64_t>(transaction.changes.size());
        }
        arrived_until_ = parse_utc(request_.transactions.back().at);
    }

    /// What the node still keeps for itself once this push is answered: what it counted, less what arrived with it.
    void note_health() {
        const sync::NodeHealth& health = request_.health;
        const auto waiting = std::clamp<std::int64_t>(health.pending_changes - arrived_changes_, 0, INT32_MAX);
        const auto sent_at = parse_utc(health.sent_at);
        const std::int64_t offset = sent_at ? (receipt_.now - *sent_at).count() : 0;
        const auto told = db_.exec_params1(kHealth, receipt_.node_id, format_utc(receipt_.now), waiting,
                                           waiting > 0 ? oldest_pending() : std::nullopt, health.highest_bill_number,
                                           std::clamp(offset, -kClockOffsetMax, kClockOffsetMax));
        if (told[0].as<bool>()) accepted_.number_beyond = health.highest_bill_number;
    }

    /// Since when the node waits, told by it; never after now, whatever its clock says.
    [[nodiscard]] std::optional<std::string> oldest_pending() const {
        auto oldest = parse_utc(request_.health.oldest_pending_at.value_or(""));
        if (!oldest) return std::nullopt;
        // Times never decrease on a node: what is left was written after what came.
        if (arrived_until_) oldest = std::max(*oldest, *arrived_until_);
        return format_utc(std::min(*oldest, receipt_.now));
    }

    pqxx::work& db_;
    sync::PushRequest request_;  ///< Its transactions: first all that arrived, then the fresh ones.
    Receipt receipt_;
    bool never_pulled_ = false;      ///< A node that worked alone still brings what it had.
    std::set<std::string> clinics_;  ///< Those whose counters are locked.
    Life life_;
    std::int64_t arrived_changes_ = 0;
    std::optional<UtcMillis> arrived_until_;
    AcceptedPush accepted_;
    std::optional<Refusal> refusal_;
};

}  // namespace

Result<Answer<AcceptedPush>> accept_push(Pool& pool, const NodeIdentity& node, sync::PushRequest request,
                                         UtcMillis now) {
    AcceptedPush accepted;
    std::optional<Refusal> refusal;
    const Status status = pool.transact("push", [&](pqxx::work& db) -> Status {
        // transact() runs its work at most once: the request may be moved into it.
        Push push(db, node, std::move(request), now, pool.rng());
        const Status run = push.run();
        refusal = push.refusal();
        accepted = std::move(push).accepted();
        return run;
    });
    if (refusal) return Answer<AcceptedPush>(std::move(*refusal));
    if (!status) return status.error();
    return Answer<AcceptedPush>(std::move(accepted));
}

}  // namespace vetchart::central
