#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "edge/store/file/database.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// The sealed log on its way to central. Thread-safe through Database.
class PushLog {
public:
    explicit PushLog(Database& database) : database_(database) {}

    /// Seals what the log holds unsealed: one sync_txn per daemon transaction, one for each run of unmarked rows
    /// found together; extends the chain digest. Returns how many transactions were sealed.
    [[nodiscard]] Result<int> seal();

    /// The next transactions to push, in order, whole, at most `bytes_max` (a larger one comes alone) and
    /// `count_max`; marks them sent. Empty: nothing to push. All are of one incarnation.
    [[nodiscard]] Result<sync::PushRequest> next_push(std::size_t bytes_max, std::size_t count_max);

    /// Call it when the push failed: what was marked sent is local again, so that its rows say "not sent yet".
    [[nodiscard]] Status not_sent();

    /// Takes central's answer: states, versions, outcomes. What the cursor has already reached is settled.
    [[nodiscard]] Status acknowledge(const std::string& incarnation, const sync::PushReply& reply, UtcMillis now);

    /// Raises the highest bill number that is told to central; call it with what a pull brings of `clinic_id`.
    void note_numbers(Connection& connection, const std::string& clinic_id);

private:
    Database& database_;
    std::atomic<std::int64_t> highest_number_{-1};  ///< The highest bill number here, for central; -1: not read yet.
};

}  // namespace vetchart::edge
