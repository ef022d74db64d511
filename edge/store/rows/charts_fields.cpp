#include "edge/store/rows/charts_fields.h"

#include <array>

#include "sync/base/result.h"

namespace vetchart::edge {
namespace {

using K = FieldKind;

constexpr ChartField name_field(std::string_view column, std::string_view json, std::string_view label, int most) {
    return {.column = column, .json = json, .label = label, .kind = K::name, .least = 1, .most = most};
}
/// NOT NULL, empty when left out.
constexpr ChartField text_field(std::string_view column, std::string_view json, std::string_view label, int most) {
    return {.column = column, .json = json, .label = label, .kind = K::text, .fallback = "", .most = most};
}
constexpr ChartField nullable_text(std::string_view column, std::string_view json, std::string_view label, int most) {
    return {.column = column, .json = json, .label = label, .kind = K::text, .nullable = true, .most = most};
}
constexpr ChartField reference_to(ChartTable parent, std::string_view column, std::string_view json,
                                  std::string_view label, bool nullable) {
    return {
        .column = column, .json = json, .label = label, .kind = K::reference, .nullable = nullable, .parent = parent};
}
constexpr ChartField choice_of(std::string_view column, std::string_view json, std::string_view label,
                               std::string_view choices, const char* fallback) {
    return {
        .column = column, .json = json, .label = label, .kind = K::choice, .fallback = fallback, .choices = choices};
}
constexpr ChartField nullable_choice(std::string_view column, std::string_view json, std::string_view label,
                                     std::string_view choices) {
    return {.column = column, .json = json, .label = label, .kind = K::choice, .nullable = true, .choices = choices};
}
constexpr ChartField day_field(std::string_view column, std::string_view json, std::string_view label, bool nullable) {
    return {.column = column, .json = json, .label = label, .kind = K::day, .nullable = nullable};
}
constexpr ChartField cents_field(std::string_view column, std::string_view json, std::string_view label) {
    return {.column = column, .json = json, .label = label, .kind = K::cents, .fallback = "0", .most = kCentsMax};
}
constexpr ChartField weight_field() {
    return {.column = "weight_milli",
            .json = "weight",
            .label = "Weight",
            .kind = K::milli,
            .nullable = true,
            .least = 1,
            .most = kMilliMax};
}

constexpr std::array kOwner = {
    name_field("first_name", "firstName", "First name", 100),
    name_field("last_name", "lastName", "Last name", 100),
    ChartField{.column = "email",
               .json = "email",
               .label = "E-mail",
               .kind = K::email,
               .nullable = true,
               .least = 1,
               .most = 254},
    nullable_text("phone", "phone", "Phone", 50),
    text_field("address", "address", "Address", 500),
    nullable_text("notes", "notes", "Notes", 20000),
};

constexpr std::array kPatient = {
    reference_to(ChartTable::owner, "owner_id", "ownerId", "Owner", true),
    name_field("name", "name", "Name", 100),
    name_field("species", "species", "Species", 60),
    text_field("breed", "breed", "Breed", 100),
    day_field("birth_date", "birthDate", "Birth date", true),
    ChartField{.column = "age", .json = "age", .label = "Age", .kind = K::integer, .nullable = true, .most = 999},
    day_field("deceased_on", "deceasedOn", "Day of death", true),
    ChartField{.column = "gender",
               .json = "gender",
               .label = "Gender",
               .kind = K::any_case,
               .fallback = "unknown",
               .choices = "male|female|unknown"},
    weight_field(),
    choice_of("weight_unit", "weightUnit", "Weight unit", "lbs|kg", "lbs"),
    day_field("weighed_on", "weighedOn", "Day of the weight", true),
    choice_of("status", "status", "Status", "active|inactive", "active"),
    nullable_text("assigned_doctor", "assignedDoctor", "Assigned doctor", 100),
    nullable_choice("handling_difficulty", "handlingDifficulty", "Handling difficulty", "easy|medium|hard"),
    nullable_text("microchip", "microchip", "Microchip", 50),
    nullable_text("notes", "notes", "Notes", 20000),
};

constexpr std::array kMedicalRecord = {
    reference_to(ChartTable::patient, "patient_id", "patientId", "Patient", false),
    day_field("visit_date", "visitDate", "Visit date", false),
    ChartField{.column = "visited_at",
               .json = "visitedAt",
               .label = "Time of the visit",
               .kind = K::instant,
               .nullable = true},
    choice_of("record_type", "recordType", "Record type", "vaccine|surgery|treatment|dental", "treatment"),
    text_field("symptoms", "symptoms", "Symptoms", 20000),
    text_field("diagnosis", "diagnosis", "Diagnosis", 20000),
    text_field("treatment", "treatment", "Treatment", 20000),
    nullable_text("notes", "notes", "Notes", 20000),
    name_field("veterinarian", "veterinarian", "Veterinarian", 100),
    weight_field(),
    nullable_choice("weight_unit", "weightUnit", "Weight unit", "lbs|kg"),
    day_field("next_due_on", "nextDueOn", "Next due day", true),
};

constexpr std::array kAppointment = {
    reference_to(ChartTable::patient, "patient_id", "patientId", "Patient", false),
    day_field("date", "date", "Date", false),
    ChartField{.column = "time", .json = "time", .label = "Time", .kind = K::time, .nullable = true},
    ChartField{.column = "duration",
               .json = "duration",
               .label = "Duration",
               .kind = K::integer,
               .nullable = true,
               .least = 1,
               .most = 1440},
    name_field("reason", "reason", "Reason", 1000),
    choice_of("status", "status", "Status", "scheduled|completed|cancelled|no-show", "scheduled"),
    nullable_text("notes", "notes", "Notes", 20000),
    text_field("veterinarian", "veterinarian", "Veterinarian", 100),
};

constexpr std::array kBill = {
    reference_to(ChartTable::owner, "owner_id", "ownerId", "Owner", false),
    reference_to(ChartTable::patient, "patient_id", "patientId", "Patient", false),
    reference_to(ChartTable::appointment, "appointment_id", "appointmentId", "Appointment", true),
    cents_field("subtotal_cents", "subtotal", "Subtotal"),
    cents_field("tax_cents", "tax", "Tax"),
    cents_field("total_cents", "totalAmount", "Total"),
    choice_of("status", "status", "Status", "draft|sent|paid|overdue|cancelled", "draft"),
    day_field("bill_date", "billDate", "Bill date", false),
    day_field("due_date", "dueDate", "Due date", false),
    nullable_text("cancel_reason", "cancelReason", "Reason of the cancellation", 500),
    nullable_text("notes", "notes", "Notes", 20000),
};

constexpr std::array kServiceItem = {
    name_field("description", "description", "Description", 500),
    ChartField{
        .column = "unit_price_cents", .json = "unitPrice", .label = "Unit price", .kind = K::cents, .most = kCentsMax},
    ChartField{.column = "active", .json = "active", .label = "Active", .kind = K::flag, .fallback = "1", .most = 1},
};

constexpr std::array kStaff = {
    ChartField{.column = "email", .json = "email", .label = "E-mail", .kind = K::email, .least = 1, .most = 254},
    name_field("username", "username", "User name", 100),
    name_field("first_name", "firstName", "First name", 100),
    name_field("last_name", "lastName", "Last name", 100),
    ChartField{.column = "roles",
               .json = "roles",
               .label = "Roles",
               .kind = K::roles,
               .fallback = "[\"staff\"]",
               .choices = "admin|staff|veterinarian"},
    ChartField{.column = "active", .json = "active", .label = "Active", .kind = K::flag, .fallback = "1", .most = 1},
};

constexpr std::array kClinic = {
    name_field("name", "name", "Name", 200),           name_field("timezone", "timezone", "Time zone", 100),
    name_field("currency", "currency", "Currency", 3), text_field("address", "address", "Address", 500),
    text_field("phone", "phone", "Phone", 50),
};

}  // namespace

std::span<const ChartField> fields_of(ChartTable table) {
    switch (table) {
        case ChartTable::owner: return kOwner;
        case ChartTable::patient: return kPatient;
        case ChartTable::medical_record: return kMedicalRecord;
        case ChartTable::appointment: return kAppointment;
        case ChartTable::bill: return kBill;
        case ChartTable::service_item: return kServiceItem;
        case ChartTable::staff: return kStaff;
        case ChartTable::clinic: return kClinic;
    }
    return {};
}

std::string_view table_name(ChartTable table) {
    switch (table) {
        case ChartTable::owner: return "owner";
        case ChartTable::patient: return "patient";
        case ChartTable::medical_record: return "medical_record";
        case ChartTable::appointment: return "appointment";
        case ChartTable::bill: return "bill";
        case ChartTable::service_item: return "service_item";
        case ChartTable::staff: return "staff";
        case ChartTable::clinic: return "clinic";
    }
    return {};
}

std::string_view table_label(ChartTable table) {
    switch (table) {
        case ChartTable::medical_record: return "medical record";
        case ChartTable::service_item: return "price";
        case ChartTable::staff: return "staff member";
        case ChartTable::owner:
        case ChartTable::patient:
        case ChartTable::appointment:
        case ChartTable::bill:
        case ChartTable::clinic: return table_name(table);
    }
    return {};
}

std::size_t field_index(ChartTable table, std::string_view column) {
    const auto fields = fields_of(table);
    std::size_t index = 0;
    while (index < fields.size() && fields[index].column != column) ++index;
    VC_ASSERT(index < fields.size());
    return index;
}

const ChartField* find_field(std::string_view table, std::string_view column) {
    constexpr std::array kTables = {ChartTable::owner,       ChartTable::patient, ChartTable::medical_record,
                                    ChartTable::appointment, ChartTable::bill,    ChartTable::service_item,
                                    ChartTable::staff,       ChartTable::clinic};
    for (const ChartTable candidate : kTables) {
        if (table_name(candidate) != table) continue;
        for (const ChartField& field : fields_of(candidate)) {
            if (field.column == column) return &field;
        }
    }
    return nullptr;
}

}  // namespace vetchart::edge
