#pragma once

#include <string>

#include "edge/cli/commands.h"
#include "edge/cli/sync_service.h"
#include "sync/model/change.h"

namespace vetchart::edge {

/// What commands may ask of a running daemon through DIR/control.sock: `status`, `sync-once`, `enroll`,
/// `set-password`. Thread-safe.
[[nodiscard]] Result<sync::Json> answer_control(OpenNode& node, SyncService& service, const sync::Json& request);

/// Writes a checked copy of the folder's database as `file`, which appears when it is whole. A daemon may be running.
[[nodiscard]] Status back_up(const NodeFolder& folder, const std::filesystem::path& file);

/// Asks the daemon of the folder, or does it itself where none runs. The result is the same.
[[nodiscard]] Result<sync::Json> ask_or_do(const Command& command, const sync::Json& request);

}  // namespace vetchart::edge
