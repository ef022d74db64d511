#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "sync/engine/bill_group.h"

using namespace vetchart;
using namespace vetchart::sync;

namespace {

BillGroup group() {
    BillGroup group;
    group.bill = {{"id", "b1"},           {"owner_id", "o1"},       {"patient_id", "p1"},  {"subtotal_cents", 1000},
                  {"tax_cents", 0},       {"total_cents", 1000},    {"status", "draft"},   {"notes", "n"},
                  {"due_date", "2026-1"}, {"updated_at", "2026-1"}, {"issued_at", nullptr}};
    for (const char* id : {"i1", "i2"}) {
        group.parts["bill_item"][id] = {{"id", id},
                                        {"bill_id", "b1"},
                                        {"position", 0},
                                        {"description", "Exam"},
                                        {"quantity_milli", 1000},
                                        {"unit_price_cents", 500},
                                        {"total_price_cents", 500},
                                        {"updated_at", "2026-1"}};
    }
    group.parts["bill_medical_record"]["b1/r1"] = {{"bill_id", "b1"}, {"medical_record_id", "r1"}};
    return group;
}

std::string hex_with(const std::function<void(BillGroup&)>& change) {
    BillGroup changed = group();
    change(changed);
    return to_hex(digest_of(changed));
}

Change change_of(const char* table, const char* id, Op op, Json old_values, Json new_values) {
    Change change;
    change.table = table;
    change.row_id = id;
    change.op = op;
    change.old_values = std::move(old_values);
    change.new_values = std::move(new_values);
    return change;
}

using Bills = std::vector<std::string>;

}  // namespace

TEST_CASE("bill group: the digest is of what the bill says, and of nothing else", "[sync][bill_group]") {
    const std::string before = hex_with([](BillGroup&) {});
    CHECK(hex_with([](BillGroup& g) { g.bill["notes"] = "other"; }) == before);
    CHECK(hex_with([](BillGroup& g) { g.bill["due_date"] = "2027"; }) == before);
    CHECK(hex_with([](BillGroup& g) { g.bill["updated_at"] = "2027"; }) == before);
    CHECK(hex_with([](BillGroup& g) { g.parts["bill_item"]["i1"]["updated_at"] = "2027"; }) == before);
    CHECK(hex_with([](BillGroup& g) { g.parts["bill_medical_record"]["b1/r1"] = nullptr; }) == before);
    for (const Column& column : table_of("bill").columns) {
        const std::string name(column.name);
        INFO(name);
        CHECK((hex_with([&name](BillGroup& g) { g.bill[name] = "else"; }) == before) == (column.group != Group::bill));
    }
    for (const Column& column : table_of("bill_item").columns) {
        if (column.group != Group::bill) continue;
        const std::string name(column.name);
        INFO(name);
        CHECK(hex_with([&name](BillGroup& g) { g.parts["bill_item"]["i2"][name] = 7; }) != before);
    }
    CHECK(hex_with([](BillGroup& g) { g.parts["bill_item"].erase("i1"); }) != before);
    CHECK(hex_with([](BillGroup& g) { g.parts["bill_medical_record"].erase("b1/r1"); }) != before);
    CHECK(hex_with([](BillGroup& g) { g.bill = nullptr; }) != before);
}

TEST_CASE("bill group: sent and overdue are told alike, every other status by itself", "[sync][bill_group]") {
    const auto with = [](const char* status) {
        return hex_with([status](BillGroup& g) { g.bill["status"] = status; });
    };
    CHECK(with("sent") == with("overdue"));
    CHECK(std::set<std::string>{with("draft"), with("sent"), with("paid"), with("cancelled")}.size() == 4);
}

TEST_CASE("bill group: a table without rows and a column without value are told like absent ones",
          "[sync][bill_group]") {
    const std::string none = hex_with([](BillGroup& g) { g.parts.clear(); });
    CHECK(hex_with([](BillGroup& g) {
              g.parts.clear();
              g.parts["bill_item"];
          }) == none);
    CHECK(hex_with([](BillGroup& g) { g.bill["owner_id"] = nullptr; }) ==
          hex_with([](BillGroup& g) { g.bill.erase("owner_id"); }));
}

TEST_CASE("bill group: the digest is this one, for ever", "[sync][bill_group]") {
    CHECK(to_hex(digest_of(group())) ==
          to_hex(sha256(
              R"({"bill":{"owner_id":"o1","patient_id":"p1","status":"draft","subtotal_cents":1000,"tax_cents":0,)"
              R"("total_cents":1000},"parts":{"bill_item":{"i1":{"bill_id":"b1","description":"Exam","position":0,)"
              R"("quantity_milli":1000,"total_price_cents":500,"unit_price_cents":500},"i2":{"bill_id":"b1",)"
              R"("description":"Exam","position":0,"quantity_milli":1000,"total_price_cents":500,)"
              R"("unit_price_cents":500}},"bill_medical_record":{"b1/r1":{}}}})")));
    CHECK(to_hex(digest_of({})) == to_hex(sha256(R"({"bill":null,"parts":{}})")));
}

TEST_CASE("bill group: text that is no UTF-8 has a digest too", "[sync][bill_group]") {
    CHECK_NOTHROW(hex_with([](BillGroup& g) { g.parts["bill_item"]["i1"]["description"] = "\xff\xfe"; }));
}

TEST_CASE("bill group: which bills a change touches", "[sync][bill_group]") {
    const auto bill = [](Op op, Json was, Json is) {
        return bills_touched(change_of("bill", "b1", op, std::move(was), std::move(is)), "");
    };
    CHECK(bill(Op::insert, nullptr, {{"id", "b1"}}).empty());
    CHECK(bill(Op::remove, {{"id", "b1"}}, nullptr) == Bills{"b1"});
    CHECK(bill(Op::update, {{"tax_cents", 1}}, {{"tax_cents", 2}}) == Bills{"b1"});
    CHECK(bill(Op::update, {{"notes", "a"}, {"updated_at", "1"}}, {{"notes", "b"}, {"updated_at", "2"}}).empty());
    CHECK(bill(Op::update, {{"status", "draft"}}, {{"status", "paid"}}).empty());
    CHECK(touches_status(change_of("bill", "b1", Op::update, {{"status", "draft"}}, {{"status", "paid"}})));
    CHECK_FALSE(touches_status(change_of("bill", "b1", Op::update, {{"notes", "a"}}, {{"notes", "b"}})));

    const auto item = [](Op op, Json was, Json is) {
        return bills_touched(change_of("bill_item", "i1", op, std::move(was), std::move(is)), "b7");
    };
    CHECK(item(Op::insert, nullptr, {{"bill_id", "b1"}}) == Bills{"b1"});
    CHECK(item(Op::remove, {{"bill_id", "b1"}}, nullptr) == Bills{"b1"});
    CHECK(item(Op::update, {{"position", 1}}, {{"position", 2}}) == Bills{"b7"});
    CHECK(item(Op::update, {{"updated_at", "1"}}, {{"updated_at", "2"}}).empty());
    CHECK(item(Op::update, {{"bill_id", "b1"}}, {{"bill_id", "b2"}}) == Bills{"b1", "b2"});

    const std::string bill_id(36, 'b'), record_id(36, 'r'), join = bill_id + "/" + record_id;
    CHECK(bills_touched(change_of("bill_medical_record", join.c_str(), Op::insert, nullptr, {{"bill_id", bill_id}}),
                        "") == Bills{bill_id});
    CHECK(bills_touched(change_of("bill_medical_record", join.c_str(), Op::remove, {{"bill_id", bill_id}}, nullptr),
                        "") == Bills{bill_id});
    CHECK(bills_touched(change_of("owner", "o1", Op::update, {{"notes", "a"}}, {{"notes", "b"}}), "").empty());
}

TEST_CASE("bill group: the digest seen is the first that the transaction carries of the bill", "[sync][bill_group]") {
    Transaction transaction;
    Change first = change_of("bill_item", "i1", Op::remove, {{"bill_id", "b1"}}, nullptr);
    first.groups["b1"] = sha256("first");
    Change second = first;
    second.groups["b1"] = sha256("second");
    second.groups["b2"] = sha256("other");
    transaction.changes = {first, second};
    CHECK(digest_seen(transaction, "b1") == sha256("first"));
    CHECK(digest_seen(transaction, "b2") == sha256("other"));
    CHECK_FALSE(digest_seen(transaction, "b3").has_value());
    transaction.changes.insert(transaction.changes.begin(),
                               change_of("bill", "b1", Op::insert, nullptr, {{"id", "b1"}}));
    CHECK_FALSE(digest_seen(transaction, "b1").has_value());
}
