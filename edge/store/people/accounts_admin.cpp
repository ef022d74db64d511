#include "edge/store/people/accounts_admin.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/file/bind.h"
#include "edge/store/rows/charts_sql.h"
#include "sync/base/password_form.h"

namespace vetchart::edge {
namespace {

#define VC_STAFF_ROW                                                                                        \
    "json_object('id',x.id,'clinicId',x.clinic_id,'email',x.email,'username',x.username,'firstName',"       \
    "x.first_name,'lastName',x.last_name,'roles',json(x.roles),'active',json(iif(x.active,'true','false'))" \
    "," VC_STAMPS("x") ",'syncState'," VC_SYNC_STATE("staff") ")"
#define VC_CLINIC_ROW                                                                                          \
    "json_object('id',x.id,'code',x.code,'name',x.name,'timezone',x.timezone,'currency',x.currency,'address'," \
    "x.address,'phone',x.phone," VC_STAMPS("x") ",'syncState'," VC_SYNC_STATE("clinic") ")"
#define VC_CLINIC_SCOPE "x.id IN (SELECT value FROM json_each(?1))"

constexpr std::string_view kListVets =
    "SELECT json_object('clinicId',x.clinic_id,'name',x.first_name||' '||x.last_name) FROM staff x WHERE " VC_SCOPE_MANY
    " AND x.active=1 AND instr(x.roles,'\"veterinarian\"')>0 ORDER BY x.last_name,x.first_name,x.id";
// The hash itself is no part of what is shown: row_text() makes a yes or no of it.
constexpr std::string_view kListStaff = "SELECT " VC_STAFF_ROW ",x.password_hash FROM staff x WHERE " VC_SCOPE_MANY
                                        " ORDER BY x.last_name,x.first_name,x.id";
constexpr std::string_view kFindStaff =
    "SELECT " VC_STAFF_ROW ",x.password_hash FROM staff x WHERE x.id=?8 AND " VC_SCOPE_MANY;
constexpr std::string_view kLoadStaff =
    "SELECT x.clinic_id,0,email,username,first_name,last_name,roles,active FROM staff x WHERE x.id=?8 "
    "AND " VC_SCOPE_MANY;
constexpr std::string_view kInsertStaff =
    "INSERT INTO staff(id,clinic_id,created_at,updated_at,email,username,first_name,last_name,roles,active,"
    "password_hash) VALUES(?1,?2,?3,?3,?4,?5,?6,?7,?8,?9,?10)";
constexpr std::string_view kUpdateStaff =
    "UPDATE staff SET updated_at=?2,email=?3,username=?4,first_name=?5,last_name=?6,roles=?7,active=?8 WHERE id=?1";
constexpr std::string_view kSetPassword = "UPDATE staff SET password_hash=?3,updated_at=?2 WHERE id=?1";
constexpr std::string_view kHasAdmin =
    "SELECT EXISTS(SELECT 1 FROM staff WHERE clinic_id=?1 AND active=1 AND roles LIKE '%\"admin\"%')";
constexpr std::string_view kFindClinic = "SELECT " VC_CLINIC_ROW " FROM clinic x WHERE x.id=?8 AND " VC_CLINIC_SCOPE;
constexpr std::string_view kLoadClinic =
    "SELECT x.id,0,name,timezone,currency,address,phone FROM clinic x WHERE x.id=?8 AND " VC_CLINIC_SCOPE;
constexpr std::string_view kUpdateClinic =
    "UPDATE clinic SET updated_at=?2,name=?3,timezone=?4,currency=?5,address=?6,phone=?7 WHERE id=?1";

/// The row's JSON; of staff with `hasPassword`: false when its hash opens nothing until a new password is set.
std::string row_text(SQLite::Statement& row) {
    std::string text = row.getColumn(0).getString();
    if (row.getColumnCount() < 2) return text;
    text.pop_back();
    const bool usable = password_form(row.getColumn(1).getString()) != PasswordForm::none;
    return text + (usable ? ",\"hasPassword\":true}" : ",\"hasPassword\":false}");
}

std::optional<std::string> find_text(Connection& connection, std::string_view sql, const std::string& id,
                                     const Reach& reach) {
    SQLite::Statement& row = connection.statement(sql);
    const ResetGuard guard(row);
    Bind bind(row);
    bind.reach(reach);
    bind.at(8, id);
    if (!row.executeStep()) return std::nullopt;
    return row_text(row);
}

std::optional<StoredRow> load(Connection& connection, std::string_view sql, const std::string& id, const Reach& reach) {
    SQLite::Statement& row = connection.statement(sql);
    const ResetGuard guard(row);
    Bind bind(row);
    bind.reach(reach);
    bind.at(8, id);
    if (!row.executeStep()) return std::nullopt;
    StoredRow stored;
    stored.clinic_id = row.getColumn(0).getString();
    for (int i = 2; i < row.getColumnCount(); ++i) stored.values.push_back(read_value(row, i));
    return stored;
}

void update(Connection& connection, std::string_view sql, const std::string& id, const std::vector<Value>& values,
            UtcMillis now) {
    SQLite::Statement& statement = connection.statement(sql);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, format_utc(now));
    int index = 3;
    for (const Value& value : values) bind.at(index++, value);
    statement.exec();
}

Result<std::string> list_rows(Database& database, std::string_view sql, const Reach& reach) {
    std::string body = "[";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& rows = connection.statement(sql);
        const ResetGuard guard(rows);
        Bind(rows).reach(reach);
        while (rows.executeStep()) {
            if (body.size() > 1) body += ",\n";
            body += row_text(rows);
        }
        return Done{};
    });
    if (!status) return status.error();
    return body + "]";
}

}  // namespace

Result<std::string> list_staff(Database& database, const Reach& reach) {
    return list_rows(database, kListStaff, reach);
}

Result<std::string> list_vets(Database& database, const Reach& reach) { return list_rows(database, kListVets, reach); }

std::optional<std::string> find_staff_row(Connection& connection, const std::string& id, const Reach& reach) {
    return find_text(connection, kFindStaff, id, reach);
}

std::optional<StoredRow> load_staff(Connection& connection, const std::string& id, const Reach& reach) {
    return load(connection, kLoadStaff, id, reach);
}

void insert_staff(Connection& connection, const std::string& id, const std::string& clinic_id,
                  const std::vector<Value>& values, const std::string& password_hash, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(kInsertStaff);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, clinic_id);
    bind.at(3, format_utc(now));
    int index = 4;
    for (const Value& value : values) bind.at(index++, value);
    bind.at(index, password_hash);
    statement.exec();
}

void update_staff(Connection& connection, const std::string& id, const std::vector<Value>& values, UtcMillis now) {
    update(connection, kUpdateStaff, id, values, now);
}

void set_staff_password(Connection& connection, const std::string& id, const std::string& hash, UtcMillis now) {
    update(connection, kSetPassword, id, {Value(hash)}, now);
}

bool has_admin(Connection& connection, const std::string& clinic_id) {
    SQLite::Statement& row = connection.statement(kHasAdmin);
    const ResetGuard guard(row);
    Bind(row).at(1, clinic_id);
    return row.executeStep() && row.getColumn(0).getInt() != 0;
}

std::optional<std::string> find_clinic(Connection& connection, const std::string& id, const Reach& reach) {
    return find_text(connection, kFindClinic, id, reach);
}

std::optional<StoredRow> load_clinic(Connection& connection, const std::string& id, const Reach& reach) {
    return load(connection, kLoadClinic, id, reach);
}

void update_clinic(Connection& connection, const std::string& id, const std::vector<Value>& values, UtcMillis now) {
    update(connection, kUpdateClinic, id, values, now);
}

}  // namespace vetchart::edge
