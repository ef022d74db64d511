#include "central/store/audit.h"

#include <pqxx/pqxx>

namespace vetchart::central {
namespace {

constexpr const char* kInsert = "INSERT INTO audit_log (actor, action, subject, detail) VALUES ($1, $2, $3, $4::jsonb)";

}  // namespace

void audit(pqxx::transaction_base& transaction, const std::string& actor, std::string_view action,
           const std::string& subject, const sync::Json& detail) {
    const auto text = detail.dump(-1, ' ', false, sync::Json::error_handler_t::replace);
    transaction.exec_params(kInsert, actor, std::string(action), subject, text);
}

}  // namespace vetchart::central
