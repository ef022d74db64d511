#include <array>

#include "sync/catalogue/catalogue.h"

namespace vetchart::sync {
namespace {

using K = ColumnKind;
using Name = std::string_view;

constexpr Column kId{.name = "id", .json = "id", .kind = K::id, .writer = Writer::key};
constexpr Column kClinicId{
    .name = "clinic_id", .json = "clinicId", .kind = K::reference, .writer = Writer::key, .parent = "clinic"};
constexpr Column kCreatedAt{
    .name = "created_at", .json = "createdAt", .kind = K::instant, .writer = Writer::bookkeeping};
constexpr Column kUpdatedAt{
    .name = "updated_at", .json = "updatedAt", .kind = K::instant, .writer = Writer::bookkeeping};
constexpr Column kDeletedAt{
    .name = "deleted_at", .json = "deletedAt", .kind = K::instant, .nullable = true, .writer = Writer::action};
/// Position in the clinic's feed; 0: central has not confirmed the row.
constexpr Column kVersion{.name = "version", .kind = K::integer, .writer = Writer::central};

constexpr Column name(Name column, Name json, Name label, int most) {
    return {.name = column, .json = json, .label = label, .kind = K::name, .least = 1, .most = most};
}
/// NOT NULL, empty when left out.
constexpr Column text(Name column, Name json, Name label, int most) {
    return {.name = column, .json = json, .label = label, .fallback = "", .most = most};
}
constexpr Column choice(Name column, Name json, Name label, Name choices, const char* fallback) {
    return {.name = column, .json = json, .label = label, .kind = K::choice, .fallback = fallback, .choices = choices};
}
constexpr Column day(Name column, Name json, Name label) {
    return {.name = column, .json = json, .label = label, .kind = K::day};
}
constexpr Column reference(Name column, Name json, Name label, Name parent) {
    return {.name = column, .json = json, .label = label, .kind = K::reference, .parent = parent};
}
constexpr Column cents(Name column, Name json, Name label) {
    return {.name = column, .json = json, .label = label, .kind = K::cents, .most = kCentsMax};
}
constexpr Column flag(Name column, Name json, Name label) {
    return {.name = column, .json = json, .label = label, .kind = K::flag, .fallback = "1", .most = 1};
}
constexpr Column snapshot(Name column, Name json) {
    return {.name = column, .json = json, .kind = K::text, .nullable = true, .writer = Writer::snapshot};
}
constexpr Column stamp(Name column, Name json) {
    return {.name = column, .json = json, .kind = K::instant, .nullable = true, .writer = Writer::stamp};
}

constexpr Column nullable(Column column) {
    column.nullable = true;
    column.fallback = nullptr;
    return column;
}
constexpr Column empty_for_null(Column column) {
    column.null_is_empty = true;
    return nullable(column);
}
constexpr Column by(Writer writer, Column column) {
    column.writer = writer;
    column.label = {};
    return column;
}
constexpr Column cleared(Column column) {
    column.on_delete = OnDelete::set_null;
    return nullable(column);
}
constexpr Column beside(Name printed, Column column) {
    column.printed = printed;
    return nullable(column);
}
constexpr Column of_bill(Column column) {
    column.group = Group::bill;
    return column;
}
constexpr Column or_else(const char* fallback, Column column) {
    column.fallback = fallback;
    return column;
}
constexpr Column from_to(std::int64_t least, std::int64_t most, Column column) {
    column.least = least;
    column.most = most;
    return column;
}

constexpr Column kEmail{.name = "email", .json = "email", .label = "E-mail", .kind = K::email, .least = 1, .most = 254};
constexpr Column kWeight{.name = "weight_milli",
                         .json = "weight",
                         .label = "Weight",
                         .kind = K::milli,
                         .nullable = true,
                         .least = 1,
                         .most = kMilliMax};
constexpr Name kWeightUnits = "lbs|kg";
constexpr Column kNotes = nullable(text("notes", "notes", "Notes", 20000));
constexpr Column kVeterinarianId =
    beside("veterinarian", reference("veterinarian_id", "veterinarianId", "Veterinarian", "staff"));

constexpr std::array kClinic = {
    kId,
    from_to(2, 16, by(Writer::action, name("code", "code", "", 16))),
    name("name", "name", "Name", 200),
    name("timezone", "timezone", "Time zone", 100),
    name("currency", "currency", "Currency", 3),
    text("address", "address", "Address", 500),
    text("phone", "phone", "Phone", 50),
    kCreatedAt,
    kUpdatedAt,
    kVersion,
};

constexpr std::array kStaff = {
    kId,
    kClinicId,
    kEmail,
    name("username", "username", "User name", 100),
    name("first_name", "firstName", "First name", 100),
    name("last_name", "lastName", "Last name", 100),
    Column{.name = "password_hash", .kind = K::secret, .writer = Writer::action},
    Column{.name = "roles",
           .json = "roles",
           .label = "Roles",
           .kind = K::roles,
           .fallback = "[\"staff\"]",
           .choices = "admin|staff|veterinarian"},
    flag("active", "active", "Active"),
    kCreatedAt,
    kUpdatedAt,
    kVersion,
};

constexpr std::array kOwner = {
    kId,
    kClinicId,
    name("first_name", "firstName", "First name", 100),
    name("last_name", "lastName", "Last name", 100),
    empty_for_null(kEmail),
    empty_for_null(text("phone", "phone", "Phone", 50)),
    text("address", "address", "Address", 500),
    empty_for_null(kNotes),
    by(Writer::action, cleared(reference("merged_into", "mergedInto", "", "owner"))),
    kCreatedAt,
    kUpdatedAt,
    kDeletedAt,
    kVersion,
};

constexpr std::array kPatient = {
    kId,
    kClinicId,
    cleared(reference("owner_id", "ownerId", "Owner", "owner")),
    name("name", "name", "Name", 100),
    name("species", "species", "Species", 60),
    text("breed", "breed", "Breed", 100),
    nullable(day("birth_date", "birthDate", "Birth date")),
    Column{.name = "age", .json = "age", .label = "Age", .kind = K::integer, .nullable = true, .most = 999},
    nullable(day("deceased_on", "deceasedOn", "Day of death")),
    Column{.name = "gender",
           .json = "gender",
           .label = "Gender",
           .kind = K::any_case,
           .fallback = "unknown",
           .choices = "male|female|unknown"},
    kWeight,
    choice("weight_unit", "weightUnit", "Weight unit", kWeightUnits, "lbs"),
    nullable(day("weighed_on", "weighedOn", "Day of the weight")),
    choice("status", "status", "Status", "active|inactive", "active"),
    empty_for_null(text("assigned_doctor", "assignedDoctor", "Assigned doctor", 100)),
    beside("assigned_doctor", reference("assigned_doctor_id", "assignedDoctorId", "Assigned doctor", "staff")),
    nullable(choice("handling_difficulty", "handlingDifficulty", "Handling difficulty", "easy|medium|hard", nullptr)),
    nullable(text("microchip", "microchip", "Microchip", 50)),
    kNotes,
    kCreatedAt,
    kUpdatedAt,
    kDeletedAt,
    kVersion,
};

constexpr std::array kMedicalRecord = {
    kId,
    kClinicId,
    reference("patient_id", "patientId", "Patient", "patient"),
    day("visit_date", "visitDate", "Visit date"),
    Column{
        .name = "visited_at", .json = "visitedAt", .label = "Time of the visit", .kind = K::instant, .nullable = true},
    choice("record_type", "recordType", "Record type", "vaccine|surgery|treatment|dental", "treatment"),
    text("symptoms", "symptoms", "Symptoms", 20000),
    text("diagnosis", "diagnosis", "Diagnosis", 20000),
    text("treatment", "treatment", "Treatment", 20000),
    kNotes,
    name("veterinarian", "veterinarian", "Veterinarian", 100),
    kVeterinarianId,
    kWeight,
    nullable(choice("weight_unit", "weightUnit", "Weight unit", kWeightUnits, nullptr)),
    nullable(day("next_due_on", "nextDueOn", "Next due day")),
    snapshot("owner_name_snapshot", "ownerNameSnapshot"),
    snapshot("owner_phone_snapshot", "ownerPhoneSnapshot"),
    kCreatedAt,
    kUpdatedAt,
    kDeletedAt,
    kVersion,
};

constexpr std::array kAppointment = {
    kId,
    kClinicId,
    reference("patient_id", "patientId", "Patient", "patient"),
    day("date", "date", "Date"),
    empty_for_null({.name = "time", .json = "time", .label = "Time", .kind = K::time}),
    Column{.name = "duration",
           .json = "duration",
           .label = "Duration",
           .kind = K::integer,
           .nullable = true,
           .least = 1,
           .most = 1440},
    name("reason", "reason", "Reason", 1000),
    choice("status", "status", "Status", "scheduled|completed|cancelled|no-show", "scheduled"),
    kNotes,
    text("veterinarian", "veterinarian", "Veterinarian", 100),
    kVeterinarianId,
    kCreatedAt,
    kUpdatedAt,
    kDeletedAt,
    kVersion,
};

constexpr std::array kServiceItem = {
    kId,
    kClinicId,
    name("description", "description", "Description", 500),
    cents("unit_price_cents", "unitPrice", "Unit price"),
    flag("active", "active", "Active"),
    kCreatedAt,
    kUpdatedAt,
    kVersion,
};

constexpr std::array kBill = {
    kId,
    kClinicId,
    of_bill(reference("owner_id", "ownerId", "Owner", "owner")),
    of_bill(reference("patient_id", "patientId", "Patient", "patient")),
    cleared(reference("appointment_id", "appointmentId", "Appointment", "appointment")),
    by(Writer::central, nullable(name("bill_number", "billNumber", "", 100))),
    by(Writer::number, name("provisional_number", "provisionalNumber", "", 100)),
    of_bill(or_else("0", cents("subtotal_cents", "subtotal", "Subtotal"))),
    of_bill(or_else("0", cents("tax_cents", "tax", "Tax"))),
    of_bill(or_else("0", cents("total_cents", "totalAmount", "Total"))),
    of_bill(choice("status", "status", "Status", "draft|sent|paid|overdue|cancelled", "draft")),
    day("bill_date", "billDate", "Bill date"),
    day("due_date", "dueDate", "Due date"),
    stamp("issued_at", "issuedAt"),
    stamp("paid_at", "paidAt"),
    stamp("cancelled_at", "cancelledAt"),
    nullable(text("cancel_reason", "cancelReason", "Reason of the cancellation", 500)),
    kNotes,
    kCreatedAt,
    kUpdatedAt,
    kDeletedAt,
    kVersion,
    Column{
        .name = "received_at", .kind = K::instant, .nullable = true, .writer = Writer::central, .only_central = true},
};

constexpr std::array kBillItem = {
    kId,
    kClinicId,
    of_bill(reference("bill_id", "billId", "Bill", "bill")),
    of_bill(Column{.name = "position", .json = "position", .label = "Position", .kind = K::integer, .most = 9999}),
    of_bill(name("description", "description", "Description", 500)),
    of_bill(Column{.name = "quantity_milli",
                   .json = "quantity",
                   .label = "Quantity",
                   .kind = K::milli,
                   .least = 1,
                   .most = kMilliMax}),
    of_bill(cents("unit_price_cents", "unitPrice", "Unit price")),
    of_bill(cents("total_price_cents", "totalPrice", "Total price")),
    kCreatedAt,
    kUpdatedAt,
    kVersion,
};

constexpr std::array kBillMedicalRecord = {
    kClinicId,
    of_bill(by(Writer::key, reference("bill_id", "billId", "", "bill"))),
    of_bill(by(Writer::key, reference("medical_record_id", "medicalRecordId", "", "medical_record"))),
    kCreatedAt,
    kUpdatedAt,
    kVersion,
};

/// What a person decided on an item of the attention list: written once. `value` is JSON text.
constexpr std::array kItemDecision = {
    kId,
    kClinicId,
    Column{.name = "item_id", .json = "itemId", .kind = K::id, .writer = Writer::key},
    Column{.name = "item_version", .json = "itemVersion", .kind = K::integer, .writer = Writer::key},
    by(Writer::key, name("action", "action", "", 40)),
    by(Writer::key, nullable(text("value", "value", "", kDecisionValueMax))),
    by(Writer::key, name("actor", "actor", "", 300)),
    by(Writer::central, nullable(text("outcome", "outcome", "", 20))),
    by(Writer::central, nullable(text("answer", "answer", "", 2000))),
    kCreatedAt,
    kUpdatedAt,
    kVersion,
};

constexpr std::array<Name, 1> kById = {"id"};
constexpr std::array<Name, 2> kByBillAndRecord = {"bill_id", "medical_record_id"};

constexpr std::array kClinicUniques = {Unique{"code"}};
constexpr std::array kStaffUniques = {Unique{"clinic_id", "email"}, Unique{"clinic_id", "username"}};
constexpr std::array kOwnerUniques = {Unique{"clinic_id", "email", true}};
constexpr std::array kBillUniques = {Unique{"bill_number"}, Unique{"provisional_number"}};

constexpr std::array kTables = {
    Table{"clinic", "clinic", "clinic", kById, kClinic, kClinicUniques},
    Table{"staff", "staff", "staff member", kById, kStaff, kStaffUniques},
    Table{"owner", "owner", "owner", kById, kOwner, kOwnerUniques},
    Table{"patient", "patient", "patient", kById, kPatient},
    Table{"medical_record", "medicalRecord", "medical record", kById, kMedicalRecord},
    Table{"appointment", "appointment", "appointment", kById, kAppointment},
    Table{"service_item", "serviceItem", "price", kById, kServiceItem},
    Table{"bill", "bill", "bill", kById, kBill, kBillUniques},
    Table{"bill_item", "billItem", "bill item", kById, kBillItem},
    Table{"bill_medical_record", "billMedicalRecord", "record of a bill", kByBillAndRecord, kBillMedicalRecord},
    Table{"item_decision", "itemDecision", "decision", kById, kItemDecision},
};
static_assert(kTables.size() <= kTablesMax);

}  // namespace

std::span<const Table> tables() { return kTables; }

}  // namespace vetchart::sync
