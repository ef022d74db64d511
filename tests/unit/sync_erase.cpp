#include <catch2/catch.hpp>

#include "sync/engine/erase.h"

using namespace vetchart;
using namespace vetchart::sync;

namespace {

Transaction transaction_of(Op op, const std::string& table, const std::string& id, Json old_values, Json new_values) {
    Change change;
    change.table = table;
    change.row_id = id;
    change.op = op;
    change.old_values = std::move(old_values);
    change.new_values = std::move(new_values);
    Transaction transaction;
    transaction.changes.push_back(std::move(change));
    return transaction;
}

Erasures erasures() {
    Erasures made;
    made.owners.insert("o1");
    made.patients["p1"] = {true, "2026-06-01T00:00:00.000Z", std::nullopt};
    made.patients["p2"] = {false, "2026-06-01T00:00:00.000Z", "Eva Lund"};
    return made;
}

Json record(const std::string& patient, const std::string& created, const std::string& name) {
    return {{"patient_id", patient},
            {"created_at", created},
            {"owner_name_snapshot", name},
            {"owner_phone_snapshot", "1"},
            {"diagnosis", "x"}};
}

std::string name_after(const std::string& patient, const std::string& created, const std::string& name) {
    const auto erased = without_erased(
        transaction_of(Op::insert, "medical_record", "r", nullptr, record(patient, created, name)), erasures());
    return erased.changes[0].new_values["owner_name_snapshot"];
}

}  // namespace

TEST_CASE("erase: an update of an erased owner keeps its other columns only", "[sync][erase]") {
    const auto erased =
        without_erased(transaction_of(Op::update, "owner", "o1", {{"first_name", "Ann"}, {"merged_into", nullptr}},
                                      {{"first_name", "Anna"}, {"merged_into", "o2"}}),
                       erasures());
    CHECK(erased.changes[0].old_values == Json{{"merged_into", nullptr}});
    CHECK(erased.changes[0].new_values == Json{{"merged_into", "o2"}});
}

TEST_CASE("erase: an insert or delete of an erased owner is blanked, another owner is not", "[sync][erase]") {
    const Json image{{"id", "o1"},   {"first_name", "Ann"}, {"last_name", "Lee"}, {"email", "a@b"},
                     {"phone", "1"}, {"address", "Hill"},   {"notes", "x"},       {"created_at", "2026"}};
    const Json blank{{"id", "o1"},       {"first_name", kErased}, {"last_name", kErased}, {"email", nullptr},
                     {"phone", nullptr}, {"address", ""},         {"notes", nullptr},     {"created_at", "2026"}};
    CHECK(without_erased(transaction_of(Op::insert, "owner", "o1", nullptr, image), erasures()).changes[0].new_values ==
          blank);
    CHECK(without_erased(transaction_of(Op::remove, "owner", "o1", image, nullptr), erasures()).changes[0].old_values ==
          blank);
    CHECK(without_erased(transaction_of(Op::insert, "owner", "o9", nullptr, image), erasures()).changes[0].new_values ==
          image);
}

TEST_CASE("erase: a snapshot goes while the patient is theirs, or where it may be theirs", "[sync][erase]") {
    CHECK(name_after("p1", "2027-01-01T00:00:00.000Z", "Ann Lee") == kErased);
    CHECK(name_after("p2", "2026-01-01T00:00:00.000Z", "Ann Lee") == kErased);
    CHECK(name_after("p2", "2026-01-01T00:00:00.000Z", "Eva Lund") == "Eva Lund");
    CHECK(name_after("p2", "2027-01-01T00:00:00.000Z", "Eva Lund") == "Eva Lund");
    CHECK(name_after("p9", "2026-01-01T00:00:00.000Z", "Ann Lee") == "Ann Lee");
}

TEST_CASE("erase: a patient that comes with the batch is theirs too", "[sync][erase]") {
    Erasures known = erasures();
    note_patients({transaction_of(Op::insert, "patient", "p5", nullptr, {{"owner_id", "o1"}}),
                   transaction_of(Op::update, "patient", "p6", {{"owner_id", "o1"}}, {{"owner_id", "o9"}})},
                  known);
    CHECK(known.patients["p5"].still_theirs);
    CHECK_FALSE(known.patients.contains("p6"));
}
