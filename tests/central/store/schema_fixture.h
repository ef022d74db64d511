#pragma once

#include <pqxx/pqxx>
#include <string>

namespace vetchart::test {

/// Makes a migrated, empty database for one test, as a copy of one that was migrated once; returns its conninfo.
std::string central_database();

/// Makes a legacy database, not migrated, from tests/data/legacy/<data> ("clean", "dirty"); returns its conninfo.
std::string legacy_database(const std::string& data);

/// The CSVs of tests/data/legacy/<data> as text columns in schema `raw` of `url`, to compare with.
void load_raw(const std::string& url, const std::string& data);

/// Runs `sql` in a transaction of its own. Returns the SQLSTATE it was refused with, "" when it was committed.
std::string refusal_of(pqxx::connection& connection, const std::string& sql);

/// The first column of the first row, as text ("" for NULL).
std::string value_of(pqxx::connection& connection, const std::string& sql);

/// One clinic with an owner, its patient, a record, an appointment, a draft bill with one item and one link.
/// Ids are fixed and readable: kClinic and so on.
inline constexpr const char* kClinic = "00000000-0000-7000-8000-00000000c001";
inline constexpr const char* kOtherClinic = "00000000-0000-7000-8000-00000000c002";
inline constexpr const char* kOwner = "00000000-0000-7000-8000-00000000a001";
inline constexpr const char* kPatient = "00000000-0000-7000-8000-00000000b001";
inline constexpr const char* kRecord = "00000000-0000-7000-8000-00000000d001";
inline constexpr const char* kAppointment = "00000000-0000-7000-8000-00000000f001";
inline constexpr const char* kBill = "00000000-0000-7000-8000-00000000e001";
inline constexpr const char* kItem = "00000000-0000-7000-8000-00000000e101";
void fill_chart(pqxx::connection& connection);

/// `INSERT INTO bill` of a further bill of the chart's owner and patient; columns and values are appended as given
/// (", status" and ", 'sent'").
std::string insert_bill(const std::string& more_columns = "", const std::string& more_values = "");

}  // namespace vetchart::test
