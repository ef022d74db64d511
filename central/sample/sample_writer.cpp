#include "central/sample/sample_writer.h"

#include <array>
#include <optional>
#include <pqxx/pqxx>

#include "central/sample/sample.h"
#include "sync/model/change.h"

namespace vetchart::central {
namespace {

using Cell = std::optional<std::string>;
using Columns = std::vector<std::string>;

// Without enable_seqscan: a session plans the triggers' look-ups once, and on a table that statistics call empty it
// would plan to read all of it, for each of the rows that then make it large. What must be read whole then looks dear
// enough to be compiled: hence jit.
constexpr const char* kPrepare = R"(
SET LOCAL enable_seqscan = off;
SET LOCAL jit = off;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL vetchart.keep_number = 'on';
CREATE TEMPORARY TABLE sample_bill ON COMMIT DROP AS SELECT * FROM public.bill WITH NO DATA;
CREATE TEMPORARY TABLE sample_item ON COMMIT DROP AS SELECT * FROM public.bill_item WITH NO DATA;
CREATE TEMPORARY TABLE sample_link ON COMMIT DROP AS SELECT * FROM public.bill_medical_record WITH NO DATA)";

constexpr const char* kInsertClinic =
    "INSERT INTO clinic (id, code, name, timezone, currency, address, phone, created_at, updated_at) "
    "VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8::timestamptz, $8::timestamptz)";

// One statement: the foreign keys are judged at its end, so items and links can go in before the bill that may be
// closed. The bills wait for both counts. COPY cannot do this: it is a statement by itself.
constexpr const char* kInsertBills = R"(
WITH items AS (
    INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents,
                           total_price_cents, created_at, updated_at)
    SELECT id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, total_price_cents,
           created_at, updated_at
      FROM pg_temp.sample_item RETURNING 1),
links AS (
    INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id, created_at, updated_at)
    SELECT clinic_id, bill_id, medical_record_id, created_at, updated_at FROM pg_temp.sample_link RETURNING 1),
children AS MATERIALIZED (SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM links) AS written)
INSERT INTO bill (id, clinic_id, owner_id, patient_id, appointment_id, subtotal_cents, tax_cents, total_cents, status,
                  bill_date, due_date, issued_at, paid_at, cancelled_at, cancel_reason, created_at, updated_at,
                  received_at, deleted_at)
SELECT id, clinic_id, owner_id, patient_id, appointment_id, subtotal_cents, tax_cents, total_cents, status,
       bill_date, due_date, issued_at, paid_at, cancelled_at, cancel_reason, created_at, updated_at, received_at,
       deleted_at
  FROM pg_temp.sample_bill, children WHERE written >= 0 ORDER BY created_at, id)";
constexpr const char* kEmptyStaging = "TRUNCATE pg_temp.sample_bill, pg_temp.sample_item, pg_temp.sample_link";

constexpr const char* kTaken =
    "SELECT code FROM clinic WHERE code IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY code COLLATE \"C\"";
constexpr const char* kOthers =
    "SELECT EXISTS (SELECT FROM clinic c WHERE NOT EXISTS "
    "(SELECT FROM audit_log a WHERE a.action = $1 AND a.subject = c.code))";
constexpr const char* kAnalyze =
    "SET LOCAL statement_timeout = 0; "
    "ANALYZE clinic, staff, service_item, owner, patient, medical_record, appointment, bill, bill_item, "
    "bill_medical_record";

Cell cell(const Uuid& id) { return to_string(id); }
Cell cell(UtcMillis at) { return format_utc(at); }
Cell cell(Day day) { return day_text(day); }
Cell cell(std::int64_t number) { return std::to_string(number); }
Cell cell(int number) { return std::to_string(number); }
Cell cell(bool value) { return value ? "t" : "f"; }
Cell cell(std::string_view text) { return std::string(text); }
Cell cell(std::string text) { return text; }
Cell cell(const char* text) { return std::string(text); }
Cell cell(Cell value) { return value; }
template <class T>
Cell cell(const std::optional<T>& value) {
    return value ? cell(*value) : Cell();
}

/// One row of COPY: libpqxx wants a tuple.
template <class... Values>
std::array<Cell, sizeof...(Values)> line(const Values&... values) {
    return {cell(values)...};
}

std::string hour_text(int minute_of_day) {
    const auto two = [](int value) { return std::to_string(100 + value).substr(1); };
    return two(minute_of_day / 60) + ':' + two(minute_of_day % 60);
}

template <class Rows, class MakeLine>
void copy_rows(pqxx::transaction_base& transaction, const std::string& table, const Columns& columns, const Rows& rows,
               const MakeLine& make_line) {
    if (rows.empty()) return;
    pqxx::stream_to stream(transaction, table, columns);
    for (const auto& row : rows) stream << make_line(row);
    stream.complete();
}

}  // namespace

SampleWriter::SampleWriter(pqxx::transaction_base& transaction, const ClinicPlan& plan)
    : transaction_(transaction), plan_(plan), clinic_id_(to_string(plan.id)) {
    transaction_.exec(kPrepare);
}

void SampleWriter::write_clinic() {
    transaction_.exec_params(kInsertClinic, clinic_id_, plan_.code, plan_.name, plan_.zone.name,
                             std::string(plan_.locale->currency), plan_.address, plan_.phone,
                             format_utc(plan_.opened_at()));
    // No hash matches this password: nobody logs in until one is set.
    copy_rows(transaction_, "staff",
              {"id", "clinic_id", "email", "username", "first_name", "last_name", "password_hash", "roles", "active",
               "created_at", "updated_at"},
              plan_.staff, [&](const PlannedStaff& row) {
                  return line(row.id, clinic_id_, row.email, row.username, row.first_name, row.last_name, "none",
                              row.roles, row.active, row.created_at, row.created_at);
              });
    copy_rows(transaction_, "service_item",
              {"id", "clinic_id", "description", "unit_price_cents", "active", "created_at", "updated_at"},
              plan_.prices, [&](const PlannedPrice& row) {
                  return line(row.id, clinic_id_, row.entry->description, row.cents, true, plan_.opened_at(),
                              plan_.opened_at());
              });
}

void SampleWriter::write(const Charts& charts) {
    copy_rows(transaction_, "owner",
              {"id", "clinic_id", "first_name", "last_name", "email", "phone", "address", "notes", "merged_into",
               "created_at", "updated_at", "deleted_at"},
              charts.owners, [&](const OwnerRow& row) {
                  return line(row.id, clinic_id_, row.first_name, row.last_name, row.email, row.phone, row.address,
                              row.notes, row.merged_into, row.created_at, row.updated_at, row.deleted_at);
              });
    copy_rows(transaction_, "patient", {"id",          "clinic_id",       "owner_id",           "name",
                                        "species",     "breed",           "birth_date",         "age",
                                        "deceased_on", "gender",          "weight_milli",       "weight_unit",
                                        "status",      "assigned_doctor", "assigned_doctor_id", "handling_difficulty",
                                        "microchip",   "notes",           "created_at",         "updated_at",
                                        "deleted_at"},
              charts.patients, [&](const PatientRow& row) {
                  return line(row.id, clinic_id_, row.owner_id, row.name, row.species, row.breed, row.birth_date,
                              row.age_years, row.deceased_on, row.male ? "male" : "female", row.weight_milli,
                              plan_.locale->weight_unit, row.active ? "active" : "inactive",
                              row.assigned_doctor ? cell(row.assigned_doctor->printed) : Cell(),
                              row.assigned_doctor ? cell(row.assigned_doctor->id) : Cell(), row.handling_difficulty,
                              row.microchip, row.notes, row.created_at, row.updated_at, row.deleted_at);
              });
    copy_rows(transaction_, "appointment",
              {"id", "clinic_id", "patient_id", "date", "time", "duration", "reason", "status", "veterinarian",
               "veterinarian_id", "created_at", "updated_at", "deleted_at"},
              charts.appointments, [&](const AppointmentRow& row) {
                  return line(row.id, clinic_id_, row.patient_id, row.date, hour_text(row.minute), row.duration,
                              row.reason, row.status, row.veterinarian.printed, row.veterinarian.id, row.created_at,
                              row.updated_at, row.deleted_at);
              });
    write_records(charts.records);
    write_bills(charts);
}

void SampleWriter::write_records(const std::vector<RecordRow>& records) {
    copy_rows(transaction_, "medical_record",
              {"id", "clinic_id", "patient_id", "visit_date", "visited_at", "record_type", "symptoms", "diagnosis",
               "treatment", "veterinarian", "veterinarian_id", "weight_milli", "weight_unit", "next_due_on",
               "owner_name_snapshot", "owner_phone_snapshot", "created_at", "updated_at", "deleted_at"},
              records, [&](const RecordRow& row) {
                  return line(row.id, clinic_id_, row.patient_id, row.visit_date, row.visited_at,
                              to_text(row.kind->type), row.kind->symptoms, row.kind->diagnosis, row.kind->treatment,
                              row.veterinarian.printed, row.veterinarian.id, row.weight_milli,
                              row.weight_milli ? cell(plan_.locale->weight_unit) : Cell(), row.next_due_on,
                              row.owner_name, row.owner_phone, row.created_at, row.updated_at, row.deleted_at);
              });
}

void SampleWriter::write_bills(const Charts& charts) {
    copy_rows(transaction_, "sample_bill",
              {"id", "clinic_id", "owner_id", "patient_id", "appointment_id", "subtotal_cents", "tax_cents",
               "total_cents", "status", "bill_date", "due_date", "issued_at", "paid_at", "cancelled_at",
               "cancel_reason", "created_at", "updated_at", "received_at", "deleted_at"},
              charts.bills, [&](const BillRow& row) {
                  return line(row.id, clinic_id_, row.owner_id, row.patient_id, row.appointment_id, row.subtotal_cents,
                              row.tax_cents, row.subtotal_cents + row.tax_cents, to_text(row.status), row.bill_date,
                              row.due_date, row.issued_at, row.paid_at, row.cancelled_at, row.cancel_reason,
                              row.created_at, row.updated_at, row.received_at, row.deleted_at);
              });
    copy_rows(transaction_, "sample_item",
              {"id", "clinic_id", "bill_id", "position", "description", "quantity_milli", "unit_price_cents",
               "total_price_cents", "created_at", "updated_at"},
              charts.items, [&](const ItemRow& row) {
                  return line(row.id, clinic_id_, row.bill_id, row.position, row.description, row.quantity_milli,
                              row.unit_price_cents, row.total_price_cents, row.created_at, row.created_at);
              });
    copy_rows(transaction_, "sample_link", {"clinic_id", "bill_id", "medical_record_id", "created_at", "updated_at"},
              charts.links, [&](const LinkRow& row) {
                  return line(clinic_id_, row.bill_id, row.medical_record_id, row.created_at, row.created_at);
              });
    transaction_.exec(kInsertBills);
    transaction_.exec(kEmptyStaging);
}

KnownClinics known_clinics(pqxx::transaction_base& transaction, const std::vector<std::string>& codes) {
    KnownClinics known;
    for (const auto& row : transaction.exec_params(kTaken, sync::Json(codes).dump())) {
        known.taken.emplace_back(row[0].c_str());
    }
    known.others = transaction.exec_params1(kOthers, kSampleAction)[0].as<bool>();
    return known;
}

void analyze_samples(pqxx::transaction_base& transaction) { transaction.exec(kAnalyze); }

}  // namespace vetchart::central
