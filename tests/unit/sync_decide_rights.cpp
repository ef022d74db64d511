#include <catch2/catch.hpp>

#include "sync/engine/decide.h"
#include "tests/unit/decide_changes.h"

using namespace vetchart;
using namespace vetchart::sync;
using vetchart::test::change;
using vetchart::test::kClinic;

namespace {

const std::string kAdmins = R"(["admin"])";
const std::string kStaff = R"(["staff"])";

Json person(const std::string& id, const std::string& roles, int active = 1) {
    return {{"id", id},
            {"clinic_id", kClinic},
            {"email", id + "@x.example"},
            {"username", id},
            {"first_name", id},
            {"last_name", "Lee"},
            {"password_hash", "hash of " + id},
            {"roles", roles},
            {"active", active},
            {"updated_at", "2026-01-01T00:00:00.000Z"}};
}

/// ann is administrator, bob is not, old was one and is not active.
struct Staffed {
    Picture picture;

    Staffed() {
        picture.set({"clinic", kClinic}, RowState::live(kClinic, {{"id", kClinic}, {"code", "NORTH"}}));
        add("ann", kAdmins);
        add("bob", kStaff);
        add("old", kAdmins, 0);
        picture.set({"staff", "eve"}, RowState::live("c2", person("eve", kAdmins)));
        picture.set_moment(*parse_utc("2026-06-01T12:00:00.000Z"), false);
    }

    void add(const std::string& id, const std::string& roles, int active = 1) {
        picture.set({"staff", id}, RowState::live(kClinic, person(id, roles, active)));
    }

    static Transaction by(std::optional<std::string> actor, std::vector<Change> changes) {
        Transaction made;
        made.actor = std::move(actor);
        made.at = "2026-06-01T11:00:00.000Z";
        made.changes = std::move(changes);
        return made;
    }

    [[nodiscard]] std::string held(const Transaction& transaction) const {
        const Decision decision = decide(transaction, picture);
        if (!decision.hold) return "";
        CHECK(decision.writes.empty());
        CHECK(decision.notices.empty());
        CHECK_FALSE(decision.hold->reason.empty());
        return decision.hold->code;
    }

    /// Decides, and moves on when it stands.
    std::string take_or_hold(const Transaction& transaction) {
        const Decision decision = decide(transaction, picture);
        if (decision.hold) {
            block_written(transaction, *decision.hold, picture);
            return decision.hold->code;
        }
        advance(picture, decision);
        return "";
    }
};

Transaction set(std::optional<std::string> actor, const std::string& id, const char* column, Json from, Json to,
                std::int64_t version = 0) {
    return Staffed::by(std::move(actor), {change(Op::update, "staff", id, {{column, from}}, {{column, to}}, version)});
}

Transaction add(std::optional<std::string> actor, const std::string& id, const std::string& roles) {
    return Staffed::by(std::move(actor), {change(Op::insert, "staff", id, nullptr, person(id, roles))});
}

const std::vector<std::optional<std::string>> kNobodies = {std::nullopt, "bob",   "old",           "eve",
                                                           "central",    "shell", "ann@x.example", "nobody knows"};

}  // namespace

TEST_CASE("decide: staff and clinic change by the hand of an active administrator of that clinic alone",
          "[sync][decide][rights]") {
    const Staffed world;
    const std::vector<std::pair<const char*, std::vector<Change>>> changes = {
        {"roles", {change(Op::update, "staff", "bob", {{"roles", kStaff}}, {{"roles", kAdmins}})}},
        {"active", {change(Op::update, "staff", "bob", {{"active", 1}}, {{"active", 0}})}},
        {"e-mail", {change(Op::update, "staff", "bob", {{"email", "bob@x.example"}}, {{"email", "b@x"}})}},
        {"name", {change(Op::update, "staff", "bob", {{"last_name", "Lee"}}, {{"last_name", "Poe"}})}},
        {"a password of another's",
         {change(Op::update, "staff", "ann", {{"password_hash", "hash of ann"}}, {{"password_hash", "h"}})}},
        {"a new person", {change(Op::insert, "staff", "new", nullptr, person("new", kStaff))}},
        {"a person deleted", {change(Op::remove, "staff", "bob", person("bob", kStaff), nullptr)}},
        {"a conflict", {change(Op::update, "staff", "bob", {{"roles", "[]"}}, {{"roles", kAdmins}})}},
        {"clinic", {change(Op::update, "clinic", kClinic, {{"code", "NORTH"}}, {{"code", "HACKED"}})}},
    };
    for (const auto& [what, change] : changes) {
        INFO(what);
        for (const auto& actor : kNobodies) {
            INFO(actor.value_or("nobody"));
            CHECK(world.held(Staffed::by(actor, change)) == kHeldAdminNeeded);
        }
        CHECK(world.held(Staffed::by("ann", change)).empty());
    }
    // Other tables are everybody's, and what central has already is no change.
    CHECK(world.held(Staffed::by(std::nullopt, {change(Op::insert, "owner", "o", nullptr, {{"id", "o"}})})).empty());
    CHECK(world.held(set(std::nullopt, "bob", "roles", "[]", kStaff)).empty());
}

TEST_CASE("decide: a password of one's own is one's own, as long as one is active", "[sync][decide][rights]") {
    Staffed world;
    const auto own = [](const char* id) { return set(id, id, "password_hash", std::string("hash of ") + id, "new"); };
    const Decision taken = decide(own("bob"), world.picture);
    REQUIRE_FALSE(taken.hold.has_value());
    REQUIRE(taken.writes.at(0).image["password_hash"] == "new");
    REQUIRE(taken.notices.at(0).code == kNoticePasswordChanged);
    REQUIRE(taken.notices.at(0).mine.dump().find("hash") == std::string::npos);
    CHECK(world.held(own("old")) == kHeldAdminNeeded);
    Transaction more = own("bob");
    more.changes.at(0).old_values["roles"] = kStaff;
    more.changes.at(0).new_values["roles"] = kAdmins;
    CHECK(world.held(more) == kHeldAdminNeeded);
}

TEST_CASE("decide: of two passwords the later counts, and neither is a conflict", "[sync][decide][rights]") {
    Staffed world;
    world.picture.set_trace("bob", {0, false, false, "2026-06-01T11:00:00.000Z"});
    const auto at = [&world](const char* when) {
        Transaction one = set("bob", "bob", "password_hash", "seen before", std::string("set at ") + when);
        one.at = when;
        Decision decision = decide(one, world.picture);
        CHECK_FALSE(decision.hold.has_value());
        CHECK(decision.conflicts.empty());
        return decision;
    };
    CHECK(at("2026-06-01T10:59:59.999Z").writes.empty());
    CHECK(at("2026-06-01T11:00:00.000Z").writes.empty());
    CHECK(at("2026-06-01T11:00:00.001Z").writes.size() == 1);
    // A clock far ahead counts as now, so that nobody's password is the last one for years.
    CHECK(at("2036-06-01T11:00:00.000Z").at == "2026-06-01T12:00:00.000Z");
    advance(world.picture, at("2026-06-01T11:30:00.000Z"));
    CHECK(at("2026-06-01T11:20:00.000Z").writes.empty());
}

TEST_CASE("decide: the rights are those that the log gives up to this point", "[sync][decide][rights]") {
    Staffed world;
    CHECK(world.take_or_hold(set("ann", "bob", "roles", kStaff, kAdmins)).empty());
    CHECK(world.take_or_hold(add("bob", "new", kStaff)).empty());
    CHECK(world.take_or_hold(set("bob", "ann", "roles", kAdmins, kStaff)).empty());
    CHECK(world.take_or_hold(add("ann", "more", kStaff)) == kHeldAdminNeeded);
    // Nobody makes themselves: the row of the transaction is no right to write it.
    CHECK(world.take_or_hold(add("self", "self", kAdmins)) == kHeldAdminNeeded);
}

TEST_CASE("decide: a clinic keeps its last active administrator", "[sync][decide][rights]") {
    Staffed world;
    CHECK(world.held(set("ann", "ann", "active", 1, 0)) == kHeldLastAdmin);
    CHECK(world.held(set("ann", "ann", "roles", kAdmins, kStaff)) == kHeldLastAdmin);
    CHECK(world.held(Staffed::by("ann", {change(Op::remove, "staff", "ann", person("ann", kAdmins), nullptr)})) ==
          kHeldLastAdmin);
    // In one transaction with another's rise it is a hand-over.
    Transaction over = set("ann", "ann", "active", 1, 0);
    over.changes.push_back(change(Op::update, "staff", "bob", {{"roles", kStaff}}, {{"roles", kAdmins}}));
    CHECK(world.held(over).empty());
    world.add("second", kAdmins);
    CHECK(world.take_or_hold(set("second", "ann", "active", 1, 0)).empty());
    CHECK(world.take_or_hold(set("second", "second", "active", 1, 0)) == kHeldLastAdmin);
}

TEST_CASE("decide: whom another deactivated is active again only in sight of that", "[sync][decide][rights]") {
    Staffed world;
    world.picture.set_trace("old", {40, false, false, ""});
    CHECK(world.held(set("ann", "old", "active", 0, 1, 39)) == kHeldDeactivated);
    CHECK(world.held(set("ann", "old", "active", 0, 1, 40)).empty());
    INFO("a delete by who saw them active is refused, and one that only missed that they were deactivated again");
    const auto removed = [](int active) {
        return Staffed::by("ann", {change(Op::remove, "staff", "old", person("old", kAdmins, active), nullptr, 39)});
    };
    CHECK(decide(removed(1), world.picture).conflicts.at(0).code == kConflictDelete);
    CHECK(world.held(removed(0)) == kHeldDeactivated);
    // One's own deactivation was seen, also when no version came back yet; one that changed nothing was not one.
    CHECK(world.take_or_hold(set("ann", "bob", "active", 1, 0, 12)).empty());
    CHECK(world.take_or_hold(set("ann", "bob", "active", 0, 1, 12)).empty());
    CHECK(world.take_or_hold(set("ann", "old", "active", 1, 0, 39)).empty());
    CHECK(world.take_or_hold(set("ann", "old", "active", 0, 1, 39)) == kHeldDeactivated);
}

TEST_CASE("decide: what a person made by a held transaction does, waits; what builds on a changed one flows",
          "[sync][decide][rights]") {
    Staffed world;
    const auto work = [](const char* actor) {
        return Staffed::by(actor, {change(Op::insert, "owner", std::string("of ") + actor, nullptr,
                                          {{"id", std::string("of ") + actor}})});
    };
    CHECK(world.take_or_hold(add(std::nullopt, "new", kAdmins)) == kHeldAdminNeeded);
    CHECK(world.take_or_hold(work("new")) == kHeldDependent);
    CHECK(world.take_or_hold(set(std::nullopt, "bob", "roles", kStaff, kAdmins)) == kHeldAdminNeeded);
    CHECK(world.take_or_hold(work("bob")).empty());
    // Central still has bob as he was.
    CHECK(world.take_or_hold(add("bob", "more", kStaff)) == kHeldAdminNeeded);
    CHECK(world.take_or_hold(set("ann", "bob", "last_name", "Lee", "Poe")) == kHeldDependent);
}

TEST_CASE("decide: an enrolment brings its staff, its administrators only where the clinic has none",
          "[sync][decide][rights]") {
    const auto bring = [](const std::string& id, const std::string& roles) {
        Transaction one = add(std::nullopt, id, roles);
        one.adopted = true;
        return one;
    };
    const UtcMillis now = *parse_utc("2026-06-01T12:00:00.000Z");
    Staffed world;
    CHECK(world.held(bring("ada", kStaff)) == kHeldAdminNeeded);  // it has pulled: nothing is brought any more
    world.picture.set_moment(now, true);
    CHECK(world.held(add(std::nullopt, "ada", kStaff)) == kHeldAdminNeeded);
    Transaction change = set(std::nullopt, "bob", "roles", kStaff, kAdmins);
    change.adopted = true;
    CHECK(world.held(change) == kHeldAdminNeeded);
    const Decision came = decide(bring("ada", R"(["admin","veterinarian"])"), world.picture);
    REQUIRE(came.writes.size() == 1);
    CHECK(came.writes[0].image["roles"] == R"(["veterinarian"])");
    CHECK(came.notices.at(0).code == kNoticeJoinedWithoutAdmin);
    CHECK(decide(bring("ada", kAdmins), world.picture).writes.at(0).image["roles"] == kStaff);
    // Whoever is there already, by e-mail, stays as they are.
    Transaction same = bring("ada", kAdmins);
    same.changes[0].new_values["email"] = "bob@x.example";
    const Decision matched = decide(same, world.picture);
    CHECK_FALSE(matched.hold.has_value());
    CHECK(matched.writes.empty());
    same.adopted = false;
    same.actor = "ann";
    CHECK(world.held(same) == kHeldEmailTaken);

    Picture empty;
    empty.set_moment(now, true);
    for (const char* id : {"ada", "bo"}) {
        const Decision first = decide(bring(id, kAdmins), empty);
        REQUIRE(first.writes.size() == 1);
        CHECK(first.writes[0].image["roles"] == kAdmins);
        CHECK(first.notices.at(0).code == kNoticeStaffJoined);
        advance(empty, first);
    }
}

TEST_CASE("decide: each accepted change of staff and clinic is told, without a hash", "[sync][decide][rights]") {
    Staffed world;
    Transaction all = add("ann", "new", kStaff);
    all.changes.push_back(change(Op::update, "staff", "bob", {{"roles", kStaff}, {"password_hash", "?"}},
                                 {{"roles", kAdmins}, {"password_hash", "secret"}}));
    all.changes.push_back(change(Op::remove, "staff", "old", person("old", kAdmins, 0), nullptr));
    all.changes.push_back(change(Op::update, "clinic", kClinic, {{"code", "NORTH"}}, {{"code", "N2"}}));
    all.changes.push_back(change(Op::insert, "owner", "o", nullptr, {{"id", "o"}}));
    const Decision decision = decide(all, world.picture);
    REQUIRE(decision.notices.size() == 4);
    CHECK(decision.notices[0].code == kNoticeStaffAdded);
    CHECK(decision.notices[1].code == kNoticeStaffChanged);
    CHECK(decision.notices[1].mine == Json{{"roles", kAdmins}});
    CHECK(decision.notices[1].base == Json{{"roles", kStaff}});
    CHECK(decision.notices[1].columns == std::set<std::string>{"password_hash", "roles"});
    CHECK(decision.notices[2].code == kNoticeStaffDeleted);
    CHECK(decision.notices[3].code == kNoticeClinicChanged);
    for (const Notice& notice : decision.notices) {
        CHECK((notice.mine.dump() + notice.base.dump()).find("hash") == std::string::npos);
        CHECK(notice.reason.find("ann Lee") != std::string::npos);
    }
}
