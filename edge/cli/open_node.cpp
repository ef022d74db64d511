#include "edge/cli/open_node.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "edge/store/sessions.h"

namespace vetchart::edge {

Status require_node(const NodeFolder& folder) {
    std::error_code ignored;
    if (std::filesystem::exists(folder.database(), ignored)) return Done{};
    return Error{Errc::not_found, "no node in " + folder.root.string() + ": begin with init, enroll or serve",
                 "no_node"};
}

OpenNode::OpenNode(NodeFolder folder, FolderLock lock, std::unique_ptr<Database> database)
    : folder_(std::move(folder)), lock_(std::move(lock)), database_(std::move(database)), store_(*database_) {}

Result<std::unique_ptr<OpenNode>> OpenNode::open(const NodeFolder& folder) {
    VC_TRY(make_folder(folder));
    VC_TRY_ASSIGN(FolderLock lock, FolderLock::take(folder));
    std::error_code ignored;
    if (!std::filesystem::exists(folder.database(), ignored) && std::filesystem::exists(folder.incoming(), ignored)) {
        return Error{Errc::conflict, "a restore was interrupted in " + folder.root.string() + ": run it again",
                     "restore_interrupted"};
    }
    VC_TRY_ASSIGN(auto database, Database::open(folder.database()));
    std::unique_ptr<OpenNode> node(new OpenNode(folder, std::move(lock), std::move(database)));
    VC_TRY(node->prove_life());
    return node;
}

Status OpenNode::prove_life() {
    kept_ = read_life(folder_);
    bool proven = false;
    if (kept_) {
        VC_TRY_ASSIGN(proven, log_continues(*database_, *kept_));
    }
    if (!proven) {
        VC_TRY_ASSIGN(const NodeLife life, read_node_life(*database_));
        const char* reason =
            kept_ ? "the database is not the continuation of life.json (restored or copied)" : "there is no life.json";
        // A database just made has no life yet: nothing ends with the first one.
        if (!life.mark.incarnation.empty()) spdlog::warn("{}: a new incarnation begins", reason);
        VC_TRY(database_->maintain([](Connection& connection) -> Status {
            end_all_sessions(connection);
            return Done{};
        }));
        VC_TRY(store_.new_incarnation(draw_node_code()));
    }
    return keep_life();
}

Status OpenNode::keep_life() {
    const std::lock_guard guard(life_lock_);
    VC_TRY_ASSIGN(const NodeLife life, read_node_life(*database_));
    if (kept_ && *kept_ == life.mark) return Done{};
    VC_TRY(write_life(folder_, life.mark));
    kept_ = life.mark;
    return Done{};
}

}  // namespace vetchart::edge
