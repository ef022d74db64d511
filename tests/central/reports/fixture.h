#pragma once

#include <cstdint>
#include <map>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "central/reports/run_report.h"
#include "central/store/pool.h"

namespace vetchart::test {

/// A bill as a test wants it in the table; empty text is NULL.
struct BillRow {
    std::string clinic = {}, status = "sent", issued_at = {}, paid_at = {}, cancelled_at = {};
    std::string received_at = {};  ///< Empty: when it was issued.
    std::string deleted_at = {}, bill_date = "2026-01-01", due_date = "2026-01-31";
    std::string patient = {};  ///< Empty: one of the clinic's own.
    std::int64_t subtotal = 1000, tax = 100;
};

/// A medical record as a test wants it.
struct VisitRow {
    std::string patient = {}, visit_date = {}, record_type = "treatment", veterinarian = "J Lee", next_due_on = {};
    bool deleted = false;
};

/// A migrated database of its own, with rows put in by plain SQL. Clinics and patients are named by their code.
class ReportWorld {
public:
    ReportWorld();

    void clinic(const std::string& code, const std::string& timezone, const std::string& currency = "USD");
    /// A patient of the clinic; `columns` and `values` are appended as given.
    void patient(const std::string& name, const std::string& clinic, const std::string& columns = "",
                 const std::string& values = "");
    /// Returns the bill's id.
    std::string bill(const BillRow& row);
    void visit(const VisitRow& row);
    void appointment(const std::string& patient, const std::string& date, const std::string& status,
                     bool deleted = false);
    /// Runs a statement in a transaction of its own; between collect() and flush() all in one.
    void run(const std::string& sql);
    void collect() { collecting_ = true; }
    void flush();
    std::string value(const std::string& sql);

    /// All rows of a plain query, as text; NULL is "".
    std::vector<std::vector<std::string>> rows(const std::string& sql);

    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] std::string id_of(const std::string& name) const { return ids_.at(name); }
    central::Pool& pool() { return pool_; }

    central::ReportResult report(const std::string& name, const std::string& from = "", const std::string& to = "",
                                 const std::string& clinic = "");

private:
    std::string new_id(const std::string& name);

    std::string url_;
    pqxx::connection connection_;
    central::Pool pool_;
    std::map<std::string, std::string> ids_, clinic_of_;
    int next_ = 0;
    bool collecting_ = false;
    std::string collected_;
};

/// The rows whose first columns are `key` (as text, in the report's order), each as name to text; NULL is "-".
std::vector<std::map<std::string, std::string>> rows_of(const central::ReportResult& result,
                                                        const std::vector<std::string>& key);
/// The one row with that key; a failure of the test when there are none or several.
std::map<std::string, std::string> row_of(const central::ReportResult& result, const std::vector<std::string>& key);

}  // namespace vetchart::test
