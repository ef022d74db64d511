#include "central/attention/moot.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "central/attention/decision_writes.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kSettle = R"(
UPDATE sync_item i SET status = 'resolved', action = 'moot', decided_by = x.actor, decided_at = $2::timestamptz,
       actions = '[]', reason = CASE WHEN x.gone THEN 'The row was deleted for good: there is nothing left to decide.'
                                     ELSE 'A later change, made in sight of this, settled it.' END
FROM (SELECT DISTINCT ON (w.table_name, w.row_id, w.column_name) w.*
        FROM jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text, column_name text,
             gone boolean, seen bigint, actor text)
       ORDER BY w.table_name, w.row_id, w.column_name, w.seen DESC) x
WHERE i.status = 'open' AND i.id::text <> $3 AND i.table_name = x.table_name AND i.row_id = x.row_id
  AND (x.gone AND (i.kind = 'conflict' OR i.code = 'worked_on_deleted')
       OR NOT x.gone AND i.version <= x.seen
          AND (i.kind = 'conflict' AND i.column_name = x.column_name
               OR i.code = 'worked_on_deleted' AND x.column_name = 'deleted_at')))";

/// The version of the row that the transaction had seen when it wrote the column.
std::int64_t seen_of(const sync::Transaction& transaction, const sync::RowKey& key, const std::string& column) {
    std::int64_t seen = 0;
    for (const sync::Change& change : transaction.changes) {
        if (change.table != key.table || change.row_id != key.id) continue;
        if (change.new_values.is_object() && change.new_values.contains(column)) {
            seen = std::max(seen, change.row_version);
        }
    }
    return seen;
}

Json writes_of(const std::vector<Decided>& batch) {
    Json writes = Json::array();
    for (const Decided& decided : batch) {
        for (const sync::RowWrite& write : decided.decision.writes) {
            Json line{{"table_name", write.key.table},
                      {"row_id", write.key.id},
                      {"column_name", ""},
                      {"gone", write.kind == sync::RowWrite::Kind::remove},
                      {"seen", 0},
                      {"actor", sync::actor_json(*decided.transaction)}};
            if (write.kind == sync::RowWrite::Kind::remove) writes.push_back(line);
            if (write.kind != sync::RowWrite::Kind::update) continue;
            for (const std::string& column : write.columns) {
                const std::int64_t seen = seen_of(*decided.transaction, write.key, column);
                if (seen == 0) continue;
                line["column_name"] = column;
                line["seen"] = seen;
                writes.push_back(line);
            }
        }
    }
    return writes;
}

/// Gives the rows of new conflicts the version of their items, but those that were written just now.
void stamp_conflicts(pqxx::dbtransaction& db, const std::vector<Decided>& batch) {
    std::set<sync::RowKey> written;
    std::vector<sync::Change> rows;
    for (const Decided& decided : batch) {
        for (const sync::RowWrite& write : decided.decision.writes) written.insert(write.key);
    }
    for (const Decided& decided : batch) {
        for (const sync::Conflict& conflict : decided.decision.conflicts) {
            if (!written.insert(conflict.key).second) continue;
            sync::Change& row = rows.emplace_back();
            row.table = conflict.key.table;
            row.row_id = conflict.key.id;
            row.clinic_id = conflict.clinic_id;
        }
    }
    if (!rows.empty()) stamp_again(db, rows);
}

}  // namespace

void settle_moot(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch,
                 const std::string& decided) {
    const Json writes = writes_of(batch);
    if (!writes.empty()) db.exec_params(kSettle, writes.dump(), format_utc(receipt.now), decided);
    stamp_conflicts(db, batch);
}

}  // namespace vetchart::central
