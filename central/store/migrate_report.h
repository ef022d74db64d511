#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "central/store/migrate.h"
#include "central/store/pool.h"

namespace vetchart::central {

/// Who can log in now: of the clinic with this code, if there is one, and of HQ. Throws what libpqxx throws, as the
/// next: call inside migrate()'s boundary.
[[nodiscard]] LoginCount count_logins(pqxx::dbtransaction& transaction, const std::string& clinic);
/// Counts what migration_issue holds above `last_issue`, and the legacy rows that arrived.
void count_repairs(pqxx::dbtransaction& transaction, std::int64_t last_issue, MigrateResult& result);

/// All of migration_issue as CSV, readable by the file's owner alone: it holds what people wrote. Written beside
/// the wanted file as FILE.part, which open() makes and publish() renames; without publish() it goes again and
/// an older FILE stays as it was.
class ReportFile {
public:
    /// Errors: invalid_input when FILE cannot be written.
    [[nodiscard]] static Result<ReportFile> open(const std::filesystem::path& file);
    ReportFile(ReportFile&&) noexcept = default;
    ReportFile& operator=(ReportFile&&) noexcept = default;
    ~ReportFile();

    /// Memory is bounded: read through a cursor. Errors: out_of_space. Throws what libpqxx throws.
    [[nodiscard]] Status write(pqxx::dbtransaction& transaction);
    [[nodiscard]] Status publish();

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    ReportFile(std::filesystem::path file, std::unique_ptr<std::FILE, Close> opened);
    [[nodiscard]] std::filesystem::path part() const;

    std::filesystem::path file_;  ///< Empty once published.
    std::unique_ptr<std::FILE, Close> opened_;
};

}  // namespace vetchart::central
