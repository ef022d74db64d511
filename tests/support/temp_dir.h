#pragma once

#include <filesystem>
#include <string>

namespace vetchart::test {

/// A new folder with a short name (UNIX socket paths end at 107 bytes), removed with all in it at the end of life.
class TempDir {
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

}  // namespace vetchart::test
