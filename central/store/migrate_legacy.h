#pragma once

#include <functional>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "schema/embedded.h"

namespace vetchart::central {

struct LegacyTables {
    std::string schema;               ///< Where they are; "" when this is no legacy database.
    std::vector<std::string> tables;  ///< Those of the six that are there, in the order in which they are locked.
};

/// The old server's tables: those in public, else those of the one schema that has both "Owner" and "Patient".
/// Errors: conflict `legacy_refused` when several schemas have, or when one is no plain table, or belongs to a role
/// that this session is not a member of. Throws what libpqxx throws, as the others here: call inside the boundary.
[[nodiscard]] Result<LegacyTables> find_legacy_tables(pqxx::dbtransaction& transaction);

/// Locks them against everyone (ACCESS EXCLUSIVE, all in one statement, always in the same order) to the end of the
/// transaction, and moves them to public. Whoever waits is told through `say` whom for. Error: busy, naming table,
/// pid and application of those who did not let go within `seconds`.
[[nodiscard]] Status lock_legacy_tables(pqxx::dbtransaction& transaction, const LegacyTables& found, int seconds,
                                        const std::function<void(const std::string&)>& say);

/// Refuses (conflict `legacy_refused`) a database that has a table, index or type of its own by a name that `files`
/// are about to create.
[[nodiscard]] Status check_free_names(pqxx::dbtransaction& transaction, const std::vector<schema::SqlFile>& files);

}  // namespace vetchart::central
