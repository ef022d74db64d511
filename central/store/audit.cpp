#include "central/store/audit.h"

#include <pqxx/pqxx>

namespace vetchart::central {
namespace {

constexpr std::size_t kTextMax = 300;

constexpr const char* kInsert = "INSERT INTO audit_log (actor, action, subject, detail) VALUES ($1, $2, $3, $4::jsonb)";
constexpr const char* kAddress = "SELECT set_config('vetchart.address', $1, true)";

/// Cuts a text, without cutting a character.
std::string clipped(std::string text) {
    if (text.size() <= kTextMax) return text;
    std::size_t size = kTextMax;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    text.resize(size);
    return text;
}

}  // namespace

void audit(pqxx::transaction_base& transaction, const std::string& actor, std::string_view action,
           const std::string& subject, const sync::Json& detail, const std::string& address) {
    const auto text = detail.dump(-1, ' ', false, sync::Json::error_handler_t::replace);
    if (!address.empty()) audit_from(transaction, address);
    transaction.exec_params(kInsert, clipped(actor), std::string(action), clipped(subject), text);
}

void audit_from(pqxx::transaction_base& transaction, const std::string& address) {
    transaction.exec_params(kAddress, clipped(address));
}

}  // namespace vetchart::central
