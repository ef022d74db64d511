#pragma once

#include <string>

#include "tests/e2e/cluster.h"

namespace vetchart::e2e {

/// Bodies that every node accepts. `mark` makes names and e-mails unique.
[[nodiscard]] Json sample_owner(const std::string& mark);
[[nodiscard]] Json sample_patient(const std::string& owner, const std::string& name);
[[nodiscard]] Json sample_record(const std::string& patient, const std::string& type);
[[nodiscard]] Json sample_appointment(const std::string& patient);
/// A bill of three items, 288.90 in all.
[[nodiscard]] Json sample_bill(const std::string& owner, const std::string& patient,
                               const Json& records = Json::array(), const std::string& appointment = {});

/// One visit, made through the API: an owner, a patient, two records, an appointment, a bill that links both records.
struct Visit {
    std::string owner, patient, appointment, bill, provisional_number;
    std::vector<std::string> records;
};
Visit make_visit(const Node& node, const std::string& mark);

}  // namespace vetchart::e2e
