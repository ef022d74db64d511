#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "tests/edge/store/chart_fixture.h"

namespace {

using vetchart::Status;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;

/// `{o1}` to the id of owner 1, and so on, quoted.
std::string with_ids(std::string sql) {
    const std::map<char, int> kinds = {{'c', 1}, {'o', 2}, {'p', 3}, {'r', 4}, {'a', 5},
                                       {'b', 6}, {'i', 7}, {'s', 8}, {'v', 9}};
    for (auto at = sql.find('{'); at != std::string::npos; at = sql.find('{', at)) {
        const auto end = sql.find('}', at);
        const int n = std::stoi(sql.substr(at + 2, end - at - 2));
        sql.replace(at, end - at + 1, "'" + row_uuid(kinds.at(sql[at + 1]), n) + "'");
    }
    return sql;
}

struct Refusal {
    const char* sql;
    const char* slug;
};

/// Requires that each statement is refused, to the program with this slug, to the shell in its words, and without
/// effect.
void expect_refused(const std::vector<Refusal>& refusals) {
    ChartFile chart;
    const std::string before = chart.dump();
    const std::string log_before = chart.value("SELECT count(*) FROM change_log");
    for (const Refusal& refusal : refusals) {
        const std::string sql = with_ids(refusal.sql);
        CAPTURE(sql);
        const Status answer = chart.write(sql);
        REQUIRE_FALSE(answer.ok());
        CHECK(answer.error().slug == refusal.slug);
        CHECK(answer.error().code == vetchart::Errc::conflict);
        const std::string slug = refusal.slug;
        const std::string words = slug.substr(slug.find(':') + 1) + (slug.starts_with("unique:") ? " is taken" : "");
        CHECK_THAT(chart.shell_refusal(sql + ";"), Catch::Contains(words));
    }
    CHECK(chart.dump() == before);
    CHECK(chart.value("SELECT count(*) FROM change_log") == log_before);
}

const char* const kOwner = "INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ";

}  // namespace

TEST_CASE("edge schema: OR REPLACE cannot displace a row by any key", "[store][schema]") {
    expect_refused({
        {"INSERT OR REPLACE INTO owner (id, clinic_id, first_name, last_name) VALUES ({o1}, {c1}, 'A', 'B')",
         "unique:owner.id"},
        {"REPLACE INTO owner (id, clinic_id, first_name, last_name, email) VALUES ({o9}, {c1}, 'A', 'B', "
         "'kim1@mail.test')",
         "unique:owner.clinic_id,owner.email"},
        {"REPLACE INTO owner (rowid, id, clinic_id, first_name, last_name) VALUES (1, {o9}, {c1}, 'A', 'B')",
         "unique:owner.rowid"},
        {"REPLACE INTO owner (rowid, id, clinic_id, first_name, last_name) VALUES (-1, {o9}, {c1}, 'A', 'B')",
         "replace_refused"},
        {"UPDATE OR REPLACE owner SET email = 'kim1@mail.test' WHERE id = {o2}", "unique:owner.clinic_id,owner.email"},
        {"UPDATE OR REPLACE owner SET id = {o1} WHERE id = {o2}", "immutable"},
        {"UPDATE OR REPLACE owner SET rowid = 1 WHERE id = {o2}", "immutable"},
        {"REPLACE INTO clinic (id, code, name) VALUES ({c2}, 'NORTH', 'Other')", "unique:clinic.code"},
        {"UPDATE OR REPLACE bill SET provisional_number = 'ABCDE-000002' WHERE id = {b1}", "immutable"},
        {"REPLACE INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES ({c1}, {b1}, {r1})",
         "unique:bill_medical_record.bill_id,bill_medical_record.medical_record_id"},
        {"REPLACE INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) "
         "VALUES ({s2}, {c1}, 'other@clinic.test', 'vet', 'A', 'B', '', '[]')",
         "unique:staff.clinic_id,staff.username"},
    });
}

TEST_CASE("edge schema: no row names a parent that is not there", "[store][schema]") {
    expect_refused({
        {"INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ({o9}, {c9}, 'A', 'B')", "orphan"},
        {"INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) "
         "VALUES ({s9}, {c9}, 'x', 'y', 'A', 'B', '', '[]')",
         "orphan"},
        {"INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES ({p9}, {c1}, {o9}, 'A', 'cat', "
         "'male')",
         "orphan"},
        {"UPDATE patient SET owner_id = {o9} WHERE id = {p1}", "orphan"},
        {"UPDATE owner SET merged_into = {o9} WHERE id = {o1}", "orphan"},
        {"INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) "
         "VALUES ({r9}, {c1}, {p9}, '2026-01-01', 'dental', 'V')",
         "orphan"},
        {"UPDATE medical_record SET patient_id = {p9} WHERE id = {r1}", "orphan"},
        {"INSERT INTO appointment (id, clinic_id, patient_id, date, reason) VALUES ({a9}, {c1}, {p9}, '2026-01-01', "
         "'R')",
         "orphan"},
        {"UPDATE bill SET appointment_id = {a9} WHERE id = {b1}", "orphan"},
        {"UPDATE bill SET owner_id = {o9} WHERE id = {b1}", "orphan"},
        {"UPDATE bill SET patient_id = {p9} WHERE id = {b1}", "orphan"},
        {"INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, "
         "total_price_cents) VALUES ({i9}, {c1}, {b9}, 0, 'D', 1, 1, 1)",
         "orphan"},
        {"INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES ({c1}, {b5}, {r9})", "orphan"},
        {"INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES ({c1}, {b9}, {r1})", "orphan"},
        {"INSERT INTO service_item (id, clinic_id, description, unit_price_cents) VALUES ({v9}, {c9}, 'D', 1)",
         "orphan"},
    });
}

TEST_CASE("edge schema: a parent of another clinic is no parent", "[store][schema]") {
    ChartFile chart;
    REQUIRE(chart.write(with_ids("INSERT INTO clinic (id, code, name) VALUES ({c2}, 'SOUTH', 'South')")).ok());
    const Status answer =
        chart.write(with_ids("INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES ({p9}, {c2}, "
                             "{o1}, 'A', 'cat', 'male')"));
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().slug == "orphan");
}

TEST_CASE("edge schema: a hard delete of a row that others need is refused", "[store][schema]") {
    expect_refused({
        {"DELETE FROM clinic", "still_referenced"},
        {"DELETE FROM owner WHERE id = {o1}", "still_referenced"},
        {"DELETE FROM patient WHERE id = {p1}", "still_referenced"},
        {"DELETE FROM medical_record", "still_referenced"},
        {"DELETE FROM bill WHERE id = {b1}", "still_referenced"},
        {"DELETE FROM bill WHERE id = {b4}", "bill_issued"},
        {"DELETE FROM bill_item WHERE id = {i2}", "bill_closed"},
        {"DELETE FROM bill_medical_record WHERE bill_id = {b3}", "bill_closed"},
    });
}

TEST_CASE("edge schema: who is named by a patient, a record or an appointment stays on the staff", "[store][schema]") {
    ChartFile chart;
    const std::string staff = chart.value("SELECT id FROM staff LIMIT 1");
    for (const auto& [table, column] : {std::pair<std::string, std::string>{"patient", "assigned_doctor_id"},
                                        {"medical_record", "veterinarian_id"},
                                        {"appointment", "veterinarian_id"}}) {
        CAPTURE(table);
        const std::string set = "UPDATE " + table + " SET " + column + " = ";
        CHECK(chart.write(set + "'" + row_uuid(8, 77) + "'").error().slug == "orphan");
        REQUIRE(chart.write(set + "'" + staff + "'").ok());
        CHECK(chart.write("DELETE FROM staff WHERE id = '" + staff + "'").error().slug == "still_referenced");
        CHECK_THAT(chart.shell_refusal("DELETE FROM staff WHERE id = '" + staff + "';"),
                   Catch::Contains("names this staff"));
        REQUIRE(chart.write(set + "NULL").ok());
    }
}

TEST_CASE("edge schema: an owner goes and the patients stay without one", "[store][schema]") {
    ChartFile chart;
    const char* const prepare =
        "UPDATE patient SET owner_id = {o2} WHERE id = {p2}; UPDATE owner SET merged_into = {o2} WHERE id = {o1}";
    const char* const removal = "DELETE FROM owner WHERE id = {o2};";
    REQUIRE(chart.write(with_ids(prepare)).ok());
    SECTION("by the program") { REQUIRE(chart.write(with_ids(removal)).ok()); }
    SECTION("by the shell") { chart.shell(with_ids(removal)); }
    CHECK(chart.value(with_ids("SELECT owner_id FROM patient WHERE id = {p2}")) == "NULL");
    CHECK(chart.value(with_ids("SELECT merged_into FROM owner WHERE id = {o1}")) == "NULL");
    CHECK(chart.value("SELECT group_concat(table_name || ' ' || op || ' ' || coalesce(new ->> '$.owner_id', '-')) "
                      "FROM change_log WHERE seq > (SELECT max(seq) FROM change_log) - 3") ==
          "owner update -,patient update -,owner delete -");
}

TEST_CASE("edge schema: an appointment goes and the bill stays", "[store][schema]") {
    ChartFile chart;
    chart.shell("DELETE FROM appointment;");
    CHECK(chart.value(with_ids("SELECT appointment_id FROM bill WHERE id = {b1}")) == "NULL");
    CHECK(chart.value("SELECT new FROM change_log WHERE table_name = 'bill' ORDER BY seq DESC LIMIT 1")
              .starts_with(R"({"appointment_id":null)"));
    CHECK(chart.write(with_ids("DELETE FROM bill WHERE id = {b5}")).ok());
}

TEST_CASE("edge schema: the content of a paid or cancelled bill is closed", "[store][schema]") {
    expect_refused({
        {"INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, "
         "total_price_cents) VALUES ({i9}, {c1}, {b2}, 1, 'D', 1, 1, 1)",
         "bill_closed"},
        {"UPDATE bill_item SET description = 'Other' WHERE id = {i3}", "bill_closed"},
        {"UPDATE bill_item SET bill_id = {b2} WHERE id = {i1}", "bill_closed"},
        {"UPDATE bill_item SET bill_id = {b1} WHERE id = {i2}", "bill_closed"},
        {"INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES ({c1}, {b2}, {r1})",
         "unique:bill_medical_record.bill_id,bill_medical_record.medical_record_id"},
        {"UPDATE bill_medical_record SET created_at = '2026-01-01T00:00:00.000Z' WHERE bill_id = {b2}", "bill_closed"},
    });
}

TEST_CASE("edge schema: a bill that was issued keeps its items, amounts, owner and patient", "[store][schema]") {
    expect_refused({
        {"INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, "
         "total_price_cents) VALUES ({i9}, {c1}, {b4}, 1, 'D', 1, 1, 1)",
         "bill_issued"},
        {"UPDATE bill_item SET bill_id = {b4} WHERE id = {i1}", "bill_issued"},
        {"UPDATE bill SET total_cents = 1001 WHERE id = {b4}", "bill_issued"},
        {"UPDATE bill SET subtotal_cents = 1001 WHERE id = {b4}", "bill_issued"},
        {"UPDATE bill SET tax_cents = 1 WHERE id = {b4}", "bill_issued"},
        {"UPDATE bill SET patient_id = {p2} WHERE id = {b4}", "bill_issued"},
        {"UPDATE bill SET owner_id = {o2} WHERE id = {b4}", "bill_issued"},
    });
    ChartFile chart;
    INFO("a draft again, it was issued all the same");
    CHECK(chart
              .write(with_ids("UPDATE bill SET status = 'sent' WHERE id = {b1}; UPDATE bill SET status = 'draft' WHERE "
                              "id = {b1}; DELETE FROM bill_item WHERE id = {i1}"))
              .error()
              .slug == "bill_issued");
    INFO("an owner who was merged takes the bill along");
    CHECK(chart
              .write(with_ids("UPDATE owner SET merged_into = {o2} WHERE id = {o1}; UPDATE bill SET owner_id = {o2}; "
                              "UPDATE bill SET notes = 'n', due_date = '2026-12-02'"))
              .ok());
}

TEST_CASE("edge schema: a new step to cancelled has its reason", "[store][schema]") {
    expect_refused({
        {"UPDATE bill SET status = 'cancelled' WHERE id = {b1}", "cancel_reason"},
        {"UPDATE bill SET status = 'cancelled', cancel_reason = char(9, 160) WHERE id = {b1}", "cancel_reason"},
        {"UPDATE bill SET cancel_reason = NULL WHERE id = {b3}", "cancel_reason"},
        {"INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, tax_cents, "
         "total_cents, bill_date, due_date, status) VALUES ({b9}, {c1}, {o1}, {p1}, 'X', 1, 0, 1, '2026-11-01', "
         "'2026-11-01', 'cancelled')",
         "cancel_reason"},
    });
    ChartFile chart;
    INFO("one that came without, from a legacy database, stays as it is");
    chart.shell(
        "UPDATE sync_control SET applying = 1; UPDATE bill SET cancel_reason = NULL; UPDATE sync_control SET "
        "applying = 0;");
    CHECK(chart.write(with_ids("UPDATE bill SET notes = 'n' WHERE id = {b3}")).ok());
}

TEST_CASE("edge schema: identity, numbers and owner snapshots never change", "[store][schema]") {
    expect_refused({
        {"UPDATE owner SET id = {o9} WHERE id = {o1}", "immutable"},
        {"UPDATE owner SET clinic_id = {c9} WHERE id = {o1}", "immutable"},
        {"UPDATE clinic SET id = {c9}", "immutable"},
        {"UPDATE bill SET provisional_number = 'ABCDE-000099' WHERE id = {b1}", "immutable"},
        {"UPDATE bill SET bill_number = 'BILL-000001' WHERE id = {b1}", "number_by_central"},
        {"INSERT INTO bill (id, clinic_id, owner_id, patient_id, bill_number, provisional_number, subtotal_cents, "
         "tax_cents, "
         "total_cents, bill_date, due_date) VALUES ({b9}, {c1}, {o1}, {p1}, 'BILL-000001', 'ABCDE-000099', 0, 0, 0, "
         "'2026-01-01', '2026-01-01')",
         "number_by_central"},
        {"UPDATE medical_record SET owner_name_snapshot = 'Someone'", "immutable"},
        {"UPDATE medical_record SET owner_phone_snapshot = NULL", "immutable"},
        {"UPDATE bill_medical_record SET medical_record_id = {r9} WHERE bill_id = {b1}", "immutable"},
        {"DELETE FROM sync_control", "immutable"},
        {"REPLACE INTO sync_control (one, applying) VALUES (1, 1)", "replace_refused"},
    });
}

TEST_CASE("edge schema: values outside their type, enum or bounds are refused", "[store][schema]") {
    expect_refused({
        {"UPDATE patient SET age = -1", "patient_age_check"},
        {"UPDATE patient SET age = 1000", "patient_age_check"},
        {"UPDATE patient SET age = 'old'", "wrong_type:patient.age"},
        {"UPDATE patient SET weight_milli = 0", "patient_weight_milli_check"},
        {"UPDATE patient SET gender = 'Male'", "patient_gender_check"},
        {"UPDATE patient SET status = 'dead'", "patient_status_check"},
        {"UPDATE patient SET weight_unit = 'g'", "patient_weight_unit_check"},
        {"UPDATE patient SET handling_difficulty = 'Easy'", "patient_handling_difficulty_check"},
        {"UPDATE patient SET birth_date = '2026-02-30'", "patient_birth_date_check"},
        {"UPDATE patient SET birth_date = '0000-12-31'", "patient_birth_date_check"},
        {"UPDATE patient SET birth_date = '2026-1-1'", "patient_birth_date_check"},
        {"UPDATE patient SET deceased_on = 'now'", "patient_deceased_on_check"},
        {"UPDATE medical_record SET weight_milli = -5", "medical_record_weight_milli_check"},
        {"UPDATE medical_record SET record_type = 'other'", "medical_record_record_type_check"},
        {"UPDATE medical_record SET visited_at = '2026-01-01T00:00:00Z'", "medical_record_visited_at_check"},
        {"UPDATE medical_record SET visited_at = '2026-02-30T00:00:00.000Z'", "medical_record_visited_at_check"},
        {"UPDATE medical_record SET visited_at = '2026-01-01 00:00:00.000'", "medical_record_visited_at_check"},
        {"UPDATE appointment SET time = '24:00'", "appointment_time_check"},
        {"UPDATE appointment SET time = '9:30'", "appointment_time_check"},
        {"UPDATE appointment SET duration = 0", "appointment_duration_check"},
        {"UPDATE appointment SET duration = 1441", "appointment_duration_check"},
        {"UPDATE appointment SET status = 'no_show'", "appointment_status_check"},
        {"UPDATE bill SET status = 'open'", "bill_status_check"},
        {"UPDATE bill SET total_cents = -1", "bill_total_cents_check"},
        {"UPDATE bill SET total_cents = 1000000000001", "bill_total_cents_check"},
        {"UPDATE bill SET total_cents = 12.5", "wrong_type:bill.total_cents"},
        {"UPDATE bill_item SET quantity_milli = 0 WHERE id = {i1}", "bill_item_quantity_milli_check"},
        {"UPDATE bill_item SET position = 10000 WHERE id = {i1}", "bill_item_position_check"},
        {"UPDATE clinic SET code = 'north'", "clinic_code_check"},
        {"UPDATE clinic SET code = 'N'", "clinic_code_check"},
        {"UPDATE clinic SET currency = 'EURO'", "clinic_currency_check"},
        {"UPDATE staff SET roles = '[\"staff\",\"admin\"]'", "staff_roles_check"},
        {"UPDATE staff SET active = 2", "staff_active_check"},
        {"UPDATE owner SET email = 'Kim@mail.test' WHERE id = {o1}", "owner_email_check"},
        {"UPDATE owner SET created_at = 'x'", "owner_created_at_check"},
        {"UPDATE owner SET first_name = NULL", "not_null:owner.first_name"},
        {"INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ('00000000-0000-7000-8200-00000000000A', "
         "{c1}, 'A', 'B')",
         "owner_id_check"},
        {"INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ('0-0', {c1}, 'A', 'B')", "owner_id_check"},
    });
}

TEST_CASE("edge schema: a required text is not blank, not too long, and holds no NUL", "[store][schema]") {
    ChartFile chart;
    const std::string before = chart.dump();
    for (int code : {9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8203, 8232, 8233, 8239, 8287, 12288, 65279}) {
        const std::string sql = "UPDATE owner SET first_name = char(" + std::to_string(code) + ", 32)";
        CAPTURE(sql);
        const Status answer = chart.write(sql);
        REQUIRE_FALSE(answer.ok());
        CHECK(answer.error().slug == "owner_first_name_check");
    }
    for (const char* value : {"''", "'Kim' || char(0)", "char(0)", "replace(hex(zeroblob(51)), '00', 'ab')"}) {
        const std::string sql = std::string("UPDATE owner SET last_name = ") + value;
        CAPTURE(sql);
        const Status answer = chart.write(sql);
        REQUIRE_FALSE(answer.ok());
        CHECK(answer.error().slug == "owner_last_name_check");
        CHECK_THAT(chart.shell_refusal(sql + ";"), Catch::Contains("owner_last_name_check"));
    }
    CHECK(chart.dump() == before);
    CHECK(chart.write("UPDATE owner SET first_name = char(32) || replace(hex(zeroblob(50)), '00', 'ab') || char(8203)")
              .ok());
}

TEST_CASE("edge schema: issued, paid and cancelled are stamped at the first such status", "[store][schema]") {
    ChartFile chart;
    const auto stamps = [&](int n) {
        return chart.value(
            with_ids("SELECT (issued_at IS NOT NULL) || (paid_at IS NOT NULL) || (cancelled_at IS NOT NULL) "
                     "FROM bill WHERE id = {b" +
                     std::to_string(n) + "}"));
    };
    CHECK(stamps(1) == "000");
    CHECK(stamps(2) == "110");
    CHECK(stamps(3) == "001");
    CHECK(stamps(4) == "100");
    const std::string issued = chart.value(with_ids("SELECT issued_at FROM bill WHERE id = {b4}"));
    chart.shell(with_ids("UPDATE bill SET status = 'overdue' WHERE id = {b4};"));
    CHECK(chart.value(with_ids("SELECT issued_at FROM bill WHERE id = {b4}")) == issued);
}

TEST_CASE("edge schema: a record takes its owner's name and phone once", "[store][schema]") {
    ChartFile chart;
    CHECK(chart.value("SELECT owner_name_snapshot || '/' || owner_phone_snapshot FROM medical_record") ==
          "Kim Day/555-1");
    REQUIRE(chart.write(with_ids("UPDATE owner SET phone = '555-9' WHERE id = {o1}")).ok());
    REQUIRE(chart.write(with_ids("UPDATE medical_record SET notes = 'later'")).ok());
    CHECK(chart.value("SELECT owner_phone_snapshot FROM medical_record") == "555-1");
}

TEST_CASE("edge schema: updated_at moves with every change that leaves it alone", "[store][schema]") {
    ChartFile chart;
    const std::string past = "2020-01-01T00:00:00.000Z";
    REQUIRE(chart.write("UPDATE owner SET updated_at = '" + past + "'").ok());
    CHECK(chart.value("SELECT updated_at FROM owner") == past);
    REQUIRE(chart.write("UPDATE owner SET first_name = first_name").ok());
    CHECK(chart.value("SELECT updated_at FROM owner") == past);
    chart.shell("UPDATE owner SET notes = 'x';");
    CHECK(chart.value("SELECT updated_at FROM owner") > past);
}

TEST_CASE("edge schema: a soft-deleted owner frees the address, and comes back only when it is free",
          "[store][schema]") {
    ChartFile chart;
    REQUIRE(chart.write(with_ids("UPDATE owner SET deleted_at = '2026-01-01T00:00:00.000Z' WHERE id = {o1}")).ok());
    REQUIRE(
        chart
            .write(with_ids(std::string(kOwner) + "({o3}, {c1}, 'A', 'B'); UPDATE owner SET email = 'kim1@mail.test' "
                                                  "WHERE id = {o3}"))
            .ok());
    const Status answer = chart.write(with_ids("UPDATE owner SET deleted_at = NULL WHERE id = {o1}"));
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().slug == "unique:owner.clinic_id,owner.email");
}
