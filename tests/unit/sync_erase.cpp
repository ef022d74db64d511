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
    made.patients["p1"] = {true, false};
    made.patients["p2"] = {false, false};
    made.patients["p3"] = {true, false};
    made.people["o2"] = {"Eva", "Lund", "1"};
    return made;
}

Json snapshot_after(const std::string& patient, const std::string& name, const std::string& phone = "1") {
    Erasures known = erasures();
    note_batch({transaction_of(Op::update, "patient", "p3", {{"owner_id", "o1"}}, {{"owner_id", "o2"}}),
                transaction_of(Op::update, "patient", "p4", {{"owner_id", "o2"}}, {{"owner_id", "o1"}}),
                transaction_of(Op::update, "patient", "p5", {{"owner_id", nullptr}}, {{"owner_id", "o1"}}),
                transaction_of(Op::insert, "patient", "p6", nullptr, {{"owner_id", "o1"}}),
                transaction_of(Op::update, "owner", "o2", {{"phone", "1"}}, {{"phone", "2"}}),
                transaction_of(Op::insert, "owner", "o3", nullptr, {{"first_name", "Max"}, {"last_name", "Ek"}})},
               known);
    const Json record{{"patient_id", patient},
                      {"owner_name_snapshot", name.empty() ? Json() : Json(name)},
                      {"owner_phone_snapshot", phone.empty() ? Json() : Json(phone)},
                      {"diagnosis", "x"}};
    const Json after =
        without_erased(transaction_of(Op::insert, "medical_record", "r", nullptr, record), known).changes[0].new_values;
    return {after["owner_name_snapshot"], after["owner_phone_snapshot"]};
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

TEST_CASE("erase: a snapshot goes while the patient is theirs, and stands where it is somebody else's",
          "[sync][erase]") {
    const Json gone{kErased, nullptr};
    CHECK(snapshot_after("p1", "Ann Lee") == gone);
    CHECK(snapshot_after("p1", "Eva Lund") == gone);  // hers alone, whoever has the same name
    CHECK(snapshot_after("p2", "Ann Lee") == gone);
    CHECK(snapshot_after("p2", "Eva Lund") == Json{"Eva Lund", "1"});
    CHECK(snapshot_after("p2", "Eva Lund", "2") == Json{"Eva Lund", "2"});
    CHECK(snapshot_after("p2", "Eva Lund", "3") == Json{"Eva Lund", nullptr});  // a namesake's
    CHECK(snapshot_after("p2", "Max Ek", "") == Json{"Max Ek", nullptr});
    CHECK(snapshot_after("p2", "", "1") == Json{nullptr, nullptr});
    CHECK(snapshot_after("p3", "Ann Lee") == gone);
    CHECK(snapshot_after("p3", "Eva Lund") == Json{"Eva Lund", "1"});
    CHECK(snapshot_after("p4", "Ann Lee") == gone);
    CHECK(snapshot_after("p4", "Eva Lund") == Json{"Eva Lund", "1"});
    CHECK(snapshot_after("p5", "Eva Lund") == gone);
    CHECK(snapshot_after("p6", "Eva Lund") == gone);
    CHECK(snapshot_after("p9", "Ann Lee") == Json{"Ann Lee", "1"});
}

TEST_CASE("erase: a patient that comes with the batch is theirs too", "[sync][erase]") {
    Erasures known = erasures();
    note_batch({transaction_of(Op::insert, "patient", "p5", nullptr, {{"owner_id", "o1"}}),
                transaction_of(Op::update, "patient", "p6", {{"owner_id", "o1"}}, {{"owner_id", "o9"}})},
               known);
    CHECK(known.patients["p5"].still_theirs);
    CHECK_FALSE(known.patients.contains("p6"));
}
