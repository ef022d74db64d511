#include "central/reports/audited.h"

#include <pqxx/pqxx>

#include "central/store/audit.h"

namespace vetchart::central {

Status audit_export(Pool& primary, const ReportExport& taken, const ReportQuery& query, const ReportResult& result) {
    sync::Json detail{{"format", taken.format}, {"rows", result.rows.size()}};
    if (!query.clinic.empty()) detail["clinic"] = query.clinic;
    if (result.from) detail["from"] = *result.from;
    if (result.to) detail["to"] = *result.to;
    if (result.as_of) detail["asOf"] = *result.as_of;
    return primary.transact("report export", [&](pqxx::work& transaction) -> Status {
        audit(transaction, taken.actor, "report export", std::string(result.report->name), detail, taken.address);
        return Done{};
    });
}

}  // namespace vetchart::central
