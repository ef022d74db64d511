#include "central/store/clinics.h"

#include <pqxx/pqxx>

#include "central/store/audit.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

constexpr const char* kKnownZone = "SELECT 1 WHERE is_time_zone($1)";
constexpr const char* kInsert =
    "INSERT INTO clinic (id, code, name, timezone, currency, address, phone) "
    "VALUES ($1::uuid, $2, $3, $4, $5, '', '')";
constexpr const char* kList = "SELECT id, code, name, timezone, currency FROM clinic ORDER BY code COLLATE \"C\", id";
constexpr const char* kByCode = "SELECT id FROM clinic WHERE code = $1";

}  // namespace

Result<std::string> add_clinic(Pool& pool, const std::string& actor, const NewClinic& clinic, UtcMillis now) {
    const std::string id = new_row_id(pool.rng(), now);
    VC_TRY(pool.transact("clinic add", [&](pqxx::work& transaction) -> Status {
        if (transaction.exec_params(kKnownZone, clinic.timezone).empty()) {
            return Error{Errc::invalid_input, "no such time zone: " + clinic.timezone, "unknown_timezone"};
        }
        transaction.exec_params(kInsert, id, clinic.code, clinic.name, clinic.timezone, clinic.currency);
        audit(transaction, actor, "clinic add", clinic.code, {{"id", id}});
        return Done{};
    }));
    return id;
}

Result<std::vector<Clinic>> list_clinics(Pool& pool) {
    std::vector<Clinic> clinics;
    VC_TRY(pool.read("clinic list", [&](pqxx::dbtransaction& transaction) -> Status {
        for (const auto& row : transaction.exec(kList)) {
            clinics.push_back(Clinic{row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str(), row[4].c_str()});
        }
        return Done{};
    }));
    return clinics;
}

Result<std::string> clinic_id_of(pqxx::transaction_base& transaction, const std::string& code) {
    const auto rows = transaction.exec_params(kByCode, code);
    if (rows.empty()) return Error{Errc::not_found, "no clinic has the code " + code, "clinic_not_found"};
    return std::string(rows[0][0].c_str());
}

}  // namespace vetchart::central
