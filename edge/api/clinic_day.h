#pragma once

#include <string>

#include "sync/base/time.h"

namespace vetchart::edge {

/// The calendar day (YYYY-MM-DD) of a clinic in `timezone` (an IANA name) at `now`. A zone the system does not know
/// counts as UTC. Zone files are read once a process. Thread-safe.
[[nodiscard]] std::string clinic_day(const std::string& timezone, UtcMillis now);

/// True when the system knows `timezone`. Reads a file.
[[nodiscard]] bool is_known_zone(const std::string& timezone);

/// False where no zone files are installed (the package tzdata): every day would be UTC's.
[[nodiscard]] bool has_zone_data();

}  // namespace vetchart::edge
