#pragma once

#include <optional>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/model/change.h"

/// The erasure of an owner on request (docs/retention.md). The work is erase_owner() of
/// schema/postgres/rules/erasure.sql; what nodes send later is erased on arrival: erase_values().
namespace vetchart::central {

struct OwnerErasure {
    std::string owner_id;      ///< Any case; an owner row of the person, live, soft-deleted or deleted for good.
    std::string reason;        ///< 1 to 1000 characters; stays at central. Names of the person in it are erased too.
    std::string actor;         ///< Who asked for it, for the audit.
    std::string address = {};  ///< Where the request came from, over the API.
};

struct ErasureResult {
    std::string owner_id;
    std::optional<std::string> erased_before;  ///< format_utc: when it was first done, if this was a repeat.
    sync::Json counts;                         ///< What was overwritten: kind of place to number of rows.
};

/// Overwrites the person's name, e-mail, phone, address and notes wherever central keeps them, in one transaction,
/// audited without the values; patients, records and bills stand. Covers every owner row merged with this one. A
/// repeat is no error: it overwrites what came since. Takes as long as reading the journal twice; the clinic's lock
/// is held only while what came meanwhile is read and the rows found are written. Blocking, thread-safe. Errors:
/// invalid_input (`bad_id`, `bad_reason`), not_found (`owner_unknown`).
[[nodiscard]] Result<ErasureResult> erase_owner(Pool& pool, const OwnerErasure& erasure);

/// One owner row that was erased. Times are format_utc.
struct ErasedOwner {
    std::string owner_id, clinic_code, erased_at, last_run_at, actor, reason;
};

/// All of them, the latest first: to be kept outside the database too, and done again after a restore of an older
/// backup (docs/retention.md). At most kErasureListMax.
inline constexpr int kErasureListMax = 100000;
[[nodiscard]] Result<std::vector<ErasedOwner>> list_erasures(Pool& pool);

}  // namespace vetchart::central
