#include <catch2/catch.hpp>

#include "tests/exchange/desk.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

/// Node B's work on a patient whom central archived: an insert, an update that builds on it, both held.
struct Archived : Desk {
    std::string patient = new_id(), record = new_id();

    Archived() {
        REQUIRE(a.write(patient_sql(clinic, patient, owner), ann).ok());
        settle();
        REQUIRE(b.write(record_sql(clinic, record, patient), bob).ok());
        REQUIRE(b.write("UPDATE medical_record SET notes = 'shy' WHERE id = '" + record + "'", bob).ok());
        central.psql("SELECT archive_patient('" + patient + "', 'hq', 'moved away')");
        settle();
        REQUIRE(open() == "archived archived");
    }

    std::string open() {
        return central.psql("SELECT string_agg(code, ' ' ORDER BY first_seq) FROM sync_item WHERE status = 'open'");
    }
    std::string head() {
        return central.psql("SELECT id FROM sync_item WHERE kind = 'quarantine' ORDER BY first_seq LIMIT 1");
    }
    void bring_back() { central.psql("SELECT restore_patient('" + patient + "', 'hq')"); }
};

}  // namespace

TEST_CASE("decisions: retry lets held work in with all that waited for it, whoever's node it was",
          "[exchange][decisions]") {
    Archived desk;
    desk.bring_back();
    desk.settle();
    REQUIRE(desk.decide(desk.a, "retry", desk.ann, "NULL", desk.head()).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "done");
    CHECK(desk.central.psql("SELECT notes FROM medical_record") == "shy");
    CHECK(desk.central.psql("SELECT string_agg(status || action, ' ' ORDER BY first_seq) FROM sync_item") ==
          "resolvedretry resolvedmoot");
    CHECK(desk.central.psql("SELECT count(*) FROM held_row") == "0");
    // The work is the person's who did it, the decision the one's who made it.
    CHECK(desk.central.psql("SELECT actor FROM row_meta WHERE column_name = 'notes' AND table_name = "
                            "'medical_record'") == desk.bob);
}

TEST_CASE("decisions: a retry that is held again is refused with the reason of now, and the item stays open",
          "[exchange][decisions]") {
    Archived desk;
    REQUIRE(desk.decide(desk.b, "retry", desk.bob, "NULL", desk.head()).ok());
    desk.settle();
    CHECK(desk.outcomes() == "refused");
    CHECK(desk.answer().find("was archived on") != std::string::npos);
    CHECK(desk.open() == "archived archived");
    // A decision is never held by what it decides: the next one is taken as well.
    desk.bring_back();
    desk.settle();
    REQUIRE(desk.decide(desk.b, "retry", desk.bob, "NULL", desk.head()).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "refused done");
}

TEST_CASE("decisions: discard gives the node central's rows back, is an administrator's, and retry undoes it",
          "[exchange][decisions]") {
    Desk desk;
    REQUIRE(desk.a.write(owner_sql(desk.clinic, new_id(), "Bea", "same@mail.example"), desk.ann).ok());
    desk.a.sync();
    const std::string second = new_id();
    REQUIRE(desk.b.write(owner_sql(desk.clinic, second, "Cid", "same@mail.example"), desk.bob).ok());
    desk.b.push();
    if (desk.central.psql("SELECT count(*) FROM sync_quarantine") == "0") return;  // Taken without its address.
    desk.settle();
    REQUIRE(desk.b.read("SELECT count(*) FROM sync_item WHERE status = 'open'") == "1");

    REQUIRE(desk.decide(desk.b, "discard", desk.bob).ok());
    desk.settle();
    CHECK(desk.outcomes() == "refused");
    CHECK(desk.answer() == "Only an active administrator of the clinic gives work up.");
    REQUIRE(desk.decide(desk.b, "discard", desk.ann).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "refused done");
    CHECK(desk.b.read("SELECT count(*) FROM owner WHERE id = '" + second + "'") == "0");
    CHECK(desk.central.psql("SELECT count(*) FROM sync_tombstone WHERE row_id = '" + second + "' AND image IS NULL") ==
          "1");
    CHECK(desk.item("actions") == R"(["retry"])");
    // Tried again it meets the same address, and stays given up.
    REQUIRE(desk.decide(desk.b, "retry", desk.ann).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "refused done refused");
    CHECK(desk.item("status || action") == "resolveddiscard");
    desk.central.psql("UPDATE owner SET email = 'other@mail.example' WHERE first_name = 'Bea'");
    desk.settle();
    REQUIRE(desk.decide(desk.b, "retry", desk.ann).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "refused done refused done");
    CHECK(desk.b.read("SELECT email FROM owner WHERE id = '" + second + "'") == "same@mail.example");
}

TEST_CASE("decisions: editAndRetry lets work in with other values, by the hand of whoever edited it",
          "[exchange][decisions]") {
    Desk desk;
    const std::string cat = new_id();
    REQUIRE(desk.b.write(person_sql(desk.clinic, cat, "Cat", R"(["staff"])"), desk.ann).ok());
    desk.central.psql(person_sql(desk.clinic, new_id(), "Other", R"(["staff"])") +
                      "UPDATE staff SET email = 'cat@mail.example' WHERE username = 'Other'");
    desk.b.push();
    desk.settle();
    REQUIRE(desk.item("code") == "staff_email_taken");
    SECTION("by an administrator") {
        REQUIRE(desk.decide(desk.a, "editAndRetry", desk.ann, R"('{"email":"Cat.Lee@mail.example"}')").ok());
        desk.require_equal();
        CHECK(desk.outcomes() == "done");
        CHECK(desk.a.read("SELECT email FROM staff WHERE id = '" + cat + "'") == "cat.lee@mail.example");
    }
    SECTION("by somebody who may not change staff") {
        REQUIRE(
            desk.decide(desk.a, "editAndRetry", desk.bob, R"('{"email":"cat.lee@mail.example","roles":"[\"admin\"]"}')")
                .ok());
        desk.settle();
        CHECK(desk.outcomes() == "refused");
        CHECK(desk.answer().starts_with("Only an active administrator of the clinic changes the clinic's staff"));
        CHECK(desk.central.psql("SELECT count(*) FROM staff WHERE id = '" + cat + "'") == "0");
    }
    SECTION("with a column that is none") {
        REQUIRE(desk.decide(desk.a, "editAndRetry", desk.ann, R"('{"password_hash":"x"}')").ok());
        desk.settle();
        CHECK(desk.outcomes() == "refused");
        CHECK(desk.answer() == "A staff member has no password_hash that a person writes.");
        CHECK(desk.item("status") == "open");
    }
}

TEST_CASE("decisions: an administrator lets in what was held for want of one", "[exchange][decisions]") {
    Desk desk;
    REQUIRE(desk.b.write("UPDATE staff SET last_name = 'Poe' WHERE id = '" + desk.bob + "'", desk.bob).ok());
    desk.settle();
    REQUIRE(desk.item("code") == "admin_needed");
    REQUIRE(desk.decide(desk.b, "retry", desk.bob).ok());
    desk.settle();
    CHECK(desk.outcomes() == "refused");
    REQUIRE(desk.decide(desk.a, "retry", desk.ann).ok());
    desk.require_equal();
    CHECK(desk.outcomes() == "refused done");
    CHECK(desk.b.read("SELECT last_name FROM staff WHERE id = '" + desk.bob + "'") == "Poe");
}
