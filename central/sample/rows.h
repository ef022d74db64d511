#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "central/sample/calendar.h"
#include "central/sample/clinic_plan.h"
#include "central/sample/visit_kinds.h"
#include "sync/base/uuid.h"

namespace vetchart::central {

/// Rows as they go into the tables of the same names; clinic_id and version are the writer's and the database's.
/// A string_view is a text that lives as long as the program.
struct OwnerRow {
    Uuid id;
    std::string first_name, last_name, address;
    std::optional<std::string> email, phone;
    std::optional<std::string_view> notes;
    std::optional<Uuid> merged_into;
    UtcMillis created_at, updated_at;
    std::optional<UtcMillis> deleted_at;
};

struct PatientRow {
    Uuid id, owner_id;
    std::string_view name, species, breed;
    std::optional<Day> birth_date, deceased_on;
    std::optional<std::int64_t> age_years, weight_milli;
    bool male = false, active = true;
    std::optional<PlannedVet> assigned_doctor;
    std::optional<std::string> microchip;
    std::optional<std::string_view> handling_difficulty, notes;
    UtcMillis created_at, updated_at;
    std::optional<UtcMillis> deleted_at;
};

struct AppointmentRow {
    Uuid id, patient_id;
    Day date;
    int minute = 0, duration = 30;
    std::string_view reason, status;
    PlannedVet veterinarian;
    UtcMillis created_at, updated_at;
    std::optional<UtcMillis> deleted_at;
};

struct RecordRow {
    Uuid id, patient_id;
    Day visit_date;
    std::optional<UtcMillis> visited_at;
    const VisitKind* kind = nullptr;
    PlannedVet veterinarian;
    std::optional<std::int64_t> weight_milli;
    std::optional<Day> next_due_on;
    std::string owner_name;
    std::optional<std::string> owner_phone;
    UtcMillis created_at, updated_at;
    std::optional<UtcMillis> deleted_at;
};

enum class BillStatus { draft, sent, paid, overdue, cancelled };
[[nodiscard]] std::string_view to_text(BillStatus status);

struct BillRow {
    Uuid id, owner_id, patient_id;
    std::optional<Uuid> appointment_id;
    std::int64_t subtotal_cents = 0, tax_cents = 0;
    BillStatus status = BillStatus::draft;
    Day bill_date, due_date;
    std::optional<UtcMillis> issued_at, paid_at, cancelled_at;
    std::optional<std::string_view> cancel_reason;
    UtcMillis created_at, updated_at, received_at;
    std::optional<UtcMillis> deleted_at;
};

struct ItemRow {
    Uuid id, bill_id;
    int position = 0;
    std::string_view description;
    std::int64_t quantity_milli = 0, unit_price_cents = 0, total_price_cents = 0;
    UtcMillis created_at;
};

struct LinkRow {
    Uuid bill_id, medical_record_id;
    UtcMillis created_at;
};

/// The charts of some families of one clinic: complete, so that nothing in it names a row outside.
struct Charts {
    std::vector<OwnerRow> owners;
    std::vector<PatientRow> patients;
    std::vector<AppointmentRow> appointments;
    std::vector<RecordRow> records;
    std::vector<BillRow> bills;
    std::vector<ItemRow> items;
    std::vector<LinkRow> links;
};

}  // namespace vetchart::central
