#include "central/attention/items.h"

#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <set>

#include "central/accept/accept.h"
#include "central/accept/numbers.h"
#include "central/accept/people.h"
#include "central/accept/reads.h"
#include "central/attention/moot.h"
#include "central/attention/sentences.h"
#include "sync/base/uuid.h"
#include "sync/engine/item_actions.h"
#include "sync/model/change_json.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kItems = R"(
INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, column_name, code, title, reason, mine, theirs, base,
                       changes, actor, at, opened_at, node_id, incarnation_id, first_seq, last_seq, status, actions,
                       theirs_actor, theirs_at, theirs_node_id, action, decided_at)
SELECT x.id, x.clinic_id, x.kind, x.table_name, x.row_id, x.column_name, x.code, x.title, x.reason,
       nullif(x.mine, 'null'), nullif(x.theirs, 'null'), nullif(x.base, 'null'), nullif(x.changes, 'null'),
       x.actor, x.at, x.opened_at, x.node_id, nullif($2::int, 0), x.first_seq, x.last_seq,
       CASE WHEN x.gone THEN 'resolved' ELSE 'open' END, x.actions::jsonb,
       x.theirs_actor, x.theirs_at, x.theirs_node_id,
       CASE WHEN x.gone THEN 'moot' END, CASE WHEN x.gone THEN x.opened_at END
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, clinic_id uuid, kind text, table_name text, row_id text,
     column_name text, code text, title text, reason text, mine jsonb, theirs jsonb, base jsonb, changes jsonb,
     actor text, at timestamptz, opened_at timestamptz, node_id uuid, first_seq bigint, last_seq bigint,
     theirs_actor text, theirs_at timestamptz, theirs_node_id uuid, actions text,
     gone boolean))";

constexpr const char* kToldOf = R"(
SELECT i.table_name, i.row_id, i.version FROM jsonb_to_recordset($1::jsonb) AS x(table_name text, row_id text)
JOIN sync_item i ON i.table_name = x.table_name AND i.row_id = x.row_id
WHERE i.status = 'open' AND i.code = 'worked_on_deleted')";

constexpr const char* kOpenBills = R"(
SELECT i.row_id, i.id::text, i.mine::text FROM sync_item i
WHERE i.node_id = $1::uuid AND i.code = 'bill_changed' AND i.status = 'open' AND i.table_name = 'bill'
  AND i.row_id IN (SELECT jsonb_array_elements_text($2::jsonb)))";
constexpr const char* kJoinBill = R"(
UPDATE sync_item SET mine = $2::jsonb, changes = changes || $3::jsonb, last_seq = $4::bigint WHERE id = $1::uuid)";

constexpr const char* kHeldRows = R"(
INSERT INTO held_row (item_id, table_name, row_id, inserted)
SELECT x.item_id, x.table_name, x.row_id, bool_or(x.inserted)
FROM jsonb_to_recordset($1::jsonb) AS x(item_id uuid, table_name text, row_id text, inserted boolean)
GROUP BY x.item_id, x.table_name, x.row_id)";

Json item_head(const Decided& decided, const Receipt& receipt, const std::string& id) {
    return {{"id", id},
            {"actor", sync::actor_json(*decided.transaction)},
            {"at", decided.transaction->at},
            {"node_id", receipt.node_id.empty() ? Json() : Json(receipt.node_id)},
            {"opened_at", format_utc(receipt.now)},
            {"first_seq", decided.transaction->first_seq},
            {"last_seq", decided.transaction->last_seq}};
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
    return read_rows(db, std::move(heads));
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
                 {"title", title_of_held(decided.code, *decided.transaction)},
                 {"actions", sync::actions_json({"quarantine", decided.code, "open", ""})},
                 {"reason", decided.reason},
                 {"mine", std::move(images.mine)},
                 {"theirs", std::move(images.theirs)},
                 {"base", std::move(images.base)}});
    std::string text = item.dump();
    text.back() = ',';  // The object's brace: one member follows.
    return text.append("\"changes\":").append(sync::changes_json(decided.transaction->changes)).append("}");
}

/// The changes of a transaction that a conflict keeps.
std::string changes_of(const sync::Transaction& transaction, const std::vector<std::size_t>& places) {
    std::vector<sync::Change> changes;
    changes.reserve(places.size());
    for (const std::size_t place : places) changes.push_back(transaction.changes[place]);
    return sync::changes_json(changes);
}

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

Json without_password(Json image) {
    if (image.is_object()) image.erase("password_hash");
    return image;
}

/// `mine` is what lost, with whoever wrote it; `theirs` what stands.
Json conflict_item(Decided& decided, const Receipt& receipt, const sync::Conflict& conflict, const std::string& id) {
    if (decided.item_id.empty()) decided.item_id = id;
    Json item = item_head(decided, receipt, id);
    const Sentences said = sentences_of(conflict);
    item.update({{"clinic_id", conflict.clinic_id},
                 {"kind", "conflict"},
                 {"table_name", conflict.key.table},
                 {"row_id", conflict.key.id},
                 {"code", conflict.code},
                 {"actions", sync::actions_json({"conflict", conflict.code, "open", ""})},
                 {"title", said.title},
                 {"reason", said.reason},
                 {"mine", without_password(conflict.mine)},
                 {"theirs", without_password(conflict.theirs)},
                 {"base", without_password(conflict.base)}});
    if (!conflict.column.empty()) item["column_name"] = conflict.column;
    Json other{{"actor", text_or_null(conflict.other.actor)}, {"node_id", text_or_null(conflict.other.node_id)}};
    other["at"] = conflict.other.at.empty() ? Json() : Json(conflict.other.at);
    const Json own{{"actor", item["actor"]}, {"at", item["at"]}, {"node_id", item["node_id"]}};
    const Json& loser = conflict.lost ? own : other;
    const Json& winner = conflict.lost ? other : own;
    for (const char* member : {"actor", "at", "node_id"}) item[std::string("theirs_") + member] = winner.at(member);
    item["actor"] = loser.at("actor");
    item["node_id"] = loser.at("node_id");
    if (!loser.at("at").is_null()) item["at"] = loser.at("at");
    if (!conflict.changes.empty()) item["changes"] = Json::parse(changes_of(*decided.transaction, conflict.changes));
    return item;
}

Json notice_item(const Decided& decided, const Receipt& receipt, const sync::Notice& notice) {
    Json item = item_head(decided, receipt, new_row_id(receipt.rng, receipt.now));
    const Sentences said = sentences_of(notice);
    item.update({{"clinic_id", notice.clinic_id},
                 {"kind", "notice"},
                 {"table_name", notice.key.table},
                 {"row_id", notice.key.id},
                 {"code", notice.code},
                 {"actions", sync::actions_json({"notice", notice.code, "open", ""})},
                 {"title", said.title},
                 {"reason", said.reason},
                 {"mine", without_password(notice.mine)},
                 {"theirs", without_password(notice.theirs)},
                 {"base", without_password(notice.base)}});
    return item;
}

/// Remembers the rows of held transactions: they hold what is built on them.
void write_held_rows(pqxx::dbtransaction& db, const std::vector<Decided>& batch) {
    Json rows = Json::array();
    for (const Decided& decided : batch) {
        if (decided.outcome != sync::Outcome::held) continue;
        for (const sync::Change& change : decided.transaction->changes) {
            rows.push_back({{"item_id", decided.item_id},
                            {"table_name", change.table},
                            {"row_id", change.row_id},
                            {"inserted", change.op == sync::Op::insert}});
        }
    }
    if (!rows.empty()) db.exec_params(kHeldRows, rows.dump());
}

/// Conflicts about one bill of one node are one item: what it changes later joins what it changed first.
class BillConflicts {
public:
    BillConflicts(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch) : db_(db) {
        Json bills = Json::array();
        for (const Decided& decided : batch) {
            for (const sync::Conflict& conflict : decided.decision.conflicts) {
                if (conflict.code == sync::kConflictBill) bills.push_back(conflict.key.id);
            }
        }
        if (bills.empty()) return;
        for (const auto& row : db.exec_params(kOpenBills, receipt.node_id, bills.dump())) {
            Json mine = row[2].is_null() ? Json::object() : Json::parse(row[2].as<std::string>());
            open_[row[0].as<std::string>()] = {row[1].as<std::string>(), std::move(mine)};
        }
    }

    /// True when there is such an item, which now has this conflict too.
    bool join(Decided& decided, const sync::Conflict& conflict) {
        const auto found = open_.find(conflict.key.id);
        if (found == open_.end()) return false;
        auto& [id, mine] = found->second;
        for (const auto& [column, value] : conflict.mine.items()) {
            if (!conflict.theirs.is_object() || value != conflict.theirs.value(column, Json())) mine[column] = value;
        }
        if (decided.item_id.empty()) decided.item_id = id;
        joined_.push_back(
            {id, mine.dump(), changes_of(*decided.transaction, conflict.changes), decided.transaction->last_seq});
        return true;
    }
    void add(const sync::Conflict& conflict, const std::string& id) { open_[conflict.key.id] = {id, conflict.mine}; }

    /// After the items were inserted.
    void write() {
        for (const Joined& joined : joined_) {
            db_.exec_params(kJoinBill, joined.id, joined.mine, joined.changes, joined.last_seq);
        }
    }

private:
    struct Joined {
        std::string id, mine, changes;
        std::int64_t last_seq;
    };
    pqxx::dbtransaction& db_;
    std::map<std::string, std::pair<std::string, Json>> open_;
    std::vector<Joined> joined_;
};

/// Until where a row stands in a batch: an item about it that comes before its last deletion is moot at once, as if the
/// deletion had come in a batch of its own.
class Deletions {
public:
    explicit Deletions(const std::vector<Decided>& batch) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            for (const sync::RowWrite& write : batch[i].decision.writes) {
                if (write.kind == sync::RowWrite::Kind::remove) last_[write.key] = i;
            }
        }
    }
    [[nodiscard]] bool follow(const sync::RowKey& key, std::size_t place) const {
        const auto found = last_.find(key);
        return found != last_.end() && found->second > place;
    }

private:
    std::map<sync::RowKey, std::size_t> last_;
};

void make_moot(Json& item) {
    item["gone"] = true;
    item["actions"] = "[]";
    item["reason"] = "The row was deleted for good: there is nothing left to decide.";
}

/// Rows with an open notice of work on something deleted, and its version: one tells of all that work.
using Told = std::map<sync::RowKey, std::int64_t>;

Told told_of(pqxx::dbtransaction& db, const std::vector<Decided>& batch) {
    Json rows = Json::array();
    for (const Decided& decided : batch) {
        for (const sync::Notice& notice : decided.decision.notices) {
            if (notice.code != sync::kNoticeWorkedOnDeleted) continue;
            rows.push_back({{"table_name", notice.key.table}, {"row_id", notice.key.id}});
        }
    }
    Told told;
    if (rows.empty()) return told;
    for (const auto& row : db.exec_params(kToldOf, rows.dump())) {
        told[{row[0].c_str(), row[1].c_str()}] = row[2].as<std::int64_t>();
    }
    return told;
}

/// What ends a notice is followed by a new one, in one batch as in two.
void forget_ended(const Decided& decided, Told& told) {
    for (const sync::RowWrite& write : decided.decision.writes) {
        const auto found = told.find(write.key);
        if (found == told.end()) continue;
        const bool is_seen = write.columns.contains("deleted_at") &&
                             found->second <= version_seen(*decided.transaction, write.key, "deleted_at");
        if (is_seen || write.kind == sync::RowWrite::Kind::remove) told.erase(found);
    }
}

/// Opens an item for each held transaction, conflict and notice, and sets item_id in `batch`. `told`: told_of, before
/// what `batch` deletes was settled.
void open_items(pqxx::dbtransaction& db, const Receipt& receipt, std::vector<Decided>& batch, Told told) {
    const sync::Picture now = read_heads(db, batch);
    BillConflicts bills(db, receipt, batch);
    const Deletions deletions(batch);
    std::string items;
    const auto add = [&items](const std::string& item) { items.append(items.empty() ? "[" : ",").append(item); };
    for (std::size_t i = 0; i < batch.size(); ++i) {
        Decided& decided = batch[i];
        forget_ended(decided, told);
        if (decided.outcome == sync::Outcome::held) add(held_item(decided, receipt, now));
        for (const sync::Conflict& conflict : decided.decision.conflicts) {
            const bool is_bill = conflict.code == sync::kConflictBill;
            if (is_bill && bills.join(decided, conflict)) continue;
            const std::string id = new_row_id(receipt.rng, receipt.now);
            if (is_bill) bills.add(conflict, id);
            Json item = conflict_item(decided, receipt, conflict, id);
            if (deletions.follow(conflict.key, i)) make_moot(item);
            add(item.dump());
        }
        for (const sync::Notice& notice : decided.decision.notices) {
            const bool is_work = notice.code == sync::kNoticeWorkedOnDeleted;
            if (is_work && !told.emplace(notice.key, INT64_MAX).second) continue;
            Json item = notice_item(decided, receipt, notice);
            if (is_work && deletions.follow(notice.key, i)) make_moot(item);
            add(item.dump());
        }
    }
    if (items.empty()) return;
    items += ']';
    db.exec_params(kItems, items, receipt.incarnation_id);
    bills.write();
}

}  // namespace

void note_decided(pqxx::dbtransaction& db, const Receipt& receipt, std::vector<Decided>& batch) {
    notice_numbers(db, batch);
    auto told = told_of(db, batch);
    settle_gone(db, receipt, batch);
    open_items(db, receipt, batch, std::move(told));
    write_held_rows(db, batch);
    audit_people(db, receipt, batch);
    write_row_meta(db, receipt, batch);
}

}  // namespace vetchart::central
