#include <catch2/catch.hpp>

#include "sync/engine/edge_sync.h"

using namespace vetchart;
using namespace vetchart::sync;
using namespace std::chrono_literals;

namespace {

const Instant kStart{1000s};

/// Runs the engine against a central that answers every step well; returns the steps as letters.
std::string run_round(EdgeSync& engine, Instant now, int to_push = 0) {
    std::string steps;
    while (const auto action = engine.next_action(now)) {
        switch (action->step) {
            case EdgeSync::Step::scope:
                steps += 's';
                engine.on_scope_done({"c1", "c2"}, now);
                break;
            case EdgeSync::Step::push: {
                const int sent = to_push > 0 ? 1 : 0;
                to_push -= sent;
                steps += 'p';
                engine.on_push_done(sent, sent > 0);
                break;
            }
            case EdgeSync::Step::pull:
                steps += action->clinic == "c1" ? '1' : '2';
                engine.on_pull_done(action->clinic, false, now);
                break;
        }
        if (steps.size() > 100) break;
    }
    return steps;
}

}  // namespace

TEST_CASE("edge sync: a first round asks the scope, pushes until empty and pulls every clinic", "[sync][engine]") {
    EdgeSync engine({});
    REQUIRE_FALSE(engine.online());
    REQUIRE(run_round(engine, kStart, 2) == "sp1p2p1");
    REQUIRE(engine.online());
    REQUIRE(engine.settled());
}

TEST_CASE("edge sync: a local commit is pushed at once and its answer pulled", "[sync][engine]") {
    EdgeSync engine({});
    run_round(engine, kStart);
    engine.on_committed();
    REQUIRE(run_round(engine, kStart + 1ms, 1) == "p1p2");
}

TEST_CASE("edge sync: a wake-up pulls the clinic named, and none that the node does not keep", "[sync][engine]") {
    EdgeSync engine({});
    run_round(engine, kStart);
    engine.on_woken({"c2", "elsewhere"});
    REQUIRE(run_round(engine, kStart + 1ms) == "2");
}

TEST_CASE("edge sync: without any event the sweep starts a round within a minute", "[sync][engine]") {
    EdgeSync engine({});
    run_round(engine, kStart);
    REQUIRE_FALSE(engine.next_action(kStart + 1s).has_value());
    REQUIRE(engine.wake_at() <= kStart + 60s);
    REQUIRE(run_round(engine, engine.wake_at()) == "sp12");
}

TEST_CASE("edge sync: failures wait longer and longer, with jitter, up to a bound, and nothing is dropped",
          "[sync][engine]") {
    EdgeSyncOptions options;
    options.seed = 42;
    EdgeSync engine(options);
    Instant now = kStart;
    std::chrono::milliseconds longest{0};
    for (int i = 0; i < 40; ++i) {
        const auto action = engine.next_action(now);
        REQUIRE(action.has_value());
        REQUIRE(action->step == EdgeSync::Step::scope);
        engine.on_failed(now);
        REQUIRE_FALSE(engine.online());
        REQUIRE_FALSE(engine.next_action(now).has_value());
        const auto wait = engine.wake_at() - now;
        REQUIRE(wait > 0ms);
        REQUIRE(wait <= options.retry_max);
        longest = std::max(longest, std::chrono::duration_cast<std::chrono::milliseconds>(wait));
        now = engine.wake_at();
    }
    REQUIRE(longest >= options.retry_max / 2);
    REQUIRE(run_round(engine, now) == "sp12");
}

TEST_CASE("edge sync: a person who asks does not wait for the backoff", "[sync][engine]") {
    EdgeSync engine({});
    for (int i = 0; i < 10; ++i) {
        if (engine.next_action(kStart + std::chrono::minutes(i))) engine.on_failed(kStart + std::chrono::minutes(i));
    }
    const Instant now = kStart + 9min;
    REQUIRE_FALSE(engine.next_action(now).has_value());
    engine.on_asked(now);
    REQUIRE(run_round(engine, now) == "sp12");
}

TEST_CASE("edge sync: a push that failed is tried again", "[sync][engine]") {
    EdgeSync engine({});
    run_round(engine, kStart);
    engine.on_committed();
    REQUIRE(engine.next_action(kStart + 1s)->step == EdgeSync::Step::push);
    engine.on_failed(kStart + 1s);
    REQUIRE(run_round(engine, engine.next_action(kStart + 1s) ? kStart : engine.wake_at(), 1) == "p1p2");
}

TEST_CASE("edge sync: a node that always has more to push pulls all the same, in a fifth of its time",
          "[sync][engine]") {
    EdgeSync engine({});
    run_round(engine, kStart);
    engine.on_committed();
    Instant now = kStart;
    std::chrono::milliseconds pulling{0};
    for (int i = 0; i < 200; ++i) {
        const auto action = engine.next_action(now);
        REQUIRE(action.has_value());
        if (action->step == EdgeSync::Step::scope) {
            engine.on_scope_done({"c1", "c2"}, now);
        } else if (action->step == EdgeSync::Step::push) {
            now += 20ms;
            engine.on_push_done(1, true);
        } else {
            // Each apply replays what is not settled: it is slow.
            now += 100ms;
            pulling += 100ms;
            engine.on_pull_done(action->clinic, true, now);
        }
    }
    REQUIRE(pulling > 0ms);
    REQUIRE(pulling * 4 <= (now - kStart));
    REQUIRE(pulling * 8 >= (now - kStart));
}

TEST_CASE("edge sync: clinics take turns, page by page", "[sync][engine]") {
    EdgeSync engine({});
    std::string pulled;
    for (int i = 0; i < 8; ++i) {
        const auto action = engine.next_action(kStart);
        REQUIRE(action.has_value());
        if (action->step == EdgeSync::Step::scope) engine.on_scope_done({"1", "2"}, kStart);
        if (action->step == EdgeSync::Step::push) engine.on_push_done(0, false);
        if (action->step != EdgeSync::Step::pull) continue;
        pulled += action->clinic;
        engine.on_pull_done(action->clinic, true, kStart);
    }
    REQUIRE(pulled == "121212");
}

TEST_CASE("edge sync: a step that was cut but got further goes on at once, however often", "[sync][engine]") {
    EdgeSync engine({});
    Instant now = kStart;
    for (int i = 0; i < 50; ++i) {
        const auto action = engine.next_action(now);
        REQUIRE(action.has_value());
        REQUIRE(engine.on_cut(now, i % 4 == 3));
        REQUIRE_FALSE(engine.next_action(now).has_value());
        REQUIRE(engine.wake_at() <= now + 100ms);
        now = engine.wake_at();
    }
    REQUIRE(run_round(engine, now) == "sp12");
}

TEST_CASE("edge sync: a step that is cut again and again and gets no further fails, and waits", "[sync][engine]") {
    EdgeSync engine({});
    Instant now = kStart;
    int cuts = 0;
    for (; cuts < 100 && engine.failures() == 0; ++cuts) {
        REQUIRE(engine.next_action(now).has_value());
        const bool goes_on = engine.on_cut(now, false);
        REQUIRE(goes_on == (engine.failures() == 0));
        REQUIRE_FALSE(engine.next_action(now).has_value());
        if (goes_on) now = engine.wake_at();
    }
    REQUIRE(cuts > 1);
    REQUIRE(cuts < 10);
    REQUIRE(engine.wake_at() >= now + 250ms);
}
