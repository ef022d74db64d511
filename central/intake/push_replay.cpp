#include "central/intake/push_replay.h"

#include <map>
#include <pqxx/pqxx>
#include <set>

#include "central/intake/push_numbers.h"
#include "central/intake/push_obstacles.h"
#include "central/intake/push_people.h"
#include "central/intake/push_records.h"
#include "central/intake/push_rows.h"
#include "central/intake/push_take.h"
#include "central/store/audit.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

using sync::Json;

/// Held transactions read and taken at a time.
constexpr int kReplayPage = 200;

// The nodes with open items about the patient's clinic whose rows others wait for, and the clinics of all that those
// nodes have waiting: a transaction, and what builds on it, may reach over several.
constexpr const char* kWaiting = R"(
WITH waiting AS (SELECT i.node_id, i.changes FROM sync_item i
                  WHERE i.status = 'open' AND i.kind = 'quarantine'
                    AND i.id IN (SELECT h.item_id FROM held_row h))
SELECT w.node_id::text, c.id::text FROM waiting w
CROSS JOIN LATERAL (SELECT DISTINCT (x ->> 'clinicId')::uuid AS id FROM jsonb_array_elements(w.changes) x) c
WHERE w.node_id IN (SELECT o.node_id FROM waiting o JOIN archive.entry e ON e.patient_id = $1::uuid
                      AND e.restored_at IS NULL
                      AND o.changes @> jsonb_build_array(jsonb_build_object('clinicId', e.clinic_id)))
GROUP BY w.node_id, c.id)";
constexpr const char* kClinic =
    "SELECT clinic_id::text FROM archive.entry WHERE patient_id = $1::uuid AND restored_at IS NULL";
// In the order of a push, nodes first: so that the two never wait for each other.
constexpr const char* kLockNodes = "SELECT id FROM sync_node WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE";
constexpr const char* kLockCounters =
    "SELECT clinic_id FROM sync_counter WHERE clinic_id = ANY($1::uuid[]) ORDER BY clinic_id FOR UPDATE";
constexpr const char* kItems = R"(
SELECT i.id::text, i.incarnation_id, i.first_seq, i.last_seq, i.actor, wire_instant(i.at), i.changes::text, i.code,
       i.reason
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

struct HeldItem {
    std::string id, code, reason;
    std::int64_t incarnation_id = 0;
    sync::Transaction transaction;
};

HeldItem item_of(const pqxx::row& row) {
    HeldItem item;
    item.id = row[0].as<std::string>();
    item.incarnation_id = row[1].as<std::int64_t>();
    item.transaction.first_seq = row[2].as<std::int64_t>();
    item.transaction.last_seq = row[3].as<std::int64_t>();
    item.transaction.actor = row[4].as<std::optional<std::string>>();
    item.transaction.at = row[5].as<std::string>();
    item.transaction.changes = changes_from(Json::parse(row[6].as<std::string>()));
    item.code = row[7].as<std::string>();
    item.reason = row[8].as<std::string>();
    return item;
}

/// The held transactions of one node, taken again in their order.
class Replay {
public:
    Replay(pqxx::work& transaction, std::string clinic, std::string actor, UtcMillis now, Rng& rng)
        : transaction_(transaction), clinic_(std::move(clinic)), actor_(std::move(actor)), now_(now), rng_(rng) {}

    void node(const std::string& node_id) {
        node_id_ = node_id;
        held_before_ = {};
        std::int64_t incarnation = 0, seq = 0;
        for (;;) {
            std::vector<HeldItem> page;
            for (const auto& row : transaction_.exec_params(kItems, node_id, incarnation, seq, kReplayPage)) {
                page.push_back(item_of(row));
            }
            if (page.empty()) return;
            take(page);
            incarnation = page.back().incarnation_id;
            seq = page.back().transaction.first_seq;
        }
    }

    int replayed = 0;
    int still_held = 0;

private:
    void take(const std::vector<HeldItem>& page) {
        std::vector<sync::Transaction> batch;
        batch.reserve(page.size());
        std::set<std::string> touched{clinic_};
        for (const HeldItem& item : page) {
            batch.push_back(item.transaction);
            for (const sync::Change& change : item.transaction.changes) touched.insert(change.clinic_id);
        }
        const std::vector<std::string> clinics(touched.begin(), touched.end());
        Watch watch = read_watch(transaction_, clinics, node_id_);
        // The rows of the very items that are tried now stand in nobody's way; those held again are blocked as it goes.
        watch.held = false;
        if (watch.erased) batch = without_erased(transaction_, node_id_, batch);
        sync::Picture picture = read_picture(transaction_, batch);
        read_obstacles(transaction_, watch, clinics, node_id_, batch, picture);
        read_people(transaction_, node_id_, batch, picture);
        picture.set_moment(now_, false);
        for (const auto& [written, hold] : held_before_) sync::block_written(written, hold, picture);
        std::vector<const sync::Transaction*> fresh;
        fresh.reserve(batch.size());
        for (const sync::Transaction& one : batch) fresh.push_back(&one);
        claim_numbers(transaction_, node_id_, fresh);
        std::vector<Taken> taken;
        taken.reserve(page.size());
        for (std::size_t i = 0; i < page.size(); ++i) taken.push_back(take_again(page[i], batch[i], picture));
        note(page, std::move(taken));
    }

    /// What waits for a person goes on waiting, and so does what builds on it.
    Taken take_again(const HeldItem& item, const sync::Transaction& one, sync::Picture& picture) {
        if (sync::ends_with_its_cause(item.code)) {
            return std::move(take_one_by_one(transaction_, {&one}, picture, true).front());
        }
        Taken held;
        held.transaction = &one;
        held.outcome = sync::Outcome::held;
        held.code = item.code;
        held.reason = item.reason;
        sync::block_written(one, {item.code, item.reason}, picture);
        return held;
    }

    void note(const std::vector<HeldItem>& page, std::vector<Taken> taken) {
        std::vector<std::string> done;
        Json held = Json::array();
        std::map<std::int64_t, std::vector<Taken>> applied;  // by incarnation
        for (std::size_t i = 0; i < page.size(); ++i) {
            Taken& one = taken[i];
            if (one.outcome != sync::Outcome::held) {
                done.push_back(page[i].id);
                applied[page[i].incarnation_id].push_back(std::move(one));
                continue;
            }
            ++still_held;
            held_before_.emplace_back(keys_of(*one.transaction), sync::Hold{one.code, one.reason});
            if (one.code != page[i].code || one.reason != page[i].reason) {
                held.push_back({{"id", page[i].id}, {"code", one.code}, {"reason", one.reason}});
            }
        }
        replayed += static_cast<int>(done.size());
        for (auto& [incarnation, batch] : applied) {
            const PushContext context{node_id_, incarnation, now_, rng_};
            open_items(transaction_, context, batch);
            audit_people(transaction_, context, batch);
            write_meta(transaction_, context, batch);
        }
        if (!done.empty()) {
            transaction_.exec_params(kResolve, id_array(done), actor_, format_utc(now_));
            transaction_.exec_params(kForgetRows, id_array(done));
        }
        if (!held.empty()) transaction_.exec_params(kStillHeld, held.dump());
    }

    /// Which rows it wrote, without their values.
    static sync::Transaction keys_of(const sync::Transaction& transaction) {
        sync::Transaction keys;
        for (const sync::Change& change : transaction.changes) {
            sync::Change key;
            key.table = change.table;
            key.row_id = change.row_id;
            key.op = change.op;
            keys.changes.push_back(std::move(key));
        }
        return keys;
    }

    pqxx::work& transaction_;
    const std::string clinic_, actor_;
    const UtcMillis now_;
    Rng& rng_;
    std::string node_id_;
    std::vector<std::pair<sync::Transaction, sync::Hold>> held_before_;  ///< Of this node, on earlier pages too.
};

}  // namespace

Result<RestoredPatient> restore_patient(Pool& pool, const std::string& actor, const std::string& patient_id,
                                        UtcMillis now) {
    RestoredPatient restored;
    VC_TRY(pool.transact("archive restore", [&](pqxx::work& transaction) -> Status {
        const std::string id = ascii_lower(patient_id);
        std::string clinic;
        std::set<std::string> nodes, clinics;
        if (parse_uuid(id)) {
            const auto entry = transaction.exec_params(kClinic, id);
            if (!entry.empty()) clinics.insert(clinic = entry[0][0].as<std::string>());
            for (const auto& row : transaction.exec_params(kWaiting, id)) {
                nodes.insert(row[0].as<std::string>());
                clinics.insert(row[1].as<std::string>());
            }
        }
        transaction.exec_params(kLockNodes, id_array({nodes.begin(), nodes.end()}));
        transaction.exec_params(kLockCounters, id_array({clinics.begin(), clinics.end()}));
        VC_TRY_ASSIGN(restored.move, restore_rows(transaction, actor, patient_id));
        transaction.exec0("SET LOCAL vetchart.intake = 'on'");
        Replay replay(transaction, clinic, actor, now, pool.rng());
        for (const std::string& node : nodes) replay.node(node);
        restored.replayed = replay.replayed;
        restored.still_held = replay.still_held;
        if (!nodes.empty()) {
            audit(transaction, actor, "quarantine replay", id, {{"in", replay.replayed}, {"held", replay.still_held}});
        }
        return Done{};
    }));
    return restored;
}

}  // namespace vetchart::central
