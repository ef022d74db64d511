#include "edge/store/rows/charts.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdio>

#include "edge/store/file/bind.h"
#include "edge/store/rows/chart_rows.h"
#include "edge/store/rows/charts_sql.h"
#include "edge/store/rows/charts_statements.h"

namespace vetchart::edge {
namespace {

constexpr std::string_view kNextProvisional =
    "UPDATE node_state SET next_provisional=next_provisional+1 RETURNING node_code,next_provisional-1";
constexpr std::string_view kDeleteBillLinks =
    "DELETE FROM bill_medical_record WHERE bill_id=?1 AND clinic_id=(SELECT clinic_id FROM bill WHERE id=?1)";
constexpr std::string_view kDeleteBillItems =
    "DELETE FROM bill_item WHERE bill_id=?1 AND clinic_id=(SELECT clinic_id FROM bill WHERE id=?1)";
constexpr std::string_view kMovePatients =
    "UPDATE patient SET owner_id=?2,updated_at=?3 WHERE clinic_id=(SELECT clinic_id FROM owner WHERE id=?1)"
    " AND owner_id=?1";
constexpr std::string_view kMoveBills =
    "UPDATE bill SET owner_id=?2,updated_at=?3 WHERE clinic_id=(SELECT clinic_id FROM owner WHERE id=?1)"
    " AND owner_id=?1";
constexpr std::string_view kRetireOwner = "UPDATE owner SET merged_into=?2,deleted_at=?3,updated_at=?3 WHERE id=?1";

constexpr std::string_view kLivingPatients =
    "SELECT count(*) FROM patient WHERE clinic_id=(SELECT clinic_id FROM owner WHERE id=?1) AND owner_id=?1"
    " AND deleted_at IS NULL AND deceased_on IS NULL";

// A record's visit of the same day comes after the patient's own weight of that day.
constexpr std::string_view kStepBack =
    "UPDATE patient SET weighed_on=date(?2,'-1 day'),updated_at=?3 WHERE id=?1 AND weight_milli IS NOT NULL"
    " AND coalesce(weighed_on,substr(created_at,1,10))=?2 AND ?2>'0001-01-01'";

// The totals are counted as rows come and go (schema/sqlite/rules/search.sql).
std::string total_of(std::string_view kind) {
    return joined("(SELECT coalesce(sum(x.rows_here),0) FROM search_count x WHERE x.kind='", kind, "' AND ", kScopeMany,
                  ")");
}
const std::string& totals_sql() {
    static const std::string text =
        joined("SELECT ", total_of("patient"), ",", total_of("owner"),
               ",(SELECT count(*) FROM json_each(?2) d JOIN appointment x ON x.clinic_id=d.key AND x.date=d.value "
               "WHERE x.status='scheduled' AND x.deleted_at IS NULL)");
    return text;
}
// Takes ten of each clinic by its index, then the newest ten of those.
const std::string& recent_records_sql() {
    static const std::string text =
        joined("SELECT '','',x.id,", row_of(ChartTable::medical_record), " FROM ", from_of(ChartTable::medical_record),
               " WHERE x.rowid IN (SELECT y.rowid FROM json_each(?1) c CROSS JOIN medical_record y WHERE y.rowid IN "
               "(SELECT z.rowid FROM medical_record z WHERE z.clinic_id=c.value AND z.deleted_at IS NULL ORDER BY "
               "z.created_at DESC,z.id LIMIT 10)) ORDER BY x.created_at DESC,x.id LIMIT 10");
    return text;
}

constexpr std::string_view kPing = "SELECT 1";

const std::string& find_sql(ChartTable table) {
    static const auto texts = for_each_table([](ChartTable chart) {
        const sync::Table& known = catalogue_of(chart);
        // What is never deleted is always found; so is a price that is no longer offered.
        const bool has_deleted = known.find("deleted_at") != nullptr;
        return joined("SELECT '','',x.id,", row_of(chart), " FROM ", from_of(chart), " WHERE x.id=?8 AND x.",
                      known.clinic_column(), " IN (SELECT value FROM json_each(?1))", has_deleted ? " AND " : "",
                      has_deleted ? live_of(chart) : "");
    });
    return texts[static_cast<std::size_t>(table)];
}

/// Runs a statement bound with (id, text, text).
void run(Connection& connection, std::string_view sql, const std::string& first, const std::string& second,
         const std::string& third) {
    SQLite::Statement& statement = connection.statement(sql);
    Bind bind(statement);
    bind.at(1, first);
    bind.at(2, second);
    bind.at(3, third);
    statement.exec();
}

/// A provisional number, `<node code>-000001`: at least six digits, never cut.
std::string take_provisional_number(Connection& connection) {
    SQLite::Statement& row = connection.statement(kNextProvisional);
    const ResetGuard guard(row);
    VC_ASSERT(row.executeStep());
    std::string digits = std::to_string(row.getColumn(1).getInt64());
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
    return row.getColumn(0).getString() + "-" + digits;
}

}  // namespace

std::optional<std::string> find_row(Connection& connection, ChartTable table, const std::string& id,
                                    const Reach& reach) {
    ChartRows rows(connection, table, find_sql(table));
    const ResetGuard guard(rows.statement());
    Bind bind(rows.statement());
    bind.reach(reach);
    bind.at(8, id);
    if (!rows.next()) return std::nullopt;
    return rows.json();
}

std::optional<StoredRow> load_row(Connection& connection, ChartTable table, const std::string& id, const Reach& reach) {
    SQLite::Statement& row = connection.statement(statements_of(table).load);
    const ResetGuard guard(row);
    Bind bind(row);
    bind.reach(reach);
    bind.at(8, id);
    if (!row.executeStep()) return std::nullopt;
    StoredRow stored;
    stored.clinic_id = row.getColumn(0).getString();
    stored.deleted = row.getColumn(1).getInt() != 0;
    for (int i = 2; i < row.getColumnCount(); ++i) stored.values.push_back(read_value(row, i));
    return stored;
}

ParentState parent_state(Connection& connection, ChartTable table, const std::string& id, std::string& clinic_id) {
    SQLite::Statement& row = connection.statement(statements_of(table).state);
    const ResetGuard guard(row);
    Bind(row).at(1, id);
    if (!row.executeStep()) return ParentState::missing;
    clinic_id = row.getColumn(0).getString();
    return row.getColumn(1).getInt() != 0 ? ParentState::deleted : ParentState::live;
}

void let_record_weigh(Connection& connection, const std::string& patient_id, const std::string& visit_date,
                      UtcMillis now) {
    run(connection, kStepBack, patient_id, visit_date, format_utc(now));
}

std::int64_t living_patients(Connection& connection, const std::string& owner_id) {
    SQLite::Statement& row = connection.statement(kLivingPatients);
    const ResetGuard guard(row);
    Bind(row).at(1, owner_id);
    return row.executeStep() ? row.getColumn(0).getInt64() : 0;
}

void insert_row(Connection& connection, ChartTable table, const std::string& id, const std::string& clinic_id,
                const std::vector<Value>& values, UtcMillis now) {
    // The number is drawn before the statement is borrowed, since drawing it takes a statement of its own.
    const std::string number = table == ChartTable::bill ? take_provisional_number(connection) : std::string();
    SQLite::Statement& statement = connection.statement(statements_of(table).insert);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, clinic_id);
    bind.at(3, format_utc(now));
    int index = 4;
    for (const Value& value : values) bind.at(index++, value);
    if (table == ChartTable::bill) bind.at(index, number);
    statement.exec();
}

void update_row(Connection& connection, ChartTable table, const std::string& id, const std::vector<Value>& values,
                UtcMillis now) {
    SQLite::Statement& statement = connection.statement(statements_of(table).update);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, format_utc(now));
    int index = 3;
    for (const Value& value : values) bind.at(index++, value);
    statement.exec();
}

void set_deleted(Connection& connection, ChartTable table, const std::string& id, bool deleted, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(statements_of(table).set_deleted);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, format_utc(now));
    bind.at(3, std::int64_t{deleted ? 1 : 0});
    statement.exec();
}

void hard_delete(Connection& connection, ChartTable table, const std::string& id) {
    if (table == ChartTable::bill) {
        run(connection, kDeleteBillLinks, id, {}, {});
        run(connection, kDeleteBillItems, id, {}, {});
    }
    run(connection, statements_of(table).remove, id, {}, {});
}

void merge_owners(Connection& connection, const std::string& loser, const std::string& survivor, UtcMillis now) {
    const std::string at = format_utc(now);
    // The merge is noted first: an issued bill may go only to the owner that its own was merged into.
    run(connection, kRetireOwner, loser, survivor, at);
    run(connection, kMovePatients, loser, survivor, at);
    run(connection, kMoveBills, loser, survivor, at);
}

Result<std::string> dashboard(Database& database, const Reach& reach) {
    std::string body;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& totals = connection.statement(totals_sql());
        const ResetGuard guard(totals);
        Bind(totals).reach(reach);
        VC_ASSERT(totals.executeStep());
        body = "{\"totalPatients\":" + totals.getColumn(0).getString() +
               ",\"totalOwners\":" + totals.getColumn(1).getString() +
               ",\"todayAppointments\":" + totals.getColumn(2).getString() + ",\"recentRecords\":[";
        ChartRows records(connection, ChartTable::medical_record, recent_records_sql());
        const ResetGuard records_guard(records.statement());
        Bind(records.statement()).reach(reach);
        for (bool first = true; records.next(); first = false) body += (first ? "" : ",") + records.json();
        body += "]}";
        return Done{};
    });
    if (!status) return status.error();
    return body;
}

Status ping(Database& database) {
    return database.snapshot([](Connection& connection) -> Status {
        SQLite::Statement& row = connection.statement(kPing);
        const ResetGuard guard(row);
        row.executeStep();
        return Done{};
    });
}

}  // namespace vetchart::edge
