#include <catch2/catch.hpp>

#include "sync/engine/bill_group.h"
#include "sync/engine/decide.h"
#include "tests/unit/decide_changes.h"

using namespace vetchart;
using namespace vetchart::sync;
using vetchart::test::change;
using vetchart::test::kClinic;

namespace {

constexpr const char* kEarly = "2026-05-01T08:00:00.000Z";
constexpr const char* kNoon = "2026-05-01T12:00:00.000Z";
constexpr const char* kLate = "2026-05-01T20:00:00.000Z";

Change update(const std::string& table, const std::string& id, Json from, Json to) {
    return change(Op::update, table, id, std::move(from), std::move(to));
}
Change insert(const std::string& table, const std::string& id, Json row) {
    row["id"] = id;
    return change(Op::insert, table, id, nullptr, std::move(row));
}
Change deletion(const std::string& table, const std::string& id, Json row) {
    return change(Op::remove, table, id, std::move(row), nullptr);
}

Transaction at(const std::string& time, std::vector<Change> changes) {
    Transaction made;
    made.at = time;
    made.changes = std::move(changes);
    return made;
}

struct World {
    Picture picture;

    World() {
        picture.set_moment(*parse_utc("2026-06-01T12:00:00.000Z"), false);
        picture.set_node("this node");
    }

    void row(const std::string& table, const std::string& id, Json image) {
        image["id"] = id;
        picture.set({table, id}, RowState::live(kClinic, std::move(image)));
    }
    void owner(const std::string& id, Json email = nullptr, Json merged_into = nullptr) {
        row("owner", id,
            {{"email", std::move(email)},
             {"merged_into", merged_into},
             {"first_name", id},
             {"deleted_at", nullptr},
             {"phone", "1"},
             {"clinic_id", kClinic}});
        if (merged_into.is_string()) picture.set({"owner", id}, merged(id, merged_into));
    }
    RowState merged(const std::string& id, const Json& into) const {
        Json image = picture.at({"owner", id}).image;
        image["merged_into"] = into;
        image["deleted_at"] = kNoon;
        return RowState::live(kClinic, std::move(image));
    }
    void gone(const std::string& table, const std::string& id, Json image, const std::string& group = "g1") {
        image["id"] = id;
        picture.set({table, id}, RowState::deleted(kClinic, std::move(image), group, kNoon));
    }

    /// Decides, checks the promises of every decision, and moves on.
    Decision take(const Transaction& transaction) {
        Decision decision = decide(transaction, picture);
        CHECK(broken_promise(transaction, picture, decision).empty());
        if (!decision.hold) advance(picture, decision);
        return decision;
    }

    [[nodiscard]] Json value(const std::string& table, const std::string& id, const char* column) const {
        const RowState& state = picture.at({table, id});
        return state.is_live() ? state.image.value(column, Json()) : Json("no row");
    }
};

std::vector<std::string> codes(const Decision& decision) {
    std::vector<std::string> all;
    for (const Conflict& conflict : decision.conflicts) all.push_back(conflict.code);
    for (const Notice& notice : decision.notices) all.push_back(notice.code);
    if (decision.hold) all.push_back(decision.hold->code);
    return all;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("decide: of two edits of a column the later stands, a tie stays, and the other is kept", "[sync][decide]") {
    for (const char* time : {kEarly, kNoon, kLate}) {
        World world;
        world.owner("o1");
        world.picture.set_column({{"owner", "o1"}, "phone"}, {kNoon, "ann", "another node"});
        const auto decision = world.take(at(time, {update("owner", "o1", {{"phone", "0"}}, {{"phone", "2"}})}));
        REQUIRE(codes(decision) == Codes{kConflictColumn});
        const bool wins = std::string(time) == kLate;
        CHECK(decision.conflicts[0].lost == !wins);
        CHECK(decision.conflicts[0].mine == (wins ? "1" : "2"));
        CHECK(decision.conflicts[0].theirs == (wins ? "2" : "1"));
        CHECK(decision.conflicts[0].other.actor == "ann");
        CHECK(world.value("owner", "o1", "phone") == (wins ? "2" : "1"));
    }
}

TEST_CASE("decide: of two steps of a bill the further stands, whenever it was made", "[sync][decide]") {
    const std::vector<std::string> steps{"draft", "sent", "overdue", "cancelled", "paid"};
    for (std::size_t theirs = 0; theirs < steps.size(); ++theirs) {
        for (std::size_t mine = 0; mine < steps.size(); ++mine) {
            if (mine == theirs) continue;
            World world;
            world.row("bill", "b1", {{"status", steps[theirs]}, {"cancel_reason", "x"}, {"issued_at", kEarly}});
            const Json seen = steps[theirs] == "sent" || steps[mine] == "sent" ? "overdue" : "sent";
            if (seen == steps[mine] || seen == steps[theirs]) continue;
            const auto decision =
                world.take(at(kEarly, {update("bill", "b1", {{"status", seen}}, {{"status", steps[mine]}})}));
            CHECK(world.value("bill", "b1", "status") == steps[std::max(mine, theirs)]);
            CHECK(codes(decision) == Codes{kConflictStatus});
        }
    }
}

TEST_CASE("decide: a bill's group that moved is one conflict with the payment that came with it", "[sync][decide]") {
    World world;
    const auto bill = [](int total) {
        return Json{
            {"owner_id", "o1"}, {"patient_id", "p1"}, {"status", "draft"}, {"total_cents", total}, {"notes", "n"}};
    };
    world.row("bill", "b1", bill(100));
    world.row("bill_item", "i1", {{"bill_id", "b1"}, {"description", "Exam"}, {"total_price_cents", 100}});
    BillGroup seen{bill(100),
                   {{"bill_item", {{"i1", {{"bill_id", "b1"}, {"description", "Exam"}, {"total_price_cents", 100}}}}}}};
    const auto pays = [&](const BillGroup& saw) {
        auto item = update("bill_item", "i1", {{"description", "Exam"}}, {{"description", "Check"}});
        item.groups["b1"] = digest_of(saw);
        return at(kLate, {item, update("bill", "b1", {{"status", "draft"}, {"notes", "n"}},
                                       {{"status", "paid"}, {"notes", "m"}, {"paid_at", kLate}})});
    };
    SECTION("as it was seen: applied") {
        CHECK(codes(world.take(pays(seen))) == Codes{});
        CHECK(world.value("bill", "b1", "status") == "paid");
        CHECK(world.value("bill_item", "i1", "description") == "Check");
    }
    SECTION("another item came: nothing of the group is written, the notes are") {
        world.row("bill_item", "i2", {{"bill_id", "b1"}, {"description", "Pills"}});
        const auto decision = world.take(pays(seen));
        REQUIRE(codes(decision) == Codes{kConflictBill});
        CHECK(decision.conflicts[0].changes == std::vector<std::size_t>{0, 1});
        CHECK(world.value("bill", "b1", "status") == "draft");
        CHECK(world.value("bill_item", "i1", "description") == "Exam");
        CHECK(world.value("bill", "b1", "notes") == "m");
        CHECK_FALSE(world.picture.at({"bill", "b1"}).image.contains("paid_at"));
    }
}

TEST_CASE("decide: a taken e-mail of an owner is left empty, and both owners are named", "[sync][decide]") {
    World world;
    world.owner("o1", "a@x.example");
    const auto decision =
        world.take(at(kLate, {insert("owner", "o2", {{"email", "a@x.example"}, {"clinic_id", kClinic}})}));
    REQUIRE(codes(decision) == Codes{kConflictEmail});
    CHECK(world.value("owner", "o2", "email").is_null());
    CHECK(decision.conflicts[0].mine == "a@x.example");
    CHECK(decision.conflicts[0].theirs["id"] == "o1");
    INFO("two that change theirs in one transaction take nothing from anybody");
    world.owner("o3", "b@x.example");
    CHECK(codes(world.take(at(kLate, {update("owner", "o1", {{"email", "a@x.example"}}, {{"email", "b@x.example"}}),
                                      update("owner", "o3", {{"email", "b@x.example"}}, {{"email", "a@x.example"}})})))
              .empty());
    CHECK(world.value("owner", "o1", "email") == "b@x.example");
    CHECK(world.value("owner", "o3", "email") == "a@x.example");
}

TEST_CASE("decide: what a row needs comes back from its tombstone, with what went with it", "[sync][decide]") {
    World world;
    world.gone("patient", "p1", {{"name", "Rex"}, {"owner_id", "o9"}});
    world.gone("appointment", "a1", {{"patient_id", "p1"}});
    world.gone("patient", "p2", {{"name", "Tom"}}, "another");
    const auto decision = world.take(at(kLate, {insert("medical_record", "m1", {{"patient_id", "p1"}})}));
    CHECK(codes(decision) == Codes{kNoticeBroughtBack, kNoticeLinkLost});
    CHECK(world.value("patient", "p1", "name") == "Rex");
    CHECK(world.value("patient", "p1", "owner_id").is_null());
    CHECK(world.value("appointment", "a1", "patient_id") == "p1");
    CHECK(world.value("patient", "p2", "name") == "no row");
    INFO("so does a row that is edited");
    CHECK(codes(world.take(at(kLate, {update("patient", "p2", {{"name", "Tom"}}, {{"name", "Tim"}})}))) ==
          Codes{kNoticeBroughtBack});
    CHECK(world.value("patient", "p2", "name") == "Tim");
}

TEST_CASE("decide: a hard delete of what somebody edited, or names, is refused with what hangs on it",
          "[sync][decide]") {
    World world;
    world.row("patient", "p1", {{"name", "Rex"}});
    world.row("appointment", "a1", {{"patient_id", "p1"}, {"reason", "cough"}});
    const auto all = [](const char* name) {
        return at(kLate, {deletion("appointment", "a1", {{"patient_id", "p1"}, {"reason", "cough"}}),
                          deletion("patient", "p1", {{"name", name}})});
    };
    SECTION("edited") {
        const auto decision = world.take(all("Roy"));
        REQUIRE(codes(decision) == Codes{kConflictDelete});
        CHECK(decision.conflicts[0].key == RowKey{"patient", "p1"});
        CHECK(decision.conflicts[0].changes == std::vector<std::size_t>{0, 1});
        CHECK(decision.conflicts[0].reason == "edited");
        CHECK(decision.writes.empty());
    }
    SECTION("named by a row that the transaction does not know") {
        world.row("medical_record", "m1", {{"patient_id", "p1"}});
        const auto decision = world.take(all("Rex"));
        REQUIRE(codes(decision) == Codes{kConflictDelete});
        CHECK(decision.conflicts[0].reason == "named");
        CHECK(decision.writes.empty());
    }
    SECTION("neither") {
        CHECK(codes(world.take(all("Rex"))).empty());
        CHECK(world.value("appointment", "a1", "reason") == "no row");
    }
}

TEST_CASE("decide: what names a deleted row by a link that may be empty names nobody, in both orders",
          "[sync][decide]") {
    World world;
    world.owner("o1");
    world.row("patient", "p1", {{"name", "Rex"}, {"owner_id", "o1"}});
    const Json owner = world.picture.at({"owner", "o1"}).image;
    const auto decision = world.take(at(kLate, {deletion("owner", "o1", owner)}));
    CHECK(codes(decision) == Codes{kNoticeLinkLost});
    CHECK(world.value("patient", "p1", "owner_id").is_null());
    CHECK(codes(world.take(at(kLate, {insert("patient", "p2", {{"owner_id", "o1"}})}))) == Codes{kNoticeLinkLost});
    CHECK(world.value("patient", "p2", "owner_id").is_null());
}

TEST_CASE("decide: a merge leads to the last survivor, and takes along what its writer did not see", "[sync][decide]") {
    World world;
    for (const char* id : {"a", "b", "c"}) world.owner(id);
    world.row("patient", "p1", {{"owner_id", "a"}});
    const auto merge = [](const char* loser, const char* survivor) {
        return at(kLate, {update("owner", loser, {{"merged_into", nullptr}, {"deleted_at", nullptr}},
                                 {{"merged_into", survivor}, {"deleted_at", kLate}})});
    };
    CHECK(codes(world.take(merge("b", "c"))).empty());
    CHECK(codes(world.take(merge("a", "b"))).empty());
    CHECK(world.value("owner", "a", "merged_into") == "c");
    CHECK(world.value("patient", "p1", "owner_id") == "c");
    INFO("a row that comes later for the loser goes to the survivor");
    CHECK(codes(world.take(at(kLate, {insert("patient", "p2", {{"owner_id", "a"}})}))) == Codes{kNoticeRedirected});
    CHECK(world.value("patient", "p2", "owner_id") == "c");
    INFO("a merge that leads to itself is left out");
    CHECK(codes(world.take(merge("c", "a"))) == Codes{kNoticeMergeMoot});
    CHECK(world.value("owner", "c", "merged_into").is_null());
    CHECK(world.value("owner", "c", "deleted_at").is_null());
}

TEST_CASE("decide: work on a row that somebody soft-deleted is accepted and told", "[sync][decide]") {
    World world;
    world.row("patient", "p1", {{"name", "Rex"}, {"deleted_at", kNoon}});
    CHECK(codes(world.take(at(kLate, {update("patient", "p1", {{"name", "Rex"}}, {{"name", "Roy"}})}))) ==
          Codes{kNoticeWorkedOnDeleted});
    CHECK(codes(world.take(at(kLate, {insert("medical_record", "m1", {{"patient_id", "p1"}})}))) ==
          Codes{kNoticeWorkedOnDeleted});
    CHECK(codes(world.take(at(kLate, {update("patient", "p1", {{"deleted_at", kNoon}}, {{"deleted_at", nullptr}})})))
              .empty());
}

TEST_CASE("decide: what a decision lacks it asks for, and a picture that was taken back is as it was",
          "[sync][decide]") {
    World world;
    Reads missing;
    (void)decide(at(kLate, {deletion("patient", "p1", {{"name", "Rex"}})}), world.picture, &missing);
    CHECK(missing.rows.contains({"patient", "p1"}));
    world.row("patient", "p1", {{"name", "Rex"}});
    missing = {};
    (void)decide(at(kLate, {deletion("patient", "p1", {{"name", "Rex"}})}), world.picture, &missing);
    CHECK(missing.children.contains({"patient", "p1"}));
    world.picture.set_children_read({"patient", "p1"}, false);
    missing = {};
    world.picture.begin_journal();
    CHECK(world.take(at(kLate, {deletion("patient", "p1", {{"name", "Rex"}})})).writes.size() == 1);
    CHECK(world.value("patient", "p1", "name") == "no row");
    world.picture.rewind();
    CHECK(world.value("patient", "p1", "name") == "Rex");
}
