#pragma once

#include <functional>
#include <string>
#include <vector>

#include "central/store/pool.h"

namespace vetchart::central {

struct LegacyTables {
    std::string schema;               ///< Where they are; "" when this is no legacy database.
    std::vector<std::string> tables;  ///< Those of the six that are there, in the order in which they are locked.
};

/// The old server's tables: those of the schema that has both "Owner" and "Patient" (public before others), else what
/// there is of them in public.
/// Errors: conflict `legacy_refused` when several schemas have, or when one is no plain table, or belongs to a role
/// that this session is not a member of. Throws what libpqxx throws, as the others here: call inside the boundary.
[[nodiscard]] Result<LegacyTables> find_legacy_tables(pqxx::dbtransaction& transaction);

/// Locks them against everyone (ACCESS EXCLUSIVE, all in one statement, always in the same order) to the end of the
/// transaction, moves them to public, and takes row policies off them. Whoever waits is told through `say` whom for.
/// Error: busy, naming table, pid and application of those who did not let go within `seconds`.
[[nodiscard]] Status lock_legacy_tables(pqxx::dbtransaction& transaction, const LegacyTables& found, int seconds,
                                        const std::function<void(const std::string&)>& say);

}  // namespace vetchart::central
