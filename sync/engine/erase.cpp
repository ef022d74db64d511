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

/// Of an erased owner's patient a snapshot stands only where it is known to be somebody else's: a node that has not
/// heard of the erasure goes on writing the old name, whoever the patient belongs to meanwhile.
void blank_snapshot(Json& values, const Erasures& erasures) {
    if (!values.is_object()) return;
    const auto found = erasures.patients.find(text_of(values, "patient_id"));
    if (found == erasures.patients.end()) return;
    const bool may_be_others = !found->second.still_theirs || found->second.changes_hands;
    const std::string name = text_of(values, "owner_name_snapshot");
    const auto known = may_be_others ? erasures.known_names.find(name) : erasures.known_names.end();
    const bool is_others = known != erasures.known_names.end();
    if (!name.empty() && !is_others) values["owner_name_snapshot"] = kErased;
    // A namesake's phone is no reason to keep the erased one's.
    if (is_others && known->second.contains(text_of(values, "owner_phone_snapshot"))) return;
    if (values.contains("owner_phone_snapshot")) values["owner_phone_snapshot"] = nullptr;
}

void note_name(const Person& person, Erasures& erasures) {
    erasures.known_names[person.first_name + ' ' + person.last_name].insert(person.phone);
}

void note_owner(const Change& change, Erasures& erasures) {
    if (erasures.owners.contains(change.row_id) || !change.new_values.is_object()) return;
    Person& person = erasures.people[change.row_id];
    for (const auto& [column, member] :
         {std::pair{"first_name", &Person::first_name}, {"last_name", &Person::last_name}, {"phone", &Person::phone}}) {
        if (change.new_values.contains(column)) person.*member = text_of(change.new_values, column);
    }
    note_name(person, erasures);
}

void note_patient(const Change& change, Erasures& erasures) {
    if (!change.new_values.is_object() || !change.new_values.contains("owner_id")) return;
    const std::string before = text_of(change.old_values, "owner_id");
    const bool from_other = !before.empty() && !erasures.owners.contains(before);
    const bool to_erased = erasures.owners.contains(text_of(change.new_values, "owner_id"));
    if (to_erased) erasures.patients[change.row_id].still_theirs = true;
    const auto known = erasures.patients.find(change.row_id);
    if (known != erasures.patients.end() && (from_other || !to_erased)) known->second.changes_hands = true;
}

}  // namespace

void note_batch(const std::vector<Transaction>& batch, Erasures& erasures) {
    for (const auto& [id, person] : erasures.people) note_name(person, erasures);
    for (const Transaction& transaction : batch) {
        for (const Change& change : transaction.changes) {
            if (change.table == "owner") note_owner(change, erasures);
            if (change.table == "patient") note_patient(change, erasures);
        }
    }
}

Transaction without_erased(Transaction transaction, const Erasures& erasures) {
    for (Change& change : transaction.changes) {
        if (change.table == "owner" && erasures.owners.contains(change.row_id)) {
            const bool is_update = change.op == Op::update;
            blank(change.old_values, blank_owner(), is_update);
            blank(change.new_values, blank_owner(), is_update);
        } else if (change.table == "medical_record") {
            blank_snapshot(change.old_values, erasures);
            blank_snapshot(change.new_values, erasures);
        }
    }
    return transaction;
}

}  // namespace vetchart::sync
