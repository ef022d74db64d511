// The rules of docs/data-rules.md on PostgreSQL, tried with plain SQL, as a DBA with psql would.
#include <catch2/catch.hpp>

#include "tests/central/store/schema_fixture.h"

namespace vetchart::test {
namespace {

/// A copy of the migrated database with one chart in it, and a connection as psql would have it.
struct Chart {
    pqxx::connection connection{central_database()};
    Chart() { fill_chart(connection); }
    std::string refusal(const std::string& sql) { return refusal_of(connection, sql); }
    std::string value(const std::string& sql) { return value_of(connection, sql); }
};

std::string with_id(const std::string& sql, const char* id) { return sql + " WHERE id = '" + id + "'"; }

}  // namespace

TEST_CASE("schema: an owner named by no bill goes, and its patients stay without one", "[central][schema]") {
    Chart chart;
    REQUIRE(chart.refusal("DELETE FROM bill_medical_record; DELETE FROM bill_item; DELETE FROM bill").empty());
    REQUIRE(chart.refusal("DELETE FROM owner").empty());
    CHECK(chart.value("SELECT count(*) FROM patient WHERE owner_id IS NULL") == "1");
    CHECK(chart.value("SELECT owner_name_snapshot || owner_phone_snapshot FROM medical_record") ==
          "Ada Holm+1-555-0100");
    CHECK(chart.value("SELECT count(*) FROM appointment") == "1");
}

TEST_CASE("schema: what is still named is not deleted", "[central][schema]") {
    Chart chart;
    CHECK(chart.refusal("DELETE FROM owner") == "VC001");
    CHECK(chart.refusal("DELETE FROM patient") == "VC001");
    CHECK(chart.refusal("DELETE FROM medical_record") == "VC001");
    CHECK(chart.refusal("DELETE FROM bill") == "VC001");
    CHECK(chart.refusal(with_id("DELETE FROM clinic", kClinic)) == "VC001");
    CHECK(chart.refusal(with_id("DELETE FROM clinic", kOtherClinic)).empty());
    CHECK(chart.value("SELECT count(*) FROM patient") == "1");
    CHECK(chart.value("SELECT count(*) FROM medical_record") == "1");
    CHECK(chart.value("SELECT count(*) FROM bill") == "1");
}

TEST_CASE("schema: who is named by a patient, a record or an appointment stays on the staff, the archive's too",
          "[central][schema]") {
    Chart chart;
    const std::string rosa = "00000000-0000-7000-8000-00000000a001";
    const std::string clinic = kClinic, other = kOtherClinic;
    const auto hire = [&](const std::string& id, const std::string& where) {
        return chart.refusal(
            "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES "
            "('" +
            id + "', '" + where + "', 'r@x.example', 'r', 'Rosa', 'Allen', 'none', '[]')");
    };
    REQUIRE(hire(rosa, clinic).empty());
    REQUIRE(hire("00000000-0000-7000-8000-00000000a002", other).empty());
    for (const auto& [table, column] : {std::pair<std::string, std::string>{"patient", "assigned_doctor_id"},
                                        {"medical_record", "veterinarian_id"},
                                        {"appointment", "veterinarian_id"}}) {
        CAPTURE(table);
        const std::string set = "UPDATE " + table + " SET " + column + " = ";
        CHECK(chart.refusal(set + "'00000000-0000-7000-8000-00000000a002'") == "23503");
        REQUIRE(chart.refusal(set + "'" + rosa + "'").empty());
        CHECK(chart.refusal("DELETE FROM staff WHERE id = '" + rosa + "'") == "VC001");
        CHECK(chart.refusal("ALTER TABLE staff DISABLE TRIGGER USER; DELETE FROM staff WHERE id = '" + rosa + "'") ==
              "23503");
        REQUIRE(chart.refusal(set + "NULL").empty());
    }
    REQUIRE(chart.refusal("UPDATE medical_record SET veterinarian_id = '" + rosa + "'").empty());
    REQUIRE(chart.refusal("SELECT archive_patient('" + std::string(kPatient) + "', 'test', 'moved')").empty());
    CHECK(chart.refusal("DELETE FROM staff WHERE id = '" + rosa + "'") == "VC001");
    REQUIRE(chart.refusal("SELECT restore_patient('" + std::string(kPatient) + "', 'test')").empty());
    CHECK(chart.value("SELECT veterinarian_id FROM medical_record") == rosa);
    REQUIRE(chart.refusal("UPDATE medical_record SET veterinarian_id = NULL").empty());
    CHECK(chart.refusal("DELETE FROM staff WHERE id = '" + rosa + "'").empty());
}

TEST_CASE("schema: with its triggers off the foreign keys still refuse", "[central][schema]") {
    Chart chart;
    for (const char* const table : {"owner", "patient", "medical_record", "bill", "clinic"}) {
        const std::string name = table;
        CAPTURE(name);
        CHECK(chart.refusal("ALTER TABLE " + name + " DISABLE TRIGGER USER; DELETE FROM " + name) == "23503");
    }
}

TEST_CASE("schema: an appointment goes and its bill stays without one", "[central][schema]") {
    Chart chart;
    REQUIRE(chart.refusal("DELETE FROM appointment").empty());
    CHECK(chart.value("SELECT count(*) FROM bill WHERE appointment_id IS NULL") == "1");
}

TEST_CASE("schema: an issued bill is never deleted, a draft one is", "[central][schema]") {
    Chart chart;
    REQUIRE(chart.refusal("DELETE FROM bill_medical_record; DELETE FROM bill_item").empty());
    SECTION("draft") { CHECK(chart.refusal("DELETE FROM bill").empty()); }
    SECTION("cancelled as a draft") {
        CHECK(chart.refusal("UPDATE bill SET status = 'cancelled', cancel_reason = 'r'").empty());
        CHECK(chart.refusal("DELETE FROM bill").empty());
    }
    SECTION("back to draft") {
        CHECK(chart.refusal("UPDATE bill SET status = 'sent'").empty());
        CHECK(chart.refusal("UPDATE bill SET status = 'draft'").empty());
        CHECK(chart.refusal("DELETE FROM bill") == "VC004");
    }
}

TEST_CASE("schema: items and links of a paid or cancelled bill stay as they are", "[central][schema]") {
    Chart chart;
    const std::string status = GENERATE("paid", "cancelled");
    const std::string clinic = kClinic, bill = kBill;
    REQUIRE(chart.refusal("UPDATE bill SET cancel_reason = 'r', status = '" + status + "'").empty());
    CHECK(chart.refusal("DELETE FROM bill_item") == "VC003");
    CHECK(chart.refusal("UPDATE bill_item SET position = 1") == "VC003");
    CHECK(chart.refusal("DELETE FROM bill_medical_record") == "VC003");
    CHECK(chart.refusal("INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, "
                        "unit_price_cents, total_price_cents) VALUES (gen_random_uuid(), '" +
                        clinic + "', '" + bill + "', 1, 'x', 1000, 1, 1)") == "VC003");
    INFO("and none comes in through another bill");
    REQUIRE(chart.refusal(insert_bill()).empty());
    CHECK(chart.refusal("UPDATE bill_item SET bill_id = (SELECT id FROM bill WHERE status = 'draft')") == "VC003");
    REQUIRE(chart.refusal("UPDATE bill SET status = 'draft' WHERE id = '" + bill + "'").empty());
    CHECK(chart.refusal("DELETE FROM bill_medical_record").empty());
    CHECK(chart.refusal("DELETE FROM bill_item") == (status == "paid" ? "VC004" : ""));
}

TEST_CASE("schema: a bill that was issued keeps its items, amounts, owner and patient", "[central][schema]") {
    Chart chart;
    const std::string other = "00000000-0000-4000-8000-0000000000aa";
    REQUIRE(
        chart
            .refusal("INSERT INTO owner (id, clinic_id, first_name, last_name) SELECT '" + other +
                     "', clinic_id, 'O', 'O' FROM owner; INSERT INTO patient (id, clinic_id, name, species, gender) "
                     "SELECT '" +
                     other + "', clinic_id, 'P', 'dog', 'male' FROM patient")
            .empty());
    const std::string status = GENERATE("draft", "sent", "overdue");
    REQUIRE(chart.refusal("UPDATE bill SET status = 'sent'; UPDATE bill SET status = '" + status + "'").empty());
    for (const std::string set :
         {"subtotal_cents = subtotal_cents + 1", "tax_cents = tax_cents + 1", "total_cents = total_cents + 1",
          "patient_id = '00000000-0000-4000-8000-0000000000aa'", "owner_id = '00000000-0000-4000-8000-0000000000aa'"}) {
        CAPTURE(set);
        CHECK(chart.refusal("UPDATE bill SET " + set) == "VC004");
        CHECK(chart.refusal("SET LOCAL vetchart.intake = 'on'; UPDATE bill SET " + set) == "VC004");
    }
    CHECK(chart.refusal("DELETE FROM bill_item") == "VC004");
    CHECK(chart.refusal("UPDATE bill_item SET position = 1") == "VC004");
    CHECK(chart.refusal("INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, "
                        "unit_price_cents, total_price_cents) SELECT gen_random_uuid(), clinic_id, id, 1, 'x', 1, 1, 1 "
                        "FROM bill") == "VC004");
    INFO("the rest may change, and an owner who was merged takes the bill along");
    CHECK(
        chart.refusal("UPDATE bill SET notes = 'n', due_date = due_date + 1; DELETE FROM bill_medical_record").empty());
    REQUIRE(chart.refusal("UPDATE owner SET merged_into = '" + other + "' WHERE id <> '" + other + "'").empty());
    CHECK(chart.refusal("UPDATE bill SET owner_id = '" + other + "'").empty());
}

TEST_CASE("schema: a new step to cancelled has its reason, a legacy row may lack it", "[central][schema]") {
    Chart chart;
    for (const std::string blank : {"NULL", "''", "E' \\t\u00a0'"}) {
        CAPTURE(blank);
        CHECK(chart.refusal("UPDATE bill SET status = 'cancelled', cancel_reason = " + blank) == "VC013");
        CHECK(chart.refusal(insert_bill(", status, cancel_reason", ", 'cancelled', " + blank)) == "VC013");
    }
    REQUIRE(chart.refusal("UPDATE bill SET status = 'cancelled', cancel_reason = 'twice'").empty());
    CHECK(chart.refusal("UPDATE bill SET cancel_reason = NULL") == "VC013");
    REQUIRE(chart.refusal("SET LOCAL vetchart.keep_number = 'on';" + insert_bill(", status", ", 'cancelled'")).empty());
    CHECK(chart.refusal("UPDATE bill SET notes = 'n' WHERE cancel_reason IS NULL").empty());
    CHECK(chart.value("SELECT count(*) FROM bill WHERE cancel_reason IS NULL") == "1");
}

TEST_CASE("schema: links to nothing, or to another clinic's rows, are refused", "[central][schema]") {
    Chart chart;
    const std::string clinic = kClinic, other = kOtherClinic, bill = kBill, patient = kPatient;
    CHECK(chart.refusal("INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES ('" + clinic +
                        "', '" + bill + "', gen_random_uuid())") == "23503");
    CHECK(chart.refusal("INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) SELECT clinic_id, "
                        "gen_random_uuid(), id FROM medical_record") == "23503");
    CHECK(chart.refusal("INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) "
                        "VALUES (gen_random_uuid(), '" +
                        other + "', '" + patient + "', '2026-01-01', 'dental', 'x')") == "23503");
    CHECK(chart.refusal("UPDATE patient SET owner_id = gen_random_uuid()") == "23503");
}

TEST_CASE("schema: TRUNCATE is refused on every synced table, with CASCADE too", "[central][schema]") {
    Chart chart;
    for (const char* const table :
         {"clinic", "staff", "owner", "patient", "medical_record", "appointment", "bill", "bill_item",
          "bill_medical_record", "service_item", "sync_item", "sync_tombstone"}) {
        const std::string name = table;
        CAPTURE(name);
        CHECK(chart.refusal("TRUNCATE " + name + " CASCADE") == "VC008");
        CHECK(chart.refusal("SET LOCAL session_replication_role = replica; TRUNCATE " + name + " CASCADE") == "VC008");
    }
}

TEST_CASE("schema: values outside their column's bounds are refused", "[central][schema]") {
    Chart chart;
    const auto check = [&](const std::string& assignment, const std::string& table, const std::string& state) {
        CAPTURE(table, assignment);
        CHECK(chart.refusal("UPDATE " + table + " SET " + assignment) == state);
    };
    for (const char* const bad :
         {"age = -1", "age = 1000", "weight_milli = 0", "weight_milli = -1", "name = ''", "name = E' \\t\\n'",
          "name = U&'\\00A0\\200B\\3000\\FEFF'", "name = repeat('x', 101)", "species = ' '",
          "species = repeat('x', 61)", "breed = repeat('x', 101)", "microchip = repeat('x', 51)",
          "notes = repeat('x', 20001)", "birth_date = '0001-01-01 BC'", "birth_date = '10000-01-01'",
          "birth_date = 'infinity'", "created_at = 'infinity'", "deleted_at = '10000-01-01'"}) {
        check(bad, "patient", "23514");
    }
    for (const char* const bad :
         {"gender = 'Male'", "gender = 'm'", "status = 'gone'", "weight_unit = 'g'", "handling_difficulty = ''"}) {
        check(bad, "patient", "22P02");
    }
    for (const char* const bad : {"name = NULL", "gender = NULL", "breed = NULL", "weight_unit = NULL"}) {
        check(bad, "patient", "23502");
    }
    for (const char* const bad : {"time = '9:30'", "time = '24:00'", "time = '09:60'", "time = E'09:30\\n'",
                                  "duration = 0", "duration = 1441", "reason = ' '"}) {
        check(bad, "appointment", "23514");
    }
    check("status = 'no_show'", "appointment", "22P02");
    check("record_type = 'checkup'", "medical_record", "22P02");
    for (const char* const bad : {"subtotal_cents = -1", "tax_cents = 1000000000001", "total_cents = -1",
                                  "cancel_reason = repeat('x', 501)", "due_date = 'infinity'"}) {
        check(bad, "bill", "23514");
    }
    check("status = 'open'", "bill", "22P02");
    for (const char* const bad :
         {"quantity_milli = 0", "position = -1", "position = 10000", "unit_price_cents = -1", "description = ''"}) {
        check(bad, "bill_item", "23514");
    }
    for (const char* const bad :
         {"code = 'a'", "code = 'NORTHERN-1'", "code = 'X'", "currency = 'usd'", "name = ' '"}) {
        check(bad, "clinic", "23514");
    }
    for (const char* const bad :
         {"email = 'Ada@mail.example'", "email = repeat('x', 255)", "phone = repeat('1', 51)"}) {
        check(bad, "owner", "23514");
    }
}

TEST_CASE("schema: values at their bounds are taken and kept as given", "[central][schema]") {
    Chart chart;
    CHECK(chart
              .refusal("UPDATE patient SET age = 0, weight_milli = 1, name = ' ' || repeat('x', 100) || ' ', "
                       "birth_date = '0001-01-01', deceased_on = '9999-12-31', breed = ''")
              .empty());
    CHECK(chart.value("SELECT length(name) FROM patient") == "102");
    CHECK(chart.refusal("UPDATE appointment SET duration = 1440, time = '23:59'").empty());
    CHECK(chart.refusal("UPDATE bill SET total_cents = 1000000000000").empty());
    CHECK(chart.value("SELECT feed_image(p) ->> 'birth_date' FROM patient p") == "0001-01-01");
    INFO("only ASCII letters count as upper case");
    CHECK(chart.refusal("UPDATE owner SET email = 'Ä@mail.example'").empty());
}

TEST_CASE("schema: roles are one of the eight canonical arrays", "[central][schema]") {
    Chart chart;
    const auto staff = [&](const std::string& roles, const std::string& name) {
        return chart.refusal(
            "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, "
            "roles) VALUES (gen_random_uuid(), '" +
            std::string(kClinic) + "', '" + name + "', '" + name + "', 'A', 'B', '', '" + roles + "')");
    };
    CHECK(staff("[\"admin\",\"staff\"]", "a").empty());
    CHECK(staff("[]", "b").empty());
    CHECK(staff("[\"staff\",\"admin\"]", "c") == "23514");
    CHECK(staff("[\"nurse\"]", "d") == "23514");
    CHECK(staff("[\"admin\", \"staff\"]", "e") == "23514");
    CHECK(staff("[]", "a") == "23505");
}

TEST_CASE("schema: an e-mail address is one owner's of a clinic until that owner is hidden", "[central][schema]") {
    Chart chart;
    const auto owner = [&](const char* clinic) {
        return chart.refusal(
            "INSERT INTO owner (id, clinic_id, first_name, last_name, email) VALUES (gen_random_uuid(), '" +
            std::string(clinic) + "', 'B', 'C', 'ada@mail.example')");
    };
    CHECK(owner(kClinic) == "23505");
    CHECK(owner(kOtherClinic).empty());
    REQUIRE(chart.refusal(with_id("UPDATE owner SET deleted_at = now()", kOwner)).empty());
    CHECK(owner(kClinic).empty());
    CHECK(chart.refusal(with_id("UPDATE owner SET deleted_at = NULL", kOwner)) == "23505");
}

TEST_CASE("schema: ids, clinics, numbers and snapshots never change", "[central][schema]") {
    Chart chart;
    const std::string other = kOtherClinic;
    for (const char* const table : {"owner", "patient", "medical_record", "appointment", "bill", "bill_item"}) {
        const std::string name = table;
        CAPTURE(name);
        CHECK(chart.refusal("UPDATE " + name + " SET id = gen_random_uuid()") == "VC005");
        CHECK(chart.refusal("UPDATE " + name + " SET clinic_id = '" + other + "'") == "VC005");
    }
    CHECK(chart.refusal("UPDATE clinic SET id = gen_random_uuid()") == "VC005");
    CHECK(chart.refusal("UPDATE bill_medical_record SET medical_record_id = gen_random_uuid()") == "VC005");
    CHECK(chart.refusal("UPDATE bill SET bill_number = 'BILL-000099'") == "VC005");
    CHECK(chart.refusal("UPDATE bill SET bill_number = NULL") == "VC005");
    CHECK(chart.refusal("UPDATE bill SET provisional_number = 'X'") == "VC005");
    CHECK(chart.refusal("UPDATE medical_record SET owner_name_snapshot = 'X'") == "VC005");
    CHECK(chart.refusal("SET LOCAL vetchart.erasure = 'on'; UPDATE medical_record SET owner_name_snapshot = NULL")
              .empty());
}

TEST_CASE("schema: the first status past draft leaves its instant, and keeps it", "[central][schema]") {
    Chart chart;
    const auto stamps = [&] {
        return chart.value(
            "SELECT concat_ws(' ', CASE WHEN issued_at IS NOT NULL THEN 'issued' END, CASE WHEN paid_at IS "
            "NOT NULL THEN 'paid' END, CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled' END) FROM bill");
    };
    CHECK(stamps().empty());
    REQUIRE(chart.refusal("UPDATE bill SET status = 'overdue'").empty());
    CHECK(stamps() == "issued");
    const auto issued = chart.value("SELECT issued_at FROM bill");
    REQUIRE(chart.refusal("UPDATE bill SET status = 'paid'").empty());
    CHECK(stamps() == "issued paid");
    REQUIRE(chart.refusal("UPDATE bill SET status = 'cancelled', cancel_reason = 'r'").empty());
    CHECK(stamps() == "issued paid cancelled");
    CHECK(chart.value("SELECT issued_at FROM bill") == issued);
    REQUIRE(chart.refusal(insert_bill(", status, paid_at", ", 'paid', '2026-01-01T00:00:00Z'")).empty());
    CHECK(chart.value(
              "SELECT paid_at = '2026-01-01T00:00:00Z' AND issued_at IS NOT NULL FROM bill WHERE status = 'paid'") ==
          "t");
}

TEST_CASE("schema: updated_at follows an update that leaves it alone, intake says its own", "[central][schema]") {
    Chart chart;
    REQUIRE(chart.refusal("UPDATE owner SET updated_at = '2020-01-01T00:00:00Z'").empty());
    CHECK(chart.value("SELECT updated_at = '2020-01-01T00:00:00Z' FROM owner") == "t");
    REQUIRE(chart.refusal("SET LOCAL vetchart.intake = 'on'; UPDATE owner SET phone = '1'").empty());
    CHECK(chart.value("SELECT updated_at = '2020-01-01T00:00:00Z' FROM owner") == "t");
    CHECK(chart.value("SELECT count(*) FROM row_meta WHERE column_name = 'phone'") == "0");
    REQUIRE(chart.refusal("UPDATE owner SET phone = '2'").empty());
    CHECK(chart.value("SELECT updated_at > '2026-01-01' FROM owner") == "t");
    CHECK(chart.value("SELECT actor || '/' || coalesce(node_id::text, 'none') FROM row_meta WHERE row_id = '" +
                      std::string(kOwner) + "' AND column_name = 'phone'") == "vet/none");
}

}  // namespace vetchart::test
