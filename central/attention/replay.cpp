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
#include "central/attention/moot.h"
#include "sync/engine/column_value.h"
#include "sync/engine/item_actions.h"
#include "sync/engine/rights.h"
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
       i.changes::text AS changes, i.code, i.reason, i.status
FROM sync_item i WHERE i.node_id = $1::uuid AND i.kind = 'quarantine'
 AND (i.incarnation_id, i.first_seq) > ($2::int, $3::bigint)
 AND (i.id = nullif($5, '')::uuid
      OR i.status = 'open' AND EXISTS (SELECT FROM held_row h WHERE h.item_id = i.id))
ORDER BY i.incarnation_id, i.first_seq LIMIT $4::int)";
constexpr const char* kResolve = R"(
UPDATE sync_item SET status = 'resolved', action = $4, decided_by = $2, decided_at = $3::timestamptz, actions = '[]',
       reason = CASE $4 WHEN 'moot' THEN 'It came in by itself once what it waited for was settled.' ELSE reason END
WHERE id = ANY($1::uuid[]))";
constexpr const char* kForgetRows = "DELETE FROM held_row WHERE item_id = ANY($1::uuid[])";
constexpr const char* kHoldRow = R"(
INSERT INTO held_row (item_id, table_name, row_id, inserted) VALUES ($1::uuid, $2, $3, $4)
ON CONFLICT (item_id, table_name, row_id) DO UPDATE SET inserted = held_row.inserted OR excluded.inserted)";
constexpr const char* kStillHeld = R"(
UPDATE sync_item i SET code = x.code, reason = x.reason, actions = x.actions::jsonb
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, code text, reason text, actions text) WHERE i.id = x.id)";

/// The open item of a held transaction.
struct HeldItem {
    std::string id;
    std::int64_t incarnation_id = 0;
    std::int64_t first_seq = 0;
    sync::Hold hold;
    bool is_open = true;
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

    /// What `retry` wants is tried whatever it is held for; what comes in beside it is moot.
    Replay(pqxx::work& db, const Retry& retry, bool with_item)
        : Replay(db, retry.node_id, retry.clinic_id, retry.actor, retry.now, retry.rng) {
        action_ = "moot";
        if (with_item) retry_ = &retry;
    }

    /// Why the transaction that a person wants tried does not come in; nullopt: it did.
    [[nodiscard]] const std::optional<std::string>& refusal() const { return refusal_; }

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
        for (const auto& row : db_.exec_params(kItems, node_id_, last.incarnation_id, last.first_seq, kReplayPage,
                                               retry_ != nullptr ? retry_->item_id : "")) {
            HeldItem& item = page_.emplace_back();
            sync::Transaction& transaction = transactions.emplace_back();
            item.id = row["id"].as<std::string>();
            item.incarnation_id = row["incarnation_id"].as<std::int64_t>();
            item.first_seq = transaction.first_seq = row["first_seq"].as<std::int64_t>();
            item.hold = {row["code"].as<std::string>(), row["reason"].as<std::string>()};
            transaction.last_seq = row["last_seq"].as<std::int64_t>();
            transaction.actor = row["actor"].as<std::optional<std::string>>();
            transaction.at = row["at"].as<std::string>();
            item.is_open = row["status"].as<std::string>() == "open";
            VC_TRY_ASSIGN(transaction.changes, sync::parse_changes(row["changes"].as<std::string>()));
            if (is_wanted(item)) prepare(item, transaction);
        }
        return Done{};
    }

    [[nodiscard]] bool is_wanted(const HeldItem& item) const { return retry_ != nullptr && item.id == retry_->item_id; }

    /// The transaction as the person wants it tried: with their values, and by their hand where its own is what it is
    /// held for, or where the values are not its own any more.
    void prepare(const HeldItem& item, sync::Transaction& transaction) {
        const bool is_edited = retry_->edits.is_object();
        const bool lacks_hand = item.hold.code == sync::kHeldAdminNeeded || item.hold.code == sync::kHeldDeactivated;
        if (is_edited) {
            refusal_ = edit(transaction);
            if (refusal_) return;
        }
        if (!is_edited && !lacks_hand) return;
        transaction.actor = retry_->actor;
        for (sync::Change& change : transaction.changes) {
            if (sync::is_guarded_table(change.table)) change.row_version = std::max(change.row_version, retry_->seen);
        }
    }

    /// Puts the person's values into the first change's row. A sentence: they cannot be there.
    std::optional<std::string> edit(sync::Transaction& transaction) {
        const sync::RowKey key{transaction.changes.front().table, transaction.changes.front().row_id};
        const sync::Table& table = sync::table_of(key.table);
        const sync::Picture now = read_rows(db_, {key});
        for (const auto& [name, given] : retry_->edits.items()) {
            const sync::Column* column = table.find(name);
            if (column == nullptr || !sync::takes_decided_value(*column)) {
                return "A " + std::string(table.label) + " has no " + name + " that a person writes.";
            }
            Json value = given;
            if (auto fault = sync::value_fault(*column, value)) return fault;
            if (!set_value(transaction, key, name, value, now.at(key))) return "What is deleted has no values to edit.";
        }
        return std::nullopt;
    }

    /// False: no change of the transaction writes the row's values.
    static bool set_value(sync::Transaction& transaction, const sync::RowKey& key, const std::string& column,
                          const Json& value, const sync::RowState& now) {
        sync::Change* first = nullptr;
        bool is_set = false;
        for (sync::Change& change : transaction.changes) {
            if (change.table != key.table || change.row_id != key.id || change.op == sync::Op::remove) continue;
            if (first == nullptr) first = &change;
            if (!change.new_values.contains(column)) continue;
            change.new_values[column] = value;
            is_set = true;
        }
        if (first == nullptr) return false;
        if (!is_set) first->new_values[column] = value;
        // The person saw what stands: an edited value meets nobody's work unseen.
        if (first->op == sync::Op::update && now.is_live()) {
            first->old_values[column] = now.image.value(column, Json());
        }
        return true;
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
            decided.push_back(try_again(page_[i], batch.transactions()[i], picture));
        }
        settle_page(std::move(decided));
        return Done{};
    }

    /// What waits for a person goes on waiting, and so does what builds on it.
    Decided try_again(const HeldItem& item, const sync::Transaction& transaction, sync::Picture& picture) {
        const sync::Hold& hold = item.hold;
        const bool is_tried = is_wanted(item) ? !refusal_ : sync::ends_with_its_cause(hold.code);
        if (is_tried) return accept_transaction(db_, transaction, picture, rng_);
        Decided held;
        held.transaction = &transaction;
        held.outcome = sync::Outcome::held;
        held.code = hold.code;
        held.reason = hold.reason;
        if (item.is_open) sync::block_written(transaction, hold, picture);
        return held;
    }

    /// Resolves the items of what was accepted, and renews the reasons of what was not.
    void settle_page(std::vector<Decided> page) {
        std::vector<std::string> done, in;  // of those that came in: the items to resolve, and all
        Json held = Json::array();
        std::map<std::int64_t, std::vector<Decided>> accepted;  // by life
        for (std::size_t i = 0; i < page.size(); ++i) {
            Decided& decided = page[i];
            const HeldItem& item = page_[i];
            if (decided.outcome != sync::Outcome::held) {
                if (!is_wanted(item)) done.push_back(item.id);
                in.push_back(item.id);
                accepted[item.incarnation_id].push_back(std::move(decided));
                continue;
            }
            if (is_wanted(item) && !refusal_) refusal_ = decided.reason;
            if (!item.is_open) continue;
            if (!is_wanted(item)) ++replayed_.still_held;
            if (item.is_open) note_held(item, decided);
            if (decided.code != item.hold.code || decided.reason != item.hold.reason) {
                held.push_back({{"id", item.id},
                                {"code", decided.code},
                                {"reason", decided.reason},
                                {"actions", sync::actions_json({"quarantine", decided.code, "open", ""})}});
            }
        }
        replayed_.accepted += static_cast<int>(done.size());
        for (auto& [incarnation, batch] : accepted) {
            const Receipt receipt{node_id_, incarnation, now_, rng_};
            note_decided(db_, receipt, batch);
            settle_moot(db_, receipt, batch);
        }
        if (!done.empty()) db_.exec_params(kResolve, id_array(done), actor_, format_utc(now_), action_);
        if (!in.empty()) db_.exec_params(kForgetRows, id_array(in));
        if (!held.empty()) db_.exec_params(kStillHeld, held.dump());
    }

    /// From now on others wait for it, if they did not yet.
    void note_held(const HeldItem& item, const Decided& decided) {
        for (const sync::Change& change : decided.transaction->changes) {
            if (is_wanted(item)) {
                db_.exec_params(kHoldRow, item.id, change.table, change.row_id, change.op == sync::Op::insert);
            }
            held_before_.push_back(
                {{change.table, change.row_id}, change.op == sync::Op::insert, {decided.code, decided.reason}});
        }
    }

    pqxx::work& db_;
    const std::string node_id_, clinic_id_, actor_;
    const UtcMillis now_;
    Rng& rng_;
    const char* action_ = "restored";  ///< Of the items that are resolved.
    const Retry* retry_ = nullptr;
    std::optional<std::string> refusal_;
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

Result<Retried> retry_item(pqxx::work& db, const Retry& retry) {
    Replay replay(db, retry, true);
    VC_TRY_ASSIGN(const Replayed others, replay.run());
    return Retried{replay.refusal(), others};
}

Result<Replayed> retry_waiting(pqxx::work& db, const Retry& retry) { return Replay(db, retry, false).run(); }

}  // namespace vetchart::central
