#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "sync/base/time.h"

namespace vetchart::edge {

/// The corrected clock of one database: this computer's, moved by the offset that was measured at the last contact with
/// central. SQLite's 'now' on connections opened by `vfs()` is this clock, so the defaults, stamps and captured times
/// of what the daemon writes follow it without a word in the SQL. The sqlite3 shell has the computer's own clock; only
/// the capture corrects it there. Thread-safe.
class NodeClock {
public:
    NodeClock();
    ~NodeClock();  ///< Every connection has been closed by then.
    NodeClock(const NodeClock&) = delete;
    NodeClock& operator=(const NodeClock&) = delete;

    /// The name of an SQLite VFS: the default one but for its clock.
    [[nodiscard]] const char* vfs() const;
    void set_offset(std::chrono::milliseconds offset);
    [[nodiscard]] std::chrono::milliseconds offset() const;

private:
    struct Vfs;
    std::unique_ptr<Vfs> vfs_;
};

}  // namespace vetchart::edge
