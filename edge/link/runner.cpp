#include "edge/link/runner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <ctime>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "edge/link/exchange.h"
#include "sync/engine/clock_offset.h"

namespace vetchart::edge {
namespace {

namespace asio = boost::asio;
using Versions = std::map<std::string, std::int64_t>;

constexpr std::chrono::milliseconds kPollRetryFirst{500};
constexpr std::chrono::milliseconds kPollRetryMax{5000};
constexpr std::size_t kWaitersMax = 64;

Instant monotonic_now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now());
}

/// Goes on while the computer sleeps, and nobody sets it.
std::chrono::milliseconds boot_time() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                                 std::chrono::nanoseconds(time.tv_nsec));
}

/// What is kept of a failure that goes on is written anew no more often.
constexpr std::chrono::seconds kNoteAgain{60};

Error stopping() { return Error{Errc::unavailable, "the sync is being stopped", "stopping"}; }

}  // namespace

class Runner::Impl : public std::enable_shared_from_this<Runner::Impl> {
public:
    Impl(Database& database, SyncStore& store, RunnerOptions options)
        : options_(std::move(options)),
          rng_(database.rng()),
          store_(store),
          line_(options_.open_line(options_.central.line)),
          poll_line_(options_.open_line(options_.central.line)),
          client_(*line_, options_.central),
          poll_client_(*poll_line_, options_.central),
          exchange_(store, client_, {options_.now, &monotonic_now, rng_, options_.head_moved}),
          engine_(options_.engine),
          timer_(io_),
          work_(io_.get_executor()) {}

    void begin() {
        asio::post(io_, [this] { pump(); });
        steps_ = std::thread([this] { io_.run(); });
        if (options_.long_poll) poll_ = std::thread([this] { poll_loop(); });
    }

    void committed() {
        if (stopping_ || commit_posted_.exchange(true)) return;
        asio::post(io_, [this] {
            commit_posted_ = false;
            engine_.on_committed();
            pump();
        });
    }

    Status run_once(std::chrono::milliseconds timeout) {
        if (stopping_) return stopping();
        auto promise = std::make_shared<std::promise<Status>>();  // Shared: the waiter may give up before the answer.
        auto future = promise->get_future();
        asio::post(io_, [this, promise] {
            if (stopping_) return promise->set_value(stopping());
            if (waiters_.size() >= kWaitersMax) {
                return promise->set_value(Error{Errc::busy, "too many wait for a round", "busy"});
            }
            waiters_.push_back(promise);
            engine_.on_asked(monotonic_now());
            pump();
        });
        if (future.wait_for(timeout) != std::future_status::ready) {
            return Error{Errc::unavailable, "the round was not complete in time", "sync_timeout"};
        }
        return future.get();
    }

    [[nodiscard]] bool online() const { return online_ && !is_stalled(); }

    [[nodiscard]] sync::LinkState state() const {
        if (is_stalled()) return sync::LinkState::central_away;
        return ended_ ? sync::LinkState::working : sync::LinkState::connecting;
    }

    void stop() {
        if (stopping_.exchange(true)) return;
        line_->interrupt();
        poll_line_->interrupt();
        { const std::lock_guard guard(poll_lock_); }
        poll_wake_.notify_all();
        asio::post(io_, [this] {
            finish_waiters(stopping());
            timer_.cancel();
            work_.reset();
        });
        steps_.join();
        if (poll_.joinable()) poll_.join();
    }

private:
    /// One step, then back to the queue, so that events come in between; without a step, sleeps until wake_at().
    void pump() {
        if (stopping_) return;
        const auto action = engine_.next_action(monotonic_now());
        if (!action) {
            tell_poll();
            timer_.expires_at(engine_.wake_at());
            timer_.async_wait([this](const boost::system::error_code& error) {
                if (!error) pump();
            });
            return;
        }
        look_at_clock();
        run(*action);
        online_ = engine_.online();
        ended_ = true;
        if (engine_.settled()) finish_waiters(Done{});
        asio::post(io_, [this] { pump(); });
    }

    void run(const sync::EdgeSync::Action& action) {
        switch (action.step) {
            case sync::EdgeSync::Step::scope: {
                const auto clinics = exchange_.scope();
                if (!clinics) return failed(name_of(action), clinics.error());
                engine_.on_scope_done(*clinics, monotonic_now());
                break;
            }
            case sync::EdgeSync::Step::push: {
                const auto pushed = exchange_.push();
                if (!pushed) return failed(name_of(action), pushed.error());
                engine_.on_push_done(pushed->sent, pushed->more);
                break;
            }
            case sync::EdgeSync::Step::pull: {
                const auto more = exchange_.pull(action.clinic);
                if (!more) return failed(name_of(action), more.error());
                engine_.on_pull_done(action.clinic, *more, monotonic_now());
                break;
            }
        }
        succeeded(name_of(action));
    }

    static std::string name_of(const sync::EdgeSync::Action& action) {
        switch (action.step) {
            case sync::EdgeSync::Step::scope: return "scope";
            case sync::EdgeSync::Step::push: return "push";
            case sync::EdgeSync::Step::pull: break;
        }
        return "pull " + action.clinic;
    }

    /// A trouble is over when the step that had it succeeds, or nothing is left to do: central that takes the node's
    /// question but not its work is not well in between.
    void succeeded(const std::string& step) {
        forward_ms_ = 0;
        if (failing_step_ && *failing_step_ != step && !engine_.settled()) return;
        if (!failing_step_ && noted_nothing_) return;
        if (!failing_.empty()) spdlog::info("sync: central is reached again");
        failing_.clear();
        failing_step_.reset();
        noted_nothing_ = true;
        if (const auto noted = store_.link.note_working(); !noted) {
            spdlog::error("sync: cannot note the success: {}", noted.error().context);
        }
    }

    void failed(const std::string& step, const Error& cause) {
        // A line that is cut every few seconds is a line: who got further goes on, and whoever waits waits on.
        const bool was_cut = exchange_.was_cut() && !stopping_ && (exchange_.got_further() || cause.slug != "too_slow");
        if (was_cut && engine_.on_cut(monotonic_now(), exchange_.got_further())) return;
        if (!was_cut) engine_.on_failed(monotonic_now());
        if (stopping_) return;
        const Error error = seen_by_clock(cause);
        // Offline is normal and lasts: the same trouble is said once, not at every retry.
        const std::string kind = error.slug + "/" + to_string(error.code);
        const auto now = std::chrono::steady_clock::now();
        if (kind != failing_) spdlog::warn("sync: {} failed: {} {}", step, to_string(error.code), error.context);
        if (kind != failing_ || now - noted_at_ > kNoteAgain) {
            noted_at_ = now;
            if (const auto noted = store_.link.note_failure(error, options_.now() + store_.link.clock_offset());
                !noted) {
                spdlog::error("sync: cannot note the error: {}", noted.error().context);
            }
        }
        failing_ = kind;
        failing_step_ = step;
        finish_waiters(cause);
    }

    /// A certificate that has run out by a clock known to be ahead is the clock's fault.
    Error seen_by_clock(Error error) const {
        const auto tolerance = sync::kClockTolerance.count();
        const bool ahead = store_.link.clock_offset().count() < -tolerance || forward_ms_ > tolerance;
        if (error.slug == "tls_expired" && ahead) error.slug = "tls_clock";
        return error;
    }

    /// Sees the clock being set also while there is no central to measure it against.
    void look_at_clock() {
        const UtcMillis wall = options_.now();
        const std::int64_t step = steps_of_clock_.step_ms(wall, boot_time());
        if (step == 0) return;
        forward_ms_ += step;
        spdlog::warn("the clock of this computer was set by {} s", step / 1000);
        if (const auto noted = store_.link.clock_was_set(step, wall); !noted) {
            spdlog::error("sync: cannot note the clock: {}", noted.error().context);
        }
    }

    [[nodiscard]] bool is_stalled() const { return line_->quiet() > options_.answer_deadline; }

    void finish_waiters(const Status& status) {
        for (const auto& waiter : waiters_) waiter->set_value(status);
        waiters_.clear();
    }

    /// The poll goes on when all that was known of is here; before that it would answer at once.
    void tell_poll() {
        if (!engine_.settled()) return;
        {
            const std::lock_guard guard(poll_lock_);
            settled_ = true;
        }
        poll_wake_.notify_all();
    }

    [[nodiscard]] Result<Versions> versions() {
        VC_TRY_ASSIGN(const auto cursors, store_.inbox.cursors());
        Versions result;
        for (const auto& cursor : cursors) {
            if (cursor.state == "active") result[cursor.clinic_id] = cursor.position ? cursor.position->version : 0;
        }
        return result;
    }

    void poll_loop() {
        Versions woken_at;
        auto retry = kPollRetryFirst;
        while (true) {
            {
                std::unique_lock guard(poll_lock_);
                poll_wake_.wait(guard, [this] { return stopping_ || settled_; });
            }
            if (stopping_) return;
            const auto asked = versions();
            bool well = asked.ok() && !asked->empty();
            if (well && *asked != woken_at) {
                const auto answer = poll_client_.wait(sync::WaitRequest{*asked, 25000});
                well = answer.ok() && !answer->is_refused();
                if (well && !answer->reply().changed.empty()) {
                    woken_at = *asked;
                    wake(answer->reply().changed);
                }
                if (!well) probe();
            } else {
                // Central said "changed", and the pull brought nothing: do not ask again at full speed.
                well = false;
                woken_at.clear();
            }
            if (well) {
                retry = kPollRetryFirst;
                continue;
            }
            pause(retry);
            retry = std::min(retry * 2, kPollRetryMax);
        }
    }

    void wake(const std::vector<std::string>& clinics) {
        {
            const std::lock_guard guard(poll_lock_);
            settled_ = false;
        }
        asio::post(io_, [this, clinics] {
            engine_.on_woken(clinics);
            pump();
        });
    }

    /// The poll's line broke: a round now shows whether central is still there, not only at the next sweep.
    void probe() {
        if (stopping_) return;
        asio::post(io_, [this] {
            if (engine_.failures() > 0) return;
            engine_.on_asked(monotonic_now());
            pump();
        });
    }

    /// 50..100 % of `time`: central's return must not bring every node's poll in the same moment.
    void pause(std::chrono::milliseconds time) {
        const auto half = static_cast<std::uint32_t>(time.count() / 2);
        time = std::chrono::milliseconds(half + draw_below(rng_, half + 1));
        std::unique_lock guard(poll_lock_);
        poll_wake_.wait_for(guard, time, [this] { return stopping_.load(); });
    }

    RunnerOptions options_;
    Rng& rng_;
    SyncStore& store_;
    std::unique_ptr<Transport> line_;
    std::unique_ptr<Transport> poll_line_;
    CentralClient client_;
    CentralClient poll_client_;
    Exchange exchange_;
    sync::EdgeSync engine_;                                       ///< Of the steps' thread, as all that follows.
    std::vector<std::shared_ptr<std::promise<Status>>> waiters_;  ///< At most kWaitersMax.
    std::string failing_;                                         ///< The trouble that goes on.
    std::optional<std::string> failing_step_;                     ///< The step that has it.
    bool noted_nothing_ = false;                                  ///< The file says that nothing fails.
    std::chrono::steady_clock::time_point noted_at_{};
    sync::ClockSteps steps_of_clock_;
    std::int64_t forward_ms_ = 0;  ///< By how much the clock was set forward since the last success.
    asio::io_context io_;
    asio::steady_timer timer_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> online_{false};
    std::atomic<bool> ended_{false};  ///< A step has ended.
    std::atomic<bool> commit_posted_{false};
    std::mutex poll_lock_;
    std::condition_variable poll_wake_;
    bool settled_ = false;  ///< Under poll_lock_.
    std::thread steps_;
    std::thread poll_;
};

Runner::Runner(Database& database, SyncStore& store, RunnerOptions options)
    : impl_(std::make_shared<Impl>(database, store, std::move(options))) {
    database.on_commit([weak = std::weak_ptr<Impl>(impl_)] {
        if (const auto impl = weak.lock()) impl->committed();
    });
    impl_->begin();
}

Runner::~Runner() { stop(); }

Status Runner::run_once(std::chrono::milliseconds timeout) { return impl_->run_once(timeout); }

bool Runner::online() const { return impl_->online(); }

sync::LinkState Runner::state() const { return impl_->state(); }

void Runner::stop() { impl_->stop(); }

}  // namespace vetchart::edge
