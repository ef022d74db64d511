#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <set>
#include <string>

#include "edge/store/check/check.h"
#include "edge/store/file/row_sql.h"
#include "sync/model/tables.h"

namespace vetchart::edge {
namespace {

constexpr const char* kBase = "SELECT image FROM sync_base WHERE table_name = ?1 AND row_id = ?2";

/// A row as this node believes central has it. No value: central has no such row.
struct BaseImage {
    std::optional<sync::Json> image;
};

sync::Json parsed(const std::string& text) { return sync::Json::parse(text, nullptr, false); }

std::string current_sql(Connection& connection, std::string_view table) {
    return "SELECT " + image_expression(connection, table, "t") + " FROM " + std::string(table) + " t WHERE " +
           row_id_expression(table, "t") + " = ?1";
}

/// By the key, so that the lookup uses the index also in the join table.
std::string join_sql(Connection& connection, std::string_view table) {
    return "SELECT " + image_expression(connection, table, "t") + " FROM " + std::string(table) +
           " t WHERE bill_id = substr(?1, 1, 36) AND medical_record_id = substr(?1, 38)";
}

BaseImage base_image(Connection& connection, std::string_view table, const std::string& id) {
    SQLite::Statement& base = connection.statement(kBase);
    base.bind(1, std::string(table));
    base.bind(2, id);
    if (base.executeStep()) {
        if (base.getColumn(0).isNull()) return {};
        return {parsed(base.getColumn(0).getString())};
    }
    const bool join = table == "bill_medical_record";
    SQLite::Statement& row =
        connection.statement(intern(join ? join_sql(connection, table) : current_sql(connection, table)));
    row.bind(1, id);
    if (!row.executeStep()) return {};
    return {parsed(row.getColumn(0).getString())};
}

/// The columns of `mine` that central has otherwise; a column that only central keeps does not count.
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
            // What is no synced table (the attention list) is central's own bookkeeping.
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
        for (const std::string_view table : sync::kTables) VC_TRY(find_extra(connection, table));
        return Done{};
    });
}

Status FeedComparison::find_extra(Connection& connection, std::string_view table) {
    const std::string id = row_id_expression(table, "t");
    const std::string clinic = table == "clinic" ? "t.id" : "t.clinic_id";
    const std::string sql =
        "SELECT " + id + " FROM " + std::string(table) + " t WHERE " + clinic +
        " = ?1 AND t.version <= ?2 AND NOT EXISTS (SELECT 1 FROM sync_base b WHERE b.table_name = ?3 "
        "AND b.row_id = " +
        id + ")";
    SQLite::Statement& query = connection.statement(intern(sql));
    query.bind(1, clinic_id_);
    query.bind(2, cursor_);
    query.bind(3, std::string(table));
    while (query.executeStep()) {
        const std::string row = query.getColumn(0).getString();
        if (!seen_.contains(std::string(table) + "/" + row)) differs(table, row, "is not at central");
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
