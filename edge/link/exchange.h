#pragma once

#include <functional>
#include <string>
#include <vector>

#include "edge/link/central_client.h"
#include "edge/store/sync_store.h"

namespace vetchart::edge {

/// The single steps of the exchange with central: one call, and what it means for the store. Blocking; used by
/// one thread. Errors: those of CentralClient and SyncStore; a refusal is forbidden (401, 403), conflict (409,
/// 426) or internal, with central's slug.
class Exchange {
public:
    Exchange(SyncStore& store, CentralClient& client, std::function<UtcMillis()> now,
             std::function<Status()> head_moved);

    /// Asks for the node's scope and the clock; returns the clinics to pull.
    [[nodiscard]] Result<std::vector<std::string>> scope();

    struct Pushed {
        int sent = 0;
        bool more = false;
    };
    /// Seals, and pushes one batch. A fork begins a new life of the log and says `more`.
    [[nodiscard]] Result<Pushed> push();

    /// One page of a clinic's feed; true when there is more.
    [[nodiscard]] Result<bool> pull(const std::string& clinic);

private:
    Result<sync::PushReply> send(const sync::PushRequest& request, bool& forked);
    [[nodiscard]] UtcMillis corrected_now() const;
    Status begin_new_life(const std::string& incarnation, const Refusal& refusal);

    SyncStore& store_;
    CentralClient& client_;
    std::function<UtcMillis()> now_;
    std::function<Status()> head_moved_;
};

/// A refusal as an Error.
[[nodiscard]] Error error_of(const Refusal& refusal);

}  // namespace vetchart::edge
