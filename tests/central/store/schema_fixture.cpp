#include "tests/central/store/schema_fixture.h"

#include <stdexcept>

#include "central/store/migrate.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

const char* const kLegacyTables[] = {"User", "Owner", "Patient", "MedicalRecord", "Appointment", "Bill"};

std::string data_folder(const std::string& data) { return std::string(VETCHART_TEST_DATA) + "/legacy/" + data; }

std::string copy_csv(const std::string& target, const std::string& data, const std::string& table) {
    return "\\copy " + target + " from '" + data_folder(data) + "/" + table + ".csv' csv header\n";
}

std::string quoted(const std::string& id) { return std::string("'").append(id).append("'"); }

}  // namespace

std::string central_database() {
    static const std::string original = [] {
        const std::string url = PrivatePostgres::instance().new_database();
        central::MigrateOptions options;
        options.url = url;
        const auto result = central::migrate(options);
        if (!result) throw std::runtime_error("migrate: " + result.error().context);
        return url;
    }();
    return PrivatePostgres::instance().copy_database(original);
}

std::string legacy_database(const std::string& data) {
    auto& server = PrivatePostgres::instance();
    const std::string url = server.new_database();
    std::string script = "\\i " + data_folder("legacy_tables.sql") + "\n";
    for (const std::string table : kLegacyTables) script += copy_csv("\"" + table + "\"", data, table);
    server.psql(url, script);
    return url;
}

void load_raw(const std::string& url, const std::string& data) {
    auto& server = PrivatePostgres::instance();
    std::string script = "CREATE SCHEMA raw;\n";
    for (const std::string table : kLegacyTables) {
        const std::string target = "raw.\"" + table + "\"";
        std::string columns = run("head -1 " + data_folder(data) + "/" + table + ".csv");
        for (std::size_t at = 0; (at = columns.find("\",\"", at)) != std::string::npos; at += 8) {
            columns.replace(at, 3, "\" text, \"");
        }
        columns.erase(columns.find_last_not_of("\r\n") + 1);
        script += "CREATE TABLE " + target + " (" + columns + " text);\n" + copy_csv(target, data, table);
    }
    server.psql(url, script);
}

std::string refusal_of(pqxx::connection& connection, const std::string& sql) {
    try {
        pqxx::work transaction(connection);
        transaction.exec(sql);
        transaction.commit();
        return {};
    } catch (const pqxx::sql_error& e) {
        return e.sqlstate();
    }
}

std::string value_of(pqxx::connection& connection, const std::string& sql) {
    pqxx::nontransaction transaction(connection);
    const auto rows = transaction.exec(sql);
    return rows.empty() || rows[0][0].is_null() ? std::string() : rows[0][0].as<std::string>();
}

void fill_chart(pqxx::connection& connection) {
    const std::string clinic = quoted(kClinic), owner = quoted(kOwner), patient = quoted(kPatient);
    pqxx::work transaction(connection);
    transaction.exec("INSERT INTO clinic (id, code, name) VALUES (" + clinic + ", 'NORTH', 'North'), (" +
                     quoted(kOtherClinic) + ", 'SOUTH', 'South')");
    transaction.exec("INSERT INTO owner (id, clinic_id, first_name, last_name, email, phone) VALUES (" + owner + ", " +
                     clinic + ", 'Ada', 'Holm', 'ada@mail.example', '+1-555-0100')");
    transaction.exec("INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES (" + patient + ", " +
                     clinic + ", " + owner + ", 'Rex', 'Dog', 'male')");
    transaction.exec(
        "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) "
        "VALUES (" +
        quoted(kRecord) + ", " + clinic + ", " + patient + ", '2026-03-01', 'dental', 'J Lee')");
    transaction.exec("INSERT INTO appointment (id, clinic_id, patient_id, date, time, reason) VALUES (" +
                     quoted(kAppointment) + ", " + clinic + ", " + patient + ", '2026-03-01', '09:30', 'Check')");
    transaction.exec(
        "INSERT INTO bill (id, clinic_id, owner_id, patient_id, appointment_id, subtotal_cents, tax_cents, "
        "total_cents, bill_date, due_date) VALUES (" +
        quoted(kBill) + ", " + clinic + ", " + owner + ", " + patient + ", " + quoted(kAppointment) +
        ", 1000, 80, 1080, '2026-03-01', '2026-03-31')");
    transaction.exec(
        "INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, "
        "unit_price_cents, total_price_cents) VALUES (" +
        quoted(kItem) + ", " + clinic + ", " + quoted(kBill) + ", 0, 'Cleaning', 1000, 1000, 1000)");
    transaction.exec("INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES (" + clinic +
                     ", " + quoted(kBill) + ", " + quoted(kRecord) + ")");
    transaction.commit();
}

std::string insert_bill(const std::string& more_columns, const std::string& more_values) {
    return "INSERT INTO bill (id, clinic_id, owner_id, patient_id, subtotal_cents, tax_cents, total_cents, bill_date, "
           "due_date" +
           more_columns + ") VALUES (gen_random_uuid(), " + quoted(kClinic) + ", " + quoted(kOwner) + ", " +
           quoted(kPatient) + ", 500, 0, 500, '2026-03-02', '2026-04-01'" + more_values + ")";
}

}  // namespace vetchart::test
