#include "tests/e2e/samples.h"

namespace vetchart::e2e {

Json sample_owner(const std::string& mark) {
    return {{"firstName", "Dana"},    {"lastName", mark},      {"email", "dana." + mark + "@mail.example"},
            {"phone", "+1-555-0199"}, {"address", "1 Elm St"}, {"notes", ""}};
}

Json sample_patient(const std::string& owner, const std::string& name) {
    return {{"ownerId", owner},   {"name", name},   {"species", "Dog"},   {"breed", "Beagle"}, {"age", 3},
            {"gender", "Female"}, {"weight", 11.4}, {"weightUnit", "kg"}, {"status", "active"}};
}

Json sample_record(const std::string& patient, const std::string& type) {
    return {{"patientId", patient},   {"visitDate", "2026-11-20"}, {"recordType", type}, {"symptoms", "None"},
            {"diagnosis", "Healthy"}, {"treatment", "Checked"},    {"notes", ""},        {"veterinarian", "J Lee"}};
}

Json sample_appointment(const std::string& patient) {
    return {{"patientId", patient}, {"date", "2026-12-01"},  {"time", "09:30"},
            {"duration", 30},       {"reason", "Follow-up"}, {"veterinarian", "J Lee"}};
}

Json sample_bill(const std::string& owner, const std::string& patient, const Json& records,
                 const std::string& appointment) {
    const auto item = [](const char* what, double price) {
        return Json{{"description", what}, {"quantity", 1}, {"unitPrice", price}, {"totalPrice", price}};
    };
    Json bill = {{"ownerId", owner},
                 {"patientId", patient},
                 {"medicalRecordIds", records},
                 {"items", {item("Exam", 55), item("Rabies booster", 32.5), item("Dental cleaning", 180)}},
                 {"subtotal", 267.5},
                 {"tax", 21.4},
                 {"totalAmount", 288.9},
                 {"status", "sent"},
                 {"billDate", "2026-11-20"},
                 {"dueDate", "2026-12-20"},
                 {"notes", ""}};
    if (!appointment.empty()) bill["appointmentId"] = appointment;
    return bill;
}

Visit make_visit(const Node& node, const std::string& mark) {
    Visit visit;
    visit.owner = node.create("/api/owners", sample_owner(mark));
    visit.patient = node.create("/api/patients", sample_patient(visit.owner, "Pet of " + mark));
    for (const char* type : {"vaccine", "dental"}) {
        visit.records.push_back(node.create("/api/records", sample_record(visit.patient, type)));
    }
    visit.appointment = node.create("/api/appointments", sample_appointment(visit.patient));
    visit.bill = node.create("/api/bills", sample_bill(visit.owner, visit.patient, visit.records, visit.appointment));
    visit.provisional_number = node.get("/api/bills/" + visit.bill).json().at("provisionalNumber");
    return visit;
}

}  // namespace vetchart::e2e
