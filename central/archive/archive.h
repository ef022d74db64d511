#pragma once

#include <optional>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/model/change.h"

/// The archive (docs/retention.md): a patient with its whole history, out of the live tables and
/// back. The rows are moved by archive_patient() and restore_patient() of schema/postgres/rules/archive_move.sql.
namespace vetchart::central {

/// One time a patient was archived. Times are format_utc.
struct ArchiveEntry {
    std::string id, clinic_code, patient_id;
    std::string patient_name;  ///< Empty when the patient was deleted after its return.
    std::string archived_at, actor, reason;
    std::optional<std::string> restored_at, restored_by;
};

/// What was moved: table name to number of rows.
struct ArchiveMove {
    std::string entry_id;
    sync::Json counts;
};

/// Moves the patient and all that belongs to it into the archive, in one transaction, audited. The clinic's nodes
/// lose the rows at their next pull. `reason` is 1 to 1000 characters. Errors: invalid_input (`bad_id`, `bad_reason`),
/// not_found (`patient_unknown`), conflict (`already_archived`).
[[nodiscard]] Result<ArchiveMove> archive_patient(Pool& pool, const std::string& actor, const std::string& patient_id,
                                                  const std::string& reason);

struct RestoredPatient {
    ArchiveMove move;
    int replayed = 0;    ///< Held transactions that came in with it.
    int still_held = 0;  ///< Those tried that cannot stand yet, each with its present reason.
};

/// Brings an archived patient back, and with it what nodes sent about it meanwhile: every held transaction of the
/// clinic that waits (or builds on one that does) is tried again. All in one transaction, audited; the nodes settle by
/// their next pull. Errors: invalid_input (`bad_id`), not_found (`patient_unknown`), conflict (`not_archived`); busy
/// when a clinic of it is locked for too long: try again. Blocking, thread-safe.
[[nodiscard]] Result<RestoredPatient> restore_patient(Pool& pool, const std::string& actor,
                                                      const std::string& patient_id, UtcMillis now);

/// The latest first, at most kArchiveListMax. `all`: those brought back, too.
inline constexpr int kArchiveListMax = 10000;
[[nodiscard]] Result<std::vector<ArchiveEntry>> list_archive(Pool& pool, bool all);

}  // namespace vetchart::central
