#include "edge/store/file/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace vetchart::edge {
namespace {

Error io_error(const char* operation, const std::filesystem::path& file, int code) {
    const Errc kind = code == ENOSPC || code == EDQUOT ? Errc::out_of_space
                      : code == ENOENT                 ? Errc::not_found
                                                       : Errc::internal;
    return Error{kind, std::string(operation) + " " + file.string() + ": " + std::generic_category().message(code)};
}

constexpr int kMake = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;

/// A descriptor closed at the end of the scope.
class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return value_; }
    [[nodiscard]] bool ok() const { return value_ >= 0; }

private:
    int value_;
};

Status sync_path(const std::filesystem::path& path, int flags) {
    const Descriptor descriptor(::open(path.c_str(), flags | O_CLOEXEC));
    if (!descriptor.ok()) return io_error("open", path, errno);
    if (::fsync(descriptor.get()) != 0) return io_error("fsync", path, errno);
    return Done{};
}

Status write_all(int descriptor, const std::filesystem::path& file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return io_error("write", file, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor) != 0) return io_error("fsync", file, errno);
    return Done{};
}

}  // namespace

Status write_file_durably(const std::filesystem::path& file, std::string_view content) {
    const std::filesystem::path temporary = file.string() + ".tmp";
    {
        // An unlinked leftover cannot keep wider permissions than those given here.
        ::unlink(temporary.c_str());
        const Descriptor descriptor(::open(temporary.c_str(), kMake, S_IRUSR | S_IWUSR));
        if (!descriptor.ok()) return io_error("create", temporary, errno);
        Status written = give_to_owner(descriptor.get(), file.parent_path());
        if (written) written = write_all(descriptor.get(), temporary, content);
        if (!written) {
            ::unlink(temporary.c_str());
            return written.error();
        }
    }
    return move_file(temporary, file);
}

Status make_private_file(const std::filesystem::path& file, const std::filesystem::path& home) {
    const Descriptor descriptor(::open(file.c_str(), kMake, S_IRUSR | S_IWUSR));
    if (!descriptor.ok() && errno == EEXIST) {
        return Error{Errc::conflict, file.string() + " is there already", "exists"};
    }
    if (!descriptor.ok()) return io_error("make", file, errno);
    if (!home.empty()) VC_TRY(give_to_owner(descriptor.get(), home));
    return sync_folder(file.parent_path());
}

Status give_to_owner(int descriptor, const std::filesystem::path& folder) {
    if (::geteuid() != 0) return Done{};
    const std::filesystem::path home = folder.empty() ? "." : folder;
    struct stat wanted {};
    struct stat found {};
    if (::stat(home.c_str(), &wanted) != 0) return io_error("stat", home, errno);
    if (::fstat(descriptor, &found) != 0) return io_error("stat a file of", home, errno);
    if (wanted.st_uid == found.st_uid && wanted.st_gid == found.st_gid) return Done{};
    const bool has_other_name = S_ISREG(found.st_mode) && found.st_nlink != 1;
    if (wanted.st_uid == 0 || has_other_name) return Done{};
    if (::fchownat(descriptor, "", wanted.st_uid, wanted.st_gid, AT_EMPTY_PATH) != 0) {
        return io_error("give a file to the owner of", home, errno);
    }
    return Done{};
}

Status give_to_owner(const std::filesystem::path& file, const std::filesystem::path& folder) {
    if (::geteuid() != 0) return Done{};
    const Descriptor descriptor(::open(file.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW));
    if (!descriptor.ok()) return io_error("open", file, errno);
    return give_to_owner(descriptor.get(), folder);
}

Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t bytes_max) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!descriptor.ok()) return io_error("open", file, errno);
    struct stat info {};
    if (::fstat(descriptor.get(), &info) != 0) return io_error("stat", file, errno);
    if (!S_ISREG(info.st_mode) || static_cast<std::size_t>(info.st_size) > bytes_max) {
        return Error{Errc::invalid_input, file.string() + " is no regular file, or larger than expected"};
    }
    std::string content(bytes_max + 1, '\0');
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t got = ::read(descriptor.get(), content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error("read", file, errno);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > bytes_max) return Error{Errc::invalid_input, file.string() + " is larger than expected"};
    content.resize(size);
    return content;
}

Status sync_file(const std::filesystem::path& file) { return sync_path(file, O_RDONLY); }

Status sync_folder(const std::filesystem::path& folder) {
    return sync_path(folder.empty() ? std::filesystem::path(".") : folder, O_RDONLY | O_DIRECTORY);
}

Status move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return io_error("rename", from, errno);
    return sync_folder(to.parent_path());
}

}  // namespace vetchart::edge
