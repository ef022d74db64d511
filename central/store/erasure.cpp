#include "central/store/erasure.h"

#include <pqxx/pqxx>

#include "central/store/audit.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"

// The erasure of an owner, in its order; from the second step on it is erase_owner() of the database:
//
//  1. note how far the journal is committed, in a transaction of its own: the horizon;
//  2. read the journal up to the horizon, without the clinic's lock: the changes that name the person's owner rows,
//     their patients and those patients' records;
//  3. lock the clinic and read what came since; where a merge or a patient's owner moved meanwhile, read all again;
//  4. gather what is known of the person: names, e-mails, phones, patients that were theirs alone and shared ones;
//  5. overwrite the rows, live, archived and deleted, and what remembers them: journal, items, staged parts, reasons;
//  6. remember the erasure, which erases on arrival what nodes send later (central/accept/erased.h), and tell the
//  nodes.
//
// Always: steps 2 to 6 commit together; other owners' names stand; a repeat is no error, and finds what came since.
namespace vetchart::central {
namespace {

using sync::Json;

constexpr std::size_t kReasonMax = 1000;

// The journal of years is read whole: longer than a request may take. What was read must not be lost to a push or two
// that are ahead in the queue for the clinic's lock.
constexpr const char* kTime = "SET LOCAL statement_timeout = '1h'; SET LOCAL lock_timeout = '60s'";
constexpr const char* kKnown = "SELECT erasure_clinic($1::uuid)";
constexpr const char* kHorizon = "SELECT erasure_horizon($1::uuid)";
constexpr const char* kErase = "SELECT erase_owner($1::uuid, $2, $3, $4::bigint)::text";
constexpr const char* kList = R"(
SELECT e.owner_id, c.code, wire_instant(e.erased_at), wire_instant(e.last_run_at), e.actor, e.reason
FROM owner_erasure e JOIN clinic c ON c.id = e.clinic_id ORDER BY e.erased_at DESC, e.owner_id LIMIT $1::int)";

}  // namespace

Result<ErasureResult> erase_owner(Pool& pool, const OwnerErasure& erasure) {
    const std::string id = ascii_lower(erasure.owner_id);
    if (!parse_uuid(id)) {
        return Error{Errc::invalid_input, "an owner's id is a UUID like 0197f6a0-1c2d-7e3f-8a4b-5c6d7e8f9a0b",
                     "bad_id"};
    }
    const auto length = code_point_count(trim_blanks(erasure.reason));
    if (!is_clean_utf8(erasure.reason) || length == 0 || length > kReasonMax) {
        return Error{Errc::invalid_input, "the reason must have 1 to 1000 characters", "bad_reason"};
    }
    ErasureResult result;
    result.owner_id = id;
    std::int64_t horizon = 0;
    VC_TRY(pool.transact("owner erase", [&](pqxx::work& transaction) -> Status {
        transaction.exec0(kTime);
        if (transaction.exec_params1(kKnown, id)[0].is_null()) {
            return Error{Errc::not_found, "no owner has or had the id " + id, "owner_unknown"};
        }
        horizon = transaction.exec_params1(kHorizon, id)[0].as<std::int64_t>();
        return Done{};
    }));
    VC_TRY(pool.transact("owner erase", [&](pqxx::work& transaction) -> Status {
        transaction.exec0(kTime);
        if (!erasure.address.empty()) audit_from(transaction, erasure.address);
        const auto row = transaction.exec_params1(kErase, id, erasure.actor, erasure.reason, horizon);
        result.counts = Json::parse(row[0].as<std::string>());
        return Done{};
    }));
    if (const auto before = result.counts.find("before"); before != result.counts.end()) {
        if (before->is_string()) result.erased_before = before->get<std::string>();
        result.counts.erase(before);
    }
    return result;
}

Result<std::vector<ErasedOwner>> list_erasures(Pool& pool) {
    std::vector<ErasedOwner> owners;
    VC_TRY(pool.read("owner erase --list", [&](pqxx::dbtransaction& transaction) -> Status {
        for (const auto& row : transaction.exec_params(kList, kErasureListMax)) {
            owners.push_back(
                {row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str(), row[4].c_str(), row[5].c_str()});
        }
        return Done{};
    }));
    return owners;
}

}  // namespace vetchart::central
