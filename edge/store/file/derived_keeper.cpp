#include "edge/store/file/derived_keeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "edge/store/file/derived.h"
#include "edge/store/file/search_index.h"

namespace vetchart::edge {
namespace {

constexpr std::chrono::hours kAuditEveryMax{24};

}  // namespace

DerivedKeeper::DerivedKeeper(Database& database, Options options)
    : database_(database), options_(options), thread_([this] { run(); }) {}

DerivedKeeper::~DerivedKeeper() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

bool DerivedKeeper::pause(std::chrono::milliseconds time) {
    std::unique_lock guard(lock_);
    return !wake_.wait_for(guard, time, [this] { return stopping_; });
}

void DerivedKeeper::run() {
    auto audit_at = std::chrono::steady_clock::now() + options_.audit_after;
    do {
        catch_up();
        const auto begun = std::chrono::steady_clock::now();
        if (begun < audit_at) continue;
        audit();
        const auto ended = std::chrono::steady_clock::now();
        audit_at = ended + std::clamp<std::chrono::steady_clock::duration>((ended - begun) * options_.audit_share,
                                                                           options_.audit_every_min, kAuditEveryMax);
    } while (pause(options_.look_every));
}

void DerivedKeeper::catch_up() {
    bool behind = true;
    do {
        const Status looked = database_.snapshot([&behind](Connection& connection) -> Status {
            behind = is_search_behind(connection);
            return Done{};
        });
        if (!looked || !behind) return;
        const Status done = database_.maintain([&behind](Connection& connection) -> Status {
            behind = step_search(connection, kSearchStep);
            return Done{};
        });
        // What keeps this thread from writing keeps everybody from it, and the others tell of it.
        if (!done) return;
    } while (behind && pause(options_.between_steps));
}

void DerivedKeeper::audit() {
    const auto faults = audit_derived(database_);
    if (!faults) return spdlog::warn("{}: {}", faults.error().slug, faults.error().context);
    for (const DerivedFault& fault : *faults) {
        if (!fault.can_mend) spdlog::error("{}: {}; `vetchart-edge check` tells more", fault.what, fault.sentence);
    }
}

}  // namespace vetchart::edge
