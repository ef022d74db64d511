#pragma once

#include <cstdint>
#include <filesystem>

#include "central/store/migrate.h"
#include "central/store/pool.h"

namespace vetchart::central {

/// Counts what migration_issue holds above `last_issue`, and the legacy rows that arrived. Throws what libpqxx
/// throws: call inside migrate()'s boundary.
void count_repairs(pqxx::dbtransaction& transaction, std::int64_t last_issue, MigrateResult& result);

/// Writes all of migration_issue as CSV, readable by the file's owner alone. The file holds what people wrote.
[[nodiscard]] Status write_report(pqxx::dbtransaction& transaction, const std::filesystem::path& file);

}  // namespace vetchart::central
