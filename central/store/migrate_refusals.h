#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "central/store/pool.h"

namespace vetchart::central {

/// What a legacy database holds that cannot be taken over, in one sentence for the operator: names of things, never
/// values.
[[nodiscard]] Error legacy_refused(const std::string& sentence);

/// A PostgreSQL array of `names`, which hold no quotation mark and no backslash.
[[nodiscard]] std::string array_literal(const std::vector<std::string>& names);

/// Whether this session may make what the files make: schemas, temporary tables, tables in public (which is made
/// when it is missing). Refuses (conflict `legacy_refused`) with the GRANT that is missing. Throws what libpqxx
/// throws, as the others here: call inside the boundary.
[[nodiscard]] Status check_privileges(pqxx::dbtransaction& transaction);

/// Refuses a database that has a table, index, type, function or schema of its own by a name that the texts of
/// `files` are about to create.
[[nodiscard]] Status check_free_names(pqxx::dbtransaction& transaction, const std::vector<std::string_view>& files);

/// Refuses what would stop the migration of the six legacy tables half-way, each in one sentence that names the
/// thing: ids that are not unique, what hangs on their columns and cannot be put aside, an extension that is missing.
/// The tables are in public and locked.
[[nodiscard]] Status check_legacy_tables(pqxx::dbtransaction& transaction, const std::vector<std::string>& tables);

}  // namespace vetchart::central
