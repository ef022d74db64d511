#include "sync/engine/erase.h"

namespace vetchart::sync {
namespace {

std::string text_of(const Json& values, const char* column) {
    const auto found = values.is_object() ? values.find(column) : values.end();
    return values.is_object() && found != values.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string();
}

/// The columns of an owner that tell who it is, and what takes their place.
const Json& blank_owner() {
    static const Json kBlank{{"first_name", kErased}, {"last_name", kErased}, {"email", nullptr},
                             {"phone", nullptr},      {"address", ""},        {"notes", nullptr}};
    return kBlank;
}

void blank(Json& values, const Json& blanks, bool drop) {
    if (!values.is_object()) return;
    for (const auto& [column, value] : blanks.items()) {
        if (!values.contains(column)) continue;
        if (drop)
            values.erase(column);
        else
            values[column] = value;
    }
}

void blank_snapshot(Json& values, const Erasures& erasures) {
    if (!values.is_object()) return;
    const auto found = erasures.patients.find(text_of(values, "patient_id"));
    if (found == erasures.patients.end()) return;
    const ErasedPatient& patient = found->second;
    const std::string name = text_of(values, "owner_name_snapshot");
    // Instants of one form compare as texts do.
    const bool is_older = text_of(values, "created_at") < patient.erased_at;
    if (!patient.still_theirs && (!is_older || (patient.name && *patient.name == name))) return;
    if (!name.empty()) values["owner_name_snapshot"] = kErased;
    if (values.contains("owner_phone_snapshot")) values["owner_phone_snapshot"] = nullptr;
}

}  // namespace

void note_patients(const std::vector<Transaction>& batch, Erasures& erasures) {
    for (const Transaction& transaction : batch) {
        for (const Change& change : transaction.changes) {
            if (change.table != "patient") continue;
            if (erasures.owners.contains(text_of(change.new_values, "owner_id"))) {
                erasures.patients[change.row_id].still_theirs = true;
            }
        }
    }
}

Transaction without_erased(const Transaction& transaction, const Erasures& erasures) {
    Transaction erased = transaction;
    for (Change& change : erased.changes) {
        if (change.table == "owner" && erasures.owners.contains(change.row_id)) {
            const bool is_update = change.op == Op::update;
            blank(change.old_values, blank_owner(), is_update);
            blank(change.new_values, blank_owner(), is_update);
        } else if (change.table == "medical_record") {
            blank_snapshot(change.old_values, erasures);
            blank_snapshot(change.new_values, erasures);
        }
    }
    return erased;
}

}  // namespace vetchart::sync
