#include "central/attention/moot.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "central/attention/decision_writes.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kGone = R"(
UPDATE sync_item i SET status = 'resolved', action = 'moot', decided_by = x.actor, decided_at = $2::timestamptz,
       actions = '[]', reason = 'The row was deleted for good: there is nothing left to decide.'
FROM jsonb_to_recordset($1::jsonb) AS x(table_name text, row_id text, actor text)
WHERE i.status = 'open' AND i.table_name = x.table_name AND i.row_id = x.row_id
  AND (i.kind = 'conflict' OR i.code = 'worked_on_deleted'))";
constexpr const char* kSettle = R"(
UPDATE sync_item i SET status = 'resolved', action = 'moot', decided_by = x.actor, decided_at = $2::timestamptz,
       actions = '[]', reason = 'A later change, made in sight of this, settled it.'
FROM (SELECT DISTINCT ON (w.table_name, w.row_id, w.column_name) w.*
        FROM jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text, column_name text, seen bigint, actor text)
       ORDER BY w.table_name, w.row_id, w.column_name, w.seen DESC) x
WHERE i.status = 'open' AND i.id::text <> $3 AND i.table_name = x.table_name AND i.row_id = x.row_id
  AND i.version <= x.seen
  AND (i.kind = 'conflict' AND i.column_name = x.column_name
       OR i.code = 'worked_on_deleted' AND x.column_name = 'deleted_at'))";

Json row_of(const Decided& decided, const sync::RowWrite& write) {
    return {
        {"table_name", write.key.table}, {"row_id", write.key.id}, {"actor", sync::actor_json(*decided.transaction)}};
}

Json writes_of(const std::vector<Decided>& batch) {
    Json writes = Json::array();
    for (const Decided& decided : batch) {
        for (const sync::RowWrite& write : decided.decision.writes) {
            if (write.kind != sync::RowWrite::Kind::update) continue;
            for (const std::string& column : write.columns) {
                const std::int64_t seen = version_seen(*decided.transaction, write.key, column);
                if (seen == 0) continue;
                Json line = row_of(decided, write);
                line.update({{"column_name", column}, {"seen", seen}});
                writes.push_back(std::move(line));
            }
        }
    }
    return writes;
}

/// Gives the rows of new items the version of these, but those that were written just now.
void stamp_items(pqxx::dbtransaction& db, const std::vector<Decided>& batch) {
    std::set<sync::RowKey> written;
    std::vector<sync::Change> rows;
    for (const Decided& decided : batch) {
        for (const sync::RowWrite& write : decided.decision.writes) written.insert(write.key);
    }
    for (const Decided& decided : batch) {
        const auto add = [&](const auto& item) {
            if (!written.insert(item.key).second) return;
            sync::Change& row = rows.emplace_back();
            row.table = item.key.table;
            row.row_id = item.key.id;
            row.clinic_id = item.clinic_id;
        };
        for (const sync::Conflict& conflict : decided.decision.conflicts) add(conflict);
        for (const sync::Notice& notice : decided.decision.notices) {
            if (notice.code == sync::kNoticeWorkedOnDeleted) add(notice);
        }
    }
    if (!rows.empty()) stamp_again(db, rows);
}

}  // namespace

std::int64_t version_seen(const sync::Transaction& transaction, const sync::RowKey& key, const std::string& column) {
    std::int64_t seen = 0;
    for (const sync::Change& change : transaction.changes) {
        if (change.table != key.table || change.row_id != key.id) continue;
        if (change.new_values.is_object() && change.new_values.contains(column)) {
            seen = std::max(seen, change.row_version);
        }
    }
    return seen;
}

void settle_gone(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch) {
    Json rows = Json::array();
    for (const Decided& decided : batch) {
        for (const sync::RowWrite& write : decided.decision.writes) {
            if (write.kind == sync::RowWrite::Kind::remove) rows.push_back(row_of(decided, write));
        }
    }
    if (!rows.empty()) db.exec_params(kGone, rows.dump(), format_utc(receipt.now));
}

void settle_moot(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch,
                 const std::string& decided) {
    const Json writes = writes_of(batch);
    if (!writes.empty()) db.exec_params(kSettle, writes.dump(), format_utc(receipt.now), decided);
    stamp_items(db, batch);
}

}  // namespace vetchart::central
