#include "edge/store/file/opened_files.h"

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

/// SQLite's own handle of a file; nullptr when it has none.
sqlite3_file* handle_of(Connection& connection) {
    sqlite3_file* handle = nullptr;
    const int said = sqlite3_file_control(connection.raw().getHandle(), "main", SQLITE_FCNTL_FILE_POINTER,
                                          static_cast<void*>(&handle));
    return said == SQLITE_OK && handle != nullptr && handle->pMethods != nullptr ? handle : nullptr;
}

/// Reads the header by SQLite's own handle. nullopt: the file is shorter, or cannot be read.
std::optional<Header> read_header(Connection& connection) {
    sqlite3_file* handle = handle_of(connection);
    if (handle == nullptr) return std::nullopt;
    Header header;
    if (handle->pMethods->xRead(handle, header.bytes.data(), Header::kSize, 0) != SQLITE_OK) return std::nullopt;
    return header;
}

std::string stamp_of(const std::filesystem::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return {};
    return std::to_string(info.st_size) + ' ' + std::to_string(info.st_mtim.tv_sec) + ' ' +
           std::to_string(info.st_mtim.tv_nsec);
}

std::string uri_of(const std::filesystem::path& file) {
    constexpr const char* kHex = "0123456789ABCDEF";
    std::string uri = "file:";
    for (const char c : file.string()) {
        if (c == '%' || c == '?' || c == '#') {
            const auto byte = static_cast<unsigned char>(c);
            uri += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        } else {
            uri += c;
        }
    }
    return uri;
}

/// The incarnation as it lies in the database's own pages, without the WAL; read through SQLite, since a descriptor of
/// our own would give up its locks. nullopt: in the middle of somebody's checkpoint, or before the first.
std::optional<std::string> life_in_file(const std::filesystem::path& file) {
    try {
        const SQLite::Database raw(uri_of(file) + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI);
        SQLite::Statement life(raw, "SELECT incarnation FROM node_state");
        if (life.executeStep()) return life.getColumn(0).getString();
    } catch (const SQLite::Exception&) {
        return std::nullopt;
    }
    return std::nullopt;
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
    // A file that cannot be read is told of when it is opened.
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
    // The life that the file has now is this database's own: after a restore a new one begins, in the WAL first.
    opened->former_life_ = life_in_file(file).value_or("");
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

/// The index says how many frames the WAL has; each is a page and 24 bytes, after 32 of a head.
bool OpenedFiles::lacks_wal_frames(Connection& connection) const {
    constexpr int kIndexBytes = 32768;
    constexpr std::size_t kFrameCount = 4;  ///< Of the index's 32-bit words: mxFrame (sqlite.org/walformat.html).
    sqlite3_file* handle = handle_of(connection);
    void volatile* index = nullptr;
    if (handle == nullptr || handle->pMethods->iVersion < 2 ||
        handle->pMethods->xShmMap(handle, 0, kIndexBytes, 0, &index) != SQLITE_OK || index == nullptr) {
        return false;
    }
    const std::uint64_t frames = static_cast<std::uint32_t volatile*>(index)[kFrameCount];
    struct stat info {};
    if (frames == 0 || ::stat(files_[1].path.c_str(), &info) != 0) return false;
    return static_cast<std::uint64_t>(info.st_size) < 32 + frames * (page_size_ + 24);
}

/// The content of a file that was written since the last look: by a checkpoint, or by somebody who copied another
/// node's database over it. A life that this database never had is another's; what cannot be told yet is not.
bool OpenedFiles::is_anothers(Connection& connection) {
    const std::string stamp = stamp_of(files_.front().path);
    if (stamp == stamp_) return false;
    const auto life = life_in_file(files_.front().path);
    if (!life) return false;
    SQLite::Statement known(connection.raw(),
                            "SELECT ?1 IN ('', ?2) OR EXISTS (SELECT 1 FROM node_state WHERE incarnation = ?1) OR "
                            "EXISTS (SELECT 1 FROM sync_txn WHERE incarnation = ?1)");
    known.bind(1, *life);
    known.bind(2, former_life_);
    known.executeStep();
    if (known.getColumn(0).getInt() == 0) return true;
    former_life_ = *life;
    stamp_ = stamp;
    return false;
}

std::optional<std::string> OpenedFiles::trouble(Connection& connection) {
    if (auto gone = moved()) return gone;
    const auto header = read_header(connection);
    // Unsigned on purpose: the counter may come round.
    if (header && header->is_sqlite() && header->is_wal_mode() && header->page_size() == page_size_ &&
        header->changes() - changes_ < 1U << 31U && !is_anothers(connection)) {
        changes_ = header->changes();
        if (lacks_wal_frames(connection)) return files_[1].path.string() + " was cut short while the node runs";
        return std::nullopt;
    }
    return files_.front().path.string() + " was overwritten while the node runs";
}

}  // namespace vetchart::edge
