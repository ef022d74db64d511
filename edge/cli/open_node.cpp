#include "edge/cli/open_node.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "edge/store/file/opened_files.h"
#include "edge/store/people/sessions.h"

namespace vetchart::edge {

namespace {

/// True when something has this name, also a link without a file behind it.
bool is_there(const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::symlink_status(file, ignored));
}

/// The file that says that this folder had a database; empty: none does. Its content does not matter: even a life.json
/// of 0 bytes was made after the database.
std::filesystem::path proof_of_past(const NodeFolder& folder) {
    for (const auto& file : {folder.life(), folder.node_key()}) {
        if (is_there(file)) return file;
    }
    return {};
}

/// The newest copy that a daemon made when its database was taken from under it; empty: none.
std::filesystem::path newest_rescue(const NodeFolder& folder) {
    std::filesystem::path newest;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder.root, ignored)) {
        const std::string name = entry.path().filename();
        if (name.starts_with(kRescuePrefix) && name > newest.filename().string()) newest = entry.path();
    }
    return newest;
}

Error missing(const NodeFolder& folder, const std::string& what, const std::filesystem::path& proof) {
    const auto rescue = newest_rescue(folder);
    const std::string root = folder.root.string();
    const std::string way = rescue.empty()
                                ? "restore a backup (vetchart-edge restore --data " + root + " FILE)"
                                : "the node kept a copy: vetchart-edge restore --data " + root + " " + rescue.string();
    return Error{Errc::corrupt,
                 folder.database().string() + " is " + what + ", but " + proof.filename().string() +
                     " says that this folder had a database; " + way +
                     ", or move the folder away to begin anew; nothing was changed",
                 "database_missing"};
}

}  // namespace

Result<bool> holds_node(const NodeFolder& folder) {
    if (!is_there(folder.database()) && is_there(folder.incoming())) {
        return Error{Errc::corrupt, "a restore was interrupted in " + folder.root.string() + ": run it again",
                     "restore_interrupted"};
    }
    const auto proof = proof_of_past(folder);
    const auto found = look_at_database(folder.database());
    if (!found && found.error().slug == "wal_left" && !proof.empty()) return missing(folder, "missing or empty", proof);
    if (!found) return found.error();
    if (*found == DatabaseFile::present) {
        VC_TRY(check_wal(folder.database()));
        return true;
    }
    if (proof.empty()) return false;
    return missing(folder, *found == DatabaseFile::empty ? "empty" : "missing", proof);
}

Status require_node(const NodeFolder& folder) {
    VC_TRY_ASSIGN(bool there, holds_node(folder));
    if (there) {
        const auto database = Database::open_read_only(folder.database());
        there = database.ok() || database.error().slug != "database_missing";
    }
    const auto proof = proof_of_past(folder);
    if (!there && !proof.empty()) return missing(folder, "empty", proof);
    if (there) return Done{};
    return Error{Errc::not_found, "no node in " + folder.root.string() + ": begin with init, enroll or serve",
                 "no_node"};
}

OpenNode::OpenNode(NodeFolder folder, FolderLock lock, std::unique_ptr<Database> database)
    : folder_(std::move(folder)), lock_(std::move(lock)), database_(std::move(database)), store_(*database_) {}

Result<std::unique_ptr<OpenNode>> OpenNode::open(const NodeFolder& folder, Rng& rng) {
    VC_TRY(make_folder(folder));
    VC_TRY_ASSIGN(FolderLock lock, FolderLock::take(folder));
    VC_TRY_ASSIGN(const bool there, holds_node(folder));
    if (there) VC_TRY(lock.take_database(folder));
    const auto proof = proof_of_past(folder);
    const Past past = proof.empty() ? Past::none : Past::proven;
    auto database = Database::open(folder.database(), rng, past);
    if (!database && database.error().slug == "database_missing") return missing(folder, "empty", proof);
    if (!database) return database.error();
    std::unique_ptr<OpenNode> node(new OpenNode(folder, std::move(lock), std::move(*database)));
    VC_TRY(node->prove_life(past));
    return node;
}

Status OpenNode::prove_life(Past past) {
    kept_ = read_life(folder_);
    bool proven = false;
    if (kept_) {
        VC_TRY_ASSIGN(proven, log_continues(*database_, *kept_));
    }
    if (!proven) {
        VC_TRY_ASSIGN(const NodeLife life, read_node_life(*database_));
        // A database that was just made has no life yet; in a folder with a past it is not the one that was here.
        const bool is_new = life.mark.incarnation.empty();
        if (is_new && past == Past::proven) return missing(folder_, "empty", proof_of_past(folder_));
        const char* reason =
            kept_ ? "the database is not the continuation of life.json (restored or copied)" : "there is no life.json";
        // The first life of a log ends no other.
        if (!is_new) spdlog::warn("{}: a new incarnation begins", reason);
        VC_TRY(database_->maintain([](Connection& connection) -> Status {
            end_all_sessions(connection);
            return Done{};
        }));
        VC_TRY(store_.lives.new_incarnation(draw_node_code(database_->rng())));
    }
    return keep_life();
}

Status OpenNode::keep_life() {
    const std::lock_guard guard(life_lock_);
    // Another database may have the name by now, and its life is not ours to write.
    if (const auto damage = database_->damage()) return *damage;
    VC_TRY_ASSIGN(const NodeLife life, read_node_life(*database_));
    if (kept_ && *kept_ == life.mark) return Done{};
    VC_TRY(write_life(folder_, life.mark));
    kept_ = life.mark;
    return Done{};
}

}  // namespace vetchart::edge
