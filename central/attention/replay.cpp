#include "central/attention/replay.h"

#include <map>
#include <pqxx/pqxx>
#include <utility>
#include <vector>

#include "central/accept/accept.h"
#include "central/accept/batch.h"
#include "central/accept/erased.h"
#include "central/accept/guards.h"
#include "central/accept/numbers.h"
#include "central/accept/people.h"
#include "central/accept/reads.h"
#include "central/accept/rows.h"
#include "central/attention/items.h"
#include "sync/model/change_json.h"

namespace vetchart::central {
namespace {

using sync::Json;

/// Held transactions read and decided at a time.
constexpr int kReplayPage = 200;

constexpr const char* kWaiting = R"(
WITH waiting AS (SELECT i.node_id, i.changes FROM sync_item i
                  WHERE i.status = 'open' AND i.kind = 'quarantine'
                    AND i.id IN (SELECT h.item_id FROM held_row h))
SELECT w.node_id::text AS node_id, c.id::text AS clinic_id FROM waiting w
CROSS JOIN LATERAL (SELECT DISTINCT (x ->> 'clinicId')::uuid AS id FROM jsonb_array_elements(w.changes) x) c
WHERE w.node_id IN (SELECT o.node_id FROM waiting o
                     WHERE o.changes @> jsonb_build_array(jsonb_build_object('clinicId', $1::text)))
GROUP BY w.node_id, c.id)";
constexpr const char* kLockNodes = "SELECT id FROM sync_node WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE";
constexpr const char* kItems = R"(
SELECT i.id::text AS id, i.incarnation_id, i.first_seq, i.last_seq, i.actor, wire_instant(i.at) AS at,
       i.changes::text AS changes, i.code, i.reason
FROM sync_item i WHERE i.node_id = $1::uuid AND i.status = 'open' AND i.kind = 'quarantine'
 AND (i.incarnation_id, i.first_seq) > ($2::int, $3::bigint) AND EXISTS (SELECT FROM held_row h WHERE h.item_id = i.id)
ORDER BY i.incarnation_id, i.first_seq LIMIT $4::int)";
constexpr const char* kResolve = R"(
UPDATE sync_item SET status = 'resolved', action = 'restored', decided_by = $2, decided_at = $3::timestamptz
WHERE id = ANY($1::uuid[]))";
constexpr const char* kForgetRows = "DELETE FROM held_row WHERE item_id = ANY($1::uuid[])";
constexpr const char* kStillHeld = R"(
UPDATE sync_item i SET code = x.code, reason = x.reason
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, code text, reason text) WHERE i.id = x.id)";

/// The open item of a held transaction.
struct HeldItem {
    std::string id;
    std::int64_t incarnation_id = 0;
    std::int64_t first_seq = 0;
    sync::Hold hold;
};

/// A row that a transaction wrote which is held again.
struct HeldRow {
    sync::RowKey key;
    bool inserted = false;
    sync::Hold hold;
};

/// One node's held transactions, page by page.
class Replay {
public:
    Replay(pqxx::work& db, std::string node_id, std::string clinic_id, std::string actor, UtcMillis now, Rng& rng)
        : db_(db),
          node_id_(std::move(node_id)),
          clinic_id_(std::move(clinic_id)),
          actor_(std::move(actor)),
          now_(now),
          rng_(rng) {}

    Result<Replayed> run() {
        for (;;) {
            std::vector<sync::Transaction> transactions;
            VC_TRY(read_page(transactions));
            if (page_.empty()) return replayed_;
            Batch batch(std::move(transactions));
            VC_TRY(try_page(batch));
        }
    }

private:
    /// The items after the last page go into `page_`, their transactions into `transactions`.
    Status read_page(std::vector<sync::Transaction>& transactions) {
        const HeldItem last = page_.empty() ? HeldItem{} : page_.back();
        page_.clear();
        for (const auto& row : db_.exec_params(kItems, node_id_, last.incarnation_id, last.first_seq, kReplayPage)) {
            HeldItem& item = page_.emplace_back();
            sync::Transaction& transaction = transactions.emplace_back();
            item.id = row["id"].as<std::string>();
            item.incarnation_id = row["incarnation_id"].as<std::int64_t>();
            item.first_seq = transaction.first_seq = row["first_seq"].as<std::int64_t>();
            item.hold = {row["code"].as<std::string>(), row["reason"].as<std::string>()};
            transaction.last_seq = row["last_seq"].as<std::int64_t>();
            transaction.actor = row["actor"].as<std::optional<std::string>>();
            transaction.at = row["at"].as<std::string>();
            VC_TRY_ASSIGN(transaction.changes, sync::parse_changes(row["changes"].as<std::string>()));
        }
        return Done{};
    }

    Status try_page(Batch& batch) {
        std::set<std::string> clinics = batch.clinics();
        clinics.insert(clinic_id_);
        Guards guards = read_guards(db_, clinics, node_id_);
        // The rows of the very items that are tried now stand in nobody's way; those held again are blocked as it goes.
        guards.held = false;
        if (guards.erased) VC_TRY(erase_values(db_, node_id_, batch));
        sync::Picture picture;
        picture.set_moment(now_, false);
        picture.set_node(node_id_);
        fill_picture(db_, batch, picture);
        block_rows(db_, guards, clinics, node_id_, batch, picture);
        read_people(db_, node_id_, batch, picture);
        for (const HeldRow& row : held_before_) sync::block_row(row.key, row.inserted, row.hold, picture);
        claim_numbers(db_, node_id_, batch);
        std::vector<Decided> decided;
        decided.reserve(page_.size());
        for (std::size_t i = 0; i < page_.size(); ++i) {
            decided.push_back(try_again(page_[i].hold, batch.transactions()[i], picture));
        }
        settle_page(std::move(decided));
        return Done{};
    }

    /// What waits for a person goes on waiting, and so does what builds on it.
    Decided try_again(const sync::Hold& hold, const sync::Transaction& transaction, sync::Picture& picture) {
        if (sync::ends_with_its_cause(hold.code)) return accept_transaction(db_, transaction, picture, rng_);
        Decided held;
        held.transaction = &transaction;
        held.outcome = sync::Outcome::held;
        held.code = hold.code;
        held.reason = hold.reason;
        sync::block_written(transaction, hold, picture);
        return held;
    }

    /// Resolves the items of what was accepted, and renews the reasons of what was not.
    void settle_page(std::vector<Decided> page) {
        std::vector<std::string> done;
        Json held = Json::array();
        std::map<std::int64_t, std::vector<Decided>> accepted;  // by life
        for (std::size_t i = 0; i < page.size(); ++i) {
            Decided& decided = page[i];
            const HeldItem& item = page_[i];
            if (decided.outcome != sync::Outcome::held) {
                done.push_back(item.id);
                accepted[item.incarnation_id].push_back(std::move(decided));
                continue;
            }
            ++replayed_.still_held;
            note_held(decided);
            if (decided.code != item.hold.code || decided.reason != item.hold.reason) {
                held.push_back({{"id", item.id}, {"code", decided.code}, {"reason", decided.reason}});
            }
        }
        replayed_.accepted += static_cast<int>(done.size());
        for (auto& [incarnation, batch] : accepted) note_decided(db_, {node_id_, incarnation, now_, rng_}, batch);
        if (!done.empty()) {
            db_.exec_params(kResolve, id_array(done), actor_, format_utc(now_));
            db_.exec_params(kForgetRows, id_array(done));
        }
        if (!held.empty()) db_.exec_params(kStillHeld, held.dump());
    }

    void note_held(const Decided& decided) {
        for (const sync::Change& change : decided.transaction->changes) {
            held_before_.push_back(
                {{change.table, change.row_id}, change.op == sync::Op::insert, {decided.code, decided.reason}});
        }
    }

    pqxx::work& db_;
    const std::string node_id_, clinic_id_, actor_;
    const UtcMillis now_;
    Rng& rng_;
    std::vector<HeldItem> page_;
    std::vector<HeldRow> held_before_;  ///< On the pages so far.
    Replayed replayed_;
};

}  // namespace

Waiting find_waiting(pqxx::dbtransaction& db, const std::string& clinic_id) {
    Waiting waiting;
    for (const auto& row : db.exec_params(kWaiting, clinic_id)) {
        waiting.nodes.insert(row["node_id"].as<std::string>());
        waiting.clinics.insert(row["clinic_id"].as<std::string>());
    }
    return waiting;
}

void lock_waiting(pqxx::dbtransaction& db, const Waiting& waiting) {
    db.exec_params(kLockNodes, id_array(waiting.nodes));
    lock_counters(db, waiting.clinics);
}

Result<Replayed> replay_held(pqxx::work& db, const std::set<std::string>& nodes, const std::string& clinic_id,
                             const std::string& actor, UtcMillis now, Rng& rng) {
    db.exec0("SET LOCAL vetchart.intake = 'on'");
    Replayed all;
    for (const std::string& node : nodes) {
        VC_TRY_ASSIGN(const Replayed replayed, Replay(db, node, clinic_id, actor, now, rng).run());
        all.accepted += replayed.accepted;
        all.still_held += replayed.still_held;
    }
    return all;
}

}  // namespace vetchart::central
