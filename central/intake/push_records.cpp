#include "central/intake/push_records.h"

#include <pqxx/pqxx>
#include <set>

#include "central/intake/push_numbers.h"
#include "central/intake/push_rows.h"
#include "sync/base/uuid.h"

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

constexpr const char* kTransactions = R"(
INSERT INTO sync_transaction (incarnation_id, first_seq, last_seq, digest, outcome, versions, item_id, code,
                              received_at)
SELECT $2::int, x.first_seq, x.last_seq, decode(x.digest, 'hex'), x.outcome, x.versions, x.item_id, x.code,
       $3::timestamptz
FROM jsonb_to_recordset($1::jsonb) AS x(first_seq bigint, last_seq bigint, digest text, outcome text, versions jsonb,
     item_id uuid, code text))";

constexpr const char* kJournal = R"(
INSERT INTO sync_journal (received_at, node_id, incarnation_id, first_seq, last_seq, actor, at, outcome, changes)
SELECT $4::timestamptz, $2::uuid, $3::int, x.first_seq, x.last_seq, x.actor, x.at, x.outcome, x.changes
FROM jsonb_to_recordset($1::jsonb) AS x(first_seq bigint, last_seq bigint, actor text, at timestamptz, outcome text,
     changes jsonb))";

constexpr const char* kMeta = R"(
INSERT INTO row_meta (table_name, row_id, column_name, at, actor, node_id, version)
SELECT DISTINCT ON (x.table_name, x.row_id, x.column_name) x.table_name, x.row_id, x.column_name, x.at, x.actor,
       $2::uuid, c.version
FROM jsonb_to_recordset($1::jsonb) AS x(place bigint, table_name text, row_id text, column_name text, at timestamptz,
     actor text, clinic_id uuid)
JOIN sync_counter c ON c.clinic_id = x.clinic_id
ORDER BY x.table_name, x.row_id, x.column_name, x.place DESC
ON CONFLICT (table_name, row_id, column_name)
DO UPDATE SET at = excluded.at, actor = excluded.actor, node_id = excluded.node_id, version = excluded.version)";

constexpr const char* kHeldRows = R"(
INSERT INTO held_row (item_id, table_name, row_id, inserted)
SELECT x.item_id, x.table_name, x.row_id, bool_or(x.inserted)
FROM jsonb_to_recordset($1::jsonb) AS x(item_id uuid, table_name text, row_id text, inserted boolean)
GROUP BY x.item_id, x.table_name, x.row_id)";

constexpr const char* kStored = R"(
SELECT t.first_seq, t.last_seq, encode(t.digest, 'hex'), t.outcome, t.versions::text, t.item_id::text, t.code, i.reason
FROM sync_transaction t LEFT JOIN sync_item i ON i.id = t.item_id
WHERE t.incarnation_id = $1::int AND t.first_seq BETWEEN $2::bigint AND $3::bigint)";

Json change_head(const sync::Change& change) {
    return {{"seq", change.seq},
            {"table", change.table},
            {"id", change.row_id},
            {"clinicId", change.clinic_id},
            {"op", sync::to_string(change.op)},
            {"version", change.row_version}};
}

Json changes_of(const sync::Transaction& transaction) {
    Json changes = Json::array();
    for (const sync::Change& change : transaction.changes) {
        Json json = change_head(change);
        json["old"] = change.old_values;
        json["new"] = change.new_values;
        changes.push_back(std::move(json));
    }
    return changes;
}

Json item_head(const Taken& taken, const PushContext& context, const std::string& id) {
    return {{"id", id},
            {"actor", sync::actor_json(*taken.transaction)},
            {"at", taken.transaction->at},
            {"opened_at", format_utc(context.now)},
            {"first_seq", taken.transaction->first_seq},
            {"last_seq", taken.transaction->last_seq}};
}

std::string title_of_held(const Taken& taken) {
    if (taken.code == sync::kHeldArchived) return "Kept for an archived patient";
    return "Not accepted: " + taken.transaction->changes.front().table;
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
    if (row.exists) {
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

/// What central has now of the rows that held transactions are about.
sync::Picture read_heads(pqxx::dbtransaction& transaction, const std::vector<Taken>& batch) {
    std::vector<sync::Transaction> heads;
    for (const Taken& taken : batch) {
        if (taken.outcome != sync::Outcome::held) continue;
        heads.emplace_back();
        heads.back().changes.push_back(taken.transaction->changes.front());
    }
    return heads.empty() ? sync::Picture{} : read_picture(transaction, heads);
}

Json held_item(Taken& taken, const PushContext& context, const sync::Picture& now) {
    taken.item_id = new_row_id(context.rng, context.now);
    const sync::Change& first = taken.transaction->changes.front();
    Json item = item_head(taken, context, taken.item_id);
    item.update({{"clinic_id", first.clinic_id},
                 {"kind", "quarantine"},
                 {"table_name", first.table},
                 {"row_id", first.row_id},
                 {"code", taken.code},
                 {"title", title_of_held(taken)},
                 {"reason", taken.reason},
                 {"changes", changes_of(*taken.transaction)}});
    HeldImages images = images_of(*taken.transaction, now);
    item.update(
        {{"mine", std::move(images.mine)}, {"theirs", std::move(images.theirs)}, {"base", std::move(images.base)}});
    return item;
}

Json conflict_item(Taken& taken, const PushContext& context, const sync::ColumnConflict& conflict) {
    const std::string id = new_row_id(context.rng, context.now);
    if (taken.item_id.empty()) taken.item_id = id;
    Json item = item_head(taken, context, id);
    item.update(
        {{"clinic_id", conflict.clinic_id},
         {"kind", "conflict"},
         {"table_name", conflict.key.first},
         {"row_id", conflict.key.second},
         {"column_name", conflict.column},
         {"code", "changed_elsewhere"},
         {"title", "Changed elsewhere: " + conflict.key.first + ", " + conflict.column},
         {"reason", "Two people changed the same value. What central already had stays; the other is kept here."},
         {"mine", conflict.mine},
         {"theirs", conflict.theirs},
         {"base", conflict.base}});
    return item;
}

Json notice_item(const Taken& taken, const PushContext& context, const sync::Notice& notice) {
    Json item = item_head(taken, context, new_row_id(context.rng, context.now));
    item.update({{"clinic_id", notice.clinic_id},
                 {"kind", "notice"},
                 {"table_name", notice.key.first},
                 {"row_id", notice.key.second},
                 {"code", notice.code},
                 {"title", notice.title},
                 {"reason", notice.reason},
                 {"mine", notice.mine},
                 {"theirs", notice.theirs},
                 {"base", notice.base}});
    return item;
}

/// The rows of held transactions that hold what is built on them.
void note_held_rows(pqxx::dbtransaction& transaction, const std::vector<Taken>& batch) {
    Json rows = Json::array();
    for (const Taken& taken : batch) {
        if (taken.outcome != sync::Outcome::held || !sync::holds_dependents(taken.code)) continue;
        for (const sync::Change& change : taken.transaction->changes) {
            rows.push_back({{"item_id", taken.item_id},
                            {"table_name", change.table},
                            {"row_id", change.row_id},
                            {"inserted", change.op == sync::Op::insert}});
        }
    }
    if (!rows.empty()) transaction.exec_params(kHeldRows, rows.dump());
}

}  // namespace

void open_items(pqxx::dbtransaction& transaction, const PushContext& context, std::vector<Taken>& batch) {
    notice_numbers(transaction, batch);
    Json items = Json::array();
    const sync::Picture now = read_heads(transaction, batch);
    for (Taken& taken : batch) {
        if (taken.outcome == sync::Outcome::held) items.push_back(held_item(taken, context, now));
        for (const sync::ColumnConflict& conflict : taken.decision.conflicts) {
            items.push_back(conflict_item(taken, context, conflict));
        }
        for (const sync::Notice& notice : taken.decision.notices) {
            items.push_back(notice_item(taken, context, notice));
        }
    }
    if (!items.empty()) transaction.exec_params(kItems, items.dump(), context.node_id, context.incarnation_id);
    note_held_rows(transaction, batch);
}

void write_meta(pqxx::dbtransaction& transaction, const PushContext& context, const std::vector<Taken>& batch) {
    Json rows = Json::array();
    for (const Taken& taken : batch) {
        for (const sync::RowWrite& write : taken.decision.writes) {
            for (const std::string& column : write.columns) {
                rows.push_back({{"place", rows.size()},
                                {"table_name", write.key.first},
                                {"row_id", write.key.second},
                                {"column_name", column},
                                {"at", taken.decision.at},
                                {"clinic_id", write.clinic_id},
                                {"actor", sync::actor_json(*taken.transaction)}});
            }
        }
    }
    if (!rows.empty()) transaction.exec_params(kMeta, rows.dump(), context.node_id);
}

std::string changes_text(const sync::Transaction& transaction) {
    std::string text = "[";
    for (const sync::Change& change : transaction.changes) {
        if (text.size() > 1) text += ',';
        text += change_head(change).dump();
        text.back() = ',';  // The head's brace: two members follow.
        text.append("\"old\":").append(change.old_values.dump());
        text.append(",\"new\":").append(change.new_values.dump()).append("}");
    }
    return text + "]";
}

std::vector<sync::Change> changes_from(const sync::Json& changes) {
    std::vector<sync::Change> read;
    for (const Json& one : changes) {
        sync::Change change;
        change.seq = one.at("seq").get<std::int64_t>();
        change.table = one.at("table").get<std::string>();
        change.row_id = one.at("id").get<std::string>();
        change.clinic_id = one.at("clinicId").get<std::string>();
        change.op = sync::parse_op(one.at("op").get<std::string>()).value_or(sync::Op::update);
        change.row_version = one.at("version").get<std::int64_t>();
        change.old_values = one.at("old");
        change.new_values = one.at("new");
        read.push_back(std::move(change));
    }
    return read;
}

sync::TransactionResult result_of(const Taken& taken, const std::map<std::string, std::int64_t>& versions) {
    sync::TransactionResult result;
    result.first_seq = taken.transaction->first_seq;
    result.last_seq = taken.transaction->last_seq;
    result.outcome = taken.outcome;
    for (const sync::Change& change : taken.transaction->changes) {
        if (const auto found = versions.find(change.clinic_id); found != versions.end()) result.versions.insert(*found);
    }
    if (!taken.code.empty()) result.code = taken.code;
    if (!taken.reason.empty()) result.reason = taken.reason;
    if (!taken.item_id.empty()) result.item_id = taken.item_id;
    return result;
}

void record_batch(pqxx::dbtransaction& transaction, const PushContext& context, const std::vector<Taken>& batch,
                  const std::map<std::string, std::int64_t>& versions) {
    write_meta(transaction, context, batch);
    Json narrow = Json::array();
    std::string journal = "[";
    for (const Taken& taken : batch) {
        const sync::TransactionResult result = result_of(taken, versions);
        Json row{{"first_seq", result.first_seq},
                 {"last_seq", result.last_seq},
                 {"digest", to_hex(taken.transaction->digest)},
                 {"outcome", sync::to_string(result.outcome)},
                 {"versions", Json(result.versions)}};
        if (result.item_id) row["item_id"] = *result.item_id;
        if (result.code) row["code"] = *result.code;
        narrow.push_back(std::move(row));
        if (journal.size() > 1) journal += ',';
        journal += Json{{"first_seq", result.first_seq},
                        {"last_seq", result.last_seq},
                        {"actor", sync::actor_json(*taken.transaction)},
                        {"at", taken.transaction->at},
                        {"outcome", sync::to_string(result.outcome)}}
                       .dump();
        journal.back() = ',';
        journal.append("\"changes\":").append(changes_text(*taken.transaction)).append("}");
    }
    journal += ']';
    const std::string now = format_utc(context.now);
    transaction.exec_params(kTransactions, narrow.dump(), context.incarnation_id, now);
    transaction.exec_params(kJournal, journal, context.node_id, context.incarnation_id, now);
}

std::map<std::int64_t, Stored> read_stored(pqxx::dbtransaction& transaction, std::int64_t incarnation_id,
                                           std::int64_t first_seq, std::int64_t last_seq) {
    std::map<std::int64_t, Stored> stored;
    for (const auto& row : transaction.exec_params(kStored, incarnation_id, first_seq, last_seq)) {
        Stored one;
        one.result.first_seq = row[0].as<std::int64_t>();
        one.result.last_seq = row[1].as<std::int64_t>();
        one.digest = row[2].as<std::string>();
        one.result.outcome = sync::parse_outcome(row[3].as<std::string>()).value_or(sync::Outcome::held);
        // Named: items() of a temporary would outlive it.
        const Json versions = Json::parse(row[4].as<std::string>());
        for (const auto& [clinic, version] : versions.items()) {
            one.result.versions[clinic] = version.get<std::int64_t>();
        }
        one.result.item_id = row[5].as<std::optional<std::string>>();
        one.result.code = row[6].as<std::optional<std::string>>();
        one.result.reason = row[7].as<std::optional<std::string>>();
        stored.emplace(one.result.first_seq, std::move(one));
    }
    return stored;
}

}  // namespace vetchart::central
