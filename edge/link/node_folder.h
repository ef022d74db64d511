#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "edge/link/central_client.h"
#include "edge/store/node_life.h"
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

/// Makes the folder (mode 0700) when it is not there. Errors: internal.
[[nodiscard]] Status make_folder(const NodeFolder& folder);

/// The right to write in a folder: at most one process has it. Given back when it dies, however it dies.
class FolderLock {
public:
    /// Errors: busy, naming the process that has it; internal.
    [[nodiscard]] static Result<FolderLock> take(const NodeFolder& folder);
    ~FolderLock();
    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&&) = delete;

private:
    explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// nullopt: the node has not been enrolled. Errors: invalid_input when the file is not what this program wrote.
[[nodiscard]] Result<std::optional<Credentials>> read_credentials(const NodeFolder& folder);
/// Durable, mode 0600.
[[nodiscard]] Status write_credentials(const NodeFolder& folder, const Credentials& credentials);

/// nullopt when the file is absent or unreadable as such: both mean that the database's past is not proven.
[[nodiscard]] std::optional<LifeMark> read_life(const NodeFolder& folder);
/// Durable.
[[nodiscard]] Status write_life(const NodeFolder& folder, const LifeMark& mark);
/// So that the next start begins a new incarnation, whatever the database says.
[[nodiscard]] Status forget_life(const NodeFolder& folder);

}  // namespace vetchart::edge
