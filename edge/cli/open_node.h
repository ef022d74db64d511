#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "edge/link/node_folder.h"
#include "edge/store/file/database.h"
#include "edge/store/log/sync_store.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::edge {

using Now = std::function<UtcMillis()>;

/// True when the folder has a database that may be opened; false: it is empty, or new. Errors: corrupt when it had one
/// (`database_missing`: life.json or node.key is there, and no database or an empty one; `wal_left`, `wal_foreign`;
/// `restore_interrupted`), with what to do; internal. Never call it for a folder that this process has open.
[[nodiscard]] Result<bool> holds_node(const NodeFolder& folder);

/// Fails when the folder has no database (not_found `no_node`), or with the errors of holds_node.
[[nodiscard]] Status require_node(const NodeFolder& folder);

/// A node's folder opened for writing: the lock, the database, and a log whose life is proven. Thread-safe.
class OpenNode {
public:
    /// Makes the folder and the database when they are not there. A database behind DIR/life.json, or without it,
    /// starts a new incarnation before anything else is written. Errors: busy `folder_in_use`; those of holds_node
    /// and Database::open. `rng` must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<OpenNode>> open(const NodeFolder& folder, Rng& rng);

    [[nodiscard]] const NodeFolder& folder() const { return folder_; }
    [[nodiscard]] Database& database() { return *database_; }
    [[nodiscard]] SyncStore& store() { return store_; }

    /// Writes DIR/life.json when the sealed log has another head than it says.
    [[nodiscard]] Status keep_life();

private:
    OpenNode(NodeFolder folder, FolderLock lock, std::unique_ptr<Database> database);
    Status prove_life(Past past);

    NodeFolder folder_;
    FolderLock lock_;
    std::unique_ptr<Database> database_;
    SyncStore store_;
    std::mutex life_lock_;
    std::optional<LifeMark> kept_;  ///< What the file says, under life_lock_.
};

}  // namespace vetchart::edge
