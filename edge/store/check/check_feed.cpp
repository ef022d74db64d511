#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <set>
#include <string>

#include "edge/store/check/check.h"
#include "edge/store/file/row_sql.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {
namespace {

constexpr const char* kBase = "SELECT image FROM sync_base WHERE table_name = ?1 AND row_id = ?2";

/// A row as this node believes central has it. No value: central has no such row.
struct BaseImage {
    std::optional<sync::Json> image;
};

sync::Json parsed(const std::string& text) { return sync::Json::parse(text, nullptr, false); }

BaseImage base_image(Connection& connection, std::string_view table, const std::string& id) {
    SQLite::Statement& base = connection.statement(kBase);
    base.bind(1, std::string(table));
    base.bind(2, id);
    if (base.executeStep()) {
        if (base.getColumn(0).isNull()) return {};
        return {parsed(base.getColumn(0).getString())};
    }
    SQLite::Statement& row = connection.statement(image_sql(table));
    row.bind(1, id);
    if (!row.executeStep()) return {};
    return {parsed(row.getColumn(0).getString())};
}

/// The columns of `mine` that have another value at central; a column that only central keeps does not count.
std::string different_columns(const sync::Json& mine, const sync::Json& theirs) {
    std::string names;
    for (const auto& [column, value] : mine.items()) {
        if (column == "version") continue;
        const auto other = theirs.find(column);
        if (other != theirs.end() && *other == value) continue;
        names += (names.empty() ? "" : ", ") + column;
    }
    return names;
}

}  // namespace

void FeedComparison::begin(const std::string& clinic_id, std::int64_t cursor) {
    clinic_id_ = clinic_id;
    cursor_ = cursor;
    seen_.clear();
}

Status FeedComparison::compare(const std::vector<sync::FeedRow>& rows) {
    return database_.snapshot([&](Connection& connection) -> Status {
        for (const sync::FeedRow& row : rows) {
            // Any other table of the feed (the attention list) is central's own bookkeeping.
            if (!sync::table_index(row.table)) continue;
            seen_.insert(row.table + "/" + row.id);
            if (row.version > cursor_)
                report_.rows_newer += 1;
            else
                VC_TRY(compare_row(connection, row));
        }
        return Done{};
    });
}

Status FeedComparison::compare_row(Connection& connection, const sync::FeedRow& row) {
    report_.rows_compared += 1;
    const BaseImage mine = base_image(connection, row.table, row.id);
    const bool theirs = row.image.is_object();
    if (!theirs && mine.image) differs(row.table, row.id, "was deleted at central, and is here");
    if (theirs && !mine.image) differs(row.table, row.id, "is missing here");
    if (!theirs || !mine.image) return Done{};
    // A pull that runs beside this check may have brought a newer state than the page was read in.
    const auto version = mine.image->value("version", sync::Json());
    if (version.is_number_integer() && version.get<std::int64_t>() > cursor_) return Done{};
    const std::string columns = different_columns(*mine.image, row.image);
    if (!columns.empty()) differs(row.table, row.id, "differs in " + columns);
    return Done{};
}

Status FeedComparison::finish() {
    return database_.snapshot([&](Connection& connection) -> Status {
        for (const sync::Table& table : sync::tables()) VC_TRY(find_extra(connection, table));
        return Done{};
    });
}

Status FeedComparison::find_extra(Connection& connection, const sync::Table& table) {
    const std::string name(table.name);
    const std::string id = row_id_expression(name, "t");
    const std::string sql =
        "SELECT " + id + " FROM " + name + " t WHERE t." + std::string(table.clinic_column()) +
        " = ?1 AND t.version <= ?2 AND NOT EXISTS (SELECT 1 FROM sync_base b WHERE b.table_name = ?3 "
        "AND b.row_id = " +
        id + ")";
    SQLite::Statement& query = connection.statement(intern(sql));
    query.bind(1, clinic_id_);
    query.bind(2, cursor_);
    query.bind(3, name);
    while (query.executeStep()) {
        const std::string row = query.getColumn(0).getString();
        if (!seen_.contains(name + "/" + row)) differs(name, row, "is not at central");
    }
    return Done{};
}

void FeedComparison::differs(std::string_view table, const std::string& id, const std::string& how) {
    if (report_.differences.size() < kFindingsMax) {
        report_.differences.push_back(std::string(table) + " " + id + " " + how);
    } else if (report_.differences.size() == kFindingsMax) {
        report_.differences.emplace_back("more was found than is listed here");
    }
}

}  // namespace vetchart::edge
