#pragma once

#include <string>

#include "central/store/archive.h"
#include "sync/base/time.h"

namespace vetchart::central {

struct RestoredPatient {
    ArchiveMove move;
    int replayed = 0;    ///< Held transactions that came in with it.
    int still_held = 0;  ///< Those tried that cannot stand yet, each with its present reason.
};

/// Brings an archived patient back, and with it what nodes sent about it meanwhile: every held transaction of the
/// clinic that waits (or builds on one that does) is taken again in its node's order, as if just pushed; conflicts
/// become items as usual. All in one transaction, audited; the nodes settle by their next pull. Errors: those of
/// restore_rows (archive.h); busy when a clinic of it is locked for too long: try again. Blocking, thread-safe.
[[nodiscard]] Result<RestoredPatient> restore_patient(Pool& pool, const std::string& actor,
                                                      const std::string& patient_id, UtcMillis now);

}  // namespace vetchart::central
