#include "edge/store/log/seal.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <optional>

#include "edge/store/file/bind.h"
#include "edge/store/log/group_digests.h"
#include "sync/model/change_json.h"

namespace vetchart::edge {
namespace {

constexpr const char* kUnsealed = R"(
SELECT seq, txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, groups
FROM change_log WHERE seq > (SELECT sealed_seq FROM node_state) ORDER BY seq)";

constexpr const char* kRange = R"(
SELECT seq, txn, actor, at, schema_version, table_name, row_id, clinic_id, op, old, new, row_version, groups
FROM change_log WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq)";

constexpr const char* kHead = R"(
SELECT incarnation, chain_digest,
       coalesce((SELECT at FROM sync_txn WHERE last_seq > (SELECT contact_seq FROM sync_control)
                 ORDER BY first_seq DESC LIMIT 1), ''),
       coalesce((SELECT max(number) FROM sync_txn t WHERE t.incarnation = node_state.incarnation), 0)
FROM node_state)";

constexpr const char* kInsert = R"(
INSERT INTO sync_txn (first_seq, last_seq, incarnation, actor, at, schema_version, digest, bytes, state, waiting,
                      adopted, number)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'local', 0, ?9, ?10))";

/// What JSON adds around the canonical bytes of a transaction on the wire, at most.
constexpr std::size_t kWireOverheadPerChange = 80;

sync::Json values_of(const SQLite::Column& column) {
    return column.isNull() ? sync::Json() : sync::Json::parse(column.getString());
}

void read_groups(const SQLite::Column& column, sync::Change& change) {
    if (column.isNull()) return;
    const sync::Json groups = sync::Json::parse(column.getString());
    for (const auto& [bill_id, text] : groups.items()) {
        const auto digest = digest_from_hex(text.get<std::string>());
        VC_ASSERT(digest.has_value());
        change.groups.emplace(bill_id, *digest);
    }
}

sync::Change read_change(SQLite::Statement& query) {
    sync::Change change;
    change.seq = query.getColumn(0).getInt64();
    change.table = query.getColumn(5).getString();
    change.row_id = query.getColumn(6).getString();
    change.clinic_id = query.getColumn(7).getString();
    const auto op = sync::parse_op(query.getColumn(8).getString());
    VC_ASSERT(op.has_value());
    change.op = *op;
    change.old_values = values_of(query.getColumn(9));
    change.new_values = values_of(query.getColumn(10));
    change.row_version = query.getColumn(11).getInt64();
    read_groups(query.getColumn(12), change);
    return change;
}

/// Gathers rows into transactions and links them into the chain.
class Sealer {
public:
    explicit Sealer(Connection& connection) : connection_(connection) {
        SQLite::Statement head(connection.raw(), kHead);
        VC_ASSERT(head.executeStep());
        incarnation_ = head.getColumn(0).getString();
        const auto digest = digest_from_hex(head.getColumn(1).getString());
        VC_ASSERT(digest.has_value());
        digest_ = *digest;
        at_ = head.getColumn(2).getString();
        number_ = head.getColumn(3).getInt64();
    }

    void add(SQLite::Statement& row) {
        const auto marker = optional_text(row.getColumn(1));
        const auto actor = optional_text(row.getColumn(2));
        // A person has a staff row in each clinic: a commit that wrote in two of them becomes one transaction of each.
        if (!open_.changes.empty() && (marker != marker_ || actor != open_.actor)) close();
        marker_ = marker;
        if (open_.changes.empty()) {
            open_.actor = actor;
            open_.adopted = marker && marker->starts_with(kAdoptedMark);
            open_.schema_version = row.getColumn(4).getInt();
        }
        open_.at = std::max(open_.at, row.getColumn(3).getString());
        open_.changes.push_back(read_change(row));
    }

    /// Seals the open transaction, if there is one.
    void close() {
        if (open_.changes.empty()) return;
        open_.first_seq = open_.changes.front().seq;
        open_.last_seq = open_.changes.back().seq;
        open_.at = std::max(open_.at, at_);  // times never decrease between two contacts
        const std::string bytes = sync::canonical_bytes(open_);
        open_.digest = chain_digest(digest_, bytes);
        write(bytes.size() + kWireOverheadPerChange * open_.changes.size());
        digest_ = open_.digest;
        at_ = open_.at;
        last_seq_ = open_.last_seq;
        open_ = {};
        ++count_;
    }

    /// Stores the head of the chain; returns how many transactions were sealed.
    int finish() {
        close();
        if (count_ == 0) return 0;
        SQLite::Statement& statement = connection_.statement(
            "UPDATE node_state SET sealed_seq = ?1, chain_digest = ?2, grouped_seq = max(grouped_seq, ?1)");
        statement.bind(1, last_seq_);
        statement.bind(2, to_hex(digest_));
        statement.exec();
        return count_;
    }

private:
    void write(std::size_t bytes) {
        SQLite::Statement& statement = connection_.statement(kInsert);
        statement.bind(1, open_.first_seq);
        statement.bind(2, open_.last_seq);
        statement.bind(3, incarnation_);
        if (open_.actor)
            statement.bind(4, *open_.actor);
        else
            statement.bind(4);
        statement.bind(5, open_.at);
        statement.bind(6, open_.schema_version);
        statement.bind(7, to_hex(open_.digest));
        statement.bind(8, static_cast<std::int64_t>(bytes));
        statement.bind(9, open_.adopted ? 1 : 0);
        statement.bind(10, ++number_);
        statement.exec();
    }

    Connection& connection_;
    std::string incarnation_;
    Digest digest_{};
    std::string at_;
    std::int64_t last_seq_ = 0;
    std::int64_t number_ = 0;  ///< The last one taken in this life.
    std::optional<std::string> marker_;
    sync::Transaction open_;
    int count_ = 0;
};

}  // namespace

int seal_log(Connection& connection) {
    note_group_digests(connection);
    Sealer sealer(connection);
    SQLite::Statement query(connection.raw(), kUnsealed);
    while (query.executeStep()) sealer.add(query);
    return sealer.finish();
}

std::vector<sync::Change> read_changes(Connection& connection, std::int64_t first_seq, std::int64_t last_seq) {
    std::vector<sync::Change> changes;
    SQLite::Statement& query = connection.statement(kRange);
    query.bind(1, first_seq);
    query.bind(2, last_seq);
    while (query.executeStep()) changes.push_back(read_change(query));
    return changes;
}

}  // namespace vetchart::edge
