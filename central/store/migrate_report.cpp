#include "central/store/migrate_report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pqxx/pqxx>
#include <string_view>
#include <system_error>
#include <utility>

namespace vetchart::central {
namespace {

constexpr const char* kRepairs = R"(
SELECT table_name, column_name, outcome, count(*) FROM migration_issue WHERE id > $1
GROUP BY 1, 2, 3 ORDER BY table_name COLLATE "C", column_name COLLATE "C", outcome COLLATE "C")";
constexpr const char* kLogins = R"(
SELECT coalesce(max(c.code), ''), count(s.id), count(s.id) FILTER (WHERE s.password_hash <> ''),
       count(s.id) FILTER (WHERE s.password_hash <> '' AND s.roles::jsonb ? 'admin'),
       (SELECT count(*) FROM hq_user WHERE active AND role = 'admin')
  FROM clinic c LEFT JOIN staff s ON s.clinic_id = c.id AND s.active WHERE c.code = $1)";
constexpr const char* kArrived = R"(
SELECT table_name, count(*) FROM legacy_id GROUP BY 1 ORDER BY table_name COLLATE "C")";
/// A cursor: the whole would be held in memory twice.
constexpr const char* kReport = R"(
DECLARE report NO SCROLL CURSOR FOR
SELECT table_name, legacy_id, column_name, original, outcome FROM migration_issue ORDER BY id)";
constexpr const char* kPage = "FETCH 500 FROM report";

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

LoginCount count_logins(pqxx::dbtransaction& transaction, const std::string& clinic) {
    const auto row = transaction.exec_params1(kLogins, clinic);
    LoginCount logins;
    logins.clinic = row[0].as<std::string>();
    logins.staff = row[1].as<std::int64_t>();
    logins.with_login = row[2].as<std::int64_t>();
    logins.admins = row[3].as<std::int64_t>();
    logins.hq_admins = row[4].as<std::int64_t>();
    return logins;
}

void count_repairs(pqxx::dbtransaction& transaction, std::int64_t last_issue, MigrateResult& result) {
    for (const auto& row : transaction.exec_params(kRepairs, last_issue)) {
        result.repairs.push_back({row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].as<std::int64_t>()});
        result.issues += result.repairs.back().count;
    }
    if (!result.legacy) return;
    for (const auto& row : transaction.exec(kArrived)) {
        result.arrived.push_back({row[0].c_str(), row[1].as<std::int64_t>()});
    }
}

ReportFile::ReportFile(std::filesystem::path file, std::unique_ptr<std::FILE, Close> opened)
    : file_(std::move(file)), opened_(std::move(opened)) {}

ReportFile::~ReportFile() {
    if (!opened_ || file_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(part(), ignored);
}

std::filesystem::path ReportFile::part() const { return file_.string() + ".part"; }

Result<ReportFile> ReportFile::open(const std::filesystem::path& file) {
    const Error refused{Errc::invalid_input, "the report cannot be written: " + file.string(), "report"};
    std::error_code failed;
    const auto kind = std::filesystem::status(file, failed).type();
    if (file.empty() ||
        (kind != std::filesystem::file_type::not_found && kind != std::filesystem::file_type::regular)) {
        return refused;
    }
    const int descriptor = ::open((file.string() + ".part").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return refused;
    if (::fchmod(descriptor, 0600) != 0) {
        ::close(descriptor);
        return refused;
    }
    std::unique_ptr<std::FILE, Close> opened(::fdopen(descriptor, "w"));
    if (!opened) return refused;
    return ReportFile(file, std::move(opened));
}

Status ReportFile::write(pqxx::dbtransaction& transaction) {
    std::string text = "table,legacy_id,column,original,outcome\n";
    bool good = true;
    const auto flush = [&] {
        good = good && std::fwrite(text.data(), 1, text.size(), opened_.get()) == text.size();
        text.clear();
    };
    transaction.exec(kReport);
    for (auto page = transaction.exec(kPage); !page.empty() && good; page = transaction.exec(kPage)) {
        for (const auto& row : page) {
            for (pqxx::row::size_type column = 0; column < row.size(); ++column) {
                text += (column == 0 ? "" : ",") + csv_field(row[column]);
            }
            text += '\n';
        }
        flush();
    }
    flush();
    transaction.exec("CLOSE report");
    good = good && std::fflush(opened_.get()) == 0 && ::fsync(::fileno(opened_.get())) == 0;
    if (!good) return Error{Errc::out_of_space, "the report cannot be written: " + file_.string(), "report"};
    return Done{};
}

Status ReportFile::publish() {
    std::error_code failed;
    std::filesystem::rename(part(), file_, failed);
    const auto written = std::exchange(file_, {});
    if (failed) {
        return Error{Errc::internal, "done, but the report stayed at " + written.string() + ".part", "report"};
    }
    // The name is to survive a power cut too, where the folder may be opened.
    const auto folder = written.parent_path();
    const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        (void)::fsync(descriptor);
        ::close(descriptor);
    }
    return Done{};
}

}  // namespace vetchart::central
