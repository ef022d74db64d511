#include "central/accept/numbers.h"

#include <map>
#include <pqxx/pqxx>
#include <set>

#include "central/accept/rows.h"
#include "sync/wire/messages.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr std::size_t kCodeSize = 5;
constexpr int kClaimsMax = 16;  ///< Codes that a node may have beside those of the lives it pushed under.

constexpr const char* kWhose = "SELECT set_config('vetchart.node', $1, true)";
// The nil life: one that central never heard of.
constexpr const char* kClaim = R"(
INSERT INTO sync_node_code (code, node_id, incarnation, taken_at)
SELECT x.code, $1::uuid, '00000000-0000-0000-0000-000000000000', clock_instant()
FROM unnest($2::text[]) x (code) WHERE NOT EXISTS (SELECT FROM sync_node_code k WHERE k.code = x.code)
ORDER BY x.code
LIMIT greatest(0, $3::int - (SELECT count(*) FROM sync_node_code k WHERE k.node_id = $1::uuid
                              AND k.incarnation = '00000000-0000-0000-0000-000000000000'))
ON CONFLICT (code) DO NOTHING)";
constexpr const char* kStands =
    "SELECT id::text AS id, clinic_id::text AS clinic_id, provisional_number FROM bill WHERE id = ANY($1::uuid[])";

/// The number a change gives a new bill; nullptr: it gives none.
const std::string* number_of(const sync::Change& change) {
    if (change.table != "bill" || change.op != sync::Op::insert) return nullptr;
    const auto number = change.new_values.find("provisional_number");
    const bool given = number != change.new_values.end() && number->is_string();
    return given ? &number->get_ref<const std::string&>() : nullptr;
}

sync::Notice notice_of(const std::string& id, const std::string& clinic, const std::string& wanted,
                       const std::string& stands) {
    return sync::Notice{{"bill", id},
                        clinic,
                        "provisional_number_taken",
                        "A bill's first number was changed",
                        "The number printed on this bill, " + wanted +
                            ", is another bill's or another computer's. It is kept as " + stands +
                            " and is found by what is printed.",
                        wanted,
                        stands,
                        nullptr,
                        {}};
}

}  // namespace

void claim_numbers(pqxx::dbtransaction& db, const std::string& node_id, const Batch& batch) {
    std::set<std::string> codes;
    for (const BatchChange& bill : batch.changes_of("bill")) {
        const std::string* number = number_of(*bill.change);
        if (number == nullptr || number->size() <= kCodeSize || (*number)[kCodeSize] != '-') continue;
        if (sync::is_node_code(number->substr(0, kCodeSize))) codes.insert(number->substr(0, kCodeSize));
    }
    db.exec_params(kWhose, node_id);
    if (codes.empty()) return;
    db.exec_params(kClaim, node_id, id_array(codes), kClaimsMax);
}

void notice_numbers(pqxx::dbtransaction& db, std::vector<Decided>& batch) {
    struct Given {
        Decided* decided;
        const std::string* number;
    };
    std::map<std::string, Given> given;
    for (Decided& decided : batch) {
        std::set<std::string> inserted;
        for (const sync::RowWrite& write : decided.decision.writes) {
            const bool is_new = write.key.table == "bill" && write.kind == sync::RowWrite::Kind::insert;
            if (is_new) inserted.insert(write.key.id);
        }
        if (inserted.empty()) continue;
        for (const sync::Change& change : decided.transaction->changes) {
            const std::string* number = number_of(change);
            if (number != nullptr && inserted.contains(change.row_id)) given[change.row_id] = Given{&decided, number};
        }
    }
    if (given.empty()) return;
    std::vector<std::string> ids;
    ids.reserve(given.size());
    for (const auto& entry : given) ids.push_back(entry.first);
    for (const auto& row : db.exec_params(kStands, id_array(ids))) {
        const auto id = row["id"].as<std::string>();
        const auto stands = row["provisional_number"].as<std::string>();
        const Given& bill = given.at(id);
        if (stands == *bill.number) continue;
        bill.decided->decision.notices.push_back(
            notice_of(id, row["clinic_id"].as<std::string>(), *bill.number, stands));
    }
}

}  // namespace vetchart::central
