#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "edge/store/file/database.h"
#include "tests/support/temp_dir.h"

namespace vetchart::test {

/// `kind` 1..9 and `n` as a UUID that can be read in a failure: 00000000-0000-7000-8<kind>00-00000000000n.
[[nodiscard]] std::string row_uuid(int kind, int n);

/// A new node's file with one small chart: clinic 1; owners 1 (a patient, bills) and 2 (nobody's); patients 1 and 2
/// of owner 1 (2 has nothing); record 1, appointment 1, bills 1 (draft), 2 (paid), 3 (cancelled), 4 (sent, empty),
/// 5 (draft, empty), each of 1..3 with one item and record 1 joined. Kinds: clinic 1, owner 2, patient 3, record 4,
/// appointment 5, bill 6, item 7, staff 8, service item 9.
class ChartFile {
public:
    ChartFile();

    [[nodiscard]] edge::Database& database() { return *database_; }
    [[nodiscard]] std::filesystem::path file() const { return folder_ / "vetchart.db"; }

    /// Runs one captured transaction of "vet@clinic.test".
    [[nodiscard]] Status write(const std::string& sql);
    /// Runs the sqlite3 shell as it comes (foreign_keys off). Returns its output; throws std::runtime_error on failure.
    std::string shell(const std::string& sql);
    /// What the shell says to `sql`; empty when it takes it.
    std::string shell_refusal(const std::string& sql);
    /// The first column of the first row; "NULL" for null, "" for no row.
    std::string value(const std::string& sql);
    /// Every row of the ten tables, for comparing before and after.
    std::string dump();

private:
    TempDir folder_;
    std::unique_ptr<edge::Database> database_;
};

}  // namespace vetchart::test
