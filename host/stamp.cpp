#include "host/stamp.h"

#include <sys/stat.h>

#include <cstdint>

namespace vetchart::host {

std::string stamp_of(const std::filesystem::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return "-";
    std::string stamp = std::to_string(info.st_dev) + ' ' + std::to_string(info.st_ino);
    for (const std::int64_t part :
         {static_cast<std::int64_t>(info.st_size), static_cast<std::int64_t>(info.st_mtim.tv_sec),
          static_cast<std::int64_t>(info.st_mtim.tv_nsec), static_cast<std::int64_t>(info.st_ctim.tv_sec),
          static_cast<std::int64_t>(info.st_ctim.tv_nsec)}) {
        stamp += ' ' + std::to_string(part);
    }
    return stamp + ' ';
}

bool is_small_file(const std::filesystem::path& file) {
    constexpr off_t kBytesMax = 1 << 20;
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= kBytesMax;
}

}  // namespace vetchart::host
