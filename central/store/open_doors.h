#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace vetchart::central {

/// Something that a login of the cluster, or a reader of the reports, could do in central's database and should not.
struct OpenDoor {
    std::string what;       ///< A sentence: names of things, never values.
    std::string statement;  ///< What closes it, for one who may.
    bool harmless = false;  ///< Closing it can take nothing from anybody who needs it: `migrate` does it where it may.
};

/// What is open in the database of the transaction: rights that PostgreSQL gives to everybody, rights that somebody
/// gave, logins of vetchart_report without bounds. Reads catalogs alone. Empty on a database without central's schema.
[[nodiscard]] std::vector<OpenDoor> open_doors(pqxx::dbtransaction& transaction);

/// Closes the harmless ones that this role may close, each in a savepoint; returns what is still open. Central's own
/// role keeps the rights that it had as everybody.
[[nodiscard]] std::vector<OpenDoor> close_doors(pqxx::work& transaction);

}  // namespace vetchart::central
