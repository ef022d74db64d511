#include "edge/store/opened_files.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace vetchart::edge {
namespace {

/// The first bytes of a database file (https://www.sqlite.org/fileformat.html), as far as they matter here.
class Header {
public:
    static constexpr std::size_t kSize = 100;
    std::array<unsigned char, kSize> bytes{};

    [[nodiscard]] bool is_sqlite() const {
        constexpr std::string_view kMagic("SQLite format 3\0", 16);
        return std::equal(kMagic.begin(), kMagic.end(), bytes.begin(),
                          [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
    }
    [[nodiscard]] bool is_wal_mode() const { return bytes[18] == 2 && bytes[19] == 2; }
    [[nodiscard]] std::uint32_t page_size() const {
        const std::uint32_t size = static_cast<std::uint32_t>(bytes[16]) << 8U | bytes[17];
        return size == 1 ? 65536 : size;
    }
    [[nodiscard]] std::uint32_t changes() const { return big_endian(&bytes[24]); }

    static std::uint32_t big_endian(const unsigned char* at) {
        return static_cast<std::uint32_t>(at[0]) << 24U | static_cast<std::uint32_t>(at[1]) << 16U |
               static_cast<std::uint32_t>(at[2]) << 8U | at[3];
    }
};

Error corrupt(const std::string& sentence, const char* slug) { return Error{Errc::corrupt, sentence, slug}; }

std::filesystem::path wal_of(const std::filesystem::path& file) { return file.string() + "-wal"; }

std::uintmax_t size_of(const std::filesystem::path& file) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(file, missing);
    return missing ? 0 : size;
}

template <std::size_t N>
bool read_start(const std::filesystem::path& file, std::array<unsigned char, N>& bytes) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return false;
    const ssize_t got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
    ::close(descriptor);
    return got == static_cast<ssize_t>(bytes.size());
}

/// By SQLite's own handle. nullopt: shorter than a header, or not to be read.
std::optional<Header> read_header(Connection& connection) {
    sqlite3_file* handle = nullptr;
    sqlite3* database = connection.raw().getHandle();
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &handle) != SQLITE_OK || handle == nullptr ||
        handle->pMethods == nullptr) {
        return std::nullopt;
    }
    Header header;
    if (handle->pMethods->xRead(handle, header.bytes.data(), Header::kSize, 0) != SQLITE_OK) return std::nullopt;
    return header;
}

}  // namespace

Result<DatabaseFile> look_at_database(const std::filesystem::path& file) {
    struct stat info {};
    const bool there = ::stat(file.c_str(), &info) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR) {
        return Error{Errc::internal, "cannot look at " + file.string() + ": " + std::generic_category().message(errno)};
    }
    if (there && !S_ISREG(info.st_mode)) return corrupt(file.string() + " is not a file", "database_damaged");
    if (there && info.st_size > 0) return DatabaseFile::present;
    if (size_of(wal_of(file)) > 0) {
        return corrupt(wal_of(file).string() + " holds the work of a database that is " +
                           (there ? "empty" : "not there") +
                           ": put the database back, or run restore with a backup (the WAL is kept beside it)",
                       "wal_left");
    }
    return there ? DatabaseFile::empty : DatabaseFile::absent;
}

Status check_wal(const std::filesystem::path& file) {
    if (size_of(wal_of(file)) == 0) return Done{};
    Header header;
    std::array<unsigned char, 12> wal{};
    // What cannot be read is told by the opening itself.
    if (!read_start(file, header.bytes) || !header.is_sqlite() || !read_start(wal_of(file), wal)) return Done{};
    // The daemon's database is in WAL mode before it has its first WAL. A backup never is.
    if (header.is_wal_mode() && Header::big_endian(&wal[8]) == header.page_size()) return Done{};
    return corrupt(
        file.string() + " was put in by hand beside the WAL of another database: run restore with the backup",
        "wal_foreign");
}

Result<std::unique_ptr<OpenedFiles>> OpenedFiles::of(Connection& connection, const std::filesystem::path& file) {
    auto opened = std::make_unique<OpenedFiles>();
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const std::filesystem::path path = file.string() + suffix;
        struct stat info {};
        if (::stat(path.c_str(), &info) != 0) return corrupt(path.string() + " is gone", "database_moved");
        opened->files_.push_back(File{path, info.st_dev, info.st_ino});
    }
    int moved = 0;
    sqlite3_file_control(connection.raw().getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    const auto header = read_header(connection);
    if (moved != 0 || !header) return corrupt(file.string() + " was replaced while it was opened", "database_moved");
    opened->page_size_ = header->page_size();
    opened->changes_ = header->changes();
    return opened;
}

std::optional<std::string> OpenedFiles::moved() const {
    for (const File& file : files_) {
        struct stat info {};
        if (::stat(file.path.c_str(), &info) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) return file.path.string() + " was removed while the node runs";
            return file.path.string() + " cannot be looked at: " + std::generic_category().message(errno);
        }
        if (info.st_dev != file.device || info.st_ino != file.inode) {
            return file.path.string() + " was replaced by another file while the node runs";
        }
    }
    return std::nullopt;
}

std::optional<std::string> OpenedFiles::trouble(Connection& connection) {
    if (auto gone = moved()) return gone;
    const auto header = read_header(connection);
    // Unsigned on purpose: the counter may come round.
    if (header && header->is_sqlite() && header->is_wal_mode() && header->page_size() == page_size_ &&
        header->changes() - changes_ < 1U << 31U) {
        changes_ = header->changes();
        return std::nullopt;
    }
    return files_.front().path.string() + " was overwritten while the node runs";
}

}  // namespace vetchart::edge
