#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/link/central_client.h"
#include "edge/store/log/node_life.h"
#include "sync/base/result.h"

namespace vetchart::edge {

/// The names in a node's folder.
struct NodeFolder {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path database() const { return root / "vetchart.db"; }
    /// The database a restore puts in; left behind when the restore was interrupted.
    [[nodiscard]] std::filesystem::path incoming() const { return root / "vetchart.db.incoming"; }
    [[nodiscard]] std::filesystem::path life() const { return root / "life.json"; }
    [[nodiscard]] std::filesystem::path node_key() const { return root / "node.key"; }
    [[nodiscard]] std::filesystem::path secret_key() const { return root / "secret.key"; }
    [[nodiscard]] std::filesystem::path ca() const { return root / "ca.pem"; }
    [[nodiscard]] std::filesystem::path settings() const { return root / "edge.toml"; }
    [[nodiscard]] std::filesystem::path lock() const { return root / "lock"; }
    [[nodiscard]] std::filesystem::path control_socket() const { return root / "control.sock"; }
};

/// The beginning of the names of copies that a daemon makes when its database is taken from under it.
inline constexpr std::string_view kRescuePrefix = "vetchart.db.rescued-";

/// Makes the folder (mode 0700) when it is not there. Errors: internal.
[[nodiscard]] Status make_folder(const NodeFolder& folder);

/// The right to write in a folder: at most one process has it, by whatever path it came. Given back when it dies,
/// however it dies. The folder itself is locked, which nobody deletes, and DIR/lock, which says by whom.
class FolderLock {
public:
    /// Errors: busy, naming the process that has it; internal.
    [[nodiscard]] static Result<FolderLock> take(const NodeFolder& folder);
    /// Locks the folder's database as well: another folder may name the same file. Call it before the file is opened;
    /// the lock is given back after it was closed (closing a file drops SQLite's own locks). Errors: as above.
    [[nodiscard]] Status take_database(const NodeFolder& folder);
    ~FolderLock();
    FolderLock(FolderLock&& other) noexcept = default;
    FolderLock& operator=(FolderLock&&) = delete;

private:
    FolderLock() = default;
    Status add(int descriptor, const std::filesystem::path& file, const NodeFolder& folder);

    std::vector<int> descriptors_;  ///< Closed in the end.
};

/// Reads DIR/node.key. nullopt: the node has not been enrolled. Errors: invalid_input when it is not of our making.
[[nodiscard]] Result<std::optional<Credentials>> read_credentials(const NodeFolder& folder);
/// Writes DIR/node.key durably, with mode 0600.
[[nodiscard]] Status write_credentials(const NodeFolder& folder, const Credentials& credentials);

/// Reads DIR/life.json. nullopt: it is absent, or is no such file; either way the database's past is not proven.
[[nodiscard]] std::optional<LifeMark> read_life(const NodeFolder& folder);
/// Writes DIR/life.json durably.
[[nodiscard]] Status write_life(const NodeFolder& folder, const LifeMark& mark);
/// Removes DIR/life.json, so that the next start begins a new incarnation, whatever the database says.
[[nodiscard]] Status forget_life(const NodeFolder& folder);

}  // namespace vetchart::edge
