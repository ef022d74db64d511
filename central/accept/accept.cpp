#include "central/accept/accept.h"

#include <pqxx/pqxx>

#include "central/accept/rows.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kRowMeta = R"(
INSERT INTO row_meta (table_name, row_id, column_name, at, actor, node_id, version)
SELECT DISTINCT ON (x.table_name, x.row_id, x.column_name) x.table_name, x.row_id, x.column_name, x.at, x.actor,
       $2::uuid, c.version
FROM jsonb_to_recordset($1::jsonb) AS x(place bigint, table_name text, row_id text, column_name text, at timestamptz,
     actor text, clinic_id uuid)
JOIN sync_counter c ON c.clinic_id = x.clinic_id
ORDER BY x.table_name, x.row_id, x.column_name, x.place DESC
ON CONFLICT (table_name, row_id, column_name)
DO UPDATE SET at = excluded.at, actor = excluded.actor, node_id = excluded.node_id, version = excluded.version)";

Decided accepted(const sync::Transaction& transaction, sync::Decision decision) {
    Decided decided;
    decided.transaction = &transaction;
    decided.outcome = decision.conflicts.empty() ? sync::Outcome::applied : sync::Outcome::merged;
    decided.decision = std::move(decision);
    return decided;
}

std::string in_words(const std::string& rule) {
    if (rule == "unknown_timezone") return "Central knows no such time zone. One is Europe/Berlin.";
    return "Central's rules refuse it: " + rule + ".";
}

Decided held(const sync::Transaction& transaction, const sync::Decision& decision, const Error& verdict) {
    Decided decided;
    decided.transaction = &transaction;
    decided.outcome = sync::Outcome::held;
    decided.code = decision.hold ? decision.hold->code : verdict.slug;
    decided.reason = decision.hold ? decision.hold->reason : in_words(verdict.slug);
    return decided;
}

/// Writes in a savepoint. False: the data rules refuse it, and `verdict` says which.
bool try_write(pqxx::work& db, const sync::Decision& decision, Error& verdict) {
    try {
        db.exec0("SAVEPOINT intake");
        write_rows(db, decision);
        db.exec0("RELEASE SAVEPOINT intake");
        return true;
    } catch (const pqxx::sql_error&) {
        verdict = error_from_current_exception("push");
        const bool is_about_data = verdict.code == Errc::conflict || verdict.code == Errc::invalid_input;
        if (!is_about_data) throw;
        db.exec0("ROLLBACK TO SAVEPOINT intake");
        return false;
    }
}

/// What is kept of a decision once its rows are handed on: the images, most of it, are in the rows.
sync::Decision without_images(const sync::Decision& decision) {
    sync::Decision kept{std::nullopt,      {},         decision.conflicts, decision.reopened_bills, decision.notices,
                        decision.stripped, decision.at};
    kept.writes.reserve(decision.writes.size());
    for (const sync::RowWrite& write : decision.writes) {
        kept.writes.push_back({write.key, write.clinic_id, write.kind, nullptr, write.columns});
    }
    return kept;
}

/// Everything by one net effect; empty when that does not stand, or when one of them is to be held.
std::vector<Decided> accept_together(pqxx::work& db, const Batch& batch, sync::Picture picture) {
    std::vector<Decided> decided;
    std::vector<sync::Decision> decisions;
    for (const sync::Transaction& transaction : batch.transactions()) {
        decisions.push_back(sync::decide(transaction, picture));
        if (decisions.back().hold) return {};
        sync::advance(picture, decisions.back());
        decided.push_back(accepted(transaction, without_images(decisions.back())));
    }
    const auto net = sync::combine(std::move(decisions));
    Error verdict;
    if (!net || !try_write(db, *net, verdict)) return {};
    return decided;
}

}  // namespace

Decided accept_transaction(pqxx::work& db, const sync::Transaction& transaction, sync::Picture& picture,
                           bool all_bind) {
    sync::Decision decision = sync::decide(transaction, picture);
    Error verdict;
    bool stands = !decision.hold && try_write(db, decision, verdict);
    // Another clinic's bill took the same printed number in this moment: it is seen now, and `/2` is added.
    if (!stands && verdict.slug == "bill_provisional_number_key") stands = try_write(db, decision, verdict);
    if (stands) {
        sync::advance(picture, decision);
        return accepted(transaction, std::move(decision));
    }
    Decided decided = held(transaction, decision, verdict);
    if (all_bind || sync::holds_dependents(decided.code)) {
        sync::block_written(transaction, {decided.code, decided.reason}, picture);
    }
    return decided;
}

std::vector<Decided> accept_batch(pqxx::work& db, const Batch& batch, sync::Picture picture) {
    std::vector<Decided> decided = accept_together(db, batch, picture);
    if (!decided.empty()) return decided;
    for (const sync::Transaction& transaction : batch.transactions()) {
        decided.push_back(accept_transaction(db, transaction, picture));
    }
    return decided;
}

void write_row_meta(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch) {
    Json rows = Json::array();
    for (const Decided& decided : batch) {
        for (const sync::RowWrite& write : decided.decision.writes) {
            for (const std::string& column : write.columns) {
                rows.push_back({{"place", rows.size()},
                                {"table_name", write.key.table},
                                {"row_id", write.key.id},
                                {"column_name", column},
                                {"at", decided.decision.at},
                                {"clinic_id", write.clinic_id},
                                {"actor", sync::actor_json(*decided.transaction)}});
            }
        }
    }
    if (!rows.empty()) db.exec_params(kRowMeta, rows.dump(), receipt.node_id);
}

}  // namespace vetchart::central
