#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/base/rng.h"
#include "sync/base/time.h"

namespace vetchart::sync {

struct EdgeSyncOptions {
    std::chrono::milliseconds sweep{30000};      ///< An unconditional round at least this often (design: <= 60 s).
    std::chrono::milliseconds retry_first{500};  ///< Wait after the first failure; doubled each time,
    std::chrono::milliseconds retry_max{5000};   ///< up to this; the real wait is 50..100 % of it (jitter).
    std::uint64_t seed = 1;                      ///< Of the jitter.
};

/// What a node does next in its exchange with central: scope, push until empty, pull each clinic until there is no
/// more, then wait for a commit, a wake-up or the sweep. One action is under way at a time. Owns no socket, clock
/// or database; not thread-safe.
///
/// Neither direction starves the other: while there is more to push, a page is pulled after each batch as long as pulls
/// have taken no more than a fifth of the time (each apply replays what is not settled yet). Clinics take turns.
///
///     while (auto action = engine.next_action(now)) { run it; engine.on_..._done(...) or engine.on_failed(now); }
///     sleep until engine.wake_at() or an event; engine.on_committed() / on_woken() as they come.
class EdgeSync {
public:
    enum class Step {
        scope,  ///< GET /sync/v1/me, then on_scope_done
        push,   ///< seal, send one batch, acknowledge, then on_push_done
        pull,   ///< one page of `clinic`, then on_pull_done
    };
    struct Action {
        Step step;
        std::string clinic;  ///< For pull.
    };

    explicit EdgeSync(const EdgeSyncOptions& options);

    /// Something was written locally: push, and pull afterwards (a bill's number comes back that way).
    void on_committed();
    /// Central says these clinics have news.
    void on_woken(const std::vector<std::string>& clinics);
    /// A person asks for a round now: as on_committed, and a wait after a failure ends.
    void on_asked(Instant now);

    void on_scope_done(const std::vector<std::string>& clinics, Instant now);
    /// `sent`: how many transactions central took; `more`: the batch was full, there may be more.
    void on_push_done(int sent, bool more);
    void on_pull_done(const std::string& clinic, bool more, Instant now);
    /// The step under way failed and should be tried again.
    void on_failed(Instant now);
    /// The line was cut in the middle of the step under way. It goes on at once when some of it is through (`further`),
    /// and a few times also when nothing is: a cut may hit a handshake. False: too many of those, it counts as failed.
    bool on_cut(Instant now, bool further);

    /// The next step, which then counts as under way; nullopt: nothing before wake_at() or an event.
    [[nodiscard]] std::optional<Action> next_action(Instant now);
    [[nodiscard]] Instant wake_at() const { return wake_at_; }

    /// The last step that ended, ended well.
    [[nodiscard]] bool online() const { return contacted_ && failures_ == 0; }
    /// Nothing wanted and nothing under way: the last round is complete.
    [[nodiscard]] bool settled() const;
    [[nodiscard]] int failures() const { return failures_; }

private:
    void want_round();
    void finish_well();
    void drop_step();
    void begin_pull(Instant now);
    [[nodiscard]] bool pull_has_its_turn(Instant now) const;

    EdgeSyncOptions options_;
    SeededRng jitter_;
    std::set<std::string> clinics_;
    std::set<std::string> pulls_;  ///< Clinics to pull, those under way included.
    bool scope_wanted_ = true;
    bool push_wanted_ = true;
    bool pushed_ = false;      ///< The last step pushed something.
    std::string last_pulled_;  ///< The next pull is of the clinic after it.
    Instant pull_began_{};
    Instant pull_ended_{};
    std::optional<Action> under_way_;
    bool contacted_ = false;
    int failures_ = 0;
    int cuts_in_row_ = 0;          ///< Cuts in a row through which nothing came.
    std::optional<Action> again_;  ///< The step that was cut: before any other, while both sides have its first part.
    Instant not_before_{};         ///< No step before this (backoff).
    Instant sweep_at_{};
    Instant wake_at_{};
};

}  // namespace vetchart::sync
