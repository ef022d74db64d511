#include "central/intake/push_records.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "sync/model/change_json.h"

namespace vetchart::central {
namespace {

using sync::Json;

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

constexpr const char* kRecorded = R"(
SELECT t.first_seq, t.last_seq, encode(t.digest, 'hex') AS digest, t.outcome, t.versions::text AS versions,
       t.item_id::text AS item_id, t.code, i.reason
FROM sync_transaction t LEFT JOIN sync_item i ON i.id = t.item_id
WHERE t.incarnation_id = $1::int AND t.first_seq BETWEEN $2::bigint AND $3::bigint)";

/// The answer's line about one transaction.
sync::TransactionResult result_of(const Decided& decided, const Versions& versions) {
    sync::TransactionResult result;
    result.first_seq = decided.transaction->first_seq;
    result.last_seq = decided.transaction->last_seq;
    result.outcome = decided.outcome;
    for (const sync::Change& change : decided.transaction->changes) {
        if (const auto found = versions.find(change.clinic_id); found != versions.end()) result.versions.insert(*found);
    }
    if (!decided.code.empty()) result.code = decided.code;
    if (!decided.reason.empty()) result.reason = decided.reason;
    if (!decided.item_id.empty()) result.item_id = decided.item_id;
    return result;
}

/// The changes as the journal keeps them. A decision's value stands in its own row alone, where an erasure finds it.
std::string journalled(const std::vector<sync::Change>& changes) {
    const auto is_decision = [](const sync::Change& change) { return change.table == "item_decision"; };
    if (std::none_of(changes.begin(), changes.end(), is_decision)) return sync::changes_json(changes);
    std::vector<sync::Change> kept = changes;
    for (sync::Change& change : kept) {
        if (is_decision(change) && change.new_values.is_object()) change.new_values.erase("value");
    }
    return sync::changes_json(kept);
}

}  // namespace

std::vector<sync::TransactionResult> record_batch(pqxx::dbtransaction& db, const Receipt& receipt,
                                                  const std::vector<Decided>& batch, const Versions& versions) {
    std::vector<sync::TransactionResult> results;
    Json outcomes = Json::array();
    std::string journal = "[";
    for (const Decided& decided : batch) {
        results.push_back(result_of(decided, versions));
        const sync::TransactionResult& result = results.back();
        Json row{{"first_seq", result.first_seq},
                 {"last_seq", result.last_seq},
                 {"digest", to_hex(decided.transaction->digest)},
                 {"outcome", sync::to_string(result.outcome)},
                 {"versions", Json(result.versions)}};
        if (result.item_id) row["item_id"] = *result.item_id;
        if (result.code) row["code"] = *result.code;
        outcomes.push_back(std::move(row));
        if (journal.size() > 1) journal += ',';
        journal += Json{{"first_seq", result.first_seq},
                        {"last_seq", result.last_seq},
                        {"actor", sync::actor_json(*decided.transaction)},
                        {"at", decided.transaction->at},
                        {"outcome", sync::to_string(result.outcome)}}
                       .dump();
        journal.back() = ',';  // The object's brace: one member follows.
        journal.append("\"changes\":").append(journalled(decided.transaction->changes)).append("}");
    }
    journal += ']';
    const std::string now = format_utc(receipt.now);
    db.exec_params(kTransactions, outcomes.dump(), receipt.incarnation_id, now);
    db.exec_params(kJournal, journal, receipt.node_id, receipt.incarnation_id, now);
    return results;
}

std::map<std::int64_t, RecordedTransaction> read_recorded(pqxx::dbtransaction& db, std::int64_t incarnation_id,
                                                          std::int64_t first_seq, std::int64_t last_seq) {
    std::map<std::int64_t, RecordedTransaction> recorded;
    for (const auto& row : db.exec_params(kRecorded, incarnation_id, first_seq, last_seq)) {
        RecordedTransaction transaction;
        sync::TransactionResult& result = transaction.result;
        result.first_seq = row["first_seq"].as<std::int64_t>();
        result.last_seq = row["last_seq"].as<std::int64_t>();
        transaction.digest = row["digest"].as<std::string>();
        result.outcome = sync::parse_outcome(row["outcome"].as<std::string>()).value_or(sync::Outcome::held);
        // Named: items() of a temporary would outlive it.
        const Json versions = Json::parse(row["versions"].as<std::string>());
        for (const auto& [clinic, version] : versions.items()) result.versions[clinic] = version.get<std::int64_t>();
        result.item_id = row["item_id"].as<std::optional<std::string>>();
        result.code = row["code"].as<std::optional<std::string>>();
        result.reason = row["reason"].as<std::optional<std::string>>();
        recorded.emplace(result.first_seq, std::move(transaction));
    }
    return recorded;
}

}  // namespace vetchart::central
