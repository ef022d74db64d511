#include "edge/store/people/accounts_admin.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/file/bind.h"
#include "edge/store/file/json_row.h"
#include "edge/store/rows/charts_sql.h"
#include "edge/store/rows/charts_statements.h"
#include "sync/base/password_form.h"

namespace vetchart::edge {
namespace {

const std::string& list_vets_sql() {
    static const std::string text = joined(
        "SELECT json_object('id',x.id,'clinicId',x.clinic_id,'name',x.first_name||' '||x.last_name) FROM staff x "
        "WHERE ",
        kScopeMany, " AND x.active=1 AND instr(x.roles,'\"veterinarian\"')>0 ORDER BY x.last_name,x.first_name,x.id");
    return text;
}
// The hash itself is no part of what is shown: append_person() makes a yes or no of it.
std::string staff_text(std::string_view more) {
    return joined("SELECT x.password_hash,", row_of(ChartTable::staff), " FROM staff x WHERE ", kScopeMany, more);
}
const std::string& list_staff_sql() {
    static const std::string text = staff_text(" ORDER BY x.last_name,x.first_name,x.id");
    return text;
}
const std::string& find_staff_sql() {
    static const std::string text = staff_text(" AND x.id=?8");
    return text;
}
constexpr std::string_view kSetPassword = "UPDATE staff SET password_hash=?3,updated_at=?2 WHERE id=?1";
constexpr std::string_view kHasAdmin =
    "SELECT EXISTS(SELECT 1 FROM staff WHERE clinic_id=?1 AND active=1 AND roles LIKE '%\"admin\"%')";

/// With `hasPassword`: false when the person's hash opens nothing until a new password is set.
void append_person(JsonRow& row, std::string& json) {
    row.append(json);
    const bool usable = password_form(row.statement().getColumn(0).getString()) != PasswordForm::none;
    json += usable ? ",\"hasPassword\":true}" : ",\"hasPassword\":false}";
}

}  // namespace

Result<std::string> list_staff(Database& database, const Reach& reach) {
    std::string body = "[";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        JsonRow rows(connection, list_staff_sql(), 1);
        const ResetGuard guard(rows.statement());
        Bind(rows.statement()).reach(reach);
        while (rows.statement().executeStep()) {
            if (body.size() > 1) body += ",\n";
            append_person(rows, body);
        }
        return Done{};
    });
    if (!status) return status.error();
    return body + "]";
}

Result<std::string> list_vets(Database& database, const Reach& reach) {
    std::string body = "[";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& rows = connection.statement(list_vets_sql());
        const ResetGuard guard(rows);
        Bind(rows).reach(reach);
        while (rows.executeStep()) {
            if (body.size() > 1) body += ",\n";
            body += rows.getColumn(0).getText();
        }
        return Done{};
    });
    if (!status) return status.error();
    return body + "]";
}

std::optional<std::string> find_staff_row(Connection& connection, const std::string& id, const Reach& reach) {
    JsonRow row(connection, find_staff_sql(), 1);
    const ResetGuard guard(row.statement());
    Bind bind(row.statement());
    bind.reach(reach);
    bind.at(8, id);
    if (!row.statement().executeStep()) return std::nullopt;
    std::string json;
    append_person(row, json);
    return json;
}

void insert_staff(Connection& connection, const std::string& id, const std::string& clinic_id,
                  const std::vector<Value>& values, const std::string& password_hash, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(statements_of(ChartTable::staff).insert);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, clinic_id);
    bind.at(3, format_utc(now));
    int index = 4;
    for (const Value& value : values) bind.at(index++, value);
    bind.at(index, password_hash);
    statement.exec();
}

void set_staff_password(Connection& connection, const std::string& id, const std::string& hash, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(kSetPassword);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, format_utc(now));
    bind.at(3, hash);
    statement.exec();
}

bool has_admin(Connection& connection, const std::string& clinic_id) {
    SQLite::Statement& row = connection.statement(kHasAdmin);
    const ResetGuard guard(row);
    Bind(row).at(1, clinic_id);
    return row.executeStep() && row.getColumn(0).getInt() != 0;
}

}  // namespace vetchart::edge
