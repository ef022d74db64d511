#include "tests/parity/random_columns.h"

#include <string>
#include <utility>

namespace vetchart::test {
namespace {

using Columns = std::vector<RandomColumn>;
using K = ColumnKind;

constexpr std::int64_t kCents = 1000000000000;
constexpr std::int64_t kText = 20000;

RandomColumn must(const char* name, K kind, std::int64_t low = 0, std::int64_t high = 0) {
    return {name, kind, low, high, false, false, ""};
}
/// NOT NULL with a default.
RandomColumn has_default(const char* name, K kind, std::int64_t low = 0) {
    return {name, kind, low, 0, false, true, ""};
}
RandomColumn may(const char* name, K kind, std::int64_t low = 0, std::int64_t high = 0) {
    return {name, kind, low, high, true, true, ""};
}
RandomColumn one_of(const char* name, const char* values) { return {name, K::one_of, 0, 0, false, false, values}; }
RandomColumn default_of(const char* name, const char* values) { return {name, K::one_of, 0, 0, false, true, values}; }
RandomColumn maybe_one_of(const char* name, const char* values) { return {name, K::one_of, 0, 0, true, true, values}; }

enum class Delete { hard, soft };

RandomTable table(const char* name, int kind, Delete way, Columns own) {
    Columns columns;
    if (kind != 0) columns.push_back(must("id", K::id));
    if (std::string(name) != "clinic") columns.push_back(must("clinic_id", K::clinic));
    for (RandomColumn& column : own) columns.push_back(std::move(column));
    columns.push_back(has_default("created_at", K::instant));
    columns.push_back(has_default("updated_at", K::instant));
    if (way == Delete::soft) columns.push_back(may("deleted_at", K::instant));
    return {name, kind, std::move(columns)};
}

RandomTable clinic() {
    return table("clinic", 1, Delete::hard,
                 {must("code", K::code), must("name", K::required, 200), has_default("timezone", K::timezone),
                  has_default("currency", K::currency), has_default("address", K::free, 500),
                  has_default("phone", K::free, 50)});
}

RandomTable staff() {
    return table("staff", 8, Delete::hard,
                 {must("email", K::staff_email), must("username", K::required, 100),
                  must("first_name", K::required, 100), must("last_name", K::required, 100),
                  must("password_hash", K::any_text), must("roles", K::roles), has_default("active", K::boolean)});
}

RandomTable owner() {
    return table("owner", 2, Delete::soft,
                 {must("first_name", K::required, 100), must("last_name", K::required, 100), may("email", K::email),
                  may("phone", K::free, 50), has_default("address", K::free, 500), may("notes", K::free, kText),
                  may("merged_into", K::reference, 2)});
}

RandomTable patient() {
    return table(
        "patient", 3, Delete::soft,
        {may("owner_id", K::reference, 2), must("name", K::required, 100), must("species", K::required, 60),
         has_default("breed", K::free, 100), may("birth_date", K::day), may("age", K::integer, 0, 999),
         may("deceased_on", K::day), one_of("gender", "male,female,unknown"), may("weight_milli", K::big, 1, INT64_MAX),
         default_of("weight_unit", "lbs,kg"), may("weighed_on", K::day), default_of("status", "active,inactive"),
         may("assigned_doctor", K::free, 100), may("assigned_doctor_id", K::reference, 8),
         maybe_one_of("handling_difficulty", "easy,medium,hard"), may("microchip", K::free, 50),
         may("notes", K::free, kText)});
}

RandomTable medical_record() {
    return table(
        "medical_record", 4, Delete::soft,
        {must("patient_id", K::reference, 3), must("visit_date", K::day), may("visited_at", K::instant),
         one_of("record_type", "vaccine,surgery,treatment,dental"), has_default("symptoms", K::free, kText),
         has_default("diagnosis", K::free, kText), has_default("treatment", K::free, kText),
         may("notes", K::free, kText), must("veterinarian", K::required, 100), may("veterinarian_id", K::reference, 8),
         may("weight_milli", K::big, 1, INT64_MAX), maybe_one_of("weight_unit", "lbs,kg"), may("next_due_on", K::day),
         may("owner_name_snapshot", K::any_text), may("owner_phone_snapshot", K::any_text)});
}

RandomTable appointment() {
    return table("appointment", 5, Delete::soft,
                 {must("patient_id", K::reference, 3), must("date", K::day), may("time", K::time),
                  may("duration", K::integer, 1, 1440), must("reason", K::required, 1000),
                  default_of("status", "scheduled,completed,cancelled,no-show"), may("notes", K::free, kText),
                  has_default("veterinarian", K::free, 100), may("veterinarian_id", K::reference, 8)});
}

RandomTable service_item() {
    return table("service_item", 9, Delete::hard,
                 {must("description", K::required, 500), must("unit_price_cents", K::big, 0, kCents),
                  has_default("active", K::boolean)});
}

RandomTable bill() {
    return table(
        "bill", 6, Delete::soft,
        {must("owner_id", K::reference, 2), must("patient_id", K::reference, 3), may("appointment_id", K::reference, 5),
         may("bill_number", K::bill_number), must("provisional_number", K::provisional),
         must("subtotal_cents", K::big, 0, kCents), must("tax_cents", K::big, 0, kCents),
         must("total_cents", K::big, 0, kCents), default_of("status", "draft,sent,paid,overdue,cancelled"),
         must("bill_date", K::day), must("due_date", K::day), may("issued_at", K::instant), may("paid_at", K::instant),
         may("cancelled_at", K::instant), may("cancel_reason", K::free, 500), may("notes", K::free, kText)});
}

RandomTable bill_item() {
    return table("bill_item", 7, Delete::hard,
                 {must("bill_id", K::reference, 6), must("position", K::integer, 0, 9999),
                  must("description", K::required, 500), must("quantity_milli", K::big, 1, INT64_MAX),
                  must("unit_price_cents", K::big, 0, kCents), must("total_price_cents", K::big, 0, kCents)});
}

RandomTable bill_medical_record() {
    return table("bill_medical_record", 0, Delete::hard,
                 {must("bill_id", K::reference, 6), must("medical_record_id", K::reference, 4)});
}

}  // namespace

const std::vector<RandomTable>& random_tables() {
    static const std::vector<RandomTable> all = {
        clinic(),      staff(),        owner(), patient(),   medical_record(),
        appointment(), service_item(), bill(),  bill_item(), bill_medical_record()};
    return all;
}

}  // namespace vetchart::test
