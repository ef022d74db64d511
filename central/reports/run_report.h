#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "central/reports/catalog.h"
#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// A report with more rows is refused and asks for a clinic or fewer days. 200 clinics' visits of a year are 50,000.
inline constexpr std::size_t kReportRowsMax = 100000;

/// Where reports are read, and how long they may take.
struct ReportSource {
    PoolOptions pool;
    std::chrono::seconds time_max{30};
    bool is_apart = false;  ///< VETCHART_REPORT_URL names it: perhaps a replica.
};

/// `main` with VETCHART_REPORT_URL (a replica) in place of its URL and a bound of `connections`; the time is
/// VETCHART_REPORT_TIMEOUT. Errors: invalid_input names the variable.
[[nodiscard]] Result<ReportSource> report_source_from_environment(PoolOptions main, std::size_t connections);

/// What was asked for, as text from outside. Empty: not said.
struct ReportQuery {
    std::string name = {}, from = {}, to = {}, as_of = {}, clinic = {};
};

/// How far a clinic's data has arrived. Instants are format_utc.
struct ClinicFreshness {
    std::string code, name, currency, timezone;
    std::string data_as_of;
    std::int64_t pending_changes = 0;  ///< Changes that waited at its nodes' last contact.
    std::optional<std::string> oldest_pending_at;
    std::int64_t conflicts = 0, quarantined = 0;  ///< Open ones.
};

/// A report's rows, all from one snapshot with the clinics' freshness.
struct ReportResult {
    const Report* report = nullptr;
    std::optional<std::string> from, to, as_of;  ///< Days, as they were used; nullopt where they do not apply.
    std::vector<ClinicFreshness> clinics;        ///< By code.
    /// In the order of report->columns. Whole numbers and cents as digits, days and instants in ISO form; nullopt
    /// is NULL.
    std::vector<std::vector<std::optional<std::string>>> rows;
};

/// Runs one report in a read-only snapshot. Reads schema `report` alone, so that `pool` may log in as a member of
/// vetchart_report, and may be a replica. Errors: not_found (slug report_not_found, clinic_not_found), invalid_input
/// (a day, from after to; slug bad_range), busy (slug report_timeout, report_too_large: the context says what to do),
/// internal (slug report_schema_missing), forbidden (slug report_schema_closed), and the pool's. Blocking; thread-safe.
[[nodiscard]] Result<ReportResult> run_report(Pool& pool, std::chrono::seconds time_max, const ReportQuery& query);

/// Reads the server's time zones anew (after its tzdata changed). On the primary. Returns how many came or went.
[[nodiscard]] Result<int> refresh_time_zones(Pool& pool);

}  // namespace vetchart::central
