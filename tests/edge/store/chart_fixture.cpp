#include "tests/edge/store/chart_fixture.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <stdexcept>

#include "sync/catalogue/catalogue.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

std::string quoted(const std::string& text) { return "'" + text + "'"; }

std::string bill(int n, const std::string& status) {
    return "INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, tax_cents, "
           "total_cents, bill_date, due_date, status) VALUES ('" +
           row_uuid(6, n) + "', '" + row_uuid(1, 1) + "', '" + row_uuid(2, 1) + "', '" + row_uuid(3, 1) +
           "', 'ABCDE-00000" + std::to_string(n) + "', 1000, 0, 1000, '2026-11-01', '2026-12-01', '" + status + "');";
}

std::string content_of_bill(int n) {
    return "INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, "
           "total_price_cents) VALUES ('" +
           row_uuid(7, n) + "', '" + row_uuid(1, 1) + "', '" + row_uuid(6, n) +
           "', 0, 'Consultation', 1000, 1000, 1000);"
           "INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES ('" +
           row_uuid(1, 1) + "', '" + row_uuid(6, n) + "', '" + row_uuid(4, 1) + "');";
}

std::string chart() {
    const std::string clinic = quoted(row_uuid(1, 1));
    std::string sql =
        "INSERT INTO clinic (id, code, name) VALUES (" + clinic +
        ", 'NORTH', 'North');"
        "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES ('" +
        row_uuid(8, 1) + "', " + clinic +
        ", 'vet@clinic.test', 'vet', 'Ann', 'Lee', 'x', '[\"veterinarian\"]');"
        "INSERT INTO service_item (id, clinic_id, description, unit_price_cents) VALUES ('" +
        row_uuid(9, 1) + "', " + clinic + ", 'Consultation', 4500);";
    for (int n : {1, 2}) {
        const std::string number = std::to_string(n);
        sql += "INSERT INTO owner (id, clinic_id, first_name, last_name, email, phone) VALUES ('" + row_uuid(2, n) +
               "', " + clinic + ", 'Kim', 'Day', 'kim" + number + "@mail.test', '555-" + number + "');";
    }
    for (int n : {1, 2}) {
        sql += "INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES ('" + row_uuid(3, n) +
               "', " + clinic + ", '" + row_uuid(2, 1) + "', 'Rex', 'dog', 'male');";
    }
    sql += "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) VALUES ('" +
           row_uuid(4, 1) + "', " + clinic + ", '" + row_uuid(3, 1) +
           "', '2026-11-01', 'vaccine', 'Ann Lee');"
           "INSERT INTO appointment (id, clinic_id, patient_id, date, reason) VALUES ('" +
           row_uuid(5, 1) + "', " + clinic + ", '" + row_uuid(3, 1) + "', '2026-11-01', 'Check');";
    for (int n : {1, 2, 3}) sql += bill(n, "draft") + content_of_bill(n);
    sql += "UPDATE bill SET appointment_id = '" + row_uuid(5, 1) + "' WHERE id = '" + row_uuid(6, 1) + "';";
    sql += "UPDATE bill SET status = 'paid' WHERE id = '" + row_uuid(6, 2) + "';";
    sql += "UPDATE bill SET cancel_reason = 'r', status = 'cancelled' WHERE id = '" + row_uuid(6, 3) + "';";
    return sql + bill(4, "sent") + bill(5, "draft");
}

}  // namespace

std::string row_uuid(int kind, int n) {
    std::string tail = std::to_string(n);
    tail.insert(0, 12 - tail.size(), '0');
    return "00000000-0000-7000-8" + std::to_string(kind) + "00-" + tail;
}

ChartFile::ChartFile() {
    auto opened = edge::Database::open(file(), test::chance());
    if (!opened) throw std::runtime_error(opened.error().context);
    database_ = std::move(opened).value();
    if (Status made = write(chart()); !made) throw std::runtime_error(made.error().context);
}

Status ChartFile::write(const std::string& sql) {
    return database_->write({{row_uuid(1, 1), row_uuid(8, 1)}}, [&](edge::Connection& connection) -> Status {
        connection.exec(sql.c_str());
        return Done{};
    });
}

std::string ChartFile::shell(const std::string& sql) {
    const auto script = folder_ / "script.sql";
    std::ofstream(script, std::ios::binary) << sql;
    return run("sqlite3 -batch -bail '" + file().string() + "' < '" + script.string() + "'");
}

std::string ChartFile::shell_refusal(const std::string& sql) {
    try {
        shell(sql);
        return {};
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

std::string ChartFile::value(const std::string& sql) {
    SQLite::Database reader(file().string(), SQLite::OPEN_READONLY);
    SQLite::Statement query(reader, sql);
    if (!query.executeStep()) return {};
    return query.getColumn(0).isNull() ? "NULL" : query.getColumn(0).getString();
}

std::string ChartFile::dump() {
    std::string text;
    SQLite::Database reader(file().string(), SQLite::OPEN_READONLY);
    for (const sync::Table& known : sync::tables()) {
        const std::string table(known.name);
        const std::string key = table == "bill_medical_record" ? "bill_id, medical_record_id" : "id";
        SQLite::Statement query(reader, "SELECT * FROM " + std::string(table) + " ORDER BY " + key);
        while (query.executeStep()) {
            text += table;
            for (int i = 0; i < query.getColumnCount(); ++i) {
                text += query.getColumn(i).isNull() ? "|NULL" : "|" + query.getColumn(i).getString();
            }
            text += '\n';
        }
    }
    return text;
}

}  // namespace vetchart::test
