#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "edge/link/central_client.h"
#include "edge/store/log/sync_store.h"
#include "sync/engine/piece_size.h"

namespace vetchart::edge {

/// What an exchange is handed beside its store and its line.
struct ExchangeHooks {
    std::function<UtcMillis()> now;      ///< Wall clock, not corrected.
    std::function<Instant()> monotonic;  ///< How long a call took.
    Rng& rng;                            ///< The code of a new life.
    /// The log may have been sealed; before anything is sent: DIR/life.json.
    std::function<Status()> head_moved;
};

/// The single steps of the exchange with central: one call, and what it means for the store. Blocking; used by
/// one thread. Errors: those of CentralClient and SyncStore; a refusal is forbidden (401, 403), conflict (409,
/// 426) or internal, with central's slug.
///
/// On a line that is slow or cut, pages, batches and parts get smaller (sync::PieceSize), each direction by itself. A
/// page or batch that was cut is asked for or sent again as it was, so that it goes on where it was cut.
class Exchange {
public:
    Exchange(SyncStore& store, CentralClient& client, ExchangeHooks hooks);

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

    /// The step that failed last was cut; got_further(): some more of it is through, or kept.
    [[nodiscard]] bool was_cut() const { return was_cut_; }
    [[nodiscard]] bool got_further() const { return got_further_; }

private:
    /// A transaction that goes in parts: how it was split, and how many of them central has.
    struct Staged {
        std::string incarnation;
        std::int64_t first_seq = 0;
        std::size_t part_bytes = 0;
        std::size_t through = 0;
    };

    Result<sync::PushReply> send(const sync::PushRequest& request, bool& forked);
    /// Of `staged_`, from the first that central does not have.
    Result<sync::PushReply> send_parts(const std::vector<sync::PushRequest>& parts, bool& forked);
    Result<sync::PushReply> send_one(sync::PushRequest request, bool& forked);
    [[nodiscard]] UtcMillis corrected_now() const;
    Status begin_new_life(const std::string& incarnation, const Refusal& refusal);
    template <class T>
    Result<Answer<T>> timed(sync::PieceSize& size, const std::function<Result<Answer<T>>()>& call);

    SyncStore& store_;
    CentralClient& client_;
    ExchangeHooks hooks_;
    sync::PieceSize push_size_{sync::kBatchBytesMax};
    sync::PieceSize pull_size_{sync::kBatchBytesMax};
    std::map<std::string, std::size_t> cut_page_bytes_;  ///< By clinic: the size of the page that was cut.
    std::size_t cut_batch_count_ = 0;                    ///< Transactions of the batch that was cut; 0: none was.
    std::optional<Staged> staged_;
    bool was_cut_ = false;
    bool got_further_ = false;
};

/// A refusal as an Error.
[[nodiscard]] Error error_of(const Refusal& refusal);

}  // namespace vetchart::edge
