#include <catch2/catch.hpp>

#include "sync/engine/item_actions.h"

namespace {

using vetchart::sync::actions_json;
using vetchart::sync::ItemAction;
using vetchart::sync::ItemState;

std::string open(std::string_view kind, std::string_view code) { return actions_json({kind, code, "open", ""}); }

std::string after(std::string_view kind, std::string_view code, std::string_view action) {
    return actions_json({kind, code, "resolved", action});
}

}  // namespace

TEST_CASE("item actions: an open conflict offers what its code allows", "[items]") {
    CHECK(open("conflict", "changed_elsewhere") == R"(["keep","useMine","setValue"])");
    CHECK(open("conflict", "status_elsewhere") == R"(["keep","useMine"])");
    CHECK(open("conflict", "bill_changed") == R"(["keep","useMine"])");
    CHECK(open("conflict", "email_taken") == R"(["keep","setValue","mergeOwners"])");
    CHECK(open("conflict", "delete_refused") == R"(["keep","useMine"])");
}

TEST_CASE("item actions: held work is tried again or given up, and edited where its own value is in the way",
          "[items]") {
    CHECK(open("quarantine", "archived") == R"(["retry","discard"])");
    CHECK(open("quarantine", "depends_on_held") == R"(["retry","discard"])");
    CHECK(open("quarantine", "staff_email_taken") == R"(["retry","editAndRetry","discard"])");
    CHECK(open("quarantine", "a_code_of_tomorrow") == R"(["retry","editAndRetry","discard"])");
}

TEST_CASE("item actions: a notice is seen, and a row worked on after its deletion comes back", "[items]") {
    CHECK(open("notice", "worked_on_deleted") == R"(["restore","keep"])");
    CHECK(open("notice", "link_lost") == R"(["keep"])");
}

TEST_CASE("item actions: what was decided is undone by another decision", "[items]") {
    CHECK(after("conflict", "changed_elsewhere", "useMine") == R"(["keep"])");
    CHECK(after("conflict", "changed_elsewhere", "setValue") == R"(["keep"])");
    CHECK(after("conflict", "changed_elsewhere", "keep") == R"(["useMine","setValue"])");
    CHECK(after("conflict", "bill_changed", "keep") == R"(["useMine"])");
    CHECK(after("conflict", "email_taken", "keep") == R"(["setValue"])");
    CHECK(after("notice", "worked_on_deleted", "restore") == R"(["keep"])");
    CHECK(after("quarantine", "row_missing", "discard") == R"(["retry"])");
}

TEST_CASE("item actions: a merge, accepted work and what ended by itself are not undone", "[items]") {
    CHECK(after("conflict", "email_taken", "mergeOwners") == "[]");
    CHECK(after("quarantine", "archived", "retry") == "[]");
    CHECK(after("quarantine", "invalid_value", "editAndRetry") == "[]");
    CHECK(after("quarantine", "archived", "restored") == "[]");
    CHECK(after("conflict", "changed_elsewhere", "moot") == "[]");
    CHECK(after("conflict", "changed_elsewhere", "erased") == "[]");
    CHECK(after("notice", "link_lost", "keep") == "[]");
    CHECK(open("a kind of tomorrow", "anything") == "[]");
}

TEST_CASE("item actions: every name is read back, and only giving work up needs an administrator", "[items]") {
    for (const ItemAction action : vetchart::sync::kItemActions) {
        CAPTURE(name_of(action));
        CHECK(vetchart::sync::find_item_action(name_of(action)) == action);
        CHECK(needs_admin(action) == (action == ItemAction::discard));
        CHECK(takes_value(action) == (action == ItemAction::set_value || action == ItemAction::edit_and_retry));
    }
    CHECK_FALSE(vetchart::sync::find_item_action("restored").has_value());
    CHECK_FALSE(vetchart::sync::find_item_action("").has_value());
}
