#pragma once

#include <string>

#include "central/reports/run_report.h"
#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// Who took a report away, and as what.
struct ReportExport {
    std::string actor, address, format;
};

/// Writes into the audit that the report left central: name, days, clinic, rows; none of its figures. `primary` must be
/// able to write: a report itself may come from a replica.
[[nodiscard]] Status audit_export(Pool& primary, const ReportExport& taken, const ReportQuery& query,
                                  const ReportResult& result);

}  // namespace vetchart::central
