#include "central/attention/decision_writes.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <set>

#include "central/accept/accept.h"
#include "central/accept/batch.h"
#include "central/accept/erased.h"
#include "central/accept/guards.h"
#include "central/accept/key_sql.h"
#include "central/accept/numbers.h"
#include "central/accept/people.h"
#include "central/accept/reads.h"
#include "central/accept/rows.h"
#include "central/attention/items.h"
#include "central/attention/moot.h"
#include "sync/base/email.h"
#include "sync/base/uuid.h"
#include "sync/catalogue/row_key.h"
#include "sync/engine/column_value.h"

namespace vetchart::central {
namespace {

using sync::Change;
using sync::Json;
using sync::Op;

/// Who of the clinic $1 has the address $2, beside the owner $3.
constexpr const char* kHolder = R"(
SELECT id::text FROM owner WHERE clinic_id = $1::uuid AND deleted_at IS NULL AND lower(btrim(email)) = $2
   AND id <> $3::uuid LIMIT 1)";
constexpr const char* kOfOwner = R"(
SELECT 'patient' AS table_name, id::text AS row_id FROM patient WHERE clinic_id = $1::uuid AND owner_id = $2::uuid
UNION ALL SELECT 'bill', id::text FROM bill WHERE clinic_id = $1::uuid AND owner_id = $2::uuid)";
/// Lines of the bill $1 that came or went at central after the version $2.
constexpr const char* kLinesSince = R"(
SELECT 'bill_item' AS table_name, i.id::text AS row_id, i.clinic_id::text AS clinic_id, NULL::text AS image
  FROM bill_item i WHERE i.bill_id = $1::uuid AND i.version > $2::bigint
   AND NOT EXISTS (SELECT FROM row_meta m WHERE m.table_name = 'bill_item' AND m.row_id = i.id::text)
UNION ALL
SELECT t.table_name, t.row_id, t.clinic_id::text, t.image::text FROM sync_tombstone t
 WHERE t.table_name = 'bill_item' AND t.version > $2::bigint AND t.image ->> 'bill_id' = $1::text)";
constexpr const char* kTombstone = R"(
INSERT INTO sync_tombstone (table_name, row_id, clinic_id, version)
VALUES ($1, $2, $3::uuid, take_version($3::uuid))
ON CONFLICT (table_name, row_id) DO UPDATE SET version = excluded.version)";

Change update_of(const Item& item, const std::string& column, Json value) {
    Change change;
    change.table = item.table;
    change.row_id = item.row_id;
    change.clinic_id = item.clinic_id;
    change.op = Op::update;
    change.old_values = Json::object();
    change.new_values = {{column, std::move(value)}};
    return change;
}

/// The bill of a change of its group; empty: of another table.
std::string bill_of(const Change& change) {
    if (change.table == "bill") return change.row_id;
    if (change.table == "bill_medical_record") return std::string(sync::key_part(change.row_id, 0));
    if (change.table != "bill_item") return {};
    const Json& values = change.op == Op::remove ? change.old_values : change.new_values;
    const auto bill = values.find("bill_id");
    return bill != values.end() && bill->is_string() ? bill->get<std::string>() : std::string();
}

/// The bill as the version that lost has it: its changes, without the lines that came at central since, and with those
/// that went.
std::vector<Change> bill_as_mine(pqxx::dbtransaction& db, const Item& item) {
    std::vector<Change> wanted = item.changes;
    std::set<std::string> known;
    std::int64_t seen = 0;
    std::string bill = item.table == "bill" ? item.row_id : std::string();
    for (const Change& change : item.changes) {
        known.insert(change.row_id);
        seen = std::max(seen, change.row_version);
        if (bill.empty()) bill = bill_of(change);
    }
    if (seen == 0 || !parse_uuid(bill)) return wanted;
    for (const auto& row : db.exec_params(kLinesSince, bill, seen)) {
        Change change;
        change.table = row["table_name"].c_str();
        change.row_id = row["row_id"].c_str();
        change.clinic_id = row["clinic_id"].c_str();
        if (known.contains(change.row_id)) continue;
        change.op = row["image"].is_null() ? Op::remove : Op::insert;
        if (change.op == Op::insert) change.new_values = Json::parse(row["image"].c_str());
        wanted.push_back(std::move(change));
    }
    return wanted;
}

Wish mine_of(pqxx::dbtransaction& db, const Item& item) {
    if (item.code == "bill_changed" && !item.changes.empty()) return bill_as_mine(db, item);
    if (!item.changes.empty()) return item.changes;
    if (item.column.empty()) return "The version that lost is not kept any more.";
    return std::vector<Change>{update_of(item, item.column, item.mine)};
}

Wish value_of(const Item& item, Json value) {
    // An address that another has belongs to the owner's row, whatever the item names as its column.
    const std::string column = item.code == "email_taken" ? "email" : item.column;
    const sync::Column* known = sync::find_column(item.table, column);
    if (known == nullptr || !takes_decided_value(*known)) return "This column takes no value by a decision.";
    if (auto fault = sync::value_fault(*known, value)) return std::move(*fault);
    return std::vector<Change>{update_of(item, column, std::move(value))};
}

/// Merging as a node does it: the loser remembers whom it was merged into, and its patients and bills go along.
Wish merge_of(pqxx::dbtransaction& db, const Item& item) {
    if (!item.mine.is_string()) return "The address that both have is not kept any more.";
    const auto holder =
        db.exec_params(kHolder, item.clinic_id, normal_email(item.mine.get<std::string>()), item.row_id);
    if (holder.empty()) return "Nobody else has this address any more: nobody is there to merge with.";
    const std::string survivor = holder[0][0].c_str();
    const std::string at = db.exec_params1("SELECT wire_instant(clock_instant())")[0].c_str();
    std::vector<Change> wanted{update_of(item, "merged_into", survivor)};
    wanted.back().new_values["deleted_at"] = at;
    for (const auto& row : db.exec_params(kOfOwner, item.clinic_id, item.row_id)) {
        Change& change = wanted.emplace_back(update_of(item, "owner_id", survivor));
        change.table = row["table_name"].c_str();
        change.row_id = row["row_id"].c_str();
    }
    return wanted;
}

bool is_bookkeeping(const std::string& table, const std::string& column) {
    const sync::Writer writer = sync::writer_of(table, column);
    return writer == sync::Writer::key || writer == sync::Writer::bookkeeping || writer == sync::Writer::central;
}

/// The columns of `wanted` that are not so in `image`: what was there, and what is wanted.
void take_differences(const std::string& table, const Json& image, const Json& wanted, Json& old_values,
                      Json& new_values) {
    old_values = new_values = Json::object();
    for (const auto& [column, value] : wanted.items()) {
        const auto current = image.find(column);
        if (current == image.end() || *current == value || is_bookkeeping(table, column)) continue;
        old_values[column] = *current;
        new_values[column] = value;
    }
}

/// `wanted` on rows as they stand, one change after the other.
class Fitting {
public:
    explicit Fitting(const sync::Picture& picture) : picture_(picture) {}

    void add(const Change& wanted) {
        const sync::RowKey key{wanted.table, wanted.row_id};
        const auto known = rows_.try_emplace(key, picture_.at(key)).first;
        sync::RowState& row = known->second;
        Change change = wanted;
        change.old_values = change.new_values = nullptr;
        if (wanted.op == Op::remove) {
            if (!row.is_live()) return;
            change.old_values = row.image;
            row = sync::RowState::deleted(wanted.clinic_id);
        } else if (row.is_live()) {
            change.op = Op::update;
            take_differences(wanted.table, row.image, wanted.new_values, change.old_values, change.new_values);
            if (change.new_values.empty()) return;
            row.image.update(change.new_values);
        } else {
            // An update of a row that is gone stays one: whether it brings the row back is decided with it.
            change.new_values = wanted.new_values;
            if (wanted.op == Op::update) change.old_values = Json::object();
            if (wanted.op == Op::insert) row = sync::RowState::live(wanted.clinic_id, wanted.new_values);
        }
        changes_.push_back(std::move(change));
    }

    [[nodiscard]] std::vector<Change> changes() && { return std::move(changes_); }

private:
    const sync::Picture& picture_;
    std::map<sync::RowKey, sync::RowState> rows_;
    std::vector<Change> changes_;
};

std::set<sync::RowKey> keys_of(const std::vector<Change>& changes) {
    std::set<sync::RowKey> keys;
    for (const Change& change : changes) keys.insert({change.table, change.row_id});
    return keys;
}

/// What turns `after` into `before` again, in the reverse order of `changes`.
std::vector<Change> reverse_of(const std::vector<Change>& changes, const sync::Picture& before,
                               const sync::Picture& after) {
    std::vector<Change> undo;
    std::set<sync::RowKey> done;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        const sync::RowKey key{change->table, change->row_id};
        if (!done.insert(key).second) continue;
        const sync::RowState &was = before.at(key), &is = after.at(key);
        if (!was.is_live() && !is.is_live()) continue;
        Change back = *change;
        back.old_values = is.is_live() ? is.image : Json();
        back.new_values = was.is_live() ? was.image : Json();
        back.op = !was.is_live() ? Op::remove : is.is_live() ? Op::update : Op::insert;
        if (back.op == Op::update) {
            take_differences(key.table, is.image, was.image, back.old_values, back.new_values);
            if (back.new_values.empty()) continue;
        }
        undo.push_back(std::move(back));
    }
    return undo;
}

sync::Transaction transaction_of(const Receipt& receipt, const Hand& hand, std::vector<Change> changes) {
    sync::Transaction transaction;
    transaction.actor = hand.actor;
    transaction.at = format_utc(receipt.now);
    transaction.first_seq = 1;
    transaction.last_seq = static_cast<std::int64_t>(changes.size());
    std::int64_t seq = 0;
    for (Change& change : changes) {
        change.seq = ++seq;
        change.row_version = hand.version;
    }
    transaction.changes = std::move(changes);
    return transaction;
}

/// Why a decided transaction does not stand; nullopt: it does.
std::optional<std::string> refusal_of(const Decided& decided) {
    if (decided.outcome == sync::Outcome::held) {
        return decided.reason.empty() ? "Central's rules refuse it: " + decided.code + "." : decided.reason;
    }
    if (decided.decision.conflicts.empty()) return std::nullopt;
    return std::string("It meets other work that stands: settle that first, then decide again.");
}

}  // namespace

Wish wish_of(pqxx::dbtransaction& db, const Item& item, sync::ItemAction action, Json value) {
    switch (action) {
        case sync::ItemAction::keep: return item.status == "open" ? std::vector<Change>() : item.undo;
        case sync::ItemAction::use_mine: return mine_of(db, item);
        case sync::ItemAction::set_value: return value_of(item, std::move(value));
        case sync::ItemAction::merge_owners: return merge_of(db, item);
        case sync::ItemAction::restore: return std::vector<Change>{update_of(item, "deleted_at", nullptr)};
        case sync::ItemAction::retry:
        case sync::ItemAction::edit_and_retry:
        case sync::ItemAction::discard: break;
    }
    return std::vector<Change>();
}

Written write_wish(pqxx::work& db, const Receipt& receipt, const Hand& hand, const std::vector<Change>& wanted) {
    const sync::Picture before = read_rows(db, keys_of(wanted));
    Fitting fitting(before);
    for (const Change& change : wanted) fitting.add(change);
    std::vector<Change> changes = std::move(fitting).changes();
    if (changes.empty()) return {};
    std::vector<sync::Transaction> own;
    own.push_back(transaction_of(receipt, hand, std::move(changes)));
    Batch batch(std::move(own));
    // A decision waits for nothing that is held: what stands at central is what it is about.
    Guards guards = read_guards(db, batch.clinics(), receipt.node_id);
    guards.held = false;
    if (guards.erased && !receipt.node_id.empty()) {
        if (const Status erased = erase_values(db, receipt.node_id, batch); !erased)
            return {erased.error().context, {}};
    }
    sync::Picture picture;
    picture.set_moment(receipt.now, false);
    picture.set_node(receipt.node_id);
    fill_picture(db, batch, picture);
    block_rows(db, guards, batch.clinics(), receipt.node_id, batch, picture);
    read_people(db, receipt.node_id, batch, picture);
    if (!receipt.node_id.empty()) claim_numbers(db, receipt.node_id, batch);
    db.exec0("SAVEPOINT decision");
    std::vector<Decided> decided{accept_transaction(db, batch.transactions().front(), picture, receipt.rng)};
    if (auto refusal = refusal_of(decided.front())) {
        db.exec0("ROLLBACK TO SAVEPOINT decision");
        return {std::move(refusal), {}};
    }
    note_decided(db, receipt, decided);
    settle_moot(db, receipt, decided, hand.item_id);
    db.exec0("RELEASE SAVEPOINT decision");
    const sync::Picture after = read_rows(db, keys_of(wanted));
    return {std::nullopt, reverse_of(batch.transactions().front().changes, before, after)};
}

void stamp_again(pqxx::dbtransaction& db, const std::vector<Change>& changes) {
    const std::set<sync::RowKey> keys = keys_of(changes);
    const sync::Picture picture = read_rows(db, keys);
    std::map<std::string, std::vector<std::string>> live;
    for (const sync::RowKey& key : keys) {
        if (picture.at(key).is_live()) live[key.table].push_back(key.id);
    }
    for (const auto& [name, ids] : live) {
        const sync::Table& table = sync::table_of(name);
        std::string open;
        if (name == "bill_item") open = " AND b.issued_at IS NULL";
        if (name == "bill_item" || name == "bill_medical_record") {
            open = " AND EXISTS (SELECT FROM bill b WHERE b.id = t.bill_id AND b.status NOT IN ('paid', 'cancelled')" +
                   open + ")";
        }
        db.exec_params("UPDATE " + name + " t SET updated_at = t.updated_at WHERE " + key_among_sql(table, "t") + open,
                       id_array(ids));
    }
    for (const Change& change : changes) {
        if (!picture.at({change.table, change.row_id}).is_live()) {
            db.exec_params(kTombstone, change.table, change.row_id, change.clinic_id);
        }
    }
}

}  // namespace vetchart::central
