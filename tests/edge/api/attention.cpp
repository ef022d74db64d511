#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using namespace vetchart::test;

namespace {

/// A node whose list has one item about an owner.
struct Listed {
    ApiNode node;
    std::string owner = node.new_owner()["id"].get<std::string>();

    void item(const std::string& id, const std::string& kind, const std::string& code, const std::string& column,
              const std::string& actions, const std::string& table = "owner") {
        node.execute(
            "INSERT INTO sync_item(id,clinic_id,kind,table_name,row_id,column_name,code,title,reason,mine,theirs,"
            "opened_at,actions,version) VALUES('" +
            id + "','" + node.clinic_id + "','" + kind + "','" + table + "','" + owner + "'," +
            (column.empty() ? "NULL" : "'" + column + "'") + ",'" + code +
            "','Title','Reason','\"a\"','\"b\"','2026-01-01T00:00:00.000Z','" + actions + "',7)");
    }
    Json only(const std::string& query = "", const std::string& as = "admin") {
        Json list = node.get("/api/attention" + query, as).json;
        REQUIRE(list.size() == 1);
        return list[0];
    }
    std::string refused(const std::string& id, const Json& body, const std::string& as = "admin") {
        const Reply reply = node.post("/api/attention/" + id, body, as);
        return std::to_string(reply.status) + " " + reply.json.value("code", "");
    }
    /// What central says of the last decision.
    void answer(const std::string& outcome, const std::string& sentence, const std::string& set_item) {
        node.execute("UPDATE sync_control SET applying=1; UPDATE item_decision SET outcome='" + outcome +
                     "',answer=" + (sentence.empty() ? "NULL" : "'" + sentence + "'") +
                     ",updated_at=(SELECT instant FROM clock); UPDATE sync_item SET " + set_item +
                     "; UPDATE sync_control SET applying=0");
    }
};

const std::string kConflictActions = R"(["keep","useMine","setValue"])";

}  // namespace

TEST_CASE("api: an item offers what stands for a person to do, and a decision waits for central", "[edge][api]") {
    Listed listed;
    listed.item("i1", "conflict", "changed_elsewhere", "phone", kConflictActions);
    const Json open = listed.only();
    CHECK(open["actions"] == Json{"keep", "useMine", "setValue"});
    CHECK(open["version"] == 7);
    CHECK(open["status"] == "open");
    CHECK(open["decision"].is_null());
    CHECK(open["dependents"] == Json::array());
    CHECK(listed.node.get("/api/sync/status").json["decided"] == 0);

    const std::int64_t logged = listed.node.logged();
    const Reply decided = listed.node.post("/api/attention/i1", {{"action", "useMine"}, {"version", 7}}, "staff");
    REQUIRE(decided.status == 200);
    CHECK(decided.json["decision"]["action"] == "useMine");
    CHECK(decided.json["decision"]["state"] == "waiting");
    CHECK(decided.json["decision"]["answer"].is_null());
    CHECK(decided.json["decision"]["actor"] ==
          listed.node.get("/api/auth/me", "staff").json["firstName"].get<std::string>() + " " +
              listed.node.get("/api/auth/me", "staff").json["lastName"].get<std::string>());
    CHECK(decided.json["actions"] == Json::array());
    CHECK(listed.only() == decided.json);
    CHECK(listed.node.get("/api/sync/status").json["decided"] == 1);
    // It goes to central like all work, by the hand of whoever decided.
    CHECK(listed.node.logged() == logged + 1);
    CHECK(listed.node.number("SELECT count(*) FROM change_log l JOIN item_decision d ON d.id=l.row_id AND"
                             " d.actor=l.actor AND d.item_version=7 AND d.value IS NULL") == 1);
    // Another decision would not call the first one back.
    CHECK(listed.refused("i1", {{"action", "keep"}}) == "409 decision_waiting");

    listed.answer("done", "",
                  "status='resolved',action='useMine',decided_by='hq:eve',decided_at='2026-01-02',actions='[\"keep\"]',"
                  "version=8");
    CHECK(listed.node.get("/api/attention").json.empty());
    const Json resolved = listed.only("?status=resolved");
    CHECK(resolved["decision"]["state"] == "done");
    CHECK(resolved["action"] == "useMine");
    CHECK(resolved["decidedBy"] == "hq:eve");
    CHECK(resolved["actions"] == Json{"keep"});
    CHECK(listed.only("?status=all")["id"] == "i1");
    CHECK(listed.node.post("/api/attention/i1", {{"action", "keep"}}).status == 200);
    CHECK(listed.node.get("/api/attention?status=new").status == 400);
}

TEST_CASE("api: a decision with a wrong action, value or version is refused and leaves nothing", "[edge][api]") {
    Listed listed;
    listed.item("i1", "conflict", "changed_elsewhere", "phone", kConflictActions);
    CHECK(listed.refused("i1", {{"action", "retry"}}) == "409 action_unavailable");
    CHECK(listed.refused("i1", {{"action", "explode"}}) == "409 action_unavailable");
    CHECK(listed.refused("i1", Json::object()).starts_with("422"));
    CHECK(listed.refused("i1", {{"action", 7}}).starts_with("422"));
    CHECK(listed.refused("i1", {{"action", "keep"}, {"version", 6}}) == "409 item_changed");
    CHECK(listed.refused("i1", {{"action", "setValue"}, {"value", 7}}).starts_with("422"));
    CHECK(listed.refused("i2", {{"action", "keep"}}) == "404 not_found");
    CHECK(listed.node.number("SELECT count(*) FROM item_decision") == 0);
    CHECK(listed.node.post("/api/attention/i1", {{"action", "setValue"}, {"value", "555"}}).status == 200);
    CHECK(listed.node.number("SELECT value='\"555\"' FROM item_decision") == 1);
}

TEST_CASE("api: only an administrator gives work up, and edits are an object of columns", "[edge][api]") {
    Listed listed;
    listed.item("i1", "quarantine", "invalid_value", "", R"(["retry","editAndRetry","discard"])");
    CHECK(listed.only("", "staff")["actions"] == Json{"retry", "editAndRetry"});
    CHECK(listed.only("", "admin")["actions"] == Json{"retry", "editAndRetry", "discard"});
    CHECK(listed.refused("i1", {{"action", "discard"}}, "staff").starts_with("403"));
    for (const Json& value : {Json(), Json("x"), Json::object(), Json{{"phone", 7}}, Json{{"nickname", "x"}},
                              Json{{"id", "018f0000-0000-7000-8000-000000000001"}}}) {
        CAPTURE(value.dump());
        CHECK(listed.refused("i1", {{"action", "editAndRetry"}, {"value", value}}).starts_with("422"));
    }
    CHECK(listed.node.post("/api/attention/i1", {{"action", "editAndRetry"}, {"value", {{"email", " A@B.example "}}}})
              .status == 200);
    CHECK(listed.node.number(R"(SELECT value='{"email":"a@b.example"}' FROM item_decision)") == 1);
}

TEST_CASE("api: whose decision came to nothing sees the item once more; others do not", "[edge][api]") {
    Listed listed;
    listed.item("i1", "conflict", "changed_elsewhere", "phone", kConflictActions);
    REQUIRE(listed.node.post("/api/attention/i1", {{"action", "keep"}}, "staff").status == 200);
    listed.answer("late", "Ann decided it first.",
                  "status='resolved',action='useMine',decided_by='hq:eve',decided_at='2026-01-02',actions='[]'");
    const Json told = listed.only("", "staff");
    CHECK(told["status"] == "resolved");
    CHECK(told["decision"]["state"] == "late");
    CHECK(told["decision"]["answer"] == "Ann decided it first.");
    CHECK(listed.node.get("/api/attention", "admin").json.empty());
    CHECK(listed.refused("i1", {{"action", "keep"}}) == "409 action_unavailable");
}

TEST_CASE("api: the same decision sent again under its key is one decision", "[edge][api]") {
    Listed listed;
    listed.item("i1", "conflict", "changed_elsewhere", "phone", kConflictActions);
    for (int i = 0; i < 2; ++i) {
        CHECK(listed.node.send("POST", "/api/attention/i1", {{"action", "keep"}}, "admin", {{"Idempotency-Key", "k"}})
                  .status == 200);
    }
    CHECK(listed.node.number("SELECT count(*) FROM item_decision") == 1);
}

TEST_CASE("api: what waits behind held work is named with it", "[edge][api]") {
    Listed listed;
    listed.item("i1", "quarantine", "archived", "", R"(["retry","discard"])");
    listed.item("i2", "quarantine", "depends_on_held", "", R"(["retry","discard"])");
    listed.item("i3", "quarantine", "depends_on_held", "", R"(["retry","discard"])");
    listed.node.execute(
        "UPDATE sync_item SET incarnation='life',first_seq=CASE id WHEN 'i1' THEN 1 WHEN 'i2' THEN 5"
        " ELSE 3 END");
    for (const Json& item : listed.node.get("/api/attention").json) {
        if (item["id"] == "i1") CHECK(item["dependents"] == Json{"i3", "i2"});
        if (item["id"] == "i2") CHECK(item["dependents"] == Json::array());
    }
}
