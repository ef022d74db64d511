#include "edge/store/rows/charts.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdio>

#include "edge/store/file/bind.h"
#include "edge/store/rows/chart_rows.h"
#include "edge/store/rows/charts_sql.h"

namespace vetchart::edge {
namespace {

/// The statements of one table. Parameters of `insert`: ?1 id, ?2 clinic, ?3 now, then the fields in order; of
/// `update`: ?1 id, ?2 now, then the fields; of the others as charts_sql.h says.
struct TableSql {
    std::string_view find, load, insert, update, remove, soft_delete, parent;
};

#define VC_FIND(row, from, live) "SELECT '','',x.id," row " FROM " from " WHERE x.id=?8 AND " VC_SCOPE_MANY " AND " live
#define VC_LOAD(columns, table, gone, live) \
    "SELECT x.clinic_id," gone "," columns " FROM " table " x WHERE x.id=?8 AND " VC_SCOPE_MANY " AND " live
#define VC_SOFT_DELETE(table) "UPDATE " table " SET deleted_at=iif(?3,?2,NULL),updated_at=?2 WHERE id=?1"
#define VC_PARENT(table) "SELECT clinic_id,deleted_at IS NOT NULL FROM " table " WHERE id=?1"
#define VC_DELETED "x.deleted_at IS NOT NULL"

constexpr TableSql kOwner = {
    .find = VC_FIND(VC_OWNER_ROW, VC_OWNER_FROM, VC_LIVE),
    .load = VC_LOAD("first_name,last_name,email,phone,address,notes", "owner", VC_DELETED, VC_LIVE),
    .insert =
        "INSERT INTO owner(id,clinic_id,created_at,updated_at,first_name,last_name,email,phone,address,notes)"
        " VALUES(?1,?2,?3,?3,?4,?5,?6,?7,?8,?9)",
    .update =
        "UPDATE owner SET updated_at=?2,first_name=?3,last_name=?4,email=?5,phone=?6,address=?7,notes=?8"
        " WHERE id=?1",
    .remove = "DELETE FROM owner WHERE id=?1",
    // One who comes back is nobody else's any more.
    .soft_delete =
        "UPDATE owner SET deleted_at=iif(?3,?2,NULL),merged_into=iif(?3,merged_into,NULL),updated_at=?2"
        " WHERE id=?1",
    .parent = VC_PARENT("owner"),
};

constexpr TableSql kPatient = {
    .find = VC_FIND(VC_PATIENT_ROW, VC_PATIENT_FROM, VC_LIVE),
    .load = VC_LOAD("owner_id,name,species,breed,birth_date,age,deceased_on,gender,weight_milli,weight_unit,weighed_on,"
                    "status,assigned_doctor,handling_difficulty,microchip,notes",
                    "patient", VC_DELETED, VC_LIVE),
    .insert =
        "INSERT INTO patient(id,clinic_id,created_at,updated_at,owner_id,name,species,breed,birth_date,age,"
        "deceased_on,gender,weight_milli,weight_unit,weighed_on,status,assigned_doctor,handling_difficulty,microchip,"
        "notes) VALUES(?1,?2,?3,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)",
    .update =
        "UPDATE patient SET updated_at=?2,owner_id=?3,name=?4,species=?5,breed=?6,birth_date=?7,age=?8,"
        "deceased_on=?9,gender=?10,weight_milli=?11,weight_unit=?12,weighed_on=?13,status=?14,assigned_doctor=?15,"
        "handling_difficulty=?16,microchip=?17,notes=?18 WHERE id=?1",
    .remove = "DELETE FROM patient WHERE id=?1",
    .soft_delete = VC_SOFT_DELETE("patient"),
    .parent = VC_PARENT("patient"),
};

constexpr TableSql kMedicalRecord = {
    .find = VC_FIND(VC_RECORD_ROW, VC_RECORD_FROM, VC_LIVE),
    .load = VC_LOAD("patient_id,visit_date,visited_at,record_type,symptoms,diagnosis,treatment,notes,veterinarian,"
                    "weight_milli,weight_unit,next_due_on",
                    "medical_record", VC_DELETED, VC_LIVE),
    .insert =
        "INSERT INTO medical_record(id,clinic_id,created_at,updated_at,patient_id,visit_date,visited_at,"
        "record_type,symptoms,diagnosis,treatment,notes,veterinarian,weight_milli,weight_unit,next_due_on)"
        " VALUES(?1,?2,?3,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
    .update =
        "UPDATE medical_record SET updated_at=?2,patient_id=?3,visit_date=?4,visited_at=?5,record_type=?6,"
        "symptoms=?7,diagnosis=?8,treatment=?9,notes=?10,veterinarian=?11,weight_milli=?12,weight_unit=?13,"
        "next_due_on=?14 WHERE id=?1",
    .remove = "DELETE FROM medical_record WHERE id=?1",
    .soft_delete = VC_SOFT_DELETE("medical_record"),
    .parent = VC_PARENT("medical_record"),
};

constexpr TableSql kAppointment = {
    .find = VC_FIND(VC_APPOINTMENT_ROW, VC_APPOINTMENT_FROM, VC_LIVE),
    .load =
        VC_LOAD("patient_id,date,time,duration,reason,status,notes,veterinarian", "appointment", VC_DELETED, VC_LIVE),
    .insert =
        "INSERT INTO appointment(id,clinic_id,created_at,updated_at,patient_id,date,time,duration,reason,status,"
        "notes,veterinarian) VALUES(?1,?2,?3,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    .update =
        "UPDATE appointment SET updated_at=?2,patient_id=?3,date=?4,time=?5,duration=?6,reason=?7,status=?8,"
        "notes=?9,veterinarian=?10 WHERE id=?1",
    .remove = "DELETE FROM appointment WHERE id=?1",
    .soft_delete = VC_SOFT_DELETE("appointment"),
    .parent = VC_PARENT("appointment"),
};

constexpr TableSql kBill = {
    .find = VC_FIND(VC_BILL_ROW, VC_BILL_FROM, VC_LIVE),
    .load = VC_LOAD("owner_id,patient_id,appointment_id,subtotal_cents,tax_cents,total_cents,status,bill_date,due_date,"
                    "cancel_reason,notes",
                    "bill", VC_DELETED, VC_LIVE),
    .insert =
        "INSERT INTO bill(id,clinic_id,created_at,updated_at,owner_id,patient_id,appointment_id,subtotal_cents,"
        "tax_cents,total_cents,status,bill_date,due_date,cancel_reason,notes,provisional_number)"
        " VALUES(?1,?2,?3,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
    .update =
        "UPDATE bill SET updated_at=?2,owner_id=?3,patient_id=?4,appointment_id=?5,subtotal_cents=?6,tax_cents=?7,"
        "total_cents=?8,status=?9,bill_date=?10,due_date=?11,cancel_reason=?12,notes=?13 WHERE id=?1",
    .remove = "DELETE FROM bill WHERE id=?1",
    .soft_delete = VC_SOFT_DELETE("bill"),
    .parent = VC_PARENT("bill"),
};

// A price has no deleted_at: "deleted" is no longer offered. One that is not offered can still be found and edited.
constexpr TableSql kServiceItem = {
    .find = VC_FIND(VC_PRICE_ROW, VC_PRICE_FROM, "?3 IS NOT NULL"),
    .load = VC_LOAD("description,unit_price_cents,active", "service_item", "x.active=0", "?3 IS NOT NULL"),
    .insert =
        "INSERT INTO service_item(id,clinic_id,created_at,updated_at,description,unit_price_cents,active)"
        " VALUES(?1,?2,?3,?3,?4,?5,?6)",
    .update = "UPDATE service_item SET updated_at=?2,description=?3,unit_price_cents=?4,active=?5 WHERE id=?1",
    .remove = "DELETE FROM service_item WHERE id=?1",
    .soft_delete = "UPDATE service_item SET active=1-?3,updated_at=?2 WHERE id=?1",
    .parent = "SELECT clinic_id,active=0 FROM service_item WHERE id=?1",
};

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
#define VC_TOTAL(kind) \
    "(SELECT coalesce(sum(x.rows_here),0) FROM search_count x WHERE x.kind='" kind "' AND " VC_SCOPE_MANY ")"
constexpr std::string_view kTotals =
    "SELECT " VC_TOTAL("patient") "," VC_TOTAL("owner") ",(SELECT count(*) FROM json_each(?2) d JOIN appointment x"
    " ON x.clinic_id=d.key AND x.date=d.value WHERE x.status='scheduled' AND x.deleted_at IS NULL)";
// Ten of each clinic by its index, then the newest ten of those.
constexpr std::string_view kRecentRecords =
    "SELECT '','',x.id," VC_RECORD_ROW " FROM " VC_RECORD_FROM
    " WHERE x.rowid IN (SELECT y.rowid FROM json_each(?1) c CROSS JOIN medical_record y WHERE y.rowid IN"
    " (SELECT z.rowid FROM medical_record z WHERE z.clinic_id=c.value AND z.deleted_at IS NULL"
    " ORDER BY z.created_at DESC,z.id LIMIT 10)) ORDER BY x.created_at DESC,x.id LIMIT 10";

constexpr std::string_view kPing = "SELECT 1";

const TableSql& sql_of(ChartTable table) {
    switch (table) {
        case ChartTable::owner: return kOwner;
        case ChartTable::patient: return kPatient;
        case ChartTable::medical_record: return kMedicalRecord;
        case ChartTable::appointment: return kAppointment;
        case ChartTable::bill: return kBill;
        case ChartTable::service_item: return kServiceItem;
        case ChartTable::staff:
        case ChartTable::clinic: break;
    }
    VC_ASSERT(!"a table without chart statements");
    return kOwner;
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

/// `<node code>-000001`: at least six digits, never cut.
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
    ChartRows rows(connection, table, sql_of(table).find);
    const ResetGuard guard(rows.statement());
    Bind bind(rows.statement());
    bind.reach(reach);
    bind.at(8, id);
    if (!rows.next()) return std::nullopt;
    return rows.json();
}

std::optional<StoredRow> load_row(Connection& connection, ChartTable table, const std::string& id, const Reach& reach) {
    SQLite::Statement& row = connection.statement(sql_of(table).load);
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
    SQLite::Statement& row = connection.statement(sql_of(table).parent);
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
    // Before the statement is borrowed: the number has a statement of its own.
    const std::string number = table == ChartTable::bill ? take_provisional_number(connection) : std::string();
    SQLite::Statement& statement = connection.statement(sql_of(table).insert);
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
    SQLite::Statement& statement = connection.statement(sql_of(table).update);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, format_utc(now));
    int index = 3;
    for (const Value& value : values) bind.at(index++, value);
    statement.exec();
}

void set_deleted(Connection& connection, ChartTable table, const std::string& id, bool deleted, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(sql_of(table).soft_delete);
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
    run(connection, sql_of(table).remove, id, {}, {});
}

void merge_owners(Connection& connection, const std::string& loser, const std::string& survivor, UtcMillis now) {
    const std::string at = format_utc(now);
    // First: an issued bill follows only the owner that its own was merged into.
    run(connection, kRetireOwner, loser, survivor, at);
    run(connection, kMovePatients, loser, survivor, at);
    run(connection, kMoveBills, loser, survivor, at);
}

Result<std::string> dashboard(Database& database, const Reach& reach) {
    std::string body;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& totals = connection.statement(kTotals);
        const ResetGuard guard(totals);
        Bind(totals).reach(reach);
        VC_ASSERT(totals.executeStep());
        body = "{\"totalPatients\":" + totals.getColumn(0).getString() +
               ",\"totalOwners\":" + totals.getColumn(1).getString() +
               ",\"todayAppointments\":" + totals.getColumn(2).getString() + ",\"recentRecords\":[";
        ChartRows records(connection, ChartTable::medical_record, kRecentRecords);
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
