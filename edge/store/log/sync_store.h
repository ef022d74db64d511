#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/file/derived.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/engine/link_state.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// What GET /api/sync/status says, read from one snapshot of the file.
struct SyncStatus {
    struct Clinic {
        std::string id, code, name, state;
        std::int64_t version = 0;
        bool loading = false;
        std::int64_t rows_arrived = 0;          ///< Rows that an unfinished pull of several pages has brought.
        std::optional<std::int64_t> feed_rows;  ///< About how many there are, during a first load.
    };
    std::string node_id;  ///< Empty: not enrolled.
    std::string node_name, node_code, incarnation, central_url;
    std::vector<Clinic> clinics;
    std::optional<std::string> last_push_at, last_pull_at, last_contact_at, last_error, oldest_pending_at;
    std::int64_t pending_changes = 0;       ///< Not yet acknowledged by central.
    std::int64_t pending_transactions = 0;  ///< The same, whole transactions.
    std::int64_t conflicts = 0;             ///< Open attention items of that kind.
    std::int64_t quarantined = 0;
    std::int64_t notices = 0;
    std::int64_t clock_offset_ms = 0;
    int schema_version = 0;
    bool damaged = false;                              ///< Database::damage(); last_error says what.
    sync::LinkState state = sync::LinkState::working;  ///< What matters most to a person; last_error has the detail.
    std::optional<std::string> state_since;            ///< For a lost line the last success, not the last attempt.
    std::optional<std::string> clock_wrong_since;
    std::vector<Rebuild> rebuilds;  ///< What was found damaged and made anew.
    bool search_complete = true;    ///< False: the search is being made anew, step by step.
};

/// The last time that central took or brought something, or answered; none: never.
[[nodiscard]] std::optional<std::string> last_success(const SyncStatus& status);

/// A clinic this node keeps, and how far its feed has been applied.
struct ClinicCursor {
    std::string clinic_id;
    std::optional<sync::Position> position;  ///< nullopt: nothing applied yet.
    std::optional<sync::PageKey> after;      ///< Where an unfinished pull goes on.
    std::string state;                       ///< active, closing, revoked
};

/// The sync half of the node's file: the sealed log, the inbox, the cursor. Thread-safe through Database.
class SyncStore {
public:
    explicit SyncStore(Database& database);

    [[nodiscard]] Result<SyncStatus> status();
    [[nodiscard]] Result<std::vector<ClinicCursor>> cursors();

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

    /// Central holds another transaction at some seq after `last_common`: this file is a copy of a past. Begins a
    /// new incarnation (`node_code`, drawn by the caller) under which everything after `last_common` is sent again.
    [[nodiscard]] Status fork(const std::string& incarnation, std::int64_t last_common, const std::string& node_code);

    /// Stores one page in the inbox. When it is the last one, applies the inbox and moves the cursor (apply.h).
    [[nodiscard]] Status take_page(const sync::PullReply& page, UtcMillis now);

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

    /// Stores what an enrolment brought: id, URL, scope; makes cursors for new clinics.
    [[nodiscard]] Status enrolled(const sync::EnrollReply& reply, const std::string& node_name,
                                  const std::string& central_url, UtcMillis now);
    /// Stores the scope that central told last: new clinics get a cursor, absent ones become revoked.
    [[nodiscard]] Status set_scope(const std::vector<sync::ScopedClinic>& clinics);

    /// Begins a new life of the log: a new incarnation and node code, and a chain of its own. Unsealed rows go into it.
    [[nodiscard]] Status new_incarnation(const std::string& node_code);

    /// Moves every row of the only clinic to `clinic_id` (a node that worked alone joins a clinic), staff matched
    /// by e-mail, and logs them as inserts. Precondition: not enrolled.
    [[nodiscard]] Status adopt_into(const std::string& clinic_id);

private:
    Database& database_;
    std::atomic<std::int64_t> highest_number_{-1};  ///< The highest bill number here, for central; -1: not read yet.
};

/// Five random characters of base32 without look-alikes: a node code (docs/data-rules.md).
[[nodiscard]] std::string draw_node_code(Rng& rng);

}  // namespace vetchart::edge
