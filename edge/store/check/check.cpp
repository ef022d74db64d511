#include "edge/store/check/check.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>

#include "edge/store/file/derived.h"
#include "edge/store/log/seal.h"
#include "sync/base/digest.h"
#include "sync/model/change.h"

namespace vetchart::edge {
namespace {

constexpr const char* kLogExtent = "SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) FROM change_log";

constexpr const char* kTransactions =
    "SELECT first_seq, last_seq, incarnation, actor, at, schema_version, digest, erased, adopted FROM sync_txn "
    "ORDER BY first_seq";

constexpr const char* kHead = "SELECT incarnation, sealed_seq, chain_digest FROM node_state";

constexpr const char* kDoubleProvisional = R"(
SELECT count(*) FROM (SELECT provisional_number FROM bill GROUP BY provisional_number HAVING count(*) > 1))";

void find(std::vector<std::string>& findings, std::string sentence) {
    if (findings.size() < kFindingsMax)
        findings.push_back(std::move(sentence));
    else if (findings.size() == kFindingsMax)
        findings.emplace_back("more was found than is listed here");
}

void check_file(Connection& connection, CheckReport& report) {
    SQLite::Statement integrity(connection.raw(), "PRAGMA integrity_check(20)");
    while (integrity.executeStep()) {
        const std::string message = integrity.getColumn(0).getString();
        // CHECK and NOT NULL messages name the table only; none carries a value.
        if (message != "ok") find(report.damage, "integrity: " + message);
    }
    SQLite::Statement keys(connection.raw(), "PRAGMA foreign_key_check");
    while (keys.executeStep()) {
        find(report.differences,
             "a row of " + keys.getColumn(0).getString() + " names a missing row of " + keys.getColumn(2).getString());
    }
}

/// Walks the sealed transactions in order and computes the chain anew.
class ChainCheck {
public:
    ChainCheck(Connection& connection, CheckReport& report) : connection_(connection), report_(report) {}

    void run() {
        SQLite::Statement query(connection_.raw(), kTransactions);
        while (query.executeStep()) check(query);
        check_head();
    }

private:
    void check(SQLite::Statement& row) {
        sync::Transaction transaction;
        transaction.first_seq = row.getColumn(0).getInt64();
        transaction.last_seq = row.getColumn(1).getInt64();
        const std::string incarnation = row.getColumn(2).getString();
        if (!row.getColumn(3).isNull()) transaction.actor = row.getColumn(3).getString();
        transaction.adopted = row.getColumn(8).getInt() != 0;
        transaction.at = row.getColumn(4).getString();
        transaction.schema_version = row.getColumn(5).getInt();
        const std::string stored = row.getColumn(6).getString();
        const std::string name = "transaction " + std::to_string(transaction.first_seq);
        if (last_seq_ && transaction.first_seq != *last_seq_ + 1) {
            find(report_.differences, name + " does not follow the one before it");
        }
        const bool first_of_life = incarnation != incarnation_;
        const bool first_of_all = !last_seq_;
        incarnation_ = incarnation;
        last_seq_ = transaction.last_seq;
        const Digest previous = first_of_life ? sync::chain_seed(incarnation) : digest_;
        const auto digest = digest_from_hex(stored);
        if (!digest) return find(report_.differences, name + " has no readable digest");
        digest_ = *digest;
        transaction.changes = read_changes(connection_, transaction.first_seq, transaction.last_seq);
        // The log of what is long settled may have been cut away, and with it the chain's beginning.
        if (transaction.changes.empty()) return;
        report_.transactions += 1;
        // What an erasure overwrote does not fit any more; the chain goes on from the digest that was sent.
        if (row.getColumn(7).getInt() != 0) return;
        if (sync::expected_digest(previous, transaction) == *digest || (first_of_all && first_of_life && cut_)) return;
        find(report_.differences, name + " does not match its digest");
    }

    void check_head() {
        SQLite::Statement head(connection_.raw(), kHead);
        if (!head.executeStep()) return find(report_.differences, "the node has no state");
        const std::string incarnation = head.getColumn(0).getString();
        const Digest expected = incarnation == incarnation_ ? digest_ : sync::chain_seed(incarnation);
        if (head.getColumn(2).getString() != to_hex(expected)) {
            find(report_.differences, "the head of the chain is not the last transaction's digest");
        }
        if (last_seq_ && head.getColumn(1).getInt64() != *last_seq_) {
            find(report_.differences, "the head of the log is not its last sealed transaction");
        }
        check_numbers();
    }

    void check_numbers() {
        SQLite::Statement doubles(connection_.raw(), kDoubleProvisional);
        if (doubles.executeStep() && doubles.getColumn(0).getInt64() > 0) {
            find(report_.differences, "a provisional number was given out twice");
        }
    }

public:
    void log_begins_at(std::int64_t seq) { cut_ = seq > 1; }

private:
    Connection& connection_;
    CheckReport& report_;
    bool cut_ = false;
    std::optional<std::int64_t> last_seq_;
    std::string incarnation_;
    Digest digest_{};
};

void check_log(Connection& connection, CheckReport& report) {
    SQLite::Statement extent(connection.raw(), kLogExtent);
    if (!extent.executeStep()) return;
    report.changes = extent.getColumn(0).getInt64();
    const std::int64_t lowest = extent.getColumn(1).getInt64();
    if (report.changes > 0 && report.changes != extent.getColumn(2).getInt64() - lowest + 1) {
        find(report.differences, "the change log has gaps");
    }
    // A lost table is told among the data that can be made anew.
    const bool has_state = connection.raw().tableExists("erasure_state");
    SQLite::Statement dirty(connection.raw(), has_state ? "SELECT file_dirty FROM erasure_state" : "SELECT 0");
    if (dirty.executeStep() && dirty.getColumn(0).getInt() != 0) {
        find(report.differences, "an erased owner's bytes may still be in the file: pull once more to rewrite it");
    }
    ChainCheck chain(connection, report);
    chain.log_begins_at(lowest);
    chain.run();
}

Status check_derived(Database& database, CheckReport& report) {
    try {
        for (const DerivedFault& fault : find_derived_faults(database.file(), kFindingsMax)) {
            find(report.differences,
                 fault.what + ": " + fault.sentence + (fault.can_mend ? " (the daemon makes it anew by itself)" : ""));
        }
        return Done{};
    } catch (...) {
        return error_from_current_exception("check what can be made anew");
    }
}

}  // namespace

Result<CheckReport> check_database(Database& database) {
    CheckReport report;
    VC_TRY(database.snapshot([&report](Connection& connection) -> Status {
        check_file(connection, report);
        if (report.damage.empty()) check_log(connection, report);
        return Done{};
    }));
    // Nothing more can be said about a damaged file.
    if (report.damage.empty()) VC_TRY(check_derived(database, report));
    return report;
}

}  // namespace vetchart::edge
