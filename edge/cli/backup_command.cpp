#include <spdlog/spdlog.h>

#include <array>
#include <fstream>
#include <iostream>
#include <string_view>
#include <system_error>

#include "edge/cli/commands.h"
#include "edge/cli/daemon.h"
#include "edge/store/file/backup.h"
#include "edge/store/file/files.h"
#include "edge/store/file/opened_files.h"

namespace vetchart::edge {
namespace {

namespace fs = std::filesystem;

Status remove_file(const fs::path& file) {
    std::error_code error;
    fs::remove(file, error);
    if (error) return Error{Errc::internal, "remove " + file.string() + ": " + error.message()};
    return Done{};
}

/// The name under which a restore keeps the present database: nothing that was on this node is lost by it.
fs::path kept_name(const NodeFolder& folder, UtcMillis now) {
    std::string stamp;
    for (const char c : format_utc(now)) {
        if ((c >= '0' && c <= '9') || c == 'T') stamp += c;
    }
    return folder.root / ("vetchart.db.before-restore-" + stamp);
}

/// Keeps the present database as `kept`. A database that can be read stays in place, whole and without a WAL, until
/// the new one is renamed over it. One that cannot be read is moved away as it is, and so is a WAL without a
/// database, which SQLite would write into the new one.
Status keep_present(const NodeFolder& folder, const fs::path& kept) {
    std::error_code ignored;
    const fs::path database = folder.database();
    const auto found = look_at_database(database);
    bool copied = found && *found == DatabaseFile::present && check_wal(database).ok();
    copied =
        copied && copy_database(database, kept, folder.root).ok() && sync_file(kept).ok() && fold_wal(database).ok();
    if (!copied) VC_TRY(remove_file(kept));
    for (const char* suffix : {"-wal", "-shm", ""}) {
        const fs::path part = database.string() + suffix;
        if (!fs::exists(fs::symlink_status(part, ignored))) continue;
        if (!copied)
            VC_TRY(move_file(part, kept.string() + suffix));
        else if (*suffix != '\0')
            VC_TRY(remove_file(part));
    }
    return sync_folder(folder.root);
}

Result<fs::path> restore(const NodeFolder& folder, const fs::path& file, UtcMillis now, Rng& rng) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return Error{Errc::not_found, file.string() + " is not there", "not_found"};
    VC_TRY(make_folder(folder));
    const fs::path incoming = folder.incoming();
    const fs::path kept = kept_name(folder, now);
    {
        VC_TRY_ASSIGN(const FolderLock lock, FolderLock::take(folder));
        VC_TRY(remove_file(incoming));
        VC_TRY(copy_database(file, incoming, folder.root));
        if (const auto verified = verify_database_file(incoming); !verified) {
            (void)remove_file(incoming);
            return verified.error();
        }
        VC_TRY(sync_file(incoming));
        // Without life.json whatever is opened next begins a new incarnation, also after a power cut in this function.
        VC_TRY(forget_life(folder));
        VC_TRY(keep_present(folder, kept));
        VC_TRY(move_file(incoming, folder.database()));
    }
    VC_TRY_ASSIGN(const auto node, OpenNode::open(folder, rng));
    return kept;
}

/// Gives a file in the node's folder to the node's user; a backup elsewhere belongs to whoever takes it.
bool is_within(const fs::path& file, const fs::path& folder) {
    std::error_code ignored;
    for (fs::path up = fs::absolute(file, ignored).parent_path(); !up.empty(); up = up.parent_path()) {
        if (fs::equivalent(up, folder, ignored)) return true;
        if (up == up.parent_path()) break;
    }
    return false;
}

bool is_sqlite_file(const fs::path& file) {
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    std::array<char, kMagic.size()> head{};
    std::ifstream(file, std::ios::binary).read(head.data(), head.size());
    return std::string_view(head.data(), head.size()) == kMagic;
}

/// Refuses to write a backup over anything but an older backup: not over the node's own database, its companions or
/// whatever else somebody has under that name.
Status check_target(const NodeFolder& folder, const fs::path& file) {
    std::error_code ignored;
    const bool beside_it = fs::equivalent(fs::absolute(file, ignored).parent_path(), folder.root, ignored);
    const std::string own = folder.database().filename().string();
    const bool is_own =
        fs::equivalent(file, folder.database(), ignored) ||
        (beside_it && (file.filename().string().starts_with(own) || file.filename() == folder.settings().filename()));
    if (!is_own && (!fs::exists(file, ignored) || (fs::is_regular_file(file, ignored) && is_sqlite_file(file)))) {
        return Done{};
    }
    return Error{
        Errc::conflict,
        "no backup is written over " + file.string() + (is_own ? ", a file of the node's own" : ", which is none"),
        "backup_target"};
}

}  // namespace

Status back_up(const NodeFolder& folder, const fs::path& file) {
    VC_TRY(check_target(folder, file));
    const fs::path growing = file.string() + ".tmp";
    VC_TRY(remove_file(growing));
    VC_TRY(copy_database(folder.database(), growing, is_within(file, folder.root) ? folder.root : fs::path()));
    if (const auto verified = verify_database_file(growing); !verified) {
        (void)remove_file(growing);
        return verified.error();
    }
    VC_TRY(sync_file(growing));
    return move_file(growing, file);
}

int run_backup(const Command& command, const std::string& file) {
    if (const auto there = require_node(command.settings.folder); !there) return fail(there.error());
    if (const auto done = back_up(command.settings.folder, fs::path(file)); !done) return fail(done.error());
    std::error_code ignored;
    const auto size = fs::file_size(file, ignored);
    if (command.json)
        std::cout << sync::Json{{"file", file}, {"bytes", size}}.dump() << "\n";
    else
        std::cout << "wrote " << file << " (" << size << " bytes), checked\n";
    return 0;
}

int run_restore(const Command& command, const std::string& file) {
    const auto kept = restore(command.settings.folder, fs::path(file), command.now(), command.rng);
    if (!kept) return fail(kept.error());
    std::error_code ignored;
    const bool had = fs::exists(*kept, ignored);
    if (command.json) {
        std::cout << sync::Json{{"file", file}, {"kept", had ? kept->string() : std::string()}}.dump() << "\n";
    } else {
        std::cout << "restored " << file << "; a new incarnation has begun\n";
        if (had) std::cout << "what was here before is kept in " << kept->string() << "\n";
    }
    return 0;
}

}  // namespace vetchart::edge
