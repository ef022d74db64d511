#include "central/intake/pull.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "sync/base/uuid.h"
#include "sync/catalogue/catalogue.h"
#include "sync/catalogue/row_key.h"

namespace vetchart::central {
namespace {

constexpr std::string_view kItemTable = "sync_item";
constexpr const char* kNilId = "00000000-0000-0000-0000-000000000000";
/// Above every table's name: "the rows after this version".
constexpr char kLastTable = '~';
constexpr int kFetchRows = 250;
/// What a row costs in the page beside its image: keys, table, ids, version.
constexpr std::size_t kRowOverhead = 160;

/// The counter now, its token, and whether the position ($2, $3) was given out.
constexpr const char* kPosition = R"(
SELECT coalesce(c.version, 0), p.token,
       EXISTS (SELECT 1 FROM sync_position k
               WHERE k.clinic_id = $1::uuid AND k.version = $2::bigint AND k.token = $3::uuid)
FROM (SELECT $1::uuid AS clinic_id) q
LEFT JOIN sync_counter c ON c.clinic_id = q.clinic_id
LEFT JOIN sync_position p ON p.clinic_id = c.clinic_id AND p.version = c.version)";

constexpr const char* kFetch = "FETCH FORWARD 250 FROM page";

constexpr const char* kChanged = R"(
SELECT c.clinic_id FROM sync_counter c
JOIN jsonb_each_text($1::jsonb) seen ON c.clinic_id = seen.key::uuid
WHERE c.version > seen.value::bigint ORDER BY c.clinic_id)";

/// How many rows the feed of clinic $1 has.
std::string count_query() {
    std::string sum =
        "SELECT (SELECT count(*) FROM sync_item WHERE clinic_id = $1::uuid) + "
        "(SELECT count(*) FROM sync_tombstone WHERE clinic_id = $1::uuid)";
    for (const sync::Table& table : sync::tables()) {
        sum += " + (SELECT count(*) FROM " + std::string(table.name) + " WHERE " + std::string(table.clinic_column()) +
               " = $1::uuid)";
    }
    return sum;
}

/// A table of the feed: a synced one, or the attention list.
struct FeedTable {
    std::string name, clinic_column;
    std::vector<std::string> key;  ///< One column or two.
};

std::vector<FeedTable> feed_tables() {
    std::vector<FeedTable> all;
    for (const sync::Table& table : sync::tables()) {
        all.push_back(
            {std::string(table.name), std::string(table.clinic_column()), {table.key.begin(), table.key.end()}});
        VC_ASSERT(table.key.size() <= 2);
    }
    all.push_back({std::string(kItemTable), "clinic_id", {"id"}});
    return all;
}

std::string joined(const std::vector<std::string>& parts, const std::string& end, const std::string& separator) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part + end;
    return text;
}

/// One table's keys above ($2 version, $3 table, $4 id, $5 second id), bounded by $7. `table` is one of our own
/// constants. The bound stands in each branch: no branch reads more than a page, however long the feed is.
std::string table_branch(const FeedTable& table) {
    const std::string key = joined(table.key, "", ", ");
    const bool is_pair = table.key.size() == 2;
    const std::string after = "(" + key + ") > " + (is_pair ? "($4::uuid, $5::uuid)" : "($4::uuid)");
    return "(SELECT '" + table.name + "'::text COLLATE \"C\" AS t, (" + joined(table.key, "::text", " || '/' || ") +
           ") COLLATE \"C\" AS rid, " + table.key.front() + " AS uid, " + (is_pair ? table.key.back() : "NULL::uuid") +
           " AS uid2, version AS v, false AS gone FROM " + table.name + " WHERE " + table.clinic_column +
           " = $1::uuid AND version >= $2::bigint AND (version > $2::bigint OR '" + table.name +
           "' COLLATE \"C\" > $3 OR ('" + table.name + "' = $3 AND " + after + ")) ORDER BY version, " + key +
           " LIMIT $7::bigint)";
}

/// The image of a key's row, by primary key, in the same snapshot; computed for the rows of the page alone.
std::string image_of(const FeedTable& table) {
    std::string match = "r." + table.key.front() + " = k.uid";
    if (table.key.size() == 2) match += " AND r." + table.key.back() + " = k.uid2";
    return " WHEN '" + table.name + "' THEN (SELECT feed_image(r)::text FROM " + table.name + " r WHERE " + match + ")";
}

/// DECLARE of the page's cursor. Parameters: $1 clinic, $2..$5 key, $6 the key's id as text, $7 limit.
std::string page_query() {
    std::string branches, images;
    for (const FeedTable& table : feed_tables()) {
        branches += table_branch(table) + "\nUNION ALL ";
        images += image_of(table);
    }
    branches +=
        "(SELECT table_name COLLATE \"C\", row_id COLLATE \"C\", NULL::uuid, NULL::uuid, version, true "
        "FROM sync_tombstone WHERE clinic_id = $1::uuid AND version >= $2::bigint AND (version > $2::bigint OR "
        "table_name COLLATE \"C\" > $3 OR (table_name = $3 AND row_id COLLATE \"C\" > $6)) "
        "ORDER BY version, table_name COLLATE \"C\", row_id COLLATE \"C\" LIMIT $7::bigint)";
    return "DECLARE page NO SCROLL CURSOR FOR SELECT k.t, k.rid, k.v, CASE WHEN k.gone THEN NULL ELSE CASE k.t" +
           images + " END END FROM (SELECT * FROM (" + branches +
           ") u ORDER BY u.v, u.t, u.rid LIMIT $7::bigint) k ORDER BY k.v, k.t, k.rid";
}

/// Where the page begins, as the page query's parameters.
struct StartKey {
    std::int64_t version = 0;
    std::string table, id = kNilId, second_id = kNilId, text;
};

/// nullopt: the key names no table of the feed, or no id of it.
std::optional<StartKey> start_of(const sync::PullRequest& request) {
    StartKey start;
    if (!request.after) {
        if (!request.position) return start;
        start.version = request.position->version;
        start.table.assign(1, kLastTable);
        return start;
    }
    const sync::PageKey& after = *request.after;
    const bool is_item = after.table == kItemTable;
    if (is_item ? !parse_uuid(after.id) : !sync::is_row_id(after.table, after.id)) return std::nullopt;
    start.version = after.version;
    start.table = after.table;
    start.text = after.id;
    start.id = sync::key_part(after.id, 0);
    if (const std::string_view second = sync::key_part(after.id, 1); !second.empty()) start.second_id = second;
    return start;
}

/// Writes the answer around images that are JSON text already.
class PageWriter {
public:
    PageWriter(const std::string& clinic, std::size_t bytes_max) : bytes_max_(bytes_max) {
        body_ = "{\"clinic\":\"" + clinic + "\",\"rows\":[";
    }

    [[nodiscard]] bool has_room(std::size_t image_size) const {
        return count_ == 0 || body_.size() + image_size + kRowOverhead <= bytes_max_;
    }

    void add(const pqxx::row& row) {
        if (count_++ > 0) body_ += ',';
        body_.append("{\"table\":\"").append(row[0].c_str()).append("\",\"id\":\"").append(row[1].c_str());
        body_.append("\",\"version\":").append(row[2].c_str()).append(",\"image\":");
        body_.append(row[3].is_null() ? "null" : row[3].c_str()).append("}");
    }

    [[nodiscard]] std::string finish(bool more, const std::optional<sync::Position>& position,
                                     std::optional<std::int64_t> feed_rows) {
        body_.append("],\"more\":").append(more ? "true" : "false");
        if (!more && position) {
            body_.append(",\"position\":{\"version\":").append(std::to_string(position->version));
            body_.append(",\"token\":\"").append(position->token).append("\"}");
        }
        if (feed_rows) body_.append(",\"feedRows\":").append(std::to_string(*feed_rows));
        body_ += '}';
        return std::move(body_);
    }

    [[nodiscard]] std::size_t count() const { return count_; }

private:
    std::size_t bytes_max_;
    std::string body_;
    std::size_t count_ = 0;
};

/// Reads the cursor in steps, so that a page of large rows never stands in memory whole. True: rows are left.
bool fill(pqxx::dbtransaction& db, PageWriter& page, std::size_t limit) {
    for (;;) {
        const auto rows = db.exec(kFetch);
        for (const auto& row : rows) {
            if (page.count() == limit || !page.has_room(row[3].size())) return true;
            page.add(row);
        }
        if (rows.size() < kFetchRows) return false;
    }
}

}  // namespace

Result<Answer<PulledPage>> pull(Pool& pool, const NodeIdentity& node, const sync::PullRequest& request) {
    using Pulled = Answer<PulledPage>;
    if (find_clinic(node, request.clinic) == nullptr) {
        return Pulled(Refusal{403, "clinic_forbidden", "This clinic is not in the node's scope."});
    }
    const auto start = start_of(request);
    if (!start) return Pulled(Refusal{422, "unknown_table", "`after` names no row of the feed."});
    static const std::string query = page_query();
    PulledPage pulled;
    bool is_known = true;
    VC_TRY(pool.read("pull", [&](pqxx::dbtransaction& db) -> Status {
        const auto asked = request.position.value_or(sync::Position{0, kNilId});
        const auto head = db.exec_params(kPosition, request.clinic, asked.version, asked.token)[0];
        const auto version = head[0].as<std::int64_t>();
        // Version 0 is the empty feed: known everywhere. A page key above the counter is as unknown as a position.
        is_known = (asked.version == 0 || head[2].as<bool>()) && start->version <= version;
        if (!is_known) return Done{};
        const auto limit = static_cast<std::size_t>(std::clamp(request.limit, 1, sync::kPageRowsMax));
        db.exec_params(query, request.clinic, start->version, start->table, start->id, start->second_id, start->text,
                       limit + 1);
        PageWriter page(request.clinic, request.bytes);
        pulled.more = fill(db, page, limit);
        pulled.row_count = page.count();
        const std::string token = head[1].is_null() ? kNilId : head[1].c_str();
        std::optional<std::int64_t> feed_rows;
        if (request.count) {
            static const std::string counting = count_query();
            feed_rows = db.exec_params1(counting, request.clinic)[0].as<std::int64_t>();
        }
        pulled.body = page.finish(pulled.more, sync::Position{version, token}, feed_rows);
        return Done{};
    }));
    if (!is_known) return Pulled(Refusal{409, "position_unknown", "Central has never given out this position."});
    return Pulled(std::move(pulled));
}

Result<std::vector<std::string>> changed_clinics(Pool& pool, const std::map<std::string, std::int64_t>& versions) {
    std::vector<std::string> changed;
    VC_TRY(pool.read("changed clinics", [&](pqxx::dbtransaction& db) -> Status {
        const sync::Json seen(versions);
        for (const auto& row : db.exec_params(kChanged, seen.dump())) changed.emplace_back(row[0].c_str());
        return Done{};
    }));
    return changed;
}

}  // namespace vetchart::central
