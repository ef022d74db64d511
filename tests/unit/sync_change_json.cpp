#include <catch2/catch.hpp>

#include "sync/model/change_json.h"

using namespace vetchart;
using namespace vetchart::sync;

namespace {

const std::string kClinic = "018f0000-0000-7000-8000-000000000001";

Change update_of(std::int64_t seq) {
    Change change;
    change.seq = seq;
    change.table = "owner";
    change.row_id = "o1";
    change.clinic_id = kClinic;
    change.op = Op::update;
    change.row_version = 4;
    change.old_values = {{"phone", nullptr}};
    change.new_values = {{"phone", "555 \"0101\""}};
    return change;
}

Change insert_of(std::int64_t seq) {
    Change change = update_of(seq);
    change.op = Op::insert;
    change.row_version = 0;
    change.old_values = nullptr;
    return change;
}

}  // namespace

TEST_CASE("change: its JSON is read back as it was", "[sync][wire]") {
    Change removed = update_of(9);
    removed.op = Op::remove;
    removed.new_values = nullptr;
    const std::vector<Change> changes{insert_of(7), update_of(8), removed};
    const std::string text = changes_json(changes);
    const auto read = parse_changes(text);
    REQUIRE(read.ok());
    CHECK(changes_json(*read) == text);
    CHECK(Json::parse(text)[0] == Json{{"seq", 7},
                                       {"table", "owner"},
                                       {"id", "o1"},
                                       {"clinicId", kClinic},
                                       {"op", "insert"},
                                       {"version", 0},
                                       {"old", nullptr},
                                       {"new", {{"phone", "555 \"0101\""}}}});
    CHECK(changes_json({}) == "[]");
}

TEST_CASE("change: the digests of bills' groups go with it, and are in no other", "[sync][wire]") {
    Change moved = update_of(7);
    const std::string one = "018f0000-0000-7000-8000-00000000000a", two = "018f0000-0000-7000-8000-00000000000b";
    moved.groups = {{two, sha256("two")}, {one, sha256("one")}};
    const std::string text = changes_json({moved, update_of(8)});
    const Json groups{{one, to_hex(sha256("one"))}, {two, to_hex(sha256("two"))}};
    CHECK(Json::parse(text)[0]["groups"] == groups);
    CHECK_FALSE(Json::parse(text)[1].contains("groups"));
    const auto read = parse_changes(text);
    REQUIRE(read.ok());
    CHECK(read->at(0).groups == moved.groups);
    CHECK(changes_json(*read) == text);

    Transaction transaction;
    transaction.changes = {moved};
    const std::string with = canonical_bytes(transaction);
    CHECK(with.find("}," + groups.dump() + "]]") != std::string::npos);
    transaction.changes[0].groups.clear();
    CHECK(canonical_bytes(transaction).size() == with.size() - groups.dump().size() - 1);

    for (const Json& bad :
         {Json("x"), Json(1), Json::array(), Json{{one, 1}}, Json{{one, "abc"}}, Json{{"b", to_hex({})}},
          Json{{one, to_hex({})}, {two, to_hex({})}, {kClinic, to_hex({})}}}) {
        INFO(bad);
        Json list = Json::parse(changes_json({update_of(7)}));
        list[0]["groups"] = bad;
        CHECK(parse_changes(list.dump()).error().slug == "malformed");
    }
}

TEST_CASE("change: an absent old or new is null, as older nodes send it", "[sync][wire]") {
    Json list = Json::parse(changes_json({insert_of(7)}));
    list[0].erase("old");
    const auto read = parse_changes(list.dump());
    REQUIRE(read.ok());
    CHECK(changes_json(*read) == changes_json({insert_of(7)}));
}

TEST_CASE("change: what is no list of changes is malformed", "[sync][wire]") {
    const Json good = Json::parse(changes_json({update_of(7)}));
    const auto slug_with = [&good](auto spoil) {
        Json bad = good;
        spoil(bad[0]);
        const auto read = parse_changes(bad.dump());
        return read ? "read" : read.error().slug;
    };
    for (const char* text : {"", "nonsense", "{}", "[1]", "[[]]", "[null]"}) {
        INFO(text);
        CHECK(parse_changes(text).error().slug == "malformed");
    }
    CHECK(slug_with([](Json&) {}) == "read");
    CHECK(slug_with([](Json& json) { json.erase("seq"); }) == "malformed");
    CHECK(slug_with([](Json& json) { json["op"] = "insert"; }) == "malformed");
    CHECK(slug_with([](Json& json) { json["new"]["phone"] = 1.5; }) == "malformed");
    CHECK(slug_with([](Json& json) { json["clinicId"] = "north"; }) == "malformed");
}

TEST_CASE("change: the canonical bytes are these, for ever", "[sync][wire]") {
    Transaction transaction;
    transaction.first_seq = 7;
    transaction.last_seq = 8;
    transaction.at = "2026-11-22T08:30:00.123Z";
    transaction.schema_version = 3;
    transaction.changes = {insert_of(7), update_of(8)};
    const std::string changes = R"("changes":[[7,"owner","o1",")" + kClinic +
                                R"(","insert",0,null,{"phone":"555 \"0101\""}],[8,"owner","o1",")" + kClinic +
                                R"(","update",4,{"phone":null},{"phone":"555 \"0101\""}]])";
    CHECK(canonical_bytes(transaction) == R"({"actor":null,"at":"2026-11-22T08:30:00.123Z",)" + changes +
                                              R"(,"firstSeq":7,"lastSeq":8,"schemaVersion":3})");
    transaction.actor = "a";
    transaction.adopted = true;
    CHECK(canonical_bytes(transaction) == R"({"actor":"a","adopted":true,"at":"2026-11-22T08:30:00.123Z",)" + changes +
                                              R"(,"firstSeq":7,"lastSeq":8,"schemaVersion":3})");
}
