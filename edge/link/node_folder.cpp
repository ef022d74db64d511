#include "edge/link/node_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "edge/store/file/files.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kSmallFileMax = 64U << 10U;

Error system_error(const std::string& what, int code) {
    return Error{Errc::internal, what + ": " + std::generic_category().message(code)};
}

std::string text_at(const sync::Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Status make_folder(const NodeFolder& folder) {
    std::error_code error;
    if (std::filesystem::is_directory(folder.root, error)) return Done{};
    const auto parent = folder.root.parent_path();
    if (!parent.empty()) std::filesystem::create_directories(parent, error);
    if (::mkdir(folder.root.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return system_error("make the folder " + folder.root.string(), errno);
    }
    if (!std::filesystem::is_directory(folder.root, error)) {
        return Error{Errc::internal, folder.root.string() + " is not a folder"};
    }
    return Done{};
}

namespace {

/// Opens the lock file, or makes it for the folder's owner; one that root left behind is given to the owner too.
int open_lock(const NodeFolder& folder, Status& given) {
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    const int descriptor = ::open(folder.lock().c_str(), flags, S_IRUSR | S_IWUSR);
    if (descriptor >= 0) given = give_to_owner(descriptor, folder.root);
    return descriptor;
}

std::string owner_of_lock(const NodeFolder& folder) {
    const auto text = read_small_file(folder.lock(), 64);
    std::string who = text ? *text : std::string();
    while (!who.empty() && who.back() == '\n') who.pop_back();
    return who.empty() ? "?" : who;
}

}  // namespace

Result<FolderLock> FolderLock::take(const NodeFolder& folder) {
    FolderLock lock;
    VC_TRY(lock.add(::open(folder.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), folder.root, folder));
    Status given = Done{};
    const int descriptor = open_lock(folder, given);
    VC_TRY(lock.add(descriptor, folder.lock(), folder));
    VC_TRY(std::move(given));
    const std::string pid = std::to_string(::getpid()) + "\n";
    // Its content is only for the message below, so a failure to write it harms nothing.
    if (::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, pid.data(), pid.size(), 0) < 0) errno = 0;
    return lock;
}

Status FolderLock::take_database(const NodeFolder& folder) {
    return add(::open(folder.database().c_str(), O_RDONLY | O_CLOEXEC), folder.database(), folder);
}

Status FolderLock::add(int descriptor, const std::filesystem::path& file, const NodeFolder& folder) {
    if (descriptor < 0) return system_error("open " + file.string(), errno);
    descriptors_.push_back(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return Done{};
    if (errno != EWOULDBLOCK) return system_error("lock " + file.string(), errno);
    return Error{Errc::busy, file.string() + " is in use by process " + owner_of_lock(folder), "folder_in_use"};
}

FolderLock::~FolderLock() {
    for (const int descriptor : descriptors_) ::close(descriptor);
}

Result<std::optional<Credentials>> read_credentials(const NodeFolder& folder) {
    auto text = read_small_file(folder.node_key(), kSmallFileMax);
    if (!text && text.error().code == Errc::not_found) return std::optional<Credentials>{};
    if (!text) return text.error();
    const auto json = sync::parse_json(*text);
    Credentials credentials;
    if (json && json->is_object()) {
        credentials.node_id = text_at(*json, "nodeId");
        credentials.secret = text_at(*json, "secret");
    }
    if (credentials.node_id.empty() || credentials.secret.empty()) {
        return Error{Errc::invalid_input, folder.node_key().string() + " is not a node key", "malformed"};
    }
    return std::optional<Credentials>{std::move(credentials)};
}

Status write_credentials(const NodeFolder& folder, const Credentials& credentials) {
    const sync::Json json{{"nodeId", credentials.node_id}, {"secret", credentials.secret}};
    return write_file_durably(folder.node_key(), json.dump() + "\n");
}

std::optional<LifeMark> read_life(const NodeFolder& folder) {
    const auto text = read_small_file(folder.life(), kSmallFileMax);
    if (!text) return std::nullopt;
    const auto json = sync::parse_json(*text);
    if (!json || !json->is_object()) return std::nullopt;
    LifeMark mark;
    mark.incarnation = text_at(*json, "incarnation");
    mark.digest = text_at(*json, "digest");
    const auto seq = json->find("sealedSeq");
    if (seq == json->end() || !seq->is_number_integer() || mark.incarnation.empty()) {
        return std::nullopt;
    }
    mark.sealed_seq = seq->get<std::int64_t>();
    return mark;
}

Status write_life(const NodeFolder& folder, const LifeMark& mark) {
    const sync::Json json{{"incarnation", mark.incarnation}, {"sealedSeq", mark.sealed_seq}, {"digest", mark.digest}};
    return write_file_durably(folder.life(), json.dump() + "\n");
}

Status forget_life(const NodeFolder& folder) {
    if (::unlink(folder.life().c_str()) != 0 && errno != ENOENT) {
        return system_error("remove " + folder.life().string(), errno);
    }
    return sync_folder(folder.root);
}

}  // namespace vetchart::edge
