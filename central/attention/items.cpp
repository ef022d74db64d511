#include "central/attention/items.h"

#include <pqxx/pqxx>
#include <set>

#include "central/accept/accept.h"
#include "central/accept/numbers.h"
#include "central/accept/people.h"
#include "central/accept/rows.h"
#include "sync/base/uuid.h"
#include "sync/model/change_json.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kItems = R"(
INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, column_name, code, title, reason, mine, theirs, base,
                       changes, actor, at, opened_at, node_id, incarnation_id, first_seq, last_seq, status, actions,
                       theirs_actor, theirs_at, theirs_node_id)
SELECT x.id, x.clinic_id, x.kind, x.table_name, x.row_id, x.column_name, x.code, x.title, x.reason,
       nullif(x.mine, 'null'),
       nullif(x.theirs, 'null'), nullif(x.base, 'null'), nullif(x.changes, 'null'), x.actor, x.at, x.opened_at,
       $2::uuid,
       $3::int, x.first_seq, x.last_seq, 'open', '[]', m.actor, m.at, m.node_id
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, clinic_id uuid, kind text, table_name text, row_id text,
     column_name text,
     code text, title text, reason text, mine jsonb, theirs jsonb, base jsonb, changes jsonb, actor text,
     at timestamptz,
     opened_at timestamptz, first_seq bigint, last_seq bigint)
LEFT JOIN row_meta m ON x.kind = 'conflict' AND m.table_name = x.table_name AND m.row_id = x.row_id
                    AND m.column_name = x.column_name)";

constexpr const char* kHeldRows = R"(
INSERT INTO held_row (item_id, table_name, row_id, inserted)
SELECT x.item_id, x.table_name, x.row_id, bool_or(x.inserted)
FROM jsonb_to_recordset($1::jsonb) AS x(item_id uuid, table_name text, row_id text, inserted boolean)
GROUP BY x.item_id, x.table_name, x.row_id)";

Json item_head(const Decided& decided, const Receipt& receipt, const std::string& id) {
    return {{"id", id},
            {"actor", sync::actor_json(*decided.transaction)},
            {"at", decided.transaction->at},
            {"opened_at", format_utc(receipt.now)},
            {"first_seq", decided.transaction->first_seq},
            {"last_seq", decided.transaction->last_seq}};
}

std::string title_of_held(const Decided& decided) {
    if (decided.code == sync::kHeldArchived) return "Kept for an archived patient";
    return "Not accepted: " + decided.transaction->changes.front().table;
}

/// The head row of a held transaction: as the transaction would leave it, as central has it (only the columns that an
/// update changes), and as the node had it before.
struct HeldImages {
    Json mine, theirs, base;
};

HeldImages images_of(const sync::Transaction& transaction, const sync::Picture& now) {
    const sync::Change& head = transaction.changes.front();
    HeldImages images;
    bool whole = false;
    for (const sync::Change& change : transaction.changes) {
        if (change.table != head.table || change.row_id != head.row_id) continue;
        whole = whole || change.op != sync::Op::update;
        if (change.op == sync::Op::remove) {
            images.mine = nullptr;
        } else if (images.mine.is_object()) {
            images.mine.update(change.new_values);
        } else {
            images.mine = change.new_values;
        }
        if (!change.old_values.is_object()) continue;
        if (!images.base.is_object()) images.base = Json::object();
        for (const auto& [column, value] : change.old_values.items()) images.base.emplace(column, value);
    }
    const sync::RowState& row = now.at({head.table, head.row_id});
    if (row.is_live()) {
        images.theirs = row.image;
        for (auto column = images.theirs.begin(); !whole && column != images.theirs.end();) {
            column = images.mine.contains(column.key()) ? std::next(column) : images.theirs.erase(column);
        }
    }
    for (Json* image : {&images.mine, &images.theirs, &images.base}) {
        if (image->is_object()) image->erase("password_hash");
    }
    return images;
}

/// What central has now of the first rows of held transactions.
sync::Picture read_heads(pqxx::dbtransaction& db, const std::vector<Decided>& batch) {
    std::set<sync::RowKey> heads;
    for (const Decided& decided : batch) {
        const sync::Change& first = decided.transaction->changes.front();
        if (decided.outcome == sync::Outcome::held) heads.insert({first.table, first.row_id});
    }
    sync::Picture picture;
    if (!heads.empty()) read_rows(db, heads, picture);
    return picture;
}

std::string held_item(Decided& decided, const Receipt& receipt, const sync::Picture& now) {
    decided.item_id = new_row_id(receipt.rng, receipt.now);
    const sync::Change& first = decided.transaction->changes.front();
    Json item = item_head(decided, receipt, decided.item_id);
    HeldImages images = images_of(*decided.transaction, now);
    item.update({{"clinic_id", first.clinic_id},
                 {"kind", "quarantine"},
                 {"table_name", first.table},
                 {"row_id", first.row_id},
                 {"code", decided.code},
                 {"title", title_of_held(decided)},
                 {"reason", decided.reason},
                 {"mine", std::move(images.mine)},
                 {"theirs", std::move(images.theirs)},
                 {"base", std::move(images.base)}});
    std::string text = item.dump();
    text.back() = ',';  // The object's brace: one member follows.
    return text.append("\"changes\":").append(sync::changes_json(decided.transaction->changes)).append("}");
}

Json conflict_item(Decided& decided, const Receipt& receipt, const sync::ColumnConflict& conflict) {
    const std::string id = new_row_id(receipt.rng, receipt.now);
    if (decided.item_id.empty()) decided.item_id = id;
    Json item = item_head(decided, receipt, id);
    item.update(
        {{"clinic_id", conflict.clinic_id},
         {"kind", "conflict"},
         {"table_name", conflict.key.table},
         {"row_id", conflict.key.id},
         {"column_name", conflict.column},
         {"code", "changed_elsewhere"},
         {"title", "Changed elsewhere: " + conflict.key.table + ", " + conflict.column},
         {"reason", "Two people changed the same value. What central already had stays; the other is kept here."},
         {"mine", conflict.mine},
         {"theirs", conflict.theirs},
         {"base", conflict.base}});
    return item;
}

Json notice_item(const Decided& decided, const Receipt& receipt, const sync::Notice& notice) {
    Json item = item_head(decided, receipt, new_row_id(receipt.rng, receipt.now));
    item.update({{"clinic_id", notice.clinic_id},
                 {"kind", "notice"},
                 {"table_name", notice.key.table},
                 {"row_id", notice.key.id},
                 {"code", notice.code},
                 {"title", notice.title},
                 {"reason", notice.reason},
                 {"mine", notice.mine},
                 {"theirs", notice.theirs},
                 {"base", notice.base}});
    return item;
}

/// Remembers the rows of held transactions that hold what is built on them.
void write_held_rows(pqxx::dbtransaction& db, const std::vector<Decided>& batch) {
    Json rows = Json::array();
    for (const Decided& decided : batch) {
        if (decided.outcome != sync::Outcome::held || !sync::holds_dependents(decided.code)) continue;
        for (const sync::Change& change : decided.transaction->changes) {
            rows.push_back({{"item_id", decided.item_id},
                            {"table_name", change.table},
                            {"row_id", change.row_id},
                            {"inserted", change.op == sync::Op::insert}});
        }
    }
    if (!rows.empty()) db.exec_params(kHeldRows, rows.dump());
}

/// Opens an item for each held transaction, conflict and notice, and sets item_id in `batch`.
void open_items(pqxx::dbtransaction& db, const Receipt& receipt, std::vector<Decided>& batch) {
    const sync::Picture now = read_heads(db, batch);
    std::string items;
    const auto add = [&items](const std::string& item) { items.append(items.empty() ? "[" : ",").append(item); };
    for (Decided& decided : batch) {
        if (decided.outcome == sync::Outcome::held) add(held_item(decided, receipt, now));
        for (const sync::ColumnConflict& conflict : decided.decision.conflicts) {
            add(conflict_item(decided, receipt, conflict).dump());
        }
        for (const sync::Notice& notice : decided.decision.notices) add(notice_item(decided, receipt, notice).dump());
    }
    if (items.empty()) return;
    items += ']';
    db.exec_params(kItems, items, receipt.node_id, receipt.incarnation_id);
}

}  // namespace

void note_decided(pqxx::dbtransaction& db, const Receipt& receipt, std::vector<Decided>& batch) {
    notice_numbers(db, batch);
    open_items(db, receipt, batch);
    write_held_rows(db, batch);
    audit_people(db, receipt, batch);
    write_row_meta(db, receipt, batch);
}

}  // namespace vetchart::central
