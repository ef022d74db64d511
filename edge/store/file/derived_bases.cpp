#include "edge/store/file/derived_bases.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "edge/store/file/bind.h"
#include "edge/store/file/row_sql.h"
#include "sync/catalogue/catalogue.h"
#include "sync/model/change.h"

namespace vetchart::edge {
namespace {

// The newest change comes first, so that each is taken back in its turn.
constexpr const char* kUnsettled = R"(
SELECT l.seq, l.table_name, l.row_id, l.clinic_id, l.op, l.old, l.row_version, coalesce(t.waiting, 0),
       coalesce(t.erased, 0)
FROM change_log l LEFT JOIN sync_txn t ON t.first_seq = (SELECT max(first_seq) FROM sync_txn WHERE first_seq <= l.seq)
     AND l.seq <= t.last_seq
WHERE l.seq >= (SELECT min(seq) FROM (SELECT min(first_seq) AS seq FROM sync_txn WHERE state <> 'settled'
                                      UNION ALL SELECT sealed_seq + 1 FROM node_state))
  AND (t.first_seq IS NULL OR t.state <> 'settled')
ORDER BY l.seq DESC)";
// A base image that begins after the first unsettled change was made when the right one was already lost.
constexpr const char* kLacking = R"(
SELECT EXISTS (
    SELECT 1 FROM change_log l LEFT JOIN sync_base b ON b.table_name = l.table_name AND b.row_id = l.row_id
         LEFT JOIN sync_txn t ON t.first_seq = (SELECT max(first_seq) FROM sync_txn WHERE first_seq <= l.seq)
              AND l.seq <= t.last_seq
    WHERE l.seq >= (SELECT min(seq) FROM (SELECT min(first_seq) AS seq FROM sync_txn WHERE state <> 'settled'
                                          UNION ALL SELECT sealed_seq + 1 FROM node_state))
      AND (t.first_seq IS NULL OR t.state <> 'settled') AND (b.first_seq IS NULL OR b.first_seq > l.seq)))";
constexpr const char* kPutBase = R"(
INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (table_name, row_id) DO UPDATE SET image = excluded.image, first_seq = excluded.first_seq
WHERE sync_base.first_seq > excluded.first_seq)";

/// A condition on a row `b` of sync_base: an image of the row whose name it has; NULL says that central has none.
std::string is_usable() {
    return "CASE WHEN b.image IS NULL THEN 1 WHEN NOT json_valid(b.image) THEN 0 ELSE " +
           row_id_of_image("b.table_name", "b.image") + " IS b.row_id END";
}

using RowName = std::pair<std::string, std::string>;

/// One row with its unsettled changes taken back.
struct Work {
    std::string clinic_id;
    std::optional<sync::Json> image;
    std::set<std::string> touched;
    std::int64_t first_seq = 0, last_seq = 0;
    bool is_unsure = false;  ///< Some of the changes are not in the row, or were overwritten.
};

std::optional<sync::Json> current_image(Connection& connection, const RowName& row) {
    SQLite::Statement& query = connection.statement(image_sql(row.first));
    const ResetGuard guard(query);
    query.bind(1, row.second);
    if (!query.executeStep()) return std::nullopt;
    return sync::Json::parse(query.getColumn(0).getString(), nullptr, false);
}

void take_back(SQLite::Statement& change, Work& work) {
    const std::string op = change.getColumn(4).getString();
    if (op == "insert") {
        work.image.reset();
        return;
    }
    const sync::Json old = sync::Json::parse(change.getColumn(5).getString(), nullptr, false);
    if (!old.is_object()) {
        work.is_unsure = true;
        return;
    }
    if (op == "delete") {
        work.image = old;
        (*work.image)["version"] = change.getColumn(6).getInt64();
        return;
    }
    if (!work.image) {
        work.is_unsure = true;
        return;
    }
    for (const auto& [column, value] : old.items()) {
        (*work.image)[column] = value;
        work.touched.insert(column);
    }
}

std::map<RowName, Work> unsettled_work(Connection& connection) {
    std::map<RowName, Work> all;
    SQLite::Statement changes(connection.raw(), kUnsettled);
    while (changes.executeStep()) {
        const RowName row{changes.getColumn(1).getString(), changes.getColumn(2).getString()};
        if (!sync::table_index(row.first)) continue;
        auto [found, is_new] = all.try_emplace(row);
        Work& work = found->second;
        const std::int64_t seq = changes.getColumn(0).getInt64();
        if (is_new) {
            work.clinic_id = changes.getColumn(3).getString();
            work.image = current_image(connection, row);
            work.last_seq = seq;
        }
        work.first_seq = seq;
        work.is_unsure = work.is_unsure || changes.getColumn(7).getInt() != 0 || changes.getColumn(8).getInt() != 0;
        take_back(changes, work);
    }
    return all;
}

/// A column that differs although no unsettled change touched it; empty: there is none.
std::string differing_column(const Work& work, const sync::Json& base) {
    for (const auto& [column, value] : work.image->items()) {
        if (column == "version" || work.touched.contains(column)) continue;
        const auto other = base.find(column);
        if (other == base.end() || *other != value) return column;
    }
    return {};
}

}  // namespace

std::vector<BaseFault> find_base_faults(Connection& connection) {
    std::vector<BaseFault> faults;
    auto work = unsettled_work(connection);
    const bool erased = holds(connection, "SELECT EXISTS (SELECT 1 FROM erased_row)");
    SQLite::Statement bases(
        connection.raw(), "SELECT b.table_name, b.row_id, b.image, b.first_seq, " + is_usable() + " FROM sync_base b");
    while (bases.executeStep()) {
        const RowName row{bases.getColumn(0).getString(), bases.getColumn(1).getString()};
        const auto found = work.find(row);
        // What is acknowledged and reached keeps its image until the next pull, so one too many is no fault.
        if (found == work.end() || bases.getColumn(3).getInt64() > found->second.first_seq) continue;
        const Work mine = std::move(found->second);
        work.erase(found);
        if (bases.getColumn(4).getInt() == 0) {
            faults.push_back({"the base image of " + row.first + " " + row.second + " is none of that row", true});
            continue;
        }
        if (mine.is_unsure || erased || !mine.image || bases.getColumn(2).isNull()) continue;
        const sync::Json base = sync::Json::parse(bases.getColumn(2).getString(), nullptr, false);
        const std::string column = differing_column(mine, base);
        if (!column.empty()) {
            faults.push_back({"the base image of " + row.first + " " + row.second + " differs in " + column, false});
        }
    }
    for (const auto& [row, mine] : work) {
        faults.push_back({"the base image of " + row.first + " " + row.second + " is missing", true});
    }
    return faults;
}

bool lacks_bases(Connection& connection) {
    static const std::string unusable = "SELECT EXISTS (SELECT 1 FROM sync_base b WHERE NOT " + is_usable() + ")";
    return holds(connection, unusable) || holds(connection, kLacking);
}

void mend_bases(Connection& connection) {
    connection.exec(("DELETE FROM sync_base AS b WHERE NOT " + is_usable()).c_str());
    for (const auto& [row, work] : unsettled_work(connection)) {
        SQLite::Statement& put = connection.statement(kPutBase);
        put.bind(1, row.first);
        put.bind(2, row.second);
        put.bind(3, work.clinic_id);
        if (work.image)
            put.bind(4, work.image->dump());
        else
            put.bind(4);
        put.bind(5, work.first_seq);
        put.bind(6, work.last_seq);
        put.exec();
    }
}

}  // namespace vetchart::edge
