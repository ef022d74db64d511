#include "central/store/migrate_report.h"

#include <fstream>
#include <pqxx/pqxx>
#include <string_view>
#include <system_error>

namespace vetchart::central {
namespace {

constexpr const char* kRepairs = R"(
SELECT table_name, column_name, outcome, count(*) FROM migration_issue WHERE id > $1
GROUP BY 1, 2, 3 ORDER BY table_name COLLATE "C", column_name COLLATE "C", outcome COLLATE "C")";
constexpr const char* kArrived = R"(
SELECT table_name, count(*) FROM legacy_id GROUP BY 1 ORDER BY table_name COLLATE "C")";
constexpr const char* kReport = R"(
SELECT table_name, legacy_id, column_name, original, outcome FROM migration_issue ORDER BY id)";

/// RFC 4180; NULL is an empty field without quotes, as in PostgreSQL's own CSV.
std::string csv_field(const pqxx::field& field) {
    if (field.is_null()) return {};
    std::string quoted = "\"";
    for (const char c : std::string_view(field.c_str(), field.size())) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace

void count_repairs(pqxx::dbtransaction& transaction, std::int64_t last_issue, MigrateResult& result) {
    for (const auto& row : transaction.exec_params(kRepairs, last_issue)) {
        result.repairs.push_back({row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].as<std::int64_t>()});
        result.issues += result.repairs.back().count;
    }
    if (result.from > 0) return;
    for (const auto& row : transaction.exec(kArrived)) {
        result.arrived.push_back({row[0].c_str(), row[1].as<std::int64_t>()});
    }
}

Status write_report(pqxx::dbtransaction& transaction, const std::filesystem::path& file) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    std::error_code failed;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                 failed);
    if (!out || failed) return Error{Errc::invalid_input, "the report cannot be written: " + file.string(), "report"};
    out << "table,legacy_id,column,original,outcome\n";
    for (const auto& row : transaction.exec(kReport)) {
        for (pqxx::row::size_type column = 0; column < row.size(); ++column) {
            out << (column == 0 ? "" : ",") << csv_field(row[column]);
        }
        out << '\n';
    }
    out.close();
    if (!out) return Error{Errc::out_of_space, "the report cannot be written: " + file.string(), "report"};
    return Done{};
}

}  // namespace vetchart::central
