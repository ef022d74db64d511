#include <catch2/catch.hpp>

#include "sync/engine/decide.h"
#include "tests/unit/decide_changes.h"

using namespace vetchart;
using namespace vetchart::sync;
using vetchart::test::change;
using vetchart::test::kClinic;

namespace {

Transaction transaction(std::vector<Change> changes) {
    Transaction made;
    made.changes = std::move(changes);
    return made;
}

Picture picture_with_owner(const Json& image) {
    Picture picture;
    picture.set({"owner", "o1"}, RowState::live(kClinic, image));
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
    picture.set({"bill", "b1"}, RowState::live(kClinic, {{"id", "b1"}, {"bill_number", "BILL-1"}}));
    const auto update = decide(
        transaction({change(Op::update, "bill", "b1", {{"bill_number", "BILL-1"}}, {{"bill_number", "BILL-7"}})}),
        picture);
    REQUIRE(update.writes.empty());
    REQUIRE(update.conflicts.empty());
}

TEST_CASE("decide: two nodes that issued the same bill agree; the first stamp stays", "[sync][decide]") {
    Picture picture;
    picture.set({"bill", "b1"},
                RowState::live(kClinic, {{"id", "b1"}, {"status", "sent"}, {"issued_at", "1"}, {"paid_at", nullptr}}));
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
    picture.set({"owner", "o2"}, RowState::deleted(kClinic));
    const auto deleted = decide(transaction({change(Op::insert, "owner", "o3", nullptr, {{"id", "o3"}}),
                                             change(Op::update, "owner", "o2", {{"phone", "1"}}, {{"phone", "2"}})}),
                                picture);
    INFO("of which not even the tombstone's image is left");
    REQUIRE(deleted.hold->code == "row_missing");
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

TEST_CASE("decide: decisions add up to one write a row, as long as one pass can make them", "[sync][decide]") {
    Picture picture = picture_with_owner(kOwner);
    NetEffect all;
    const auto add = [&](Change made) {
        const auto decision = decide(transaction({std::move(made)}), picture);
        advance(picture, decision);
        return all.add(decision);
    };
    REQUIRE(add(change(Op::update, "owner", "o1", {{"phone", "1"}}, {{"phone", "2"}})));
    REQUIRE(
        add(change(Op::update, "owner", "o1", {{"phone", "2"}, {"notes", nullptr}}, {{"phone", "3"}, {"notes", "n"}})));
    REQUIRE(add(change(Op::insert, "owner", "o2", nullptr, {{"id", "o2"}, {"phone", "7"}})));
    REQUIRE(add(change(Op::update, "owner", "o2", {{"phone", "7"}}, {{"phone", "8"}})));
    const auto& writes = all.decision().writes;
    REQUIRE(writes.size() == 2);
    REQUIRE(writes[0].image["phone"] == "3");
    REQUIRE(writes[0].columns == std::set<std::string>{"notes", "phone"});
    REQUIRE(writes[1].kind == RowWrite::Kind::insert);
    REQUIRE(writes[1].image["phone"] == "8");
    INFO("what is inserted and deleted leaves a tombstone, and what is deleted and inserted again leaves none");
    REQUIRE_FALSE(add(change(Op::remove, "owner", "o2", {{"id", "o2"}}, nullptr)));
    REQUIRE(add(change(Op::remove, "owner", "o1", {{"id", "o1"}}, nullptr)));
    REQUIRE(all.deletions().size() == 1);
    REQUIRE_FALSE(add(change(Op::insert, "owner", "o1", nullptr, {{"id", "o1"}})));
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

namespace {

Json bill_image(const char* status, Json issued_at = nullptr) {
    return {{"id", "b1"},
            {"owner_id", "o1"},
            {"patient_id", "p1"},
            {"subtotal_cents", 100},
            {"tax_cents", 0},
            {"total_cents", 100},
            {"status", status},
            {"issued_at", std::move(issued_at)},
            {"cancel_reason", nullptr}};
}

Picture picture_with_bill(const Json& bill) {
    Picture picture;
    picture.set({"bill", "b1"}, RowState::live(kClinic, bill));
    picture.set({"bill_item", "i1"},
                RowState::live(kClinic, {{"id", "i1"}, {"bill_id", "b1"}, {"description", "Exam"}}));
    return picture;
}

Change item_text() {
    return change(Op::update, "bill_item", "i1", {{"description", "Exam"}}, {{"description", "Check"}});
}

Change bill_status(const char* from, const char* to) {
    return change(Op::update, "bill", "b1", {{"status", from}}, {{"status", to}});
}

}  // namespace

TEST_CASE("decide: a bill paid elsewhere stays paid when a node sends its draft with another item", "[sync][decide]") {
    const auto picture = picture_with_bill(bill_image("paid", "2026-01-01"));
    const auto decision = decide(transaction({item_text(), bill_status("draft", "sent")}), picture);
    REQUIRE_FALSE(decision.hold.has_value());
    CHECK(decision.writes.empty());
    REQUIRE(decision.conflicts.size() == 1);
    CHECK(decision.conflicts[0].code == kConflictBill);
    CHECK(decision.conflicts[0].changes == std::vector<std::size_t>{0, 1});
    CHECK(decision.conflicts[0].mine["status"] == "sent");
    CHECK(decision.reopened_bills.empty());
    const auto alone = decide(transaction({bill_status("draft", "sent")}), picture);
    CHECK_FALSE(alone.hold.has_value());
    CHECK(alone.conflicts.size() == 1);
    CHECK(alone.reopened_bills.empty());
}

TEST_CASE("decide: only who saw a bill closed, and whose status stands, opens it", "[sync][decide]") {
    const auto opens = [](const char* central, std::vector<Change> changes) {
        const auto picture = picture_with_bill(bill_image(central, "2026-01-01"));
        return decide(transaction(std::move(changes)), picture).reopened_bills.contains("b1");
    };
    CHECK(opens("paid", {bill_status("paid", "sent")}));
    CHECK(opens("paid", {bill_status("paid", "sent"), bill_status("sent", "paid")}));
    CHECK_FALSE(opens("cancelled", {bill_status("paid", "sent")}));
    CHECK_FALSE(opens("paid", {bill_status("sent", "overdue")}));
    CHECK_FALSE(opens("paid", {bill_status("cancelled", "paid")}));
    CHECK_FALSE(opens("sent", {bill_status("paid", "sent")}));
}

TEST_CASE("decide: a bill opened and closed again in one transaction is written closed", "[sync][decide]") {
    const auto decision = decide(transaction({bill_status("paid", "sent"), bill_status("sent", "paid")}),
                                 picture_with_bill(bill_image("paid", "2026-01-01")));
    REQUIRE(decision.writes.size() == 1);
    CHECK(decision.writes[0].image["status"] == "paid");
}

TEST_CASE("decide: items, amounts and patient of a bill that central issued stay, the rest does not",
          "[sync][decide]") {
    const auto code_of = [](const Json& bill, Change made) -> std::string {
        const auto decision = decide(transaction({std::move(made)}), picture_with_bill(bill));
        CHECK_FALSE(decision.hold);
        CHECK(decision.conflicts.empty() != decision.writes.empty());
        return decision.conflicts.empty() ? "" : decision.conflicts[0].code;
    };
    const Json draft = bill_image("draft"), sent = bill_image("sent", "2026-01-01"),
               reopened = bill_image("draft", "2026-01-01");
    const Change total = change(Op::update, "bill", "b1", {{"total_cents", 100}}, {{"total_cents", 90}});
    const Change added = change(Op::insert, "bill_item", "i2", nullptr, {{"id", "i2"}, {"bill_id", "b1"}});
    const Change gone = change(Op::remove, "bill_item", "i1", {{"id", "i1"}, {"bill_id", "b1"}}, nullptr);
    for (const Change& made : {item_text(), total, added, gone}) {
        CHECK(code_of(draft, made).empty());
        CHECK(code_of(sent, made) == kConflictBill);
        CHECK(code_of(reopened, made) == kConflictBill);
    }
    CHECK(code_of(sent, change(Op::update, "bill", "b1", {{"notes", nullptr}}, {{"notes", "x"}})).empty());
    CHECK(code_of(sent, bill_status("sent", "paid")).empty());
    INFO("who wanted what is there already wanted nothing");
    const auto agreed =
        decide(transaction({change(Op::update, "bill_item", "i1", {{"description", "x"}}, {{"description", "Exam"}})}),
               picture_with_bill(sent));
    CHECK(agreed.conflicts.empty());
    CHECK(agreed.writes.empty());
}

TEST_CASE("decide: an older node's cancellation gets the reason it lacks, and its own one later", "[sync][decide]") {
    Picture picture = picture_with_bill(bill_image("sent", "2026-01-01"));
    const auto cancelled = decide(transaction({bill_status("sent", "cancelled")}), picture);
    REQUIRE(cancelled.writes.size() == 1);
    CHECK(cancelled.writes[0].image["cancel_reason"] == "No reason was given.");
    CHECK(cancelled.writes[0].columns.contains("cancel_reason"));
    advance(picture, cancelled);
    const auto reason = decide(
        transaction({change(Op::update, "bill", "b1", {{"cancel_reason", nullptr}}, {{"cancel_reason", "mine"}})}),
        picture);
    CHECK(reason.conflicts.empty());
    REQUIRE(reason.writes.size() == 1);
    CHECK(reason.writes[0].image["cancel_reason"] == "mine");
    advance(picture, reason);
    const auto cleared = decide(
        transaction({change(Op::update, "bill", "b1", {{"cancel_reason", "mine"}}, {{"cancel_reason", nullptr}})}),
        picture);
    CHECK(cleared.writes.empty());
    INFO("a legacy row without a reason stays as it stands");
    const auto legacy = decide(transaction({change(Op::update, "bill", "b1", {{"notes", nullptr}}, {{"notes", "x"}})}),
                               picture_with_bill(bill_image("cancelled")));
    CHECK(legacy.writes.at(0).image["cancel_reason"].is_null());
}

TEST_CASE("decide: instants that a wrong clock put ahead count as now, so that no report loses the bill",
          "[sync][decide]") {
    const auto now = *parse_utc("2026-11-22T12:00:00.000Z");
    Picture picture;
    picture.set_moment(now, false);
    const Json bill{{"id", "b1"},
                    {"status", "paid"},
                    {"bill_date", "2026-11-22"},
                    {"created_at", "2028-01-01T08:00:00.000Z"},
                    {"issued_at", "2028-01-01T08:00:00.000Z"},
                    {"paid_at", "2026-11-22T12:04:00.000Z"}};
    const auto decision = decide(transaction({change(Op::insert, "bill", "b1", nullptr, bill)}), picture);
    REQUIRE(decision.writes.size() == 1);
    const Json& image = decision.writes[0].image;
    CHECK(image["created_at"] == "2026-11-22T12:00:00.000Z");
    CHECK(image["issued_at"] == "2026-11-22T12:00:00.000Z");
    CHECK(image["paid_at"] == "2026-11-22T12:04:00.000Z");
    CHECK(decision.notices.empty());
}

TEST_CASE("decide: a bill dated more than a day ahead of central is a notice, in whatever zone it is today",
          "[sync][decide]") {
    Picture picture;
    picture.set_moment(*parse_utc("2026-11-22T12:00:00.000Z"), false);
    const auto told = [&](const char* day) {
        const auto decision = decide(
            transaction({change(Op::insert, "bill", "b1", nullptr, {{"id", "b1"}, {"bill_date", day}})}), picture);
        REQUIRE(decision.writes.size() == 1);
        CHECK(decision.writes[0].image["bill_date"] == day);
        return decision.notices.size();
    };
    CHECK(told("2026-11-22") == 0);
    CHECK(told("2026-11-24") == 0);  // tomorrow, where it is the 23rd already
    CHECK(told("2026-11-25") == 1);
    picture.set({"bill", "b1"},
                RowState::live(kClinic, {{"id", "b1"}, {"bill_date", "2027-02-01"}, {"notes", nullptr}}));
    const auto noted =
        decide(transaction({change(Op::update, "bill", "b1", {{"notes", nullptr}}, {{"notes", "x"}})}), picture);
    CHECK(noted.notices.empty());
}

TEST_CASE("decide: a reference beside a printed text that names nobody here is NULL, and the text stands",
          "[sync][decide]") {
    Picture picture;
    picture.set({"staff", "s1"}, RowState::live(kClinic, {{"id", "s1"}}));
    picture.set({"staff", "s2"}, RowState::live("c2", {{"id", "s2"}}));
    picture.set({"staff", "s3"}, RowState::deleted(kClinic));
    picture.set({"medical_record", "m1"},
                RowState::live(kClinic, {{"id", "m1"}, {"veterinarian", "Ann"}, {"veterinarian_id", "s9"}}));
    const auto written = [&](const Change& one) {
        const auto decision = decide(transaction({one}), picture);
        REQUIRE_FALSE(decision.hold);
        REQUIRE(decision.writes.size() == 1);
        return decision.writes[0].image;
    };
    for (const auto& [id, kept] : {std::pair{"s1", true}, {"s2", false}, {"s3", false}, {"s4", false}}) {
        CAPTURE(id);
        const Json image = written(change(Op::insert, "medical_record", "m2", nullptr,
                                          {{"id", "m2"}, {"veterinarian", "Ann"}, {"veterinarian_id", id}}));
        CHECK(image["veterinarian"] == "Ann");
        CHECK(image["veterinarian_id"] == (kept ? Json(id) : Json()));
        CHECK(written(change(Op::update, "medical_record", "m1", {{"veterinarian_id", "s9"}},
                             {{"veterinarian_id", id}}))["veterinarian_id"] == (kept ? Json(id) : Json()));
    }
    INFO("what a change leaves alone is not looked at");
    CHECK(written(change(Op::update, "medical_record", "m1", {{"veterinarian", "Ann"}},
                         {{"veterinarian", "Dr. Ann"}}))["veterinarian_id"] == "s9");
}
