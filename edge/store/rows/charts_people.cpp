#include "edge/store/rows/charts_people.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/file/bare_name.h"
#include "edge/store/file/bind.h"

namespace vetchart::edge {
namespace {

constexpr std::string_view kById = "SELECT id,clinic_id,first_name||' '||last_name FROM staff WHERE id=?1";
// Two are enough to know that there are several.
constexpr std::string_view kByName =
    "SELECT id,clinic_id,first_name||' '||last_name FROM staff WHERE clinic_id=?1 AND active=1"
    " AND vc_bare_name(first_name||' '||last_name)=?2 LIMIT 2";

NamedStaff read_staff(SQLite::Statement& row) {
    return {row.getColumn(0).getString(), row.getColumn(1).getString(), row.getColumn(2).getString()};
}

}  // namespace

std::optional<NamedStaff> find_staff(Connection& connection, const std::string& id) {
    SQLite::Statement& row = connection.statement(kById);
    const ResetGuard guard(row);
    Bind(row).at(1, id);
    if (!row.executeStep()) return std::nullopt;
    return read_staff(row);
}

std::optional<NamedStaff> staff_of_name(Connection& connection, const std::string& clinic_id,
                                        const std::string& printed) {
    const std::string bare = bare_name(printed);
    if (bare.empty()) return std::nullopt;
    SQLite::Statement& row = connection.statement(kByName);
    const ResetGuard guard(row);
    Bind bind(row);
    bind.at(1, clinic_id);
    bind.at(2, bare);
    if (!row.executeStep()) return std::nullopt;
    NamedStaff found = read_staff(row);
    if (row.executeStep()) return std::nullopt;
    return found;
}

}  // namespace vetchart::edge
