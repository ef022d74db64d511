#include <catch2/catch.hpp>

#include "sync/engine/decide.h"

using namespace vetchart;
using namespace vetchart::sync;

namespace {

const std::string kClinic = "c1";

Change change(Op op, const std::string& table, const std::string& id, Json old_values, Json new_values) {
    Change made;
    made.table = table;
    made.row_id = id;
    made.clinic_id = kClinic;
    made.op = op;
    made.old_values = std::move(old_values);
    made.new_values = std::move(new_values);
    return made;
}

Transaction transaction(std::vector<Change> changes) {
    Transaction made;
    made.changes = std::move(changes);
    return made;
}

Picture picture_with_owner(const Json& image) {
    Picture picture;
    picture.set({"owner", "o1"}, RowState{true, false, kClinic, image});
    return picture;
}

const Json kOwner{{"id", "o1"}, {"phone", "1"}, {"notes", nullptr}, {"updated_at", "2026-01-01"}};

}  // namespace

TEST_CASE("decide: a column whose old value central still has takes the new one", "[sync][decide]") {
    const auto decision = decide(transaction({change(Op::update, "owner", "o1", {{"phone", "1"}}, {{"phone", "2"}})}),
                                 picture_with_owner(kOwner));
    REQUIRE(decision.conflicts.empty());
    REQUIRE(decision.writes.size() == 1);
    REQUIRE(decision.writes[0].image["phone"] == "2");
    REQUIRE(decision.writes[0].columns == std::set<std::string>{"phone"});
}

TEST_CASE("decide: another value at central stays, and the node's is kept as a conflict", "[sync][decide]") {
    const auto decision = decide(transaction({change(Op::update, "owner", "o1", {{"phone", "0"}, {"notes", nullptr}},
                                                     {{"phone", "2"}, {"notes", "x"}})}),
                                 picture_with_owner(kOwner));
    REQUIRE(decision.conflicts.size() == 1);
    REQUIRE(decision.conflicts[0].mine == "2");
    REQUIRE(decision.conflicts[0].theirs == "1");
    REQUIRE(decision.conflicts[0].base == "0");
    REQUIRE(decision.writes.at(0).image["phone"] == "1");
    REQUIRE(decision.writes.at(0).image["notes"] == "x");
}

TEST_CASE("decide: a value that central has already is no conflict and no write", "[sync][decide]") {
    const auto decision = decide(transaction({change(Op::update, "owner", "o1", {{"phone", "0"}}, {{"phone", "1"}})}),
                                 picture_with_owner(kOwner));
    REQUIRE(decision.conflicts.empty());
    REQUIRE(decision.writes.empty());
}

TEST_CASE("decide: several changes of a column in one transaction count as one", "[sync][decide]") {
    const auto decision = decide(transaction({change(Op::update, "owner", "o1", {{"phone", "1"}}, {{"phone", "5"}}),
                                              change(Op::update, "owner", "o1", {{"phone", "5"}}, {{"phone", "6"}})}),
                                 picture_with_owner(kOwner));
    REQUIRE(decision.conflicts.empty());
    REQUIRE(decision.writes.size() == 1);
    REQUIRE(decision.writes[0].image["phone"] == "6");
}

TEST_CASE("decide: updated_at is never compared and never goes back", "[sync][decide]") {
    const auto decision =
        decide(transaction({change(Op::update, "owner", "o1", {{"phone", "1"}, {"updated_at", "2025-01-01"}},
                                   {{"phone", "2"}, {"updated_at", "2025-06-01"}})}),
               picture_with_owner(kOwner));
    REQUIRE(decision.conflicts.empty());
    REQUIRE(decision.writes[0].image["updated_at"] == "2026-01-01");
}

TEST_CASE("decide: no node writes a bill number", "[sync][decide]") {
    const auto insert = decide(transaction({change(Op::insert, "bill", "b1", nullptr,
                                                   {{"id", "b1"}, {"bill_number", "BILL-7"}, {"status", "draft"}})}),
                               Picture{});
    REQUIRE_FALSE(insert.writes[0].image.contains("bill_number"));
    Picture picture;
    picture.set({"bill", "b1"}, RowState{true, false, kClinic, {{"id", "b1"}, {"bill_number", "BILL-1"}}});
    const auto update = decide(
        transaction({change(Op::update, "bill", "b1", {{"bill_number", "BILL-1"}}, {{"bill_number", "BILL-7"}})}),
        picture);
    REQUIRE(update.writes.empty());
    REQUIRE(update.conflicts.empty());
}

TEST_CASE("decide: two nodes that issued the same bill agree; the first stamp stays", "[sync][decide]") {
    Picture picture;
    picture.set(
        {"bill", "b1"},
        RowState{true, false, kClinic, {{"id", "b1"}, {"status", "sent"}, {"issued_at", "1"}, {"paid_at", nullptr}}});
    const auto decision =
        decide(transaction({change(Op::update, "bill", "b1",
                                   {{"status", "draft"}, {"issued_at", nullptr}, {"paid_at", nullptr}},
                                   {{"status", "sent"}, {"issued_at", "2"}, {"paid_at", "3"}})}),
               picture);
    REQUIRE(decision.conflicts.empty());
    REQUIRE(decision.writes.at(0).image["issued_at"] == "1");
    REQUIRE(decision.writes.at(0).image["paid_at"] == "3");
}

TEST_CASE("decide: work on a row that is not there is held, whole", "[sync][decide]") {
    Picture picture;
    picture.set({"owner", "o2"}, RowState{false, true, kClinic, nullptr});
    const auto deleted = decide(transaction({change(Op::insert, "owner", "o3", nullptr, {{"id", "o3"}}),
                                             change(Op::update, "owner", "o2", {{"phone", "1"}}, {{"phone", "2"}})}),
                                picture);
    REQUIRE(deleted.hold->code == "row_deleted");
    REQUIRE(deleted.writes.empty());
    const auto unknown =
        decide(transaction({change(Op::update, "owner", "o9", {{"phone", "1"}}, {{"phone", "2"}})}), picture);
    REQUIRE(unknown.hold->code == "row_missing");
}

TEST_CASE("decide: a row inserted and deleted in one transaction leaves nothing; two deletes agree", "[sync][decide]") {
    const auto nothing = decide(transaction({change(Op::insert, "owner", "o3", nullptr, {{"id", "o3"}}),
                                             change(Op::remove, "owner", "o3", {{"id", "o3"}}, nullptr)}),
                                Picture{});
    REQUIRE(nothing.writes.empty());
    REQUIRE_FALSE(nothing.hold.has_value());
    const auto again = decide(transaction({change(Op::remove, "owner", "o3", {{"id", "o3"}}, nullptr)}), Picture{});
    REQUIRE(again.writes.empty());
    REQUIRE_FALSE(again.hold.has_value());
}

TEST_CASE("decide: a batch combines to one write a row, and says when it can't", "[sync][decide]") {
    Picture picture = picture_with_owner(kOwner);
    std::vector<Decision> decisions;
    const auto add = [&](Change made) {
        decisions.push_back(decide(transaction({std::move(made)}), picture));
        take(decisions.back(), picture);
    };
    add(change(Op::update, "owner", "o1", {{"phone", "1"}}, {{"phone", "2"}}));
    add(change(Op::update, "owner", "o1", {{"phone", "2"}, {"notes", nullptr}}, {{"phone", "3"}, {"notes", "n"}}));
    add(change(Op::insert, "owner", "o2", nullptr, {{"id", "o2"}, {"phone", "7"}}));
    add(change(Op::update, "owner", "o2", {{"phone", "7"}}, {{"phone", "8"}}));
    add(change(Op::insert, "owner", "o3", nullptr, {{"id", "o3"}}));
    add(change(Op::remove, "owner", "o3", {{"id", "o3"}}, nullptr));
    const auto all = combine(decisions);
    REQUIRE(all.has_value());
    REQUIRE(all->writes.size() == 2);
    REQUIRE(all->writes[0].image["phone"] == "3");
    REQUIRE(all->writes[0].columns == std::set<std::string>{"notes", "phone"});
    REQUIRE(all->writes[1].kind == RowWrite::Kind::insert);
    REQUIRE(all->writes[1].image["phone"] == "8");
    add(change(Op::remove, "owner", "o1", {{"id", "o1"}}, nullptr));
    add(change(Op::insert, "owner", "o1", nullptr, {{"id", "o1"}}));
    REQUIRE_FALSE(combine(decisions).has_value());
}

TEST_CASE("decide: what writes or names a blocked row is held, whole, and so is what builds on it", "[sync][decide]") {
    Picture picture = picture_with_owner(kOwner);
    picture.block({"patient", "p1"}, {kHeldArchived, "archived in June"});
    const auto record = transaction({change(Op::insert, "medical_record", "r1", nullptr, {{"patient_id", "p1"}}),
                                     change(Op::update, "owner", "o1", {{"phone", "1"}}, {{"phone", "2"}})});
    const auto held = decide(record, picture);
    REQUIRE(held.hold->code == "archived");
    REQUIRE(held.hold->reason == "archived in June");
    REQUIRE(held.writes.empty());
    const auto later = transaction({change(Op::update, "owner", "o1", {{"phone", "2"}}, {{"phone", "3"}})});
    REQUIRE_FALSE(decide(later, picture).hold.has_value());
    block_written(record, *held.hold, picture);
    REQUIRE(decide(later, picture).hold->code == "archived");
    REQUIRE(
        decide(transaction({change(Op::remove, "patient", "p1", {{"id", "p1"}}, nullptr)}), picture).hold.has_value());
    block_written(transaction({change(Op::insert, "bill", "b1", nullptr, {})}), {"bill_closed", "x"}, picture);
    REQUIRE(decide(transaction({change(Op::insert, "bill_item", "i1", nullptr, {{"bill_id", "b1"}})}), picture)
                .hold->code == "depends_on_held");
}
