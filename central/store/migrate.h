#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "central/store/open_doors.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// The schema this program brings a database to: the number of the last file in schema/postgres/tables.
[[nodiscard]] int central_schema_version();

struct MigrateOptions {
    std::string url;                              ///< libpq URI or conninfo; empty: the PG* variables alone.
    std::string legacy_clinic = "MAIN";           ///< Code of the clinic that takes the rows of a legacy database.
    std::string currency = "USD";                 ///< Of that clinic: ISO 4217.
    std::string timezone = "UTC";                 ///< Of that clinic: IANA name. Legacy instants lie on its days.
    bool dry_run = false;                         ///< Do everything, report, then roll back.
    std::optional<std::filesystem::path> report;  ///< CSV of all repairs; for the owner's eyes alone (mode 0600).
    int lock_timeout_s = 30;  ///< How long to wait for whoever still uses the legacy tables, 1 to 86400.
    /// Called with one line per step (what, rows, seconds), while it runs; never a value. By default the log.
    std::function<void(const std::string&)> say = {};
    std::string actor = "os";  ///< For the audit.
    int fail_at_phase = 0;     ///< Tests only: an error right after that file of tables/; one more: after the rules.
};

/// How often one kind of repair was made. `column` and `table` are the legacy names.
struct RepairCount {
    std::string table, column, outcome;
    std::int64_t count = 0;
};

/// Legacy rows that were taken over.
struct ArrivedCount {
    std::string table;
    std::int64_t count = 0;
};

/// Who can log in after a migration.
struct LoginCount {
    std::string clinic;           ///< Code of the legacy clinic; empty: there is none.
    std::int64_t staff = 0;       ///< Its active staff.
    std::int64_t with_login = 0;  ///< Of them with a password that can be checked.
    std::int64_t admins = 0;      ///< Of those the administrators.
    std::int64_t hq_admins = 0;   ///< HQ's active administrators.
};

struct MigrateResult {
    int from = 0, to = 0;              ///< Schema version before and after; equal: nothing was to do.
    int applied = 0;                   ///< Files of tables/ run.
    int replaced = 0;                  ///< Files of rules/, views/ and reports/ run.
    bool legacy = false;               ///< This run met a legacy database.
    std::int64_t issues = 0;           ///< Rows this run wrote to migration_issue.
    std::vector<RepairCount> repairs;  ///< The same, counted; ordered by table, column, outcome.
    LoginCount logins;
    std::vector<ArrivedCount> arrived;  ///< Ordered by table; empty unless this run met a legacy database.
    std::vector<OpenDoor> open;         ///< What logins may and should not, and this role could not close.
};

/// Runs all pending files, and makes the rules of this program hold (central/store/migrate_rules.h), in one
/// transaction, under a lock (a second one waits, and says so); each run, also one with nothing pending, closes what is
/// open to logins of the cluster and can be closed without harm (close_doors). Any error leaves the database as it was.
/// Blocking; opens a connection of its own. Errors: invalid_input (clinic code, currency, time zone, server too old or
/// not UTF-8, a report that cannot be written: before anything is done); busy when someone still uses the legacy
/// tables; conflict `legacy_refused` with a sentence when the legacy database holds what cannot be taken over; corrupt
/// with slug `schema_changed` (an applied file differs from this program's), `schema_newer` or `schema_before_cut`;
/// conflict `schema_depended_on`, `schema_name_taken` (replace_rules()); unavailable;
/// outcome_unknown when the connection broke during COMMIT: run again, it says; out_of_space when the report could not
/// be written to its end; internal `report` when all is done and only the report's last renaming failed.
[[nodiscard]] Result<MigrateResult> migrate(const MigrateOptions& options);

struct AppliedFile {
    int number = 0;
    std::string name, applied_at;
};

struct MigrationStatus {
    int current = 0, latest = 0;
    bool is_legacy = false;  ///< Holds the tables of the old server, not migrated yet.
    std::vector<AppliedFile> applied;
    std::vector<std::string> pending;  ///< File names, in order; of rules with their folder.
    std::vector<OpenDoor> open;        ///< As in MigrateResult.
};

/// Reads only. Errors: as migrate(), without those of writing.
[[nodiscard]] Result<MigrationStatus> migration_status(const std::string& url);

/// Refuses a database that this program does not know as it is: older or legacy (conflict `schema_old`), newer or
/// changed (corrupt); the errors of migration_status.
[[nodiscard]] Status require_current_schema(const std::string& url);

}  // namespace vetchart::central
