#include "central/accept/accept.h"

#include <spdlog/spdlog.h>

#include <pqxx/pqxx>

#include "central/accept/reads.h"
#include "central/accept/rows.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kRowMeta = R"(
INSERT INTO row_meta (table_name, row_id, column_name, at, actor, node_id, version)
SELECT DISTINCT ON (x.table_name, x.row_id, x.column_name) x.table_name, x.row_id, x.column_name, x.at, x.actor,
       nullif($2, '')::uuid, c.version
FROM jsonb_to_recordset($1::jsonb) AS x(place bigint, table_name text, row_id text, column_name text, at timestamptz,
     actor text, clinic_id uuid)
JOIN sync_counter c ON c.clinic_id = x.clinic_id
ORDER BY x.table_name, x.row_id, x.column_name, x.place DESC
ON CONFLICT (table_name, row_id, column_name)
DO UPDATE SET at = excluded.at, actor = excluded.actor, node_id = excluded.node_id, version = excluded.version)";

/// Rounds of reading after which a transaction that still lacks something is given up: each round reads what the one
/// before led to (a row out of its tombstone, whom that one names, ..).
constexpr int kRoundsMax = 64;

const sync::Hold kInternal{sync::kHeldInternal,
                           "Central could not store this, by a fault of its own. Your work is kept; headquarters was "
                           "told."};

/// A decision that goes on counting: what names its deletes is drawn.
sync::Decision named(sync::Decision decision, Rng& rng, UtcMillis now) {
    for (const sync::RowWrite& write : decision.writes) {
        if (write.kind != sync::RowWrite::Kind::remove) continue;
        decision.delete_group = new_row_id(rng, now);
        break;
    }
    return decision;
}

/// A verdict on data, which is a reason to hold. A lost line, a lack of room, a lock or a missing table is none.
bool is_about_data(const std::string& sqlstate) {
    for (const char* family : {"21", "22", "23", "44", "P0", "VC"}) {
        if (sqlstate.starts_with(family)) return true;
    }
    return false;
}

class Acceptance {
public:
    Acceptance(pqxx::work& db, sync::Picture& picture, Rng& rng) : db_(db), picture_(picture), rng_(rng) {}

    std::vector<Decided> take(const Batch& batch) {
        const auto& transactions = batch.transactions();
        std::vector<Decided> decided;
        decided.reserve(transactions.size());
        std::vector<sync::Decision> decisions = decide_all(transactions);
        const std::size_t stand = write_all(decisions);
        for (std::size_t i = 0; i < stand; ++i) decided.push_back(finished(transactions[i], std::move(decisions[i])));
        if (stand == transactions.size()) return decided;
        // The database refused what was decided: from there on each by itself, which shows whose fault it is.
        picture_.rewind();
        for (const Decided& each : decided) go_on(*each.transaction, each.decision);
        for (std::size_t i = stand; i < transactions.size(); ++i) decided.push_back(take(transactions[i]));
        return decided;
    }

    Decided take(const sync::Transaction& transaction) {
        sync::Decision decision = decide(transaction);
        bool stands = decision.hold || try_write(decision);
        // Another clinic's bill took the same printed number in this moment: it is seen now, and `/2` is added.
        if (!stands && constraint_ == "bill_provisional_number_key") stands = try_write(decision);
        if (!stands) {
            decision = {};
            decision.hold = kInternal;
        }
        go_on(transaction, decision);
        return finished(transaction, std::move(decision));
    }

private:
    /// The decisions of all, each on what the ones before left. They are the same as those of take(transaction) one by
    /// one; only what they read is read for all at once.
    std::vector<sync::Decision> decide_all(const std::vector<sync::Transaction>& transactions) {
        picture_.begin_journal();
        for (int round = 0; round < kRoundsMax; ++round) {
            std::vector<sync::Decision> decisions;
            decisions.reserve(transactions.size());
            sync::Reads missing;
            for (const sync::Transaction& transaction : transactions) {
                decisions.push_back(named(sync::decide(transaction, picture_, &missing), rng_, picture_.now()));
                if (missing.empty()) check_promises(transaction, decisions.back());
                if (missing.empty()) go_on(transaction, decisions.back());
            }
            if (missing.empty()) return decisions;
            picture_.rewind();
            fill_picture(db_, missing, picture_);
        }
        return {};
    }

    sync::Decision decide(const sync::Transaction& transaction) {
        for (int round = 0; round < kRoundsMax; ++round) {
            sync::Reads missing;
            sync::Decision decision = sync::decide(transaction, picture_, &missing);
            if (missing.empty()) {
                check_promises(transaction, decision);
                return named(std::move(decision), rng_, picture_.now());
            }
            fill_picture(db_, missing, picture_);
        }
        sync::Decision decision;
        decision.hold = kInternal;
        spdlog::error("a transaction of node {} reads without end", picture_.node_id());
        return decision;
    }

    /// A decision that does what no decision may is a bug, and is not carried out.
    void check_promises(const sync::Transaction& transaction, sync::Decision& decision) {
        const std::string broken = sync::broken_promise(transaction, picture_, decision);
        if (broken.empty()) return;
        spdlog::error("a decision on work of node {} broke a promise: {}", picture_.node_id(), broken);
        decision = {};
        decision.hold = kInternal;
    }

    void go_on(const sync::Transaction& transaction, const sync::Decision& decision) {
        if (decision.hold) {
            sync::block_written(transaction, *decision.hold, picture_);
        } else {
            sync::advance(picture_, decision);
        }
    }

    /// Writes what was decided in as few passes as it takes. Returns how many of them stand: the first that is not
    /// among them lies in a pass that the database refused.
    std::size_t write_all(const std::vector<sync::Decision>& decisions) {
        std::size_t written = 0;
        sync::NetEffect pass;
        for (std::size_t i = 0; i < decisions.size(); ++i) {
            if (decisions[i].hold || pass.add(decisions[i])) continue;
            if (!try_write(pass)) return written;
            written = i;
            pass = {};
            (void)pass.add(decisions[i]);
        }
        return try_write(pass) ? decisions.size() : written;
    }

    bool try_write(const sync::Decision& decision) {
        sync::NetEffect effect;
        (void)effect.add(decision);
        return try_write(effect);
    }

    /// Writes in a savepoint. False: a rule refuses it, which decide() should have known.
    bool try_write(const sync::NetEffect& effect) {
        if (effect.empty()) return true;
        try {
            db_.exec0("SAVEPOINT intake");
            write_rows(db_, effect);
            db_.exec0("RELEASE SAVEPOINT intake");
            return true;
        } catch (const pqxx::sql_error& e) {
            if (!is_about_data(e.sqlstate())) throw;
            const Error error = error_from_current_exception("push");
            constraint_ = error.slug;
            spdlog::error("what was decided was refused: SQLSTATE {}, {} {}", e.sqlstate(), error.slug, error.context);
            db_.exec0("ROLLBACK TO SAVEPOINT intake");
            return false;
        }
    }

    Decided finished(const sync::Transaction& transaction, sync::Decision decision) {
        Decided decided;
        decided.transaction = &transaction;
        decided.outcome = decision.conflicts.empty() ? sync::Outcome::applied : sync::Outcome::merged;
        if (decision.hold) {
            decided.outcome = sync::Outcome::held;
            decided.code = decision.hold->code;
            decided.reason = decision.hold->reason;
        }
        decided.decision = std::move(decision);
        return decided;
    }

    pqxx::work& db_;
    sync::Picture& picture_;
    Rng& rng_;
    std::string constraint_;
};

}  // namespace

std::vector<Decided> accept_batch(pqxx::work& db, const Batch& batch, sync::Picture& picture, Rng& rng) {
    std::vector<Decided> decided = Acceptance(db, picture, rng).take(batch);
    // What is most of them is in the rows.
    for (Decided& each : decided) {
        for (sync::RowWrite& write : each.decision.writes) write.image = nullptr;
    }
    return decided;
}

Decided accept_transaction(pqxx::work& db, const sync::Transaction& transaction, sync::Picture& picture, Rng& rng) {
    return Acceptance(db, picture, rng).take(transaction);
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
