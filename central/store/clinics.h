#pragma once

#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace pqxx {
class transaction_base;
}

namespace vetchart::central {

struct Clinic {
    std::string id, code, name, timezone, currency;
};

/// A clinic as it is to be made. The database's own rules judge it (code, time zone text, currency).
struct NewClinic {
    std::string code, name, timezone = "UTC", currency = "USD";
};

/// Makes the clinic and returns its id. Errors: conflict with the constraint's name (code taken, or a value that
/// a rule refuses), invalid_input when the time zone is not one PostgreSQL knows. Thread-safe, as all below.
[[nodiscard]] Result<std::string> add_clinic(Pool& pool, const std::string& actor, const NewClinic& clinic,
                                             UtcMillis now);
[[nodiscard]] Result<std::vector<Clinic>> list_clinics(Pool& pool);

/// The id of the clinic with this code. Errors: not_found. Throws what libpqxx throws: inside store/ only.
[[nodiscard]] Result<std::string> clinic_id_of(pqxx::transaction_base& transaction, const std::string& code);

}  // namespace vetchart::central
