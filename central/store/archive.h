#pragma once

#include <optional>
#include <string>
#include <vector>

#include "central/store/pool.h"
#include "sync/base/result.h"
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

/// The rows' way back, for restore_patient() of central/intake/push_replay.h, which also brings in what nodes sent
/// about the patient meanwhile. Errors: invalid_input (`bad_id`), not_found (`patient_unknown`), conflict
/// (`not_archived`). Throws what libpqxx throws: call inside Pool::transact.
[[nodiscard]] Result<ArchiveMove> restore_rows(pqxx::work& transaction, const std::string& actor,
                                               const std::string& patient_id);

/// The latest first, at most kArchiveListMax. `all`: those brought back, too.
inline constexpr int kArchiveListMax = 10000;
[[nodiscard]] Result<std::vector<ArchiveEntry>> list_archive(Pool& pool, bool all);

}  // namespace vetchart::central
