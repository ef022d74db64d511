#include "tests/central/reports/fixture.h"

#include <catch2/catch.hpp>
#include <utility>

#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"

namespace vetchart::test {
namespace {

std::string quoted(const std::string& text) { return text.empty() ? "NULL" : "'" + text + "'"; }

central::PoolOptions options_for(const std::string& url) {
    central::PoolOptions options;
    options.url = url;
    options.size_max = 2;
    return options;
}

}  // namespace

ReportWorld::ReportWorld() : url_(central_database()), connection_(url_), pool_(options_for(url_), chance()) {}

std::string ReportWorld::new_id(const std::string& name) {
    const std::string digits = std::to_string(++next_);
    return ids_[name] = "00000000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

void ReportWorld::clinic(const std::string& code, const std::string& timezone, const std::string& currency) {
    run("INSERT INTO clinic (id, code, name, timezone, currency) VALUES ('" + new_id(code) + "', '" + code +
        "', 'Clinic " + code + "', '" + timezone + "', '" + currency + "')");
    run("INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ('" + new_id("owner of " + code) + "', '" +
        id_of(code) + "', 'Ada', 'Holm')");
    patient("patient of " + code, code);
}

void ReportWorld::patient(const std::string& name, const std::string& clinic, const std::string& columns,
                          const std::string& values) {
    clinic_of_[name] = clinic;
    run("INSERT INTO patient (id, clinic_id, name, species, gender" + columns + ") VALUES ('" + new_id(name) + "', '" +
        id_of(clinic) + "', 'Rex', 'Dog', 'male'" + values + ")");
}

std::string ReportWorld::bill(const BillRow& row) {
    const std::string id = new_id("bill " + std::to_string(next_));
    const std::string patient = row.patient.empty() ? "patient of " + row.clinic : row.patient;
    run("SET LOCAL vetchart.keep_number = 'on'; INSERT INTO bill (id, clinic_id, owner_id, patient_id, status, "
        "subtotal_cents, tax_cents, total_cents, bill_date, due_date, issued_at, paid_at, cancelled_at, deleted_at, "
        "received_at) VALUES ('" +
        id + "', '" + id_of(row.clinic) + "', '" + id_of("owner of " + row.clinic) + "', '" + id_of(patient) + "', '" +
        row.status + "', " + std::to_string(row.subtotal) + ", " + std::to_string(row.tax) + ", " +
        std::to_string(row.subtotal + row.tax) + ", '" + row.bill_date + "', '" + row.due_date + "', " +
        quoted(row.issued_at) + ", " + quoted(row.paid_at) + ", " + quoted(row.cancelled_at) + ", " +
        quoted(row.deleted_at) + ", " +
        (row.received_at.empty() ? "coalesce(" + quoted(row.issued_at) + "::timestamptz, now())"
                                 : quoted(row.received_at)) +
        ")");
    return id;
}

void ReportWorld::visit(const VisitRow& row) {
    run("INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian, next_due_on, "
        "deleted_at) VALUES ('" +
        new_id("visit " + std::to_string(next_)) + "', '" + id_of(clinic_of_.at(row.patient)) + "', '" +
        id_of(row.patient) + "', '" + row.visit_date + "', '" + row.record_type + "', '" + row.veterinarian + "', " +
        quoted(row.next_due_on) + ", " + (row.deleted ? "now()" : "NULL") + ")");
}

void ReportWorld::appointment(const std::string& patient, const std::string& date, const std::string& status,
                              bool deleted) {
    run("INSERT INTO appointment (id, clinic_id, patient_id, date, reason, status, deleted_at) VALUES ('" +
        new_id("appointment " + std::to_string(next_)) + "', '" + id_of(clinic_of_.at(patient)) + "', '" +
        id_of(patient) + "', '" + date + "', 'Check', '" + status + "', " + (deleted ? "now()" : "NULL") + ")");
}

void ReportWorld::run(const std::string& sql) {
    if (collecting_) {
        collected_ += sql + ";";
        return;
    }
    pqxx::work transaction(connection_);
    transaction.exec(sql);
    transaction.commit();
}

void ReportWorld::flush() {
    collecting_ = false;
    if (!collected_.empty()) run(std::exchange(collected_, {}));
}

std::vector<std::vector<std::string>> ReportWorld::rows(const std::string& sql) {
    pqxx::nontransaction transaction(connection_);
    std::vector<std::vector<std::string>> all;
    for (const auto& row : transaction.exec(sql)) {
        auto& cells = all.emplace_back();
        for (const auto& field : row) cells.emplace_back(field.c_str());
    }
    return all;
}

std::string ReportWorld::value(const std::string& sql) { return value_of(connection_, sql); }

central::ReportResult ReportWorld::report(const std::string& name, const std::string& from, const std::string& to,
                                          const std::string& clinic) {
    auto result = central::run_report(pool_, std::chrono::seconds(30), {name, from, to, "", clinic});
    if (!result) FAIL(result.error().context);
    return std::move(result).value();
}

std::vector<std::map<std::string, std::string>> rows_of(const central::ReportResult& result,
                                                        const std::vector<std::string>& key) {
    std::vector<std::map<std::string, std::string>> found;
    for (const auto& row : result.rows) {
        bool fits = true;
        for (std::size_t i = 0; i < key.size(); ++i) fits = fits && row.at(i) == key[i];
        if (!fits) continue;
        auto& cells = found.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) {
            cells[std::string(result.report->columns[i].name)] = row[i].value_or("-");
        }
    }
    return found;
}

std::map<std::string, std::string> row_of(const central::ReportResult& result, const std::vector<std::string>& key) {
    const auto found = rows_of(result, key);
    std::string name;
    for (const auto& part : key) name += part + " ";
    INFO("row " << name);
    REQUIRE(found.size() == 1);
    return found.front();
}

}  // namespace vetchart::test
