#pragma once

#include <string>
#include <string_view>

#include "sync/model/change.h"

namespace pqxx {
class transaction_base;
}

namespace vetchart::central {

/// Writes one audit_log row in the caller's transaction, so that a deed and its trace commit together. `detail`
/// holds ids and names of things, never clinical content, passwords or secrets. `actor` and `subject` are cut to 300
/// bytes. `address`: whence it was asked for over an API; empty: where the database sees this program. Throws what
/// libpqxx throws: call inside Pool::transact only.
void audit(pqxx::transaction_base& transaction, const std::string& actor, std::string_view action,
           const std::string& subject, const sync::Json& detail, const std::string& address = {});

/// Gives this address to every audit row of the transaction from now on, also to those of the database's functions.
void audit_from(pqxx::transaction_base& transaction, const std::string& address);

}  // namespace vetchart::central
