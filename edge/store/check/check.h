#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/base/result.h"
#include "sync/catalogue/catalogue.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// What `vetchart-edge check` found. Sentences name tables, ids and places in the log, never a row's content.
struct CheckReport {
    std::vector<std::string> damage;       ///< The file itself: exit 4.
    std::vector<std::string> differences;  ///< Something is not as it must be: exit 1.
    std::int64_t changes = 0;              ///< Changes of the log that were looked at.
    std::int64_t transactions = 0;         ///< Transactions whose digests were computed anew.
    std::int64_t rows_compared = 0;        ///< Rows compared with central.
    std::int64_t rows_newer = 0;           ///< Rows that central has newer than was pulled; they are not compared.
};

inline constexpr std::size_t kFindingsMax = 200;  ///< So many of each kind are told; the last sentence counts the rest.

/// Integrity, foreign keys, the log without gaps, every digest of the chain, its head, the provisional numbers, and
/// everything that can be made anew against its source (edge/store/file/derived.h). Reads; may run beside the daemon.
/// Errors: those of opening and reading.
[[nodiscard]] Result<CheckReport> check_database(Database& database);

/// Compares what this node believes central has (base images) with what central says, row by row. Unsettled local
/// work is no difference, nor is what central got after the node's cursor. Not thread-safe.
class FeedComparison {
public:
    FeedComparison(Database& database, CheckReport& report) : database_(database), report_(report) {}

    /// Begins a clinic; `cursor` is the version this node has applied.
    void begin(const std::string& clinic_id, std::int64_t cursor);
    /// Compares one page of that clinic's feed; the pages begin at position null.
    [[nodiscard]] Status compare(const std::vector<sync::FeedRow>& rows);
    /// Call it after the last page: it names the rows that only this node has.
    [[nodiscard]] Status finish();

private:
    Status compare_row(Connection& connection, const sync::FeedRow& row);
    Status find_extra(Connection& connection, const sync::Table& table);
    void differs(std::string_view table, const std::string& id, const std::string& how);

    Database& database_;
    CheckReport& report_;
    std::string clinic_id_;
    std::int64_t cursor_ = 0;
    std::unordered_set<std::string> seen_;  ///< table/id of every row in the feed, tombstones too.
};

}  // namespace vetchart::edge
