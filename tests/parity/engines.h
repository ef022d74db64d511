#pragma once

#include <memory>
#include <string>

#include "edge/store/file/database.h"
#include "tests/support/temp_dir.h"

namespace vetchart::test {

/// A fresh node file and a fresh central database, each made by the program's own migrations.
class Engines {
public:
    Engines();
    ~Engines();

    [[nodiscard]] std::filesystem::path sqlite_file() const { return folder_ / "vetchart.db"; }
    [[nodiscard]] const std::string& postgres_url() const { return url_; }

private:
    TempDir folder_;
    std::string url_;
};

}  // namespace vetchart::test
