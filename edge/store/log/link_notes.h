#pragma once

#include <chrono>
#include <cstdint>

#include "edge/store/file/database.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::edge {

/// What the node's file keeps of the exchange with central: how it stands, since when, and how wrong the clock is.
/// Thread-safe through Database.
class LinkNotes {
public:
    explicit LinkNotes(Database& database) : database_(database) {}

    /// Notes that central was reached and the clock measured; `now` is corrected by that. Brings back times ahead of
    /// it: what the node remembers, and, by how much the offset moved, rows whose log is not sealed yet.
    [[nodiscard]] Status note_contact(std::int64_t clock_offset_ms, UtcMillis now);
    /// Notes that a step failed, and brings back what the node remembers of times ahead of `now` (corrected).
    [[nodiscard]] Status note_failure(const Error& error, UtcMillis now);
    /// Notes that what failed before is over.
    [[nodiscard]] Status note_working();
    /// Notes that this computer's clock was set by `step_ms`: a repair moves the offset. `wall` is not corrected.
    [[nodiscard]] Status clock_was_set(std::int64_t step_ms, UtcMillis wall);
    /// Call it at the start: what is stored shows a clock that was set back while the program did not run. `wall`:
    /// uncorrected.
    [[nodiscard]] Status look_at_clock(UtcMillis wall);
    [[nodiscard]] std::chrono::milliseconds clock_offset() const { return database_.clock_offset(); }

private:
    Database& database_;
};

}  // namespace vetchart::edge
