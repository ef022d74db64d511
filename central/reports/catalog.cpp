#include "central/reports/catalog.h"

#include <algorithm>
#include <array>

namespace vetchart::central {
namespace {

using enum ColumnKind;

constexpr std::array kRevenue{Column{"clinic_code"},
                              Column{"currency"},
                              Column{"month", month},
                              Column{"issued_bills", count},
                              Column{"issued_subtotal_cents", money},
                              Column{"issued_tax_cents", money},
                              Column{"issued_total_cents", money},
                              Column{"cancelled_bills", count, false},
                              Column{"cancelled_subtotal_cents", money, false},
                              Column{"cancelled_tax_cents", money, false},
                              Column{"cancelled_total_cents", money},
                              Column{"net_subtotal_cents", money, false},
                              Column{"net_tax_cents", money, false},
                              Column{"net_total_cents", money},
                              Column{"paid_bills", count},
                              Column{"paid_subtotal_cents", money, false},
                              Column{"paid_tax_cents", money, false},
                              Column{"paid_total_cents", money},
                              Column{"refunded_bills", count, false},
                              Column{"refunded_total_cents", money},
                              Column{"late_bills", count},
                              Column{"late_total_cents", money, false},
                              Column{"deleted_bills", count, false},
                              Column{"deleted_total_cents", money, false}};

constexpr std::array kReceivables{Column{"clinic_code"},
                                  Column{"currency"},
                                  Column{"as_of_day", day},
                                  Column{"open_bills", count},
                                  Column{"open_total_cents", money},
                                  Column{"not_due_bills", count, false},
                                  Column{"not_due_cents", money},
                                  Column{"due_0_to_30_bills", count, false},
                                  Column{"due_0_to_30_cents", money},
                                  Column{"due_31_to_60_bills", count, false},
                                  Column{"due_31_to_60_cents", money},
                                  Column{"due_61_to_90_bills", count, false},
                                  Column{"due_61_to_90_cents", money},
                                  Column{"due_over_90_bills", count, false},
                                  Column{"due_over_90_cents", money},
                                  Column{"past_due_bills", count},
                                  Column{"past_due_cents", money},
                                  Column{"deleted_bills", count, false},
                                  Column{"deleted_cents", money, false}};

constexpr std::array kVisits{Column{"clinic_code"}, Column{"month", month}, Column{"record_type"},
                             Column{"veterinarian"}, Column{"visits", count}};

constexpr std::array kVaccinations{Column{"clinic_code"},
                                   Column{"as_of_day", day},
                                   Column{"given", count},
                                   Column{"active_patients", count},
                                   Column{"covered_patients", count},
                                   Column{"coverage_percent", percent},
                                   Column{"due_30_days", count},
                                   Column{"overdue", count},
                                   Column{"never_vaccinated", count}};

constexpr std::array kPatients{Column{"clinic_code"},
                               Column{"month", month},
                               Column{"seen_patients", count},
                               Column{"new_patients", count},
                               Column{"returning_patients", count},
                               Column{"lapsed_patients", count}};

constexpr std::array kAppointments{
    Column{"clinic_code"},      Column{"weekday", weekday},         Column{"appointments", count},
    Column{"completed", count}, Column{"no_show", count},           Column{"cancelled", count},
    Column{"open", count},      Column{"no_show_percent", percent}, Column{"cancelled_percent", percent}};

constexpr std::array kSyncLag{Column{"clinic_code"},
                              Column{"node_name"},
                              Column{"node_code"},
                              Column{"node_id", text, false},
                              Column{"node_state"},
                              Column{"scope_state", text, false},
                              Column{"enrolled_at", instant, false},
                              Column{"last_contact_at", instant},
                              Column{"silent_seconds", number},
                              Column{"last_push_at", instant, false},
                              Column{"last_pull_at", instant, false},
                              Column{"pending_changes", number},
                              Column{"oldest_pending_at", instant},
                              Column{"conflicts", number},
                              Column{"quarantined", number},
                              Column{"clock_offset_ms", number, false},
                              Column{"schema_version", number},
                              Column{"app_version"}};

constexpr std::string_view kByClinicMonth = R"(r.clinic_code COLLATE "C", r.currency, r.month)";

constexpr std::array kReports{
    Report{"revenue", "revenue($2::date, $3::date, $1::uuid) r",
           "bills issued, cancelled and paid, by clinic and month", Range::period, kByClinicMonth, kRevenue},
    Report{"receivables", "receivables($2::date, $1::uuid) r", "unpaid bills by days past due, as of the end of a day",
           Range::as_of, R"(r.clinic_code COLLATE "C", r.currency)", kReceivables},
    Report{"visits", "visits($2::date, $3::date, $1::uuid) r", "visits by month, record type and veterinarian",
           Range::period,
           R"(r.clinic_code COLLATE "C", r.month, r.record_type, r.veterinarian COLLATE "C", r.veterinarian_id)",
           kVisits},
    Report{"vaccinations", "vaccinations($2::date, $3::date, $1::uuid) r", "vaccinations given and due, and coverage",
           Range::period, R"(r.clinic_code COLLATE "C")", kVaccinations},
    Report{"patients", "patients($2::date, $3::date, $1::uuid) r", "new, returning and lapsed patients by month",
           Range::period, R"(r.clinic_code COLLATE "C", r.month)", kPatients},
    Report{"appointments", "appointments($2::date, $3::date, $1::uuid) r", "no-shows and cancellations by weekday",
           Range::period, R"(r.clinic_code COLLATE "C", r.weekday)", kAppointments},
    Report{"sync-lag", "sync_lag r WHERE $1::uuid IS NULL OR r.clinic_id = $1::uuid",
           "how far each node's work has arrived", Range::now,
           R"(r.clinic_code COLLATE "C", r.node_name COLLATE "C", r.node_id)", kSyncLag}};

std::string_view without_unit(std::string_view column) {
    constexpr std::string_view kUnit = "_cents";
    return column.ends_with(kUnit) ? column.substr(0, column.size() - kUnit.size()) : column;
}

}  // namespace

std::span<const Report> reports() { return kReports; }

const Report* find_report(std::string_view name) {
    const auto* const found =
        std::find_if(kReports.begin(), kReports.end(), [&](const Report& report) { return report.name == name; });
    return found == kReports.end() ? nullptr : found;
}

std::string report_names() {
    std::string names;
    for (const Report& report : kReports) names.append(names.empty() ? "" : ", ").append(report.name);
    return names;
}

std::string json_name(std::string_view column) {
    std::string name;
    bool upper = false;
    for (const char letter : without_unit(column)) {
        if (letter == '_') {
            upper = true;
        } else {
            name += upper && letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
            upper = false;
        }
    }
    return name;
}

std::string csv_name(std::string_view column) { return std::string(without_unit(column)); }

}  // namespace vetchart::central
